"""The figures of a plan in Decimal: amounts, gains, cash, classes, tax, objective. Nothing here comes from floats."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from engine.money import CENT, ZERO, allocate, cents
from engine.portfolio import CASH_CLASS, Side, Term
from engine.rebalance.eligibility import LotView, Position, Survey
from engine.rebalance.proposal import Breakdown, CashLine, ClassWeight, LotSale, TaxOutcome
from engine.tax.schedule_d import tax_change, tax_of_year, year_so_far
from engine.tax.wash_sales import GroupWindow


@dataclass(frozen=True, slots=True)
class Fill:
    """An order with its final shares; for a sale, shares by lot id."""

    position: Position
    side: Side
    quantity: Decimal
    lots: tuple[tuple[LotView, Decimal], ...] = ()
    sales: tuple[LotSale, ...] = field(init=False, repr=False, compare=False)
    """The lots sold with their gains; proceeds are split over lots to the cent."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sales", self._lot_sales())

    @property
    def amount(self) -> Decimal:
        """Dollars, to the cent."""
        return cents(self.quantity * self.position.security.price)

    @property
    def cost(self) -> Decimal:
        """Half spread and ticket charge, in dollars, unrounded."""
        spread = self.position.security.half_spread_bp / 10_000 * self.amount
        return spread + self.position.account.ticket_charge

    def _lot_sales(self) -> tuple[LotSale, ...]:
        if self.side is Side.BUY:
            return ()
        proceeds = allocate(self.amount, [q for _, q in self.lots])
        return tuple(
            LotSale(view.lot.id, quantity, cents(part - basis_of(view, quantity)), view.term)
            for (view, quantity), part in zip(self.lots, proceeds, strict=True)
        )


def basis_of(view: LotView, quantity: Decimal) -> Decimal:
    """Return the basis of some shares of a lot, to the cent; all of it for all shares."""
    if quantity == view.lot.quantity:
        return view.lot.cost_basis
    return cents(view.lot.cost_basis * quantity / view.lot.quantity)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of fills does to the household."""

    breakdown: Breakdown
    classes: tuple[ClassWeight, ...]
    cash: tuple[CashLine, ...]
    tax: TaxOutcome
    turnover: Decimal


def figures(survey: Survey, fills: Sequence[Fill]) -> Figures:
    """Return every figure of a plan; the objective's parts are in cents and sum to the objective."""
    tax = survey.case.tax
    short, long, harvested, disallowed = realised(survey, fills)
    after = _class_values(survey, fills)
    change = tax_change(tax, short, long)
    start = year_so_far(tax)
    breakdown = Breakdown(
        *_in_cents(
            (
                sum((drift_cost(survey, name, value) for name, value in after.items()), ZERO),
                change,
                -tax.deferred_tax_rate * (short + long),
                sum((f.cost for f in fills), ZERO),
                _holding(survey, fills),
            )
        )
    )
    traded = sum((f.amount for f in fills), ZERO)
    return Figures(
        breakdown,
        _weights(survey, after),
        _cash(survey, fills),
        TaxOutcome(
            cents(tax_of_year(start, tax)),
            cents(tax_of_year(start.plus(short, long), tax)),
            cents(short),
            cents(long),
            cents(harvested),
            cents(disallowed),
        ),
        _fraction(traded / 2, survey.value),
    )


def _in_cents(parts: Sequence[Decimal]) -> list[Decimal]:
    """Round each part to the cent and their sum too: what is left over goes to the part that rounding moved most."""
    rounded = [cents(p) for p in parts]
    while missing := cents(sum(parts, ZERO)) - sum(rounded, ZERO):
        step = CENT.copy_sign(missing)
        most = max(range(len(parts)), key=lambda i: ((parts[i] - rounded[i]) * step, -i))
        rounded[most] += step
    return rounded


def realised(survey: Survey, fills: Sequence[Fill]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return (short, long, harvested, disallowed) in dollars: gains that count now, losses that count, losses lost."""
    total = dict.fromkeys(Term, ZERO)
    harvested = ZERO
    back = _disallowed(survey, fills)
    for fill in fills:
        for sale in fill.sales:
            if sale.term is not None:
                counted = sale.gain + back.get(sale.id, ZERO)
                total[sale.term] += counted
                harvested += max(ZERO, -counted)
    return total[Term.SHORT], total[Term.LONG], harvested, sum(back.values(), ZERO)


def _disallowed(survey: Survey, fills: Sequence[Fill]) -> dict[str, Decimal]:
    """Return the loss that wash sales take from each lot, in dollars >= 0."""
    by_group: dict[str, list[LotView]] = defaultdict(list)
    for fill in fills:
        if fill.position.security.group in survey.windows:
            by_group[fill.position.security.group] += [view for view, _ in fill.lots if view.is_loss]
    if not by_group:
        return {}
    sold: dict[str, Decimal] = {view.lot.id: q for f in fills for view, q in f.lots}
    quantity = {lot.id: lot.quantity for lot in survey.case.lots}
    touched = [f for f in fills if f.position.security.group in by_group]
    gains = {sale.id: sale.gain for f in touched for sale in f.sales}
    back: dict[str, Decimal] = {}
    for group, views in by_group.items():
        left = shares_kept(survey.windows[group], quantity, sold)
        for view in sorted(views, key=lambda v: (v.lot.acquired, v.lot.id)):
            matched = min(left, sold[view.lot.id])
            left -= matched
            if matched > 0:
                back[view.lot.id] = cents(-gains[view.lot.id] * matched / sold[view.lot.id])
    return back


def shares_kept(window: GroupWindow, quantity: Mapping[str, Decimal], sold: Mapping[str, Decimal]) -> Decimal:
    """Return the shares bought in the window, kept after the sales, that can replace a loss."""
    kept = ZERO
    for purchase in window.purchases:
        if purchase.lot is None:
            kept += purchase.shares
        else:
            kept += min(purchase.shares, quantity[purchase.lot] - sold.get(purchase.lot, ZERO))
    return kept


def _class_values(survey: Survey, fills: Sequence[Fill]) -> dict[str, Decimal]:
    after = {name: view.value for name, view in survey.classes.items()}
    for fill in fills:
        value = fill.quantity * fill.position.security.price
        sign = 1 if fill.side is Side.BUY else -1
        after[fill.position.security.asset_class] += sign * value
        after[CASH_CLASS] -= sign * fill.amount + fill.cost
    return after


def drift_cost(survey: Survey, name: str, value: Decimal) -> Decimal:
    """Return what a class worth `value` costs a year for its distance from target, in dollars."""
    view, policy = survey.classes[name], survey.case.policy
    distance = abs(value - view.target_value)
    inside = max(ZERO, min(distance, view.band) - view.band / 2)
    return policy.drift_rate_inside * inside + policy.drift_rate_outside * max(ZERO, distance - view.band)


def _holding(survey: Survey, fills: Sequence[Fill]) -> Decimal:
    change: dict[tuple[str, str], Decimal] = {}
    for fill in fills:
        change[fill.position.key] = fill.quantity if fill.side is Side.BUY else -fill.quantity
    total = ZERO
    for position in survey.positions:
        security = position.security
        rate = survey.case.policy.holding_rate(security.asset_class, position.account.registration)
        value = (position.quantity + change.get(position.key, ZERO)) * security.price
        total += (rate + security.carry_bp / 10_000) * value
    return total


def _cash(survey: Survey, fills: Sequence[Fill]) -> tuple[CashLine, ...]:
    after = {a.id: a.cash for a in survey.case.accounts}
    for fill in fills:
        sign = 1 if fill.side is Side.SELL else -1
        after[fill.position.account.id] += sign * fill.amount - fill.cost
    return tuple(
        CashLine(a.id, cents(a.cash), cents(after[a.id])) for a in sorted(survey.case.accounts, key=lambda a: a.id)
    )


def _weights(survey: Survey, after: Mapping[str, Decimal]) -> tuple[ClassWeight, ...]:
    return tuple(
        ClassWeight(
            name,
            _fraction(view.value, survey.value),
            view.target,
            _fraction(after[name], survey.value),
            _fraction(view.band, survey.value),
        )
        for name, view in survey.classes.items()
    )


def _fraction(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(Decimal("0.00000001")) if whole > 0 else ZERO
