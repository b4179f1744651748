"""Asset location: what it costs a year to hold each class where it is held, and the least that it could cost.

A class's drag in a taxable account is the tax on its income and on the gains that turning it over realises each year;
in a tax-advantaged account it is nothing, or in a Roth the growth that is given up for a class that grows less
(Daryanani and Cordaro 2005; Reed 2013). A class that is traded often makes short-term gains, so its drag
is the highest and it goes to the tax-advantaged accounts first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import highspy
import numpy as np

from engine.money import ZERO, cents
from engine.portfolio import Registration, TaxPosition
from engine.rebalance.case import Case
from engine.rebalance.proposal import Trade
from engine.rebalance.tracking_error import values_held

RATE = Decimal("0.0001")
"""Rates are stated to the basis point."""
Rates = Mapping[str, Mapping[str, Decimal]]
"""Yearly cost of a dollar by class and registration."""


@dataclass(frozen=True, slots=True)
class ClassOutlook:
    """What a class is expected to do in a year, as fractions of its value.

    `income` is dividends and interest, `qualified` the part of it taxed at long-term rates, `growth` the rest of the
    return, `turnover` the part that trading realises in a year as short-term gain.
    """

    income: Decimal = ZERO
    qualified: Decimal = ZERO
    growth: Decimal = ZERO
    turnover: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class LocationScore:
    """Dollars a year that holding each class where it is held costs, and could cost at the least and at the most.

    The least and the most are over every way to spread the same classes over accounts of the same value. `score` is
    100 for the least and 0 for the most.
    """

    cost: Decimal
    least: Decimal
    most: Decimal
    by_class: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """From 0, the most costly way there is, to 100, the least."""
        span = self.most - self.least
        return 100 if span <= 0 else int((100 * (self.most - self.cost) / span).to_integral_value())


def drag_rates(outlooks: Mapping[str, ClassOutlook], tax: TaxPosition) -> dict[str, dict[str, Decimal]]:
    """Return location rates from what classes are expected to do, at the tax rates of the household.

    Taxable: income at its rate (what is not qualified at the short-term rate, which carries the surtax on net
    investment income, IRC 1411), and what turning over realises. Roth and HSA: what the class with the most growth
    would have grown more, free of tax, at the long-term rate. Other registrations: nothing.
    """
    most = max((o.growth + o.income for o in outlooks.values()), default=ZERO)
    rates = {}
    for name, o in outlooks.items():
        income = o.income * ((1 - o.qualified) * tax.short_term_rate + o.qualified * tax.long_term_rate)
        traded = o.growth * o.turnover * tax.short_term_rate
        spared = (most - o.growth - o.income) * tax.long_term_rate
        rates[name] = {
            Registration.TAXABLE.value: (income + traded).quantize(RATE),
            Registration.ROTH_IRA.value: spared.quantize(RATE),
            Registration.HSA.value: spared.quantize(RATE),
        }
    return rates


def location_score(case: Case, trades: tuple[Trade, ...] = (), *, rates: Rates | None = None) -> LocationScore:
    """Return the location score of a case after some trades; `rates` are those of the policy unless given."""
    by_class_rates: Rates = rates if rates is not None else case.policy.location_rate or {}
    registration = {a.id: a.registration.value for a in case.accounts}
    of_class = {s.symbol: s.asset_class for s in case.securities}
    held: dict[tuple[str, str], Decimal] = {}
    for (account, symbol), value in values_held(case, trades).items():
        place = (of_class[symbol], registration[account])
        held[place] = held.get(place, ZERO) + value
    cost = {
        name: sum((_rate(by_class_rates, name, r) * value for (n, r), value in held.items() if n == name), ZERO)
        for name in sorted({name for name, _ in held})
    }
    total = cents(sum(cost.values(), ZERO))
    least, most = (cents(sign * _best(held, by_class_rates, sign)) for sign in (1, -1))
    by_class = {name: cents(value) for name, value in cost.items()}
    return LocationScore(total, min(least, total), max(most, total), by_class)


def _rate(rates: Rates, name: str, registration: str) -> Decimal:
    return rates.get(name, {}).get(registration, ZERO)


def _best(held: Mapping[tuple[str, str], Decimal], rates: Rates, sign: int) -> Decimal:
    """Return the least cost, times `sign`, of spreading the classes over registrations of the same size.

    A transportation problem (Hitchcock 1941): a row a class, a row a registration.
    """
    names = sorted({name for name, _ in held})
    kinds = sorted({kind for _, kind in held})
    if not names:
        return ZERO
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    supply = [float(sum((v for (n, _), v in held.items() if n == name), ZERO)) for name in names]
    room = [float(sum((v for (_, k), v in held.items() if k == kind), ZERO)) for kind in kinds]
    sums = np.array([*supply, *room])
    # the two sides are the same dollars; a speck between them must not make it impossible
    none = np.zeros(0, dtype=np.int32)
    solver.addRows(sums.size, np.array([*supply, *(0.0 for _ in room)]), sums + 1e-6, 0, none, none, np.zeros(0))
    for i, name in enumerate(names):
        for j, kind in enumerate(kinds):
            cost = sign * float(_rate(rates, name, kind))
            rows = np.array([i, len(names) + j], dtype=np.int32)
            solver.addCol(cost, 0.0, highspy.kHighsInf, 2, rows, np.ones(2))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"the location problem ended with {solver.modelStatusToString(solver.getModelStatus())}")
    return Decimal(repr(round(float(solver.getInfo().objective_function_value), 6)))
