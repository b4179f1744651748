"""What goes into the ledger: rows of a trade history, and the policy where the law is unsettled."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.portfolio import Registration
from engine.tax.ledger.record import record

Day = date
"""`date` under a name that a field called date does not hide."""


NO_REPLACING = "replaces no loss"


class LedgerAction(StrEnum):
    """What a row did to the shares."""

    BUY = "buy"
    SELL = "sell"
    REINVEST = "reinvest"
    TRANSFER_IN = "transfer_in"
    SPLIT = "split"
    INHERITED = "inherited"
    GIFT = "gift"

    @property
    def is_purchase(self) -> bool:
        """Whether the shares count as bought, so that they can replace a loss (IRC 1091(a))."""
        return self in PURCHASES

    @property
    def may_be_acquired_earlier(self) -> bool:
        """Whether the day acquired can lie before the day of arrival."""
        return self in ARRIVALS


# a member that is reached through its class takes ten times as long as a name
SELL, SPLIT, INHERITED = LedgerAction.SELL, LedgerAction.SPLIT, LedgerAction.INHERITED
PURCHASES = frozenset({LedgerAction.BUY, LedgerAction.REINVEST, LedgerAction.TRANSFER_IN})
ARRIVALS = frozenset({LedgerAction.TRANSFER_IN, LedgerAction.INHERITED, LedgerAction.GIFT})


@dataclass(frozen=True, slots=True)
class NamedLot:
    """Shares of one lot that a sale names. `lot` is the id of the row that brought the lot in."""

    lot: str
    quantity: Decimal


@record(frozen=True, slots=True)
class LedgerRow:
    """One row of a trade history.

    `quantity` is shares, > 0; for a split the new shares for each old one. `amount` is dollars, >= 0: total cost
    of a purchase, net proceeds of a sale, basis of what arrives, nothing for a split. `acquired` is the day
    acquired where it is not `date`. `row` is the 1-based row in the file, for messages.
    """

    id: str
    date: date
    account: str
    owner: str
    registration: Registration
    symbol: str
    action: LedgerAction
    quantity: Decimal
    amount: Decimal = Decimal(0)
    identity_group: str = ""
    lots: tuple[NamedLot, ...] = ()
    acquired: Day | None = None
    row: int = 0

    @property
    def acquired_on(self) -> Day:
        """The day from which the shares count as held."""
        return self.acquired or self.date


class Identity(StrEnum):
    """What counts as substantially identical."""

    DECLARED = "declared"
    """The identity group that the rows declare, the symbol where they declare none."""
    SYMBOL = "symbol"
    """The symbol alone: no ruling says that two funds on one index are identical."""


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """The points on which the law is unsettled. The defaults are the cautious side of each."""

    sold_before_loss_counts: bool = True
    """Shares bought in the window but sold before the loss, at no loss, still replace (section 1091 has no
    still-held test); the loss then raises the basis of that sale."""
    lots_of_one_order_replace: bool = True
    """Of the lots sold in one order, the later bought replace the earlier."""
    plans_count_as_iras: bool = True
    """A purchase in a 401(k) or 529 plan loses the loss for good, as in an IRA (Rev. Rul. 2008-5 by analogy)."""
    identity: Identity = Identity.DECLARED

    def points(self) -> tuple[tuple[str, str], ...]:
        """Return each unsettled point and how it is taken, in words."""
        sold_before = "replaces the loss unless sold at a loss itself" if self.sold_before_loss_counts else NO_REPLACING
        one_order = "the later bought replaces the earlier" if self.lots_of_one_order_replace else NO_REPLACING
        plans = "a purchase there loses the loss for good, as in an IRA" if self.plans_count_as_iras else NO_REPLACING
        identity = "the declared group" if self.identity is Identity.DECLARED else "the same symbol only"
        return (
            ("Bought in the window and sold before the loss", sold_before),
            ("Lots sold in one order", one_order),
            ("401(k) and 529 plans", plans),
            ("Substantially identical", identity),
        )
