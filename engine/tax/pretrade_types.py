"""What a pre-trade wash analysis asks and answers: a household's facts, proposed trades, the outcome of each sale."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO
from engine.portfolio import Account, HistoryRow, Lot, Security
from engine.tax.ledger.result import Realized
from engine.tax.lot_methods import LotMethod
from engine.tax.wash_coverage import CoverageGap

Day = date
"""`date` under a name that a field called date does not hide."""
WINDOW = timedelta(days=30)


class WashState(StrEnum):
    """What is known of a proposed sale, one of six."""

    EXACT = "exact"
    """Shares of the same security stand in the window and replace a part of the loss."""
    RELATED = "declared_related"
    """Only shares of other symbols of the declared identity group replace a part of the loss."""
    IRA_RISK = "ira_risk"
    """Shares bought in a tax-advantaged account replace a part of the loss, which is gone for good."""
    NONE = "none_in_records"
    """Nothing in the records replaces the loss, or there is no loss."""
    INCOMPLETE = "coverage_incomplete"
    """The records do not reach back 30 days in every account: figures are what is known so far."""
    NOT_EVALUATED = "not_evaluated"
    """A price or lots are missing or do not fit the sale."""


@dataclass(frozen=True, slots=True)
class WashHousehold:
    """What is known of a household on `as_of`: lots as custodians state them and the trades of the 61 days before.

    Lots that carry days held have replaced a loss already. `gaps` say what the records do not cover, `unsound`
    are (account, symbol) whose lots are missing or do not add up.
    """

    as_of: date
    securities: tuple[Security, ...]
    accounts: tuple[Account, ...]
    lots: tuple[Lot, ...]
    history: tuple[HistoryRow, ...] = ()
    gaps: tuple[CoverageGap, ...] = ()
    unsound: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class ProposedSale:
    """A sale that is thought of: shares > 0 at a price in dollars a share, None where there is no price.

    `lots` are (lot id, shares) and add up to `quantity`; empty = the custodian's `method` chooses.
    """

    account: str
    symbol: str
    quantity: Decimal
    price: Decimal | None
    lots: tuple[tuple[str, Decimal], ...] = ()
    method: LotMethod = LotMethod.FIFO


@dataclass(frozen=True, slots=True)
class ProposedBuy:
    """A purchase of the same day, after the sales, in any account of the household."""

    account: str
    symbol: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Replacement:
    """A purchase that replaces a part of the loss. Money in dollars.

    `lot` is the open lot that holds the shares, empty when they have been sold since or are bought in the same plan
    (`proposed`). `related`: of another symbol of the declared group.
    """

    account: str
    symbol: str
    lot: str
    date: Day
    shares: Decimal
    disallowed: Decimal
    permanent: bool
    related: bool
    proposed: bool


@dataclass(frozen=True, slots=True)
class SaleWash:
    """What a proposed sale would come to on `day`. Money in dollars, amounts >= 0.

    `loss` is all that is sold below its basis, with what other sales of the plan have moved into it, and `disallowed`
    the part that does not count as this sale's (Form 8949, column g). Of that `permanent` never counts, while `moved`
    counts in the sale of other shares of the plan, whose basis it raises. `wash_until` is the last day on which a
    purchase would wash the loss, None without one; `free_from` the first day on which the sale would be free of the
    purchases made so far, None where unknown.
    """

    account: str
    symbol: str
    identity_group: str
    day: date
    state: WashState
    quantity: Decimal
    sentence: str
    loss_shares: Decimal = ZERO
    loss: Decimal = ZERO
    disallowed_shares: Decimal = ZERO
    disallowed: Decimal = ZERO
    permanent: Decimal = ZERO
    moved: Decimal = ZERO
    wash_until: date | None = None
    free_from: date | None = None
    replacements: tuple[Replacement, ...] = ()
    lines: tuple[Realized, ...] = ()
    gaps: tuple[CoverageGap, ...] = ()

    @property
    def counted_loss(self) -> Decimal:
        """The loss that counts now in this sale."""
        return self.loss - self.disallowed

    @property
    def put_off(self) -> Decimal:
        """The loss that waits in the basis of shares that are kept."""
        return self.disallowed - self.permanent - self.moved
