"""What the harvest screen of a household asks and answers: settings, worth of a loss, each lot with its verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO
from engine.portfolio import Term
from engine.rebalance.replacements import Likeness, Replacements
from engine.tax.pretrade_types import SaleWash
from engine.tax.wash_coverage import CoverageGap

BREAK_EVEN = Decimal("0.003")
"""A loss under this part of the market value may be gone before the order is filled."""
THROUGH_THE_YEAR = tuple(
    Decimal(x) for x in ("2", "2", "2", "1.5", "1.5", "1.5", "1.25", "1.25", "1.25", "1", "1", "1")
)
"""What the thresholds of the policy are multiplied with, January first.

A harvest keeps the security out of reach for 31 days and uses up its loss, so early in the year, while a larger loss
may still come, a loss must be larger; by October waiting has little left to bring and the policy's own thresholds
hold. Never below 1: the screen names no lot that a proposal would refuse.
"""


class PassedOver(StrEnum):
    """Why a lot at a loss is not harvested."""

    LOCKED = "locked"
    DO_NOT_SELL = "do_not_sell"
    LOTS_UNSOUND = "lots_unsound"
    BREAK_EVEN = "break_even"
    THRESHOLD = "harvest_threshold"
    IRA_PURCHASE = "wash_sale_ira_purchase"
    RECENT_PURCHASE = "wash_sale_recent_purchase"
    ALL_WASHED = "wash_sale_all_disallowed"
    NOT_WORTH_IT = "not_worth_it"
    NOT_AFTER_OTHERS = "not_worth_it_after_others"


@dataclass(frozen=True, slots=True)
class HarvestSettings:
    """How the screen is run. `by_month` are twelve factors on the policy's thresholds; `break_even` is a fraction.

    Raises ValueError for another number of months or a negative figure.
    """

    break_even: Decimal = BREAK_EVEN
    by_month: tuple[Decimal, ...] = THROUGH_THE_YEAR

    def __post_init__(self) -> None:
        if len(self.by_month) != 12:
            raise ValueError(f"a year has 12 months, not {len(self.by_month)}")
        if min(*self.by_month, self.break_even) < 0:
            raise ValueError("factors and the break-even buffer are not below 0")


@dataclass(frozen=True, slots=True)
class Market:
    """What is known of securities beyond the case: declared substitutes, and likeness by symbol and candidate."""

    substitutes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alike: Mapping[str, Mapping[str, Likeness]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Records:
    """What is known of the records behind the case: gaps, and positions (account, symbol) whose lots are unsound."""

    gaps: tuple[CoverageGap, ...] = ()
    unsound: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Worth:
    """What harvesting is worth to this household now, in dollars: `worth` = saved - lower_basis - trading_cost.

    `counted` is the loss that counts; `tax_saved` what it takes off the tax of the year, carried losses valued;
    `lower_basis` the present cost of the tax that the lower basis brings later; `trading_cost` half-spreads and tickets
    of the sale and of the purchase of the replacement.
    """

    counted: Decimal
    tax_saved: Decimal
    lower_basis: Decimal
    trading_cost: Decimal
    worth: Decimal


NOTHING = Worth(ZERO, ZERO, ZERO, ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class HarvestLot:
    """A taxable lot at a loss. Money in dollars, `loss` > 0, `loss_fraction` of the basis.

    `order` is its place among those to harvest, None = passed over, for `passed`; `until` is the last day of the rule
    that blocks it. `alone` is what it is worth by itself, `after` what it is worth after those above it.
    """

    lot: str
    account: str
    symbol: str
    acquired: date
    quantity: Decimal
    value: Decimal
    basis: Decimal
    loss: Decimal
    loss_fraction: Decimal
    term: Term
    order: int | None
    passed: PassedOver | None
    why: str
    until: date | None
    alone: Worth | None
    after: Worth | None
    wash: SaleWash | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a lot's loss must reach this month, in dollars and as a fraction of its basis; None = no threshold."""

    dollars: Decimal | None
    fraction: Decimal | None
    factor: Decimal


@dataclass(frozen=True, slots=True)
class HarvestResult:
    """The screen of one household: those to harvest in order, then those passed over, none left out.

    `total` is what harvesting all of the first comes to. `next_dollars` say what further losses of each term are worth
    before anything is harvested.
    """

    as_of: date
    thresholds: Thresholds
    lots: tuple[HarvestLot, ...]
    replacements: tuple[Replacements, ...]
    total: Worth
    loss: Decimal
    next_dollars: tuple[str, ...]

    @property
    def harvested(self) -> tuple[HarvestLot, ...]:
        """The lots to harvest, in order."""
        return tuple(lot for lot in self.lots if lot.order is not None)
