"""The contract once more, in the plainest words: prices any whole-share plan, tells its breaches, tries them all.

Nothing here comes from the solver, the audit or the tax modules, so that they can be held against it. Floats do:
the cases are tiny and their prices round.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.portfolio import Account, Action, Lot, Security
from engine.rebalance.case import Case

EPS = 1e-7


@dataclass(frozen=True)
class Plan:
    """Shares bought by (account, symbol) and shares sold by lot."""

    bought: dict[tuple[str, str], float]
    sold: dict[str, float]


def is_long_term(acquired: date, sold: date, carried: int) -> bool:
    """Held more than a year: count month by month from the day after purchase (Rev. Rul. 66-7)."""
    first_day_held = acquired - timedelta(days=carried) + timedelta(days=1)
    year_later = (first_day_held.year + 1, first_day_held.month, first_day_held.day)
    return (sold.year, sold.month, sold.day) >= year_later


def schedule_d(short: float, long: float, case: Case) -> float:
    """Tax on the year, as the form goes: both gains, one gain left after netting, or a loss."""
    t = case.tax
    net = short + long
    if net < 0:
        room = max(0.0, float(t.ordinary_loss_limit - t.ytd_loss_deduction_used))
        deducted = min(-net, room)
        return -float(t.ordinary_rate) * deducted - float(t.loss_carry_rate) * (-net - deducted)
    if long < 0:
        return float(t.short_term_rate) * net
    if short < 0:
        return float(t.long_term_rate) * net
    return float(t.short_term_rate) * short + float(t.long_term_rate) * long


class Household:
    """A case with the look-ups that the sentences of the contract need."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.security: dict[str, Security] = {s.symbol: s for s in case.securities}
        self.account: dict[str, Account] = {a.id: a for a in case.accounts}
        self.lot: dict[str, Lot] = {x.id: x for x in case.lots}
        self.price = {s.symbol: float(s.price) for s in case.securities}
        self.paid_out = sum(float(a.withdraw) for a in case.accounts)
        self.cash = {a.id: float(a.cash) for a in case.accounts}
        self.value = sum(self.cash.values()) - self.paid_out
        self.value += sum(float(x.quantity) * self.price[x.symbol] for x in case.lots)
        self.before = self.class_values(Plan({}, {}))
        p = case.policy
        self.target = {c: float(case.targets.get(c, 0)) for c in self.before}
        self.band = {
            c: max(float(p.band_relative) * w, float(p.band_absolute)) * self.value for c, w in self.target.items()
        }
        self.year = (
            float(case.tax.ytd_short_term - case.tax.carryforward_short_term),
            float(case.tax.ytd_long_term - case.tax.carryforward_long_term),
        )
        self.purchases = Purchases(case)

    def group(self, symbol: str) -> str:
        found = self.security.get(symbol)
        return (found.identity_group if found else None) or symbol

    def amounts(self, plan: Plan) -> Iterator[tuple[str, str, str, float]]:
        """Yield the order lines: account, symbol, side, dollars."""
        lines: dict[tuple[str, str], float] = defaultdict(float)
        for name, shares in plan.sold.items():
            lot = self.lot[name]
            lines[lot.account, lot.symbol] += shares * self.price[lot.symbol]
        yield from ((a, s, "sell", dollars) for (a, s), dollars in lines.items())
        yield from ((a, s, "buy", n * self.price[s]) for (a, s), n in plan.bought.items())

    def costs(self, plan: Plan) -> float:
        return sum(self.cost(a, s, dollars) for a, s, _, dollars in self.amounts(plan))

    def cost(self, account: str, symbol: str, dollars: float) -> float:
        half_spread = float(self.security[symbol].half_spread_bp) / 10_000
        return half_spread * dollars + float(self.account[account].ticket_charge)

    def cash_after(self, plan: Plan) -> dict[str, float]:
        after = dict(self.cash)
        for account, symbol, side, dollars in self.amounts(plan):
            after[account] += (dollars if side == "sell" else -dollars) - self.cost(account, symbol, dollars)
        return after

    def class_values(self, plan: Plan) -> dict[str, float]:
        values = dict.fromkeys([*self.case.targets, *(s.asset_class for s in self.case.securities), "cash"], 0.0)
        for (_, symbol), shares in self.shares_after(plan).items():
            values[self.security[symbol].asset_class] += shares * self.price[symbol]
        values["cash"] = sum(self.cash_after(plan).values()) - self.paid_out
        return values

    def shares_after(self, plan: Plan) -> dict[tuple[str, str], float]:
        shares: dict[tuple[str, str], float] = defaultdict(float)
        for lot in self.case.lots:
            shares[lot.account, lot.symbol] += float(lot.quantity) - plan.sold.get(lot.id, 0.0)
        for key, bought in plan.bought.items():
            shares[key] += bought
        return shares

    def gain(self, lot: Lot, shares: float) -> float:
        return shares * (self.price[lot.symbol] - float(lot.cost_basis) / float(lot.quantity))

    def is_taxable(self, account: str) -> bool:
        return self.account[account].registration.value == "taxable"

    def is_loss(self, lot: Lot) -> bool:
        return self.is_taxable(lot.account) and self.gain(lot, float(lot.quantity)) < 0

    def realized(self, plan: Plan) -> tuple[float, float]:
        """Return the short- and long-term gain that counts now."""
        short = long = 0.0
        left = self.replacements(plan)
        for lot in sorted(self.case.lots, key=lambda x: (x.acquired, x.id)):
            shares = plan.sold.get(lot.id, 0.0)
            if not shares or not self.is_taxable(lot.account):
                continue
            gain = self.gain(lot, shares)
            if gain < 0:
                group = self.group(lot.symbol)
                washed = min(shares, left.get(group, 0.0))
                left[group] = left.get(group, 0.0) - washed
                gain *= (shares - washed) / shares
            if is_long_term(lot.acquired, self.case.as_of, lot.holding_days_carried):
                long += gain
            else:
                short += gain
        return short, long

    def replacements(self, plan: Plan) -> dict[str, float]:
        """Shares of each group bought in the window, kept, and free to replace a loss."""
        free: dict[str, float] = defaultdict(float)
        for group, lot, shares in self.purchases.free_in_window():
            if lot is None:
                free[group] += shares
            else:
                free[group] += min(shares, float(self.lot[lot].quantity) - plan.sold.get(lot, 0.0))
        return free

    def objective(self, plan: Plan) -> float:
        c, p = self.case, self.case.policy
        total = 0.0
        for name, value in self.class_values(plan).items():
            dev, band = abs(value - self.target[name] * self.value), self.band[name]
            total += float(p.drift_rate_inside) * max(0.0, min(dev, band) - band / 2)
            total += float(p.drift_rate_outside) * max(0.0, dev - band)
        s, l = self.realized(plan)  # noqa: E741 - the contract's letters
        s0, l0 = self.year
        total += schedule_d(s0 + s, l0 + l, c) - schedule_d(s0, l0, c) - float(c.tax.deferred_tax_rate) * (s + l)
        total += self.costs(plan)
        rates = p.location_rate or {}
        for (account, symbol), shares in self.shares_after(plan).items():
            security, kind = self.security[symbol], self.account[account].registration.value
            rate = float(rates.get(security.asset_class, {}).get(kind, 0)) + float(security.carry_bp) / 10_000
            total += rate * shares * self.price[symbol]
        return total


@dataclass
class Bought:
    """Shares bought together; `lot` holds them still, or None; `purchase` tells purchases apart."""

    group: str
    lot: str | None
    account: str
    date: date
    shares: float
    purchase: str


class Purchases:
    """The purchases of the past, and which of their shares earlier loss sales have used up."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.group = {s.symbol: s.identity_group or s.symbol for s in case.securities}
        self.taxable = {a.id for a in case.accounts if a.registration.value == "taxable"}
        self.start = case.as_of - timedelta(days=30)

    def group_of(self, symbol: str) -> str:
        return self.group.get(symbol, symbol)

    def bought_in_window(self) -> Iterator[tuple[str, str]]:
        """Yield the group and the account of every purchase of the last 30 days."""
        yield from ((self.group_of(x.symbol), x.account) for x in self.case.lots if x.acquired >= self.start)
        for row in self.case.history:
            if row.action is not Action.SELL and row.date >= self.start:
                yield self.group_of(row.symbol), row.account

    def lost_in_window(self) -> set[str]:
        """Groups sold at a loss in the last 30 days."""
        return {
            self.group_of(r.symbol)
            for r in self.case.history
            if r.action is Action.SELL and r.loss_quantity > 0 and r.date >= self.start
        }

    def free_in_window(self) -> Iterator[tuple[str, str | None, float]]:
        """Yield group, open lot (None = sold since) and the shares of taxable purchases that can replace a loss."""
        bought = self._bought()
        for group in {p.group for p in bought}:
            mine = sorted((p for p in bought if p.group == group), key=lambda p: p.date)
            for loss in sorted((r for r in self.case.history if r.loss_quantity > 0), key=lambda r: r.date):
                if self.group_of(loss.symbol) == group and loss.account in self.taxable:
                    self._replace(float(loss.loss_quantity), loss.date, loss.lot, mine)
            recent = [p for p in mine if p.date >= self.start]
            lots = [x for x in self.case.lots if self.group_of(x.symbol) == group]
            only_one = len(lots) == 1 and {p.purchase for p in recent} == {lots[0].id}
            for p in recent:
                if p.account in self.taxable and p.shares > 0 and not only_one:
                    yield group, p.lot, p.shares

    @staticmethod
    def _replace(shares: float, day: date, lot: str | None, purchases: "list[Bought]") -> None:
        """Use up purchases within 30 days of a loss, oldest first, each share once, never the lot sold itself."""
        for p in purchases:
            if abs((p.date - day).days) <= 30 and (lot is None or p.purchase != lot):
                used = min(shares, p.shares)
                p.shares -= used
                shares -= used

    def _bought(self) -> "list[Bought]":
        """Every open lot is a purchase; rows of the history add the shares that have been sold since."""
        found = [
            Bought(self.group_of(x.symbol), x.id, x.account, x.acquired, float(x.quantity), x.id)
            for x in self.case.lots
            if not x.holding_days_carried
        ]
        lots = {x.id: x for x in self.case.lots}
        for row in self.case.history:
            if row.action is not Action.SELL:
                held = float(lots[row.lot].quantity) if row.lot in lots else 0.0
                lost = sum(float(r.loss_quantity) for r in self.case.history if row.lot and r.lot == row.lot)
                sold = max(0.0, float(row.quantity) - held - lost)
                found.append(Bought(self.group_of(row.symbol), None, row.account, row.date, sold, row.lot or "row"))
        return found
