"""What comes out of the ledger: realised results, open lots, each wash sale, totals. Money is whole cents."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.portfolio import Term
from engine.problems import Problem, Severity
from engine.tax.ledger.record import record
from engine.tax.ledger.rows import LedgerPolicy


@record(frozen=True, slots=True)
class Realized:
    """Shares of one lot sold in one sale, as a line of Form 8949; only taxable accounts have them.

    `gain` = proceeds - basis + adjustment. `adjustment` >= 0 is the loss disallowed, `permanent` the part of it
    that no basis holds. `sale` and `lot` are row ids, `quantity` is in shares of the day of sale.
    """

    sale: str
    lot: str
    account: str
    symbol: str
    acquired: date
    sold: date
    quantity: Decimal
    proceeds: Decimal
    basis: Decimal
    gain: Decimal
    adjustment: Decimal
    code: str
    term: Term
    permanent: Decimal
    holding_days_carried: int = 0
    inherited: bool = False


@record(frozen=True, slots=True)
class OpenLot:
    """Shares of one lot that are still held, with the days that wash sales carried to them (IRC 1223(3))."""

    lot: str
    account: str
    symbol: str
    acquired: date
    holding_days_carried: int
    quantity: Decimal
    basis: Decimal
    inherited: bool = False


@record(frozen=True, slots=True)
class WashMatch:
    """One loss met by one replacement: where the loss went.

    `quantity` is in shares of the day on which the two met. `days` are what the replacement carries from now on.
    `raised_sale` is the sale whose basis was raised, when the replacement had been sold already or went in the
    same order.
    """

    sale: str
    lot: str
    replacement: str
    replacement_account: str
    quantity: Decimal
    disallowed: Decimal
    days: int
    permanent: bool
    raised_sale: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the realised results, in dollars; `disallowed` includes `permanent`."""

    short_term: Decimal
    long_term: Decimal
    disallowed: Decimal
    permanent: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole answer. Rows with a blocking problem took no part in it."""

    as_of: date | None
    policy: LedgerPolicy
    realized: tuple[Realized, ...]
    open_lots: tuple[OpenLot, ...]
    wash_sales: tuple[WashMatch, ...]
    totals: Totals
    problems: tuple[Problem, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every row that was read took part."""
        return all(problem.severity not in {Severity.BLOCKING, Severity.FATAL} for problem in self.problems)
