"""One symbol in one account: its open lots first in, first out, and what a split makes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import heappop, heappush

from engine.money import ZERO
from engine.tax.ledger.lots import SHARE_UNIT, LotState, Place, rounded_shares

Pick = tuple[LotState, Decimal]
"""Shares to be taken from a lot."""


@dataclass(slots=True, eq=False)
class Position:
    """The lots of one symbol in one account. `awaiting` are lots bought elsewhere that have yet to arrive."""

    open: Decimal = ZERO
    awaiting: dict[LotState, None] = field(default_factory=dict)
    _queue: list[tuple[Place, LotState]] = field(default_factory=list)

    def arrive(self, lot: LotState) -> None:
        """Add a lot. One that was awaited has exactly the shares of its row again, whatever splits it went through."""
        if self.awaiting and lot in self.awaiting:
            del self.awaiting[lot]
            resize((lot,), lot.row.quantity / lot.open)
        heappush(self._queue, (lot.place, lot))
        self.open += lot.open

    def first_in(self, quantity: Decimal) -> list[Pick]:
        """Return the lots that `quantity` shares, no more than are open, come from: first in, first out."""
        picks: list[Pick] = []
        left = quantity
        while left:
            lot = self._queue[0][1]
            shares = lot.open
            if shares > left:
                picks.append((lot, left))
                break
            heappop(self._queue)
            if shares:  # a lot that was named in a sale may be empty
                picks.append((lot, shares))
                left -= shares
        self.open -= quantity
        return picks

    def named(self, picks: Iterable[Pick]) -> list[Pick]:
        """Return the lots that a sale names in order of purchase."""
        chosen = sorted(picks, key=lambda pick: pick[0].place)
        self.open -= sum((shares for _, shares in chosen), ZERO)
        return chosen

    def split(self, ratio: Decimal) -> None:
        """Make `ratio` shares of each."""
        lots = sorted((lot for _, lot in self._queue if lot.open), key=lambda lot: lot.place)
        resize(lots, ratio)
        self.open = sum((lot.open for lot in lots), ZERO)


def resize(lots: Sequence[LotState], ratio: Decimal) -> None:
    """Multiply the shares of lots so that their sum is rounded once, not block by block."""
    sizes = iter(_sizes((block.quantity for lot in lots for block in lot.blocks()), ratio))
    for lot in lots:
        lot.resize(sizes)


def _sizes(quantities: Iterable[Decimal], ratio: Decimal) -> list[Decimal]:
    """Return new sizes whose running sum is that of the old ones times `ratio`, rounded; none is zero."""
    sizes: list[Decimal] = []
    before = given = ZERO
    for quantity in quantities:
        before += quantity
        size = max(SHARE_UNIT, rounded_shares(before * ratio) - given)
        given += size
        sizes.append(size)
    return sizes
