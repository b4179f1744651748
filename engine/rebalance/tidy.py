"""Orders set right after rounding: fewer of them, and purchases to the share, wherever that costs no more.

Only purchases move, and sales without tax are dropped, so that gains and wash sales stay as they are and each move is
priced at once: drift of the classes and of cash, spread and ticket, yearly cost of holding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from engine.portfolio import CASH_CLASS
from engine.rebalance.eligibility import Survey

MOST_PAIRS = 40
"""Purchases up to which a share of one is tried for a share of another."""
MOST_ROUNDS = 12
TIE = 0.01
"""Dollars that a plan with fewer orders may cost more."""
SPECK = 1e-6


@dataclass(slots=True, eq=False)
class LooseOrder:
    """A purchase that may change, or a sale that may be dropped.

    `least` is the fewest shares it may have when it is made at all, `most` the most.
    """

    sells: bool
    account: str
    asset_class: str
    price: float
    spread: float
    ticket: float
    holding: float
    whole: bool
    least: float
    most: float
    shares: float


Move = tuple[tuple[LooseOrder, float], ...]
"""Shares that orders change by."""


@dataclass(slots=True)
class Standing:
    """Where the plan leaves every class and account, in dollars, while purchases move."""

    survey: Survey
    values: dict[str, float]
    cash: dict[str, float]
    least_cash: dict[str, float] = field(init=False)
    bands: dict[str, tuple[float, float]] = field(init=False)
    """Target and band of each class."""
    inside: float = field(init=False)
    outside: float = field(init=False)
    now: dict[str, float] = field(init=False)
    """What each class's distance from its target costs."""

    def __post_init__(self) -> None:
        classes, policy = self.survey.classes, self.survey.case.policy
        self.bands = {name: (float(view.target_value), float(view.band)) for name, view in classes.items()}
        self.inside, self.outside = float(policy.drift_rate_inside), float(policy.drift_rate_outside)
        self.now = {name: self.drift(name, value) for name, value in self.values.items()}
        self.least_cash = {a.id: float(a.cash_reserve + a.withdraw) for a in self.survey.case.accounts}

    def drift(self, name: str, value: float) -> float:
        """Return what a class's distance from its target costs."""
        target, band = self.bands[name]
        away = abs(value - target)
        if away <= band / 2:
            return 0.0
        if away <= band:
            return self.inside * (away - band / 2)
        return self.inside * band / 2 + self.outside * (away - band)

    def change(self, move: Move) -> float | None:
        """Return what a move adds to the objective; None when an account would be short of cash or shares too many."""
        values: dict[str, float] = {}
        cash: dict[str, float] = {}
        total = left = 0.0
        for order, shares in move:
            if shares > 0 and order.shares + shares > order.most:
                return None
            bought, cost = _effect(order, shares)
            values[order.asset_class] = values.get(order.asset_class, 0.0) + bought
            cash[order.account] = cash.get(order.account, 0.0) - bought - cost
            left -= bought + cost
            total += cost + order.holding * bought
        for name, more in cash.items():
            if more < 0 and self.cash[name] + more < self.least_cash[name]:
                return None
        values[CASH_CLASS] = values.get(CASH_CLASS, 0.0) + left
        for name, more in values.items():
            total += self.drift(name, self.values[name] + more) - self.now[name]
        return total

    def part(self, order: LooseOrder, shares: float) -> float:
        """Return what a change of one order adds to the objective, but for the drift of cash."""
        bought, cost = _effect(order, shares)
        name = order.asset_class
        return cost + order.holding * bought + self.drift(name, self.values[name] + bought) - self.now[name]

    def make(self, move: Move) -> None:
        """Carry a move out."""
        for order, shares in move:
            bought, cost = _effect(order, shares)
            self.values[order.asset_class] += bought
            self.values[CASH_CLASS] -= bought + cost
            self.cash[order.account] -= bought + cost
            order.shares = max(0.0, order.shares + shares)
            for name in (order.asset_class, CASH_CLASS):
                self.now[name] = self.drift(name, self.values[name])


def _effect(order: LooseOrder, shares: float) -> tuple[float, float]:
    """Return the dollars bought (sold: below zero) and the cost of trading when an order changes by some shares."""
    amount = shares * order.price
    saved = order.ticket if order.shares + shares < SPECK else 0.0
    return (-amount if order.sells else amount), order.spread * amount - saved


def tidy(standing: Standing, orders: Sequence[LooseOrder]) -> bool:
    """Make the moves that lower the objective, and those that save an order at no cost; say whether there were any."""
    moved = False
    for _ in range(MOST_ROUNDS):
        best = min(_priced(standing, orders), key=lambda found: found[0], default=None)
        if best is None:
            break
        standing.make(best[1])
        moved = True
    return moved


def _priced(standing: Standing, orders: Sequence[LooseOrder]) -> Iterator[tuple[float, Move]]:
    """Yield the moves that pay, each with what it saves, saved orders counting a cent."""
    for move in _moves(standing, [order for order in orders if order.shares > SPECK]):
        change = standing.change(move)
        if change is not None and change < TIE * len(move):
            change -= TIE * sum(order.shares + shares < SPECK for order, shares in move)
            if change < -SPECK:
                yield change, move


def _moves(standing: Standing, orders: Sequence[LooseOrder]) -> Iterator[Move]:
    purchases = [order for order in orders if not order.sells]
    for order in orders:
        yield ((order, -order.shares),)
        for other in purchases:
            if other is order:
                continue
            if order.sells and other.account == order.account:  # what the sale paid for is not bought
                yield from _both(order, other, -1.0)
            elif not order.sells and other.asset_class == order.asset_class:
                yield from _both(order, other, 1.0)
    yield from _share_moves(standing, [p for p in purchases if p.whole])


def _both(dropped: LooseOrder, other: LooseOrder, sign: float) -> Iterator[Move]:
    """Yield one order dropped and another changed by its dollars."""
    change = dropped.shares * dropped.price / other.price
    if other.whole:
        change = float(floor(change)) if sign > 0 else float(ceil(change))
    if sign > 0 or other.shares - change >= other.least:
        yield ((dropped, -dropped.shares), (other, sign * change))


def _share_moves(standing: Standing, whole: Sequence[LooseOrder]) -> Iterator[Move]:
    """Yield a share more or less of one purchase, and a share of one for a share of another where that may pay."""
    for purchase in whole:
        yield ((purchase, 1.0),)
        if purchase.shares - 1.0 >= purchase.least:
            yield ((purchase, -1.0),)
    if len(whole) > MOST_PAIRS:
        return
    # of two classes the parts add up, and cash can gain no more than what its distance costs now
    pays = standing.now[CASH_CLASS] + 3 * TIE
    more = [standing.part(purchase, 1.0) for purchase in whole]
    for less in whole:
        if less.shares - 1.0 >= less.least:
            room = pays - standing.part(less, -1.0)
            for place, more_of in enumerate(whole):
                if more_of is not less and (more[place] < room or more_of.asset_class == less.asset_class):
                    yield ((less, -1.0), (more_of, 1.0))
