"""Purchases set right after rounding: fewer of them, and to the share, wherever that costs no more.

Only purchases move, so that gains and wash sales stay as they are and each move is priced at once: drift of the
classes and of cash, spread and ticket, yearly cost of holding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import floor

from engine.portfolio import CASH_CLASS
from engine.rebalance.eligibility import Survey

MOST_PAIRS = 40
"""Purchases up to which a share of one is tried for a share of another."""
MOST_ROUNDS = 12
TIE = 0.01
"""Dollars that a plan with fewer orders may cost more."""
SPECK = 1e-6


@dataclass(slots=True, eq=False)
class Purchase:
    """A purchase that may change. `least` is the fewest shares it may have when it is made at all, `most` the most."""

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


Move = tuple[tuple[Purchase, float], ...]
"""Shares that purchases change by."""


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

    def __post_init__(self) -> None:
        classes, policy = self.survey.classes, self.survey.case.policy
        self.bands = {name: (float(view.target_value), float(view.band)) for name, view in classes.items()}
        self.inside, self.outside = float(policy.drift_rate_inside), float(policy.drift_rate_outside)
        self.least_cash = {a.id: float(a.cash_reserve + a.withdraw) for a in self.survey.case.accounts}

    def drift(self, name: str, value: float) -> float:
        """Return what a class's distance from its target costs."""
        target, band = self.bands[name]
        away = abs(value - target)
        return self.inside * max(0.0, min(away, band) - band / 2) + self.outside * max(0.0, away - band)

    def change(self, move: Move) -> float | None:
        """Return what a move adds to the objective; None when an account would be short of cash or shares too many."""
        values: dict[str, float] = {}
        cash: dict[str, float] = {}
        total = 0.0
        for purchase, shares in move:
            if shares > 0 and purchase.shares + shares > purchase.most:
                return None
            amount = shares * purchase.price
            cost = purchase.spread * amount
            if purchase.shares + shares < SPECK:
                cost -= purchase.ticket
            values[purchase.asset_class] = values.get(purchase.asset_class, 0.0) + amount
            cash[purchase.account] = cash.get(purchase.account, 0.0) - amount - cost
            total += cost + purchase.holding * amount
        if any(self.cash[name] + more < self.least_cash[name] for name, more in cash.items() if more < 0):
            return None
        values[CASH_CLASS] = values.get(CASH_CLASS, 0.0) + sum(cash.values())
        return total + sum(
            self.drift(name, self.values[name] + more) - self.drift(name, self.values[name])
            for name, more in values.items()
        )

    def make(self, move: Move) -> None:
        """Carry a move out."""
        for purchase, shares in move:
            amount = shares * purchase.price
            cost = purchase.spread * amount - (purchase.ticket if purchase.shares + shares < SPECK else 0.0)
            self.values[purchase.asset_class] += amount
            self.values[CASH_CLASS] -= amount + cost
            self.cash[purchase.account] -= amount + cost
            purchase.shares = max(0.0, purchase.shares + shares)


def tidy(standing: Standing, purchases: Sequence[Purchase]) -> bool:
    """Make the moves that lower the objective, and those that save an order at no cost; say whether there were any."""
    moved = False
    for _ in range(MOST_ROUNDS):
        best = min(_priced(standing, purchases), key=lambda found: found[0], default=None)
        if best is None:
            break
        standing.make(best[1])
        moved = True
    return moved


def _priced(standing: Standing, purchases: Sequence[Purchase]) -> Iterator[tuple[float, Move]]:
    """Yield the moves that pay, each with what it saves, saved orders counting a cent."""
    for move in _moves([p for p in purchases if p.shares > SPECK]):
        change = standing.change(move)
        saved = sum(purchase.shares + shares < SPECK for purchase, shares in move)
        if change is not None and change - TIE * saved < -SPECK:
            yield change - TIE * saved, move


def _moves(purchases: Sequence[Purchase]) -> Iterator[Move]:
    for purchase in purchases:
        yield ((purchase, -purchase.shares),)
        for other in purchases:
            if other is not purchase and other.asset_class == purchase.asset_class:
                more = purchase.shares * purchase.price / other.price
                yield ((purchase, -purchase.shares), (other, float(floor(more)) if other.whole else more))
    whole = [p for p in purchases if p.whole]
    for purchase in whole:
        yield ((purchase, 1.0),)
        if purchase.shares - 1.0 >= purchase.least:
            yield ((purchase, -1.0),)
    if len(whole) <= MOST_PAIRS:
        for less in whole:
            if less.shares - 1.0 >= less.least:
                for more_of in whole:
                    if more_of is not less:
                        yield ((less, -1.0), (more_of, 1.0))
