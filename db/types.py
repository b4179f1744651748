"""Column types: decimals as scaled integers, so that they come back exactly and sum exactly in SQL; UTC stamps."""

from datetime import UTC, datetime
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator

LARGEST = 2**63 - 1
"""The largest integer that a column of 8 bytes holds."""

_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])


class Scaled(TypeDecorator[Decimal]):
    """A Decimal of at most `places` decimals, stored as the integer value x 10**places.

    Raises ValueError when a value has more places than the column, is not a finite number or is too large:
    a digit is never lost in silence.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Scale on the way in."""
        return None if value is None else to_scaled(value, self.places)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Unscale on the way out."""
        return None if value is None else from_scaled(int(value), self.places)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ARG002
        """Compare with decimals of the same scale."""
        return self


def to_scaled(value: Decimal, places: int) -> int:
    """Return value x 10**places, exactly; ValueError where that is no 8-byte integer."""
    try:
        scaled = value.scaleb(places, _EXACT)
        whole = int(scaled)
    except (DecimalException, ValueError, OverflowError):
        return _scaled_digits(value, places)
    return whole if whole == scaled and -LARGEST <= whole <= LARGEST else _scaled_digits(value, places)


def _scaled_digits(value: Decimal, places: int) -> int:
    """Return value x 10**places digit by digit, which says why where it cannot be."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that can be stored")
    sign, digits, exponent = value.as_tuple()
    shift = int(exponent) + places
    magnitude = int("".join(map(str, digits)))
    if shift >= 0:
        whole = magnitude * 10**shift if shift <= 40 else LARGEST + 1
    else:
        whole, rest = divmod(magnitude, 10**-shift) if -shift <= len(digits) else (0, magnitude)
        if rest:
            raise ValueError(f"{value} has more than {places} decimal places")
    if whole > LARGEST:
        raise ValueError(f"{value} is too large to be stored with {places} decimal places")
    return -whole if sign else whole


def from_scaled(whole: int, places: int) -> Decimal:
    """Return whole / 10**places as a Decimal of exactly `places` decimals."""
    return Decimal(whole).scaleb(-places)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored and read back in UTC. Raises ValueError for a moment without a time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments, turn the others into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


MONEY = Scaled(2)
PRICE = Scaled(6)
QUANTITY = Scaled(8)
RATE = Scaled(8)


def closed_set(values: type[StrEnum]) -> Enum:
    """Return the column type of a StrEnum, stored as its text; a text outside the set is refused."""
    return Enum(
        values,
        native_enum=False,
        length=24,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )
