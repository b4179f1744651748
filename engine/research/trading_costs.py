"""What trading costs: half-spread and commission by symbol, and impact by the share of a day's volume."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.research.metrics import Floats

BP = 1e-4
ENOUGH_ROUNDS = 100
PRECISE, SETTLED, NEXT_TO_NOTHING = 1e-15, 1e-9, 1e-6


@dataclass(frozen=True, slots=True)
class SymbolCost:
    """One symbol's costs in basis points of what is traded. `adv` is dollars a day, None = no impact.

    `impact_bp` is what trading a full day's volume costs; it grows with the square root of the share of the day's
    volume, as in Torre (1997) and Grinold and Kahn (2000), Active Portfolio Management.
    """

    half_spread_bp: float = 0.0
    commission_bp: float = 0.0
    impact_bp: float = 0.0
    adv: float | None = None

    def rate_bp(self, dollars: float) -> float:
        """Return what a trade of so many dollars costs, in basis points of it, its impact included."""
        impact = self.impact_bp * (dollars / self.adv) ** 0.5 if self.adv else 0.0
        return self.half_spread_bp + self.commission_bp + impact


@dataclass(frozen=True, slots=True)
class CostModel:
    """Costs by symbol, `other` for a symbol not named. `capital` is the dollars at the start; only impact reads it."""

    other: SymbolCost = field(default_factory=SymbolCost)
    by_symbol: Mapping[str, SymbolCost] = field(default_factory=dict)
    capital: float = 1_000_000.0


def flat_costs(bp: float) -> CostModel:
    """Return the model in which every dollar traded costs `bp` basis points."""
    return CostModel(SymbolCost(half_spread_bp=bp))


@dataclass(frozen=True, slots=True, eq=False)
class CostRates:
    """A cost model laid out over columns: fractions of what is traded, and impact for equity that starts at 1."""

    linear: Floats
    impact: Floats

    def cost(self, changes: Floats) -> Floats:
        """Return what the changes of holdings cost, summed over the last axis, in the unit of the changes."""
        traded = np.abs(changes)
        paid: Floats = (traded * (self.linear + self.impact * np.sqrt(traded))).sum(axis=-1)
        return paid

    def after_trading(self, held: Floats, targets: Floats) -> Floats:
        """Return the value that is left when holdings (last axis) become `targets` of that very value.

        The cost is paid out of the portfolio, so value = before - cost(targets * value - held), solved by iteration,
        which converges as long as trading costs less than it moves; where it does not, next to nothing is left.
        """
        before: Floats = held.sum(axis=-1)
        value = found = before
        least = NEXT_TO_NOTHING * before
        for _ in range(ENOUGH_ROUNDS):
            found = np.maximum(before - self.cost(targets * value[..., None] - held), least)
            if np.all(np.abs(found - value) <= PRECISE * before):
                return found
            value = found
        again = before - self.cost(targets * found[..., None] - held)
        return np.where(np.abs(again - found) <= SETTLED * before, found, least)


def cost_rates(model: CostModel, symbols: Sequence[str]) -> CostRates:
    """Return the model over the columns `symbols` and, at no cost, one more for uninvested money."""
    costs = [model.by_symbol.get(symbol, model.other) for symbol in symbols]
    linear = [(cost.half_spread_bp + cost.commission_bp) * BP for cost in costs]
    impact = [cost.impact_bp * BP * (model.capital / cost.adv) ** 0.5 if cost.adv else 0.0 for cost in costs]
    return CostRates(np.array([*linear, 0.0]), np.array([*impact, 0.0]))
