"""How orders are placed: at market or with a limit around the price of the run, and between which hours."""

from dataclasses import dataclass
from datetime import time
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from engine.errors import AppError
from engine.portfolio import Side

CENT, SUB_PENNY = Decimal("0.01"), Decimal("0.0001")
DOLLAR = Decimal(1)
BASIS_POINTS = Decimal(10_000)
WIDEST = Decimal(1000)
"""Basis points of a limit; one that is wider holds nothing back."""
OPENS, CLOSES = time(9, 30), time(16)
"""The regular session of US exchanges, New York time."""
ONCE_A_DAY = "fund"
"""The kind of security that is bought and sold at the day's net asset value: it takes no limit and no hours."""


class OrderType(StrEnum):
    """At whatever price, or at no worse than a limit."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """`limit_bp` is how far from the price of the run an order may go, in basis points; None = at market.

    `window` is from when until when orders are worked, New York time; None = the whole session. Spreads are widest
    at the open and prices least sure at the close.
    """

    limit_bp: Decimal | None = None
    window: tuple[time, time] | None = None

    def type_of(self, security_type: str) -> OrderType:
        """Return the type of an order in such a security."""
        limited = self.limit_bp is not None and security_type != ONCE_A_DAY
        return OrderType.LIMIT if limited else OrderType.MARKET

    def limit_of(self, side: Side, price: Decimal, security_type: str) -> Decimal | None:
        """Return the limit in dollars, None for a market order: purchases no higher, sales no lower.

        In cents, below a dollar in hundredths of one (17 CFR 242.612), never beyond the offset.
        """
        if self.limit_bp is None or self.type_of(security_type) is OrderType.MARKET:
            return None
        buys = side is Side.BUY
        limit = price * (1 + (1 if buys else -1) * self.limit_bp / BASIS_POINTS)
        step = CENT if price >= DOLLAR else SUB_PENNY
        return limit.quantize(step, ROUND_FLOOR if buys else ROUND_CEILING)

    def hours_of(self, security_type: str) -> str:
        """Return the hours as a note for the trader, empty without any."""
        if self.window is None or security_type == ONCE_A_DAY:
            return ""
        start, end = self.window
        return f"Work between {start:%H:%M} and {end:%H:%M} New York time."

    def sentence(self) -> str:
        """Return the terms in words, for the log."""
        kind = "at market" if self.limit_bp is None else f"limit {self.limit_bp:f} bp"
        return kind if self.window is None else f"{kind}, {self.window[0]:%H:%M} to {self.window[1]:%H:%M}"


AT_MARKET = OrderTerms()


def order_terms(limit_bp: Decimal | None, window: str = "") -> OrderTerms:
    """Return the terms that a person has written: basis points, and hours as 10:00-15:30.

    Raises AppError for a limit that is not between 0 and 1,000 basis points, or hours outside the session.
    """
    if limit_bp is not None and not (limit_bp.is_finite() and 0 <= limit_bp <= WIDEST):
        raise AppError(f"A limit of {limit_bp} basis points cannot be used", hint="Give one from 0 to 1000.")
    if not window:
        return OrderTerms(limit_bp)
    hint = "Write hours of the session, New York time, as 10:00-15:30."
    try:
        start, end = (time.fromisoformat(part.strip()) for part in window.split("-"))
    except ValueError:
        raise AppError(f"{window!r} are no hours", hint=hint) from None
    if not OPENS <= start < end <= CLOSES:
        raise AppError(f"{window} is not within the session of 09:30 to 16:00", hint=hint)
    return OrderTerms(limit_bp, (start, end))
