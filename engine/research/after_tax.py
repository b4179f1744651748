"""A policy carried out lot by lot in one account: the optimiser trades, the ledger keeps the lots, Schedule D taxes.

At each decision the account is made into a case with the policy's weights as targets and solved as a client's would
be; the ledger replays every trade so far, wash sales and all. A year's tax is due on its last close and is paid out of
the account at the next trade.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import numpy as np

from engine.errors import AppError
from engine.money import ZERO, cents
from engine.overlay.policy import OverlayPolicy
from engine.portfolio import CASH_CLASS, Policy, Registration, Security, TaxPosition, Term
from engine.rebalance.best_plan import best_plan
from engine.rebalance.eligibility import survey
from engine.rebalance.figures import Fill
from engine.research.account_year import YearOfTax, position_in, year_of_tax
from engine.research.backtest import BacktestSetting, Plan, plan
from engine.research.dividends import Dividends
from engine.research.lot_account import LotAccount, target_weights
from engine.research.market import MONEY, Market
from engine.research.metrics import Floats, cagr
from engine.research.plan_costs import PlanCosts, Rates
from engine.research.schedule import window
from engine.tax.carryforward import CarriedLoss
from engine.tax.holding_period import term

FOLLOWING = Policy(
    band_relative=Decimal("0.10"),
    band_absolute=Decimal("0.005"),
    drift_rate_inside=Decimal("0.01"),
    drift_rate_outside=Decimal("0.10"),
    harvest_min_loss=Decimal(500),
    harvest_min_loss_pct=Decimal("0.03"),
    ripening_days=30,
)
"""How closely targets are followed unless told otherwise: a dollar outside its band costs ten cents a year, so that
tax may hold a trade back but not for long."""
PRICE = Decimal("0.000001")
NONE = Dividends()
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class AfterTaxSetting:
    """Whose account it is and how it is traded.

    `tax` gives the rates; its results so far are not read. `start_value` is dollars. `substitutes` are symbols that
    may stand in for one, best first; symbols with one `identity_groups` value are substantially identical.
    `qualified` is the part of a symbol's dividends taxed at the long-term rate, all of them where it is not said.
    """

    tax: TaxPosition
    registration: Registration = Registration.TAXABLE
    start_value: Decimal = Decimal(1_000_000)
    following: Policy = FOLLOWING
    substitutes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identity_groups: Mapping[str, str] = field(default_factory=dict)
    qualified: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class AfterTax:
    """What came of it. `equity` is the account by day less the tax that is due, as a multiple of its start.

    `cagr_liquidated` sells everything on the last day and pays the tax; losses that are left have no worth. An IRA's
    is its growth: tax on withdrawal takes the same part of what it starts and of what it ends with. The dollars are
    sums over all years: `harvested` losses that counted (>= 0), `tax_paid` with what losses saved against other
    income taken off. `long_term_share` is the part of gains (losses apart) that was long-term, None without gains.
    """

    dates: tuple[date, ...]
    equity: Floats
    cagr: float
    cagr_liquidated: float
    short_term: Decimal
    long_term: Decimal
    dividends: Decimal
    tax_paid: Decimal
    harvested: Decimal
    disallowed: Decimal
    costs: Decimal
    unrealised: Decimal
    """Gain of what is held on the last day."""
    long_term_share: float | None
    years: tuple[YearOfTax, ...]
    orders: int
    warnings: tuple[str, ...]


def run_after_tax(
    policy: OverlayPolicy,
    data: Market,
    setting: BacktestSetting,
    account: AfterTaxSetting,
    *,
    traded: Market | None = None,
    dividends: Dividends = NONE,
    progress: Progress | None = None,
) -> AfterTax:
    """Return the after-tax backtest of a policy from `setting.start` to `setting.end`.

    Decisions read `data`, total-return closes. Trades are made at `traded`, plain closes of the same days, whose
    dividends are in `dividends`; without them at `data`, so that dividends count as gain not yet realised. Impact is
    that of the cost model before tax: its capital is what trades alike, the account a part of it. `progress` is told
    each decision and may raise to cancel. Raises AppError as `run_backtest` does, and for plain closes of other days.
    """
    if traded is not None and traded.dates != data.dates:
        raise AppError("The plain closes are not of the same days as the total-return closes", detail="closes")
    first, last = window(data.days, setting.start, setting.end)
    decided = plan(policy, data, first, last)
    made = {int(row) + setting.lag: i for i, row in enumerate(decided.rows) if int(row) + setting.lag < last}
    run = _Run(data if traded is None else traded, setting, account, dividends)
    values = np.empty(last - first + 1)
    for row in range(first, last + 1):
        if row > first:
            run.receive(row)
        if row in made:
            run.trade(row, dict(zip((*data.symbols, MONEY), decided.targets[made[row]].tolist(), strict=True)))
            if progress is not None:
                progress(made[row] + 1, len(made), str(data.dates[row]))
        if row == last or data.dates[row + 1].year != data.dates[row].year:
            run.close_year(data.dates[row].year)
        values[row - first] = float(run.worth(row))
    return _result(run, data.dates[first : last + 1], values, decided, last)


class _Run:
    """The account while it runs."""

    def __init__(self, data: Market, setting: BacktestSetting, account: AfterTaxSetting, dividends: Dividends) -> None:
        self.data, self.account, self.dividends = data, account, dividends
        self.lots = LotAccount(account.registration, account.start_value, account.identity_groups)
        self.due = self.costs = self.booked = ZERO
        self.years: list[YearOfTax] = []
        self.income: dict[int, dict[str, Decimal]] = {}
        self._costs = PlanCosts(setting.costs, data.symbols, float(account.start_value))

    def receive(self, row: int) -> None:
        """Take the dividends that go ex on a row, and the interest of uninvested money since the row before."""
        income = self.income.setdefault(self.data.dates[row].year, {})
        index = self.data.filled[row - 1 : row + 1, -1]
        paid = {symbol: self.lots.shares(symbol) * each for symbol, each in self.dividends.on(self.data.dates[row])}
        paid[MONEY] = max(self.lots.cash, ZERO) * Decimal(repr(float(index[1] / index[0] - 1.0)))
        for symbol, amount in paid.items():
            income[symbol] = income.get(symbol, ZERO) + cents(amount)
            self.lots.cash += cents(amount)

    def trade(self, row: int, weights: Mapping[str, float]) -> None:
        """Solve the account against its targets at the closes of a row, and carry the plan out."""
        day = self.data.dates[row]
        targets = target_weights(weights)
        fills, cost = self._costs.settled(lambda rates: self._solved(row, targets, rates), self._expected(row, targets))
        self.lots.carry_out(day, fills, cost)
        self.costs += cost
        self.lots.cash -= self.due
        self.due = ZERO

    def _solved(self, row: int, targets: Mapping[str, Decimal], rates: Rates) -> Sequence[Fill]:
        day = self.data.dates[row]
        securities = self._securities(row, targets, rates)
        case = self.lots.case(day, targets, securities, self._position(day.year), self.account.following)
        owing = replace(case, accounts=tuple(replace(a, withdraw=max(self.due, ZERO)) for a in case.accounts))
        answer = best_plan(survey(owing), time_limit=None)
        if answer is None or answer.plan is None:
            raise AppError(f"No plan meets the rules on {day}", hint="Give the account wider limits.")
        return answer.plan.fills

    def _expected(self, row: int, targets: Mapping[str, Decimal]) -> dict[str, float]:
        """Return the dollars of each symbol between what is held and what is wanted."""
        worth = self.worth(row)
        return {
            symbol: abs(float(targets.get(symbol, ZERO) * worth - self.lots.shares(symbol) * self._price(row, symbol)))
            for symbol in self.data.symbols
        }

    def close_year(self, year: int) -> None:
        """Add the year's tax to what is due, with what later trades changed of earlier years."""
        self.income.setdefault(year, {})
        carried, self.years = CarriedLoss(), []
        for one in sorted(self.income):
            self.years.append(self._year(one, carried))
            carried = self.years[-1].carried
        owed = sum((one.tax for one in self.years), ZERO)
        self.due += owed - self.booked
        self.booked = owed

    def worth(self, row: int) -> Decimal:
        """Return the account at the closes of a row, less the tax that is due."""
        held = sum((self.lots.shares(s) * self._price(row, s) for s in self.lots.held()), ZERO)
        return self.lots.cash + held - self.due

    def unrealised(self, row: int) -> Decimal:
        """Return the gain of what is held at the closes of a row."""
        lots = self.lots.ledger.open_lots
        return sum((lot.quantity * self._price(row, lot.symbol) - lot.basis for lot in lots), ZERO)

    def liquidated(self, row: int) -> Decimal:
        """Return the account after selling everything on a row and paying the tax on it this year."""
        if not self.account.registration.is_taxable:
            return self.worth(row)
        day = self.data.dates[row]
        net = self.lots.realized(day.year)
        for lot in self.lots.ledger.open_lots:
            gain = lot.quantity * self._price(row, lot.symbol) - lot.basis
            net[term(lot.acquired, day, lot.holding_days_carried)] += gain
        before = self.years[-2].carried if len(self.years) > 1 else CarriedLoss()
        after = year_of_tax(day.year, self.account.tax, before, net, self.income[day.year], self.account.qualified)
        return self.worth(row) - (after.tax - self.years[-1].tax)

    def _year(self, year: int, carried: CarriedLoss) -> YearOfTax:
        if not self.account.registration.is_taxable:
            paid = {symbol: amount for symbol, amount in self.income[year].items() if symbol}
            interest = self.income[year].get(MONEY, ZERO)
            return YearOfTax(year, ZERO, ZERO, sum(paid.values(), ZERO), interest, ZERO, CarriedLoss())
        realized = self.lots.realized(year)
        return year_of_tax(year, self.account.tax, carried, realized, self.income[year], self.account.qualified)

    def _position(self, year: int) -> TaxPosition:
        carried = CarriedLoss()
        for one in sorted(self.income):
            if one < year:
                carried = self._year(one, carried).carried
        return position_in(self.account.tax, carried, self.lots.realized(year))

    def _securities(self, row: int, targets: Mapping[str, Decimal], rates: Rates) -> list[Security]:
        """Return what is targeted with its substitutes, and what is held, each under the class of its first choice."""
        of_class: dict[str, str] = {}
        for name in (*targets, *sorted(self.lots.held())):
            if name != CASH_CLASS:
                of_class.setdefault(name, name)
                for other in self.account.substitutes.get(name, ()):
                    if self.data.filled[row, self.data.column(other)] > 0:
                        of_class.setdefault(other, name)
        for name, others in self.account.substitutes.items():
            of_class |= {other: name for other in others if other in of_class}
        return [
            Security(
                symbol,
                asset_class,
                self._price(row, symbol),
                identity_group=self.account.identity_groups.get(symbol, symbol),
                half_spread_bp=rates[symbol],
            )
            for symbol, asset_class in of_class.items()
        ]

    def _price(self, row: int, symbol: str) -> Decimal:
        return Decimal(repr(float(self.data.filled[row, self.data.column(symbol)]))).quantize(PRICE)


def _result(run: _Run, dates: tuple[date, ...], values: Floats, decided: Plan, last: int) -> AfterTax:
    equity = values / float(run.account.start_value)
    ends = np.array([1.0, float(run.liquidated(last) / run.account.start_value)])
    lines = run.lots.ledger.realized if run.account.registration.is_taxable else ()
    gains = {term: sum((line.gain for line in lines if line.term is term and line.gain > 0), ZERO) for term in Term}
    every = sum(gains.values(), ZERO)
    return AfterTax(
        dates=dates,
        equity=equity,
        cagr=cagr(equity, dates),
        cagr_liquidated=cagr(ends, (dates[0], dates[-1])),
        short_term=sum((one.short_term for one in run.years), ZERO),
        long_term=sum((one.long_term for one in run.years), ZERO),
        dividends=sum((one.dividends for one in run.years), ZERO),
        tax_paid=run.booked,
        harvested=sum((-line.gain for line in lines if line.gain < 0), ZERO),
        disallowed=run.lots.ledger.totals.disallowed,
        costs=cents(run.costs),
        unrealised=cents(run.unrealised(last)),
        long_term_share=float(gains[Term.LONG] / every) if every else None,
        years=tuple(run.years),
        orders=run.lots.orders,
        warnings=decided.warnings,
    )
