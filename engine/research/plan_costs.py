"""What the trades of an account's plan cost, impact by size included, when the solver knows rates only."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from engine.errors import AppError
from engine.money import ZERO
from engine.rebalance.figures import Fill
from engine.research.trading_costs import CostModel

ROUNDS = 4
"""How often a plan is solved anew because it trades more of a symbol than its rate was made for."""
RUINOUS = Decimal(5000)
"""Basis points of a trade that no trade costs, as before tax."""
MILLIONTHS = 6

Rates = Mapping[str, Decimal]
Solve = Callable[[Rates], Sequence[Fill]]


class PlanCosts:
    """The costs of one account's trades. `start_value` is what the account begins with, in dollars.

    The model's capital is all the money that trades alike: when the account is a part of it, its trades move prices
    by what all of them trade together.
    """

    def __init__(self, model: CostModel, symbols: Sequence[str], start_value: float) -> None:
        self._costs = {symbol: model.by_symbol.get(symbol, model.other) for symbol in symbols}
        self._alike = model.capital / start_value

    def rate(self, symbol: str, dollars: float) -> Decimal:
        """Return the basis points that trading so many dollars of the account costs.

        Raises AppError where that is half of them or more.
        """
        found = Decimal(repr(round(self._costs[symbol].rate_bp(dollars * self._alike), MILLIONTHS)))
        if found >= RUINOUS:
            raise AppError(
                f"Trading ${dollars:,.0f} of {symbol} costs half of it or more",
                detail="costs",
                hint="Give lower costs, less capital or more dollars traded a day.",
            )
        return found

    def settled(self, solve: Solve, expected: Mapping[str, float]) -> tuple[Sequence[Fill], Decimal]:
        """Return the fills of a plan and what they cost in dollars.

        `solve` gives the fills under rates by symbol. The rates are those of the `expected` dollars by symbol; a plan
        that trades more of one is solved again at its own size, so that its cash covers what it costs.
        """
        sizes = dict(expected)
        fills: Sequence[Fill] = ()
        for _ in range(ROUNDS):
            fills = solve({symbol: self.rate(symbol, dollars) for symbol, dollars in sizes.items()})
            traded = traded_dollars(fills)
            if all(not self._costs[name].adv or dollars <= sizes[name] for name, dollars in traded.items()):
                break
            sizes |= {name: max(dollars, sizes[name]) for name, dollars in traded.items()}
        traded = traded_dollars(fills)
        return fills, sum((self._cost(fill, traded) for fill in fills), ZERO)

    def _cost(self, fill: Fill, traded: Mapping[str, float]) -> Decimal:
        symbol = fill.position.security.symbol
        return self.rate(symbol, traded[symbol]) / 10_000 * fill.amount


def traded_dollars(fills: Sequence[Fill]) -> dict[str, float]:
    """Return the dollars traded of each symbol, purchases and sales together."""
    found: dict[str, float] = {}
    for fill in fills:
        symbol = fill.position.security.symbol
        found[symbol] = found.get(symbol, 0.0) + float(fill.amount)
    return found
