"""Holding period of a lot: when it turns long-term (IRC 1222, 1223(3); Rev. Rul. 66-7 and 70-598)."""

import calendar
from datetime import date, timedelta

from engine.portfolio import Lot, Term


def first_long_term_day(acquired: date, holding_days_carried: int = 0) -> date:
    """Return the first trade date on which a sale is long-term.

    The holding period starts the day after purchase and must be more than one year, so the first long-term
    day is the day after the first anniversary. A lot bought on the last day of a month is long-term from
    the first day of the 13th month after (Rev. Rul. 66-7: months are calendar months, so 28 February of a
    common year runs to 29 February of a leap year). Days carried over from a wash sale (IRC 1223(3)) count
    as if the lot had been bought that many days earlier.
    """
    start = acquired - timedelta(days=holding_days_carried)
    last_day = calendar.monthrange(start.year, start.month)[1]
    if start.day == last_day:
        return date(start.year + 1 + start.month // 12, start.month % 12 + 1, 1)
    return date(start.year + 1, start.month, start.day) + timedelta(days=1)


def term(acquired: date, sold: date, holding_days_carried: int = 0) -> Term:
    """Return whether a sale on `sold` is short- or long-term."""
    days = (sold - acquired).days + holding_days_carried
    if days < 366:
        return Term.SHORT
    if days > 367:
        return Term.LONG
    # 366 and 367 days are decided by the calendar
    return Term.LONG if sold >= first_long_term_day(acquired, holding_days_carried) else Term.SHORT


def lot_term(lot: Lot, sold: date) -> Term:
    """Return the term of a lot if it were sold on `sold`."""
    return term(lot.acquired, sold, lot.holding_days_carried)


def days_to_long_term(lot: Lot, today: date) -> int:
    """Return the days from `today` to the lot's first long-term day, 0 when it is long-term already."""
    return max(0, (first_long_term_day(lot.acquired, lot.holding_days_carried) - today).days)
