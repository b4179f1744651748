"""Losses on fund shares held six months or less (IRC 852(b)(4)): what capital-gain and exempt dividends make of them.

Such a loss is disallowed to the extent of exempt-interest dividends, and what is left is long-term to the extent of
capital-gain dividends received on the shares.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from engine.money import ZERO


@dataclass(frozen=True, slots=True)
class FundDividends:
    """What shares have received while they were held, in dollars.

    `capital_gain` are dividends taxed as long-term gain, undistributed ones included (IRC 852(b)(3)(B) and (D));
    `exempt_interest` are tax-exempt ones. `daily` marks a fund that declares exempt interest daily, at least 90 % of
    it, and pays it monthly or more often: its exempt dividends take nothing away (IRC 852(b)(4)(E)).
    """

    capital_gain: Decimal = ZERO
    exempt_interest: Decimal = ZERO
    daily: bool = False


@dataclass(frozen=True, slots=True)
class FundLoss:
    """A loss on fund shares by character, in dollars >= 0; the three parts sum to the loss."""

    short_term: Decimal
    long_term: Decimal
    disallowed: Decimal


def first_day_beyond_six_months(acquired: date) -> date:
    """Return the first trade date on which shares have been held for more than six months.

    The day after purchase is the first day held and the day of sale the last one (IRC 246(c)(3)(A), by
    852(b)(4)(C)). Months are calendar months (Rev. Rul. 66-7): the period is over on the day of the sixth month after
    that has the number of the first day held, or on the first of the month that follows where it has none.
    """
    first = acquired + timedelta(days=1)
    index = first.month - 1 + 6
    year, month = first.year + index // 12, index % 12 + 1
    day = date(year, month, 1) + timedelta(days=first.day - 1)
    return day if day.month == month else day.replace(day=1)


def is_six_months_or_less(acquired: date, sold: date) -> bool:
    """Return whether shares were held six months or less.

    Days that a wash sale has carried over do not count here: IRC 246(c)(3)(B) turns section 1223(3) off.
    """
    return sold < first_day_beyond_six_months(acquired)


def fund_loss(loss: Decimal, acquired: date, sold: date, dividends: FundDividends) -> FundLoss:
    """Return what a short-term loss on fund shares counts as. `loss` and `dividends` are of the same shares, >= 0.

    IRC 852(b)(4)(B) comes first, then (A) for what it leaves; a wash sale (IRC 1091) is taken off the loss before.
    Shares held longer than six months keep their loss.
    """
    if not is_six_months_or_less(acquired, sold):
        return FundLoss(loss, ZERO, ZERO)
    disallowed = ZERO if dividends.daily else min(loss, dividends.exempt_interest)
    long_term = min(loss - disallowed, dividends.capital_gain)
    return FundLoss(loss - disallowed - long_term, long_term, disallowed)
