"""The moving parts of the replay: a lot with its blocks of shares, a sale, and the pieces that sales take."""

from bisect import insort_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from engine.money import CENT, ZERO, allocate, cents
from engine.portfolio import Term
from engine.tax.holding_period import term
from engine.tax.ledger.rows import INHERITED, LedgerRow

SHORT, LONG = Term.SHORT, Term.LONG
ONE = Decimal(1)
NOTHING = Decimal("0.00")
"""No dollars, in cents: sums of cents stay cents."""

SHARE_UNIT = Decimal("0.00000001")
"""The smallest fraction of a share."""

Place = int
"""Where something stands in time: its day, then its place in the file, as one number that sorts fast."""


def place_of(day: date, number: int) -> Place:
    """Return the place of the row `number` of the file on a day."""
    return day.toordinal() << 32 | number


def part(amount: Decimal, shares: Decimal, of: Decimal) -> Decimal:
    """Return the cents of `amount`, >= 0, that fall to `shares` of `of` shares; the rest keeps what is left.

    Of two parts the largest remainder is the one that rounds half up.
    """
    return amount if shares == of else (amount * shares / of).quantize(CENT, ROUND_HALF_UP)


def rounded_shares(quantity: Decimal) -> Decimal:
    """Round a quantity to the smallest fraction of a share, never to nothing."""
    return max(SHARE_UNIT, quantity.quantize(SHARE_UNIT))


def plain(quantity: Decimal) -> Decimal:
    """Return a quantity without trailing zeros and without an exponent."""
    return quantity.normalize() if quantity % ONE else quantity.quantize(ONE)


def whole_cents(amount: Decimal) -> Decimal:
    """Return an amount in cents; most are, and rounding costs time."""
    return amount if amount.same_quantum(CENT) else cents(amount)


def shared_out(amount: Decimal, shares: Sequence[Decimal]) -> Sequence[Decimal]:
    """Return the cents of `amount` that fall to each of `shares`; largest remainders get the odd cents."""
    if len(shares) > 2:
        return allocate(amount, shares)
    first = part(amount, shares[0], sum(shares, ZERO))
    return (first, amount - first)[: len(shares)]


@dataclass(slots=True, eq=False)
class Block:
    """Shares of a lot with one basis and one number of days carried."""

    quantity: Decimal
    basis: Decimal
    days: int


@dataclass(slots=True, eq=False)
class LotState:
    """A lot during the replay: shares still as bought (`fresh`) and shares that have replaced a loss (`carried`).

    `place` orders lots by the day acquired, then the file. `index` is the lot's place among the purchases of its
    identity group, -1 for what is no replacement. `open` are all shares still open.
    """

    row: LedgerRow
    acquired: date
    place: Place
    taxable: bool
    fresh: Decimal
    fresh_basis: Decimal
    open: Decimal
    index: int = -1
    carried: list[Block] = field(default_factory=list)
    """In ascending order of days carried; of equal days the first made stands last."""

    def take(self, sale: "Sale", quantity: Decimal, *, alone: bool) -> list["Piece"]:
        """Remove shares, those that carry the most days first; return them as pieces, as yet without proceeds."""
        self.open -= quantity
        taken: list[Piece] = []
        left = quantity
        while left and self.carried:
            block = self.carried[-1]
            shares, basis = block.quantity, block.basis
            if shares <= left:
                self.carried.pop()
            else:
                basis = part(basis, left, shares)
                shares = left
                block.quantity -= shares
                block.basis -= basis
            taken.append(Piece(sale, self, shares, NOTHING, basis, block.days, alone))
            left -= shares
        if left:
            basis = self._take_fresh(left)
            free = ZERO if self.index < 0 else left
            taken.append(Piece(sale, self, left, NOTHING, basis, 0, alone, free))
        return taken

    def replace(self, quantity: Decimal, loss: Decimal, days: int) -> None:
        """Let fresh shares replace a loss: it goes into their basis and the days held are added (IRC 1091(d)).

        Shares in an account that is not taxable stay at cost and carry nothing.
        """
        basis = self._take_fresh(quantity)
        block = Block(quantity, basis + loss, days) if self.taxable else Block(quantity, basis, 0)
        if self.carried and self.carried[-1].days >= block.days:
            insort_left(self.carried, block, key=lambda b: b.days)
        else:
            self.carried.append(block)

    def _take_fresh(self, quantity: Decimal) -> Decimal:
        """Remove fresh shares and return their basis."""
        basis = self.fresh_basis
        if quantity == self.fresh:
            self.fresh, self.fresh_basis = ZERO, NOTHING
            return basis
        basis = part(basis, quantity, self.fresh)
        self.fresh -= quantity
        self.fresh_basis -= basis
        return basis

    def blocks(self) -> list[Block]:
        """Return all open blocks, those that are sold first at the front."""
        fresh = [Block(self.fresh, self.fresh_basis, 0)] if self.fresh else []
        return [*reversed(self.carried), *fresh]

    def resize(self, sizes: Iterator[Decimal]) -> None:
        """Give each open block its next size, in the order of `blocks`: a split changes shares, not basis."""
        for block in reversed(self.carried):
            block.quantity = next(sizes)
        if self.fresh:
            self.fresh = next(sizes)
        self.open = sum((block.quantity for block in self.carried), self.fresh)


@dataclass(slots=True, eq=False)
class Sale:
    """One sell row at its place in time, with the pieces that it took, in order of purchase until some are split."""

    row: LedgerRow
    place: Place
    taxable: bool
    pieces: list["Piece"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Piece:
    """Shares that one sale took from one block of a lot.

    `free` are the shares that can still replace another loss, `open_shares` the shares of this loss that nothing
    has replaced yet and `open_loss` their dollars; both in shares of the day that the replay has reached.
    `alone`: the purchase was the only one and the sale reduced the holding (Rev. Rul. 56-602).
    """

    sale: Sale
    lot: LotState
    quantity: Decimal
    proceeds: Decimal
    basis: Decimal
    days: int
    alone: bool
    free: Decimal = ZERO
    adjustment: Decimal = NOTHING
    permanent: Decimal = NOTHING
    open_shares: Decimal = ZERO
    open_loss: Decimal = ZERO

    @property
    def order(self) -> tuple[Place, Place, int]:
        """Losses are matched in order of sale, within a sale in order of purchase (Reg. 1.1091-1(b))."""
        return (self.sale.place, self.lot.place, -self.days)

    @property
    def is_loss(self) -> bool:
        """Whether the shares went below their basis in a taxable account."""
        return self.sale.taxable and self.proceeds < self.basis

    @property
    def days_held(self) -> int:
        """Days that a replacement takes over: those held and those carried already (IRC 1223(3))."""
        return (self.sale.row.date - self.lot.acquired).days + self.days

    @property
    def term(self) -> Term:
        """Holding period of the sale; what was inherited is long-term (IRC 1223(9))."""
        days = self.days_held
        if days > 367 or self.lot.row.action is INHERITED:
            return LONG
        # 366 and 367 days are decided by the calendar
        return SHORT if days < 366 else term(self.lot.acquired, self.sale.row.date, self.days)

    def use(self, shares: Decimal) -> "Piece":
        """Set apart `shares` of the free ones as used; return the piece that holds them, itself when all of it."""
        if shares == self.free:
            self.free = ZERO
            return self
        quantity = rounded_shares(self.quantity * shares / self.free)
        proceeds = part(self.proceeds, quantity, self.quantity)
        basis = part(self.basis, quantity, self.quantity)
        self.quantity -= quantity
        self.proceeds -= proceeds
        self.basis -= basis
        self.free -= shares
        used = Piece(self.sale, self.lot, quantity, proceeds, basis, self.days, self.alone)
        self.sale.pieces.append(used)
        return used

    def raise_basis(self, loss: Decimal, days: int) -> None:
        """Take over the loss and the days held of what these sold shares replace."""
        self.basis += loss
        self.days = days
