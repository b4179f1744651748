"""Who replaces whom: losses meet replacements, share for share, each share once (Reg. 1.1091-1)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import heapify, heappop, heappush
from itertools import count

from engine.money import ZERO
from engine.tax.ledger.identity_group import WINDOW, IdentityGroup
from engine.tax.ledger.lots import NOTHING, LotState, Piece, part, plain
from engine.tax.ledger.result import WashMatch
from engine.tax.ledger.rows import LedgerPolicy


@dataclass(slots=True, eq=False)
class Washing:
    """The matching of a whole household; `matches` say where losses went."""

    policy: LedgerPolicy
    matches: list[WashMatch] = field(default_factory=list)

    def bought(self, group: IdentityGroup, lot: LotState) -> None:
        """Let a purchase replace the losses of the 30 days before it."""
        group.add_purchase(lot)
        while lot.fresh and (loss := group.first_open_loss(lot.acquired)):
            self._by_held(group, loss, lot)

    def sold(self, group: IdentityGroup, order: Sequence[Piece]) -> None:
        """Judge the pieces of one sell, which are in order of purchase.

        A piece at a loss meets the purchases of its window. A sale of before that such a loss turned into a loss
        itself is taken up when this one is done.
        """
        turned: list[_Turned] = []
        if order[0].sale.taxable:
            queue = _Order(order) if len(order) > 1 else NO_OTHERS
            for piece in order:
                shares = (*queue.used.pop(piece, ()), piece) if queue.used else (piece,)
                for share in shares:
                    if share.is_loss:
                        turned += self._wash(group, share, share.quantity, queue)
        if self.policy.sold_before_loss_counts:
            for piece in order:
                if piece.free:
                    group.add_sold(piece)
        if turned:
            self._take_up(group, turned)

    def _take_up(self, group: IdentityGroup, turned: Iterable["_Turned"]) -> None:
        """Wash the sales that have turned into losses, and those that they turn, in order of sale."""
        ticket = count()
        queue = [(piece.order, next(ticket), piece, shares) for piece, shares in turned]
        heapify(queue)
        while queue:
            _, _, piece, shares = heappop(queue)
            for other, its_shares in self._wash(group, piece, shares, NO_OTHERS):
                heappush(queue, (other.order, next(ticket), other, its_shares))

    def _wash(self, group: IdentityGroup, loss: Piece, shares: Decimal, order: "_Order") -> list["_Turned"]:
        """Match `shares` of a loss with purchases of its window; return the sales of before that it turned."""
        loss.free = ZERO
        turned: list[_Turned] = []
        if loss.alone:
            return turned
        loss.open_shares = shares
        loss.open_loss = loss.basis - loss.proceeds
        one_order = self.policy.lots_of_one_order_replace
        while loss.open_shares:
            ahead = order.ahead_of(loss) if one_order and order.pieces else None
            found = group.replacement(loss, ahead, of_one_order=one_order)
            if found is None:
                group.add_open_loss(loss)
                break
            if isinstance(found, LotState):
                self._by_held(group, loss, found)
            elif found is ahead:
                used, _ = self._by_sold(loss, found)
                if used is not found:
                    order.used[found].append(used)
            else:
                used, count_of = self._by_sold(loss, found)
                group.used(found)
                if used.is_loss:
                    turned.append((used, count_of))
        return turned

    def _by_held(self, group: IdentityGroup, loss: Piece, lot: LotState) -> None:
        """Replace a loss by shares of a lot that is still held."""
        shares = min(loss.open_shares, lot.fresh)
        days = loss.days_held if lot.taxable else 0
        lot.replace(shares, self._moved(loss, shares, lot, days), days)
        if not lot.fresh:
            group.shares_left(lot)

    def _by_sold(self, loss: Piece, piece: Piece) -> "_Turned":
        """Replace a loss by shares sold before or in the same order; return the piece that holds them."""
        shares = min(loss.open_shares, piece.free)
        days = loss.days_held if piece.sale.taxable else piece.days
        amount = self._moved(loss, shares, piece.lot, days, piece.sale.row.id)
        used = piece.use(shares)
        if used.sale.taxable:
            used.raise_basis(amount, days)
        return used, shares

    def _moved(self, loss: Piece, shares: Decimal, lot: LotState, days: int, raised_sale: str = "") -> Decimal:
        """Take the loss of `shares` off what is open, write down where it went, and return its dollars."""
        amount = loss.open_loss
        if shares == loss.open_shares:
            loss.open_shares, loss.open_loss = ZERO, NOTHING
        else:
            amount = part(amount, shares, loss.open_shares)
            loss.open_shares -= shares
            loss.open_loss -= amount
        loss.adjustment += amount
        if not lot.taxable:
            loss.permanent += amount
        to, sale, lost = lot.row, loss.sale.row.id, loss.lot.row.id
        # by position: names would double the time that it takes to make one
        match = WashMatch(sale, lost, to.id, to.account, plain(shares), amount, days, not lot.taxable, raised_sale)
        self.matches.append(match)
        return amount


_Turned = tuple[Piece, Decimal]
"""Sold shares that have taken a loss, and how many they are in shares of the day."""


@dataclass(slots=True, eq=False)
class _Order:
    """The pieces of one sell while they are judged. `used` are shares set apart from pieces yet to be judged."""

    pieces: Sequence[Piece]
    used: defaultdict[Piece, list[Piece]] = field(default_factory=lambda: defaultdict(list))
    _at: int = 0

    def ahead_of(self, loss: Piece) -> Piece | None:
        """Return the next piece of a lot bought later than the loss's, in the window, with shares that are free."""
        opens = loss.sale.row.date - WINDOW
        while self._at < len(self.pieces):
            piece = self.pieces[self._at]
            if piece.free and piece.lot.place > loss.lot.place and piece.lot.acquired >= opens:
                return piece
            self._at += 1
        return None


NO_OTHERS = _Order(())
"""The order of a loss that has nothing sold with it."""
