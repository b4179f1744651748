"""Implementation shortfall: what it cost to carry decisions out, against having them at the price of the decision.

Perold (1988), The Implementation Shortfall: Paper versus Reality, Journal of Portfolio Management 14(3), 4-9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Side

BASIS_POINTS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Fill:
    """Shares done at a price, with the fees paid for them in dollars."""

    quantity: Decimal
    price: Decimal
    fees: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Order:
    """One order and what became of it. Quantities are shares, above zero on either side; prices are dollars a share.

    `decision_price` is the price when it was decided, `arrival_price` when the order reached the market, and
    `end_price` when it was given up or the day ended: what the unfilled shares are valued at. `fees` are those that
    belong to no fill.
    """

    order: str
    symbol: str
    side: Side
    quantity: Decimal
    decision_price: Decimal
    arrival_price: Decimal
    fills: tuple[Fill, ...] = ()
    end_price: Decimal | None = None
    fees: Decimal = ZERO

    @property
    def filled(self) -> Decimal:
        """The shares done."""
        return sum((fill.quantity for fill in self.fills), ZERO)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Dollars lost (+) or gained (-) against the paper portfolio; the four parts sum to `total`.

    `delay` is the price's move from decision to arrival on the shares done, `execution` from arrival to the fills,
    `opportunity` from decision to the end on the shares not done. `decided` is what the whole order was worth at the
    price of the decision, which basis points are of; `done` the dollars traded.
    """

    decided: Decimal
    done: Decimal
    delay: Decimal
    execution: Decimal
    opportunity: Decimal
    fees: Decimal

    @property
    def total(self) -> Decimal:
        """The whole shortfall in dollars."""
        return self.delay + self.execution + self.opportunity + self.fees

    def basis_points(self, part: Decimal) -> Decimal:
        """Return a part (or the total) in basis points of what was decided."""
        return part / self.decided * BASIS_POINTS


@dataclass(frozen=True, slots=True)
class OrderShortfall:
    """An order with its shortfall. `average_price` is of the shares done, None when there are none."""

    order: Order
    average_price: Decimal | None
    shortfall: Shortfall


@dataclass(frozen=True, slots=True)
class ShortfallReport:
    """Each order, in the order given, and all together: the dollars of the total are the sums of the orders'."""

    orders: tuple[OrderShortfall, ...]
    total: Shortfall


def shortfall(order: Order) -> OrderShortfall:
    """Return the shortfall of one order.

    Raises ValueError for an order that is not above zero, more shares done than ordered, or shares not done without
    an `end_price`.
    """
    filled = order.filled
    left = order.quantity - filled
    if min(order.quantity, order.decision_price) <= 0:
        raise ValueError(f"order {order.order}: quantity and decision price must be above zero")
    if left < 0:
        raise ValueError(f"order {order.order}: {filled} shares are done of {order.quantity} ordered")
    if left and order.end_price is None:
        raise ValueError(f"order {order.order}: {left} shares were not done and there is no end price")
    done = sum((fill.quantity * fill.price for fill in order.fills), ZERO)
    sign = 1 if order.side is Side.BUY else -1
    missed = (order.end_price or order.decision_price) - order.decision_price
    parts = Shortfall(
        decided=order.quantity * order.decision_price,
        done=done,
        delay=sign * filled * (order.arrival_price - order.decision_price) + ZERO,
        execution=sign * (done - filled * order.arrival_price) + ZERO,
        opportunity=sign * left * missed + ZERO,  # nothing is never minus nothing
        fees=order.fees + sum((fill.fees for fill in order.fills), ZERO),
    )
    return OrderShortfall(order, done / filled if filled else None, parts)


def shortfall_report(orders: Sequence[Order]) -> ShortfallReport:
    """Return the shortfall of each order and of all of them. Raises ValueError as `shortfall` does, or for none."""
    if not orders:
        raise ValueError("there are no orders")
    each = tuple(shortfall(order) for order in orders)
    parts = [one.shortfall for one in each]
    return ShortfallReport(
        orders=each,
        total=Shortfall(
            decided=sum((part.decided for part in parts), ZERO),
            done=sum((part.done for part in parts), ZERO),
            delay=sum((part.delay for part in parts), ZERO),
            execution=sum((part.execution for part in parts), ZERO),
            opportunity=sum((part.opportunity for part in parts), ZERO),
            fees=sum((part.fees for part in parts), ZERO),
        ),
    )
