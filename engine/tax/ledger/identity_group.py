"""What one identity group has to offer against a loss: shares held, shares sold before, and losses still open."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from engine.tax.ledger.lots import LotState, Piece, rounded_shares

WINDOW = timedelta(days=30)
"""A purchase on day 30 before or after the sale, by trade date, still counts (IRC 1091(a))."""

Replacement = LotState | Piece
"""What can replace a loss: a lot's fresh shares, or shares that another sale has taken."""


@dataclass(slots=True, eq=False)
class IdentityGroup:
    """Purchases, sales and open losses of substantially identical shares, household-wide.

    `bought` are the sorted days of all purchases in the file, those to come as well. `open_lots` counts the lots
    with shares, in whatever account.
    """

    bought: Sequence[date]
    open_lots: int = 0
    _purchases: list[LotState] = field(default_factory=list)
    _days: list[date] = field(default_factory=list)
    _next_held: list[int] = field(default_factory=list)
    """A forest: from each purchase towards the next that has fresh shares, itself when it has."""
    _sold_at: list[int] = field(default_factory=list)
    _sold: dict[int, list[Piece]] = field(default_factory=dict)
    _open_losses: list[Piece] = field(default_factory=list)

    def is_only_purchase(self, lot: LotState, sold: date) -> bool:
        """Whether the household holds no other shares of the group on that day and buys none in the 61 days."""
        if self.open_lots > 1:
            return False
        first, beyond = sold - WINDOW, sold + WINDOW
        near = bisect_right(self.bought, beyond) - bisect_left(self.bought, first)
        its_own = lot.row.action.is_purchase and first <= lot.acquired <= beyond
        return near == int(its_own)

    def add_purchase(self, lot: LotState) -> None:
        """Take a purchase; they come in the order of their days."""
        lot.index = len(self._purchases)
        self._purchases.append(lot)
        self._days.append(lot.acquired)
        self._next_held.append(lot.index)

    def shares_left(self, lot: LotState) -> None:
        """Take a lot that is sold out off the count, and one without fresh shares out of the running."""
        if not lot.open:
            self.open_lots -= 1
        if lot.index >= 0 and not lot.fresh:
            self._next_held[lot.index] = lot.index + 1

    def add_sold(self, piece: Piece) -> None:
        """Take shares that were sold at no loss: they may replace a later loss."""
        index = piece.lot.index
        pieces = self._sold.get(index)
        if pieces:
            pieces.append(piece)
        else:
            self._sold[index] = [piece]
            insort(self._sold_at, index)

    def replacement(self, loss: Piece, ahead: Piece | None, *, of_one_order: bool) -> Replacement | None:
        """Return what replaces the next share of a loss: the earliest purchase in the window.

        Of one purchase the shares held come first, then those `ahead` in the same order, then those sold before.
        `of_one_order`: whether lots sold in one order can replace one another.
        """
        day = loss.sale.row.date
        first = bisect_left(self._days, day - WINDOW)
        held = self._next_held
        index = first if first < len(held) and held[first] == first else self._first_held(first)
        best: Replacement | None = self._purchases[index] if index < len(self._purchases) else None
        if ahead is not None and (best is None or ahead.lot.index < index):
            best, index = ahead, ahead.lot.index
        if self._sold_at and self._sold_at[-1] >= first:
            sold = self._first_sold(first, loss, of_one_order=of_one_order)
            if sold is not None and (best is None or sold.lot.index < index):
                best, index = sold, sold.lot.index
        return None if best is None or self._days[index] > day + WINDOW else best

    def used(self, piece: Piece) -> None:
        """Take sold shares out of the running when the last of them is used."""
        pieces = self._sold[piece.lot.index]
        if not piece.free:
            pieces.remove(piece)
        if not pieces:
            del self._sold_at[bisect_left(self._sold_at, piece.lot.index)]

    def add_open_loss(self, piece: Piece) -> None:
        """Keep a loss that a later purchase may replace, in order of sale."""
        insort(self._open_losses, piece, key=lambda p: p.order)

    def first_open_loss(self, day: date) -> Piece | None:
        """Return the loss, first in order of sale, that a purchase on `day` can still replace."""
        losses = self._open_losses
        while losses and (not losses[0].open_shares or losses[0].sale.row.date < day - WINDOW):
            losses.pop(0)
        return losses[0] if losses else None

    def split(self, account: str, symbol: str, ratio: Decimal) -> None:
        """Restate losses still open, and shares sold that can still replace one, in shares after a split."""
        for piece in (*self._open_losses, *(p for pieces in self._sold.values() for p in pieces)):
            if (piece.sale.row.account, piece.lot.row.symbol) == (account, symbol):
                if piece.open_shares:
                    piece.open_shares = rounded_shares(piece.open_shares * ratio)
                if piece.free:
                    piece.free = rounded_shares(piece.free * ratio)

    def _first_held(self, index: int) -> int:
        path = self._next_held
        end = index
        while end < len(path) and path[end] != end:
            end = path[end]
        while index < end:
            path[index], index = end, path[index]
        return end

    def _first_sold(self, first: int, loss: Piece, *, of_one_order: bool) -> Piece | None:
        """Return sold shares of the first purchase in the window, those of the same order only if bought later."""
        for at in range(bisect_left(self._sold_at, first), len(self._sold_at)):
            for piece in self._sold[self._sold_at[at]]:
                if piece.sale is not loss.sale or (of_one_order and piece.lot.place > loss.lot.place):
                    return piece
        return None
