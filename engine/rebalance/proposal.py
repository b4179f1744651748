"""The proposal: what to trade, what was not done and why, and the figures around it (`plimsoll.proposal/1`).

A proposal never changes; an edit makes a new one. Money has 2 decimals, prices up to 6, quantities up to 8.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from engine.portfolio import Side, Term

SCHEMA: Final = "plimsoll.proposal/1"


class Status(StrEnum):
    """How far the proposal is proven."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class LotSale:
    """Shares of one lot sold by a trade. `gain` is dollars, negative for a loss, before wash sales.

    `term` is None in accounts that realise no gains.
    """

    id: str
    quantity: Decimal
    gain: Decimal
    term: Term | None


@dataclass(frozen=True, slots=True)
class Trade:
    """One order line: an account, a symbol, a side; whole shares unless the account is fractional."""

    account: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    amount: Decimal
    lots: tuple[LotSale, ...]
    reason: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A trade that would have been made but for a rule. `until` is the last blocked day, where there is one."""

    account: str
    symbol: str
    side: Side
    reason_code: str
    reason: str
    until: date | None


@dataclass(frozen=True, slots=True)
class ClassWeight:
    """An asset class before and after, with its target and band, all as fractions of the household's value."""

    asset_class: str
    before: Decimal
    target: Decimal
    after: Decimal
    band: Decimal


@dataclass(frozen=True, slots=True)
class CashLine:
    """Cash of one account before and after the trades and their costs, in dollars."""

    account: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The objective by part, in dollars; the parts sum to it."""

    drift: Decimal
    tax: Decimal
    deferred: Decimal
    trading: Decimal
    holding: Decimal

    @property
    def total(self) -> Decimal:
        """The objective."""
        return self.drift + self.tax + self.deferred + self.trading + self.holding


@dataclass(frozen=True, slots=True)
class TaxOutcome:
    """Tax of the year before and after the trades (Schedule D), and what they realise, in dollars.

    `short_term` and `long_term` are net gains (+) or losses (-) that count now; `harvested_loss` >= 0 is the
    sum of losses that count, `disallowed` >= 0 what wash sales take away for now.
    """

    before: Decimal
    after: Decimal
    short_term: Decimal
    long_term: Decimal
    harvested_loss: Decimal
    disallowed: Decimal


@dataclass(frozen=True, slots=True)
class DoNotBuy:
    """A group sold at a loss: buying it up to and including `until` would wash that loss."""

    identity_group: str
    until: date


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to do about a case. `gap` = objective - bound, in dollars."""

    schema: Literal["plimsoll.proposal/1"]
    status: Status
    objective: Decimal
    bound: Decimal
    gap: Decimal
    breakdown: Breakdown
    trades: tuple[Trade, ...]
    suppressed: tuple[Suppressed, ...]
    classes: tuple[ClassWeight, ...]
    cash: tuple[CashLine, ...]
    tax: TaxOutcome
    turnover: Decimal
    warnings: tuple[str, ...]
    reasons: tuple[str, ...]
    do_not_buy: tuple[DoNotBuy, ...]
    case_sha256: str
    engine_version: str
