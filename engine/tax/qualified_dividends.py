"""The 61 days of qualified dividends (IRC 1(h)(11)(B)(iii), 246(c)): which dividends a sale would make ordinary.

Shares must be held more than 60 days of the 121 that begin 60 days before the ex-dividend date; preferred stock more
than 90 of 181 for a dividend of more than 366 days. The day of purchase does not count, the day of sale does
(IRC 246(c)(3)(A)), and days that a wash sale has carried over do not (246(c)(3)(B)).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from engine.money import cents
from engine.portfolio import Lot

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dividend:
    """A dividend that could be qualified: dollars a share. `preferred`: preferred stock, for more than 366 days."""

    symbol: str
    ex_date: date
    amount: Decimal
    preferred: bool = False

    @property
    def side(self) -> timedelta:
        """How far the period reaches on each side of the ex-date; more than so many days must be held."""
        return timedelta(days=90 if self.preferred else 60)


@dataclass(frozen=True, slots=True)
class LostQualification:
    """A dividend that a sale would make ordinary: dollars on the shares sold, and the first day that would not."""

    lot: str
    symbol: str
    ex_date: date
    shares: Decimal
    amount: Decimal
    days_held: int
    first_safe_day: date | None

    @property
    def sentence(self) -> str:
        """Say what the sale would lose and from when it would not."""
        wait = "whatever the day" if self.first_safe_day is None else f"before {self.first_safe_day}"
        return (
            f"Selling {self.shares:,f} {self.symbol} of lot {self.lot} {wait} makes the dividend of {self.ex_date} "
            f"(${self.amount:,.2f}) ordinary income: held {self.days_held} days of its period (IRC 1(h)(11)(B)(iii))."
        )


def days_held_around(acquired: date, sold: date, dividend: Dividend) -> int:
    """Return the days of the dividend's period on which shares were held, >= 0."""
    first = max(acquired + _ONE_DAY, dividend.ex_date - dividend.side)
    last = min(sold, dividend.ex_date + dividend.side)
    return max(0, (last - first).days + 1)


def first_safe_sale_day(acquired: date, dividend: Dividend) -> date | None:
    """Return the first trade date on which a sale leaves the dividend qualified.

    None where the shares do not receive it: they were bought on the ex-date or after. Shares bought on any day before
    can still reach their days.
    """
    if acquired >= dividend.ex_date:
        return None
    first = max(acquired + _ONE_DAY, dividend.ex_date - dividend.side)
    return first + dividend.side


def lost_qualifications(
    sales: Iterable[tuple[Lot, Decimal]], sold: date, dividends: Iterable[Dividend]
) -> tuple[LostQualification, ...]:
    """Return the dividends, received already, that a sale of these shares on `sold` would make ordinary.

    `sales` are lots with the shares sold; `dividends` whatever is known. A dividend whose ex-date is still to come is
    not received by shares sold before it, and loses nothing.
    """
    known = sorted(dividends, key=lambda d: (d.ex_date, d.symbol))
    return tuple(
        LostQualification(
            lot.id,
            lot.symbol,
            one.ex_date,
            shares,
            cents(one.amount * shares),
            days_held_around(lot.acquired, sold, one),
            day,
        )
        for lot, shares in sales
        for one in known
        if one.symbol == lot.symbol
        and one.ex_date <= sold
        and (day := first_safe_sale_day(lot.acquired, one)) is not None
        and sold < day
    )
