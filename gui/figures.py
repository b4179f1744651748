"""How figures are written on screen: as in print, with a dash where there is nothing, and shorter class names."""

from datetime import date, datetime
from decimal import Decimal

from exporters import words as print_words

ABSENT = "–"
_WORDS = {"us": "US", "tips": "TIPS", "intl": "Intl", "em": "EM", "reit": "REIT", "ira": "IRA", "hsa": "HSA"}


def money(amount: Decimal | None, places: int = 2) -> str:
    """Write dollars without their sign, e.g. -1,234.50; `places` is 0 or 2."""
    return ABSENT if amount is None else print_words.dollars(amount, places=places).replace("$", "")


def dollars(amount: Decimal | None) -> str:
    """Write whole dollars with the sign, e.g. -$1,234."""
    return ABSENT if amount is None else print_words.dollars(amount)


def dollars_and_cents(amount: Decimal | None) -> str:
    """Write dollars and cents with the sign, e.g. -$1,234.50."""
    return ABSENT if amount is None else print_words.dollars(amount, places=2)


def percent(fraction: Decimal | None, places: int = 1) -> str:
    """Write a fraction of one as per cent, e.g. 0.123 as 12.3%."""
    return ABSENT if fraction is None else print_words.percent(fraction, places=places)


def signed_percent(fraction: Decimal | None, places: int = 1) -> str:
    """Write a drift as per cent with its sign, e.g. +1.2%; zero has none."""
    return ABSENT if fraction is None else print_words.percent(fraction, places=places, signed=True)


def quantity(shares: Decimal | None) -> str:
    """Write shares with the decimals they have and no more."""
    return ABSENT if shares is None else print_words.shares(shares)


def price(amount: Decimal | None) -> str:
    """Write a price without the sign, with two decimals, more where it has more."""
    return ABSENT if amount is None else print_words.price(amount).removeprefix("$")


def count(number: int) -> str:
    """Write a count with thousands separators."""
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun, e.g. 1 trade, 12 trades."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def day(when: date | None) -> str:
    """Write a date as 2026-10-30."""
    return ABSENT if when is None else when.isoformat()


def moment(when: datetime | None) -> str:
    """Write a stamp in the local time of the workstation, to the minute."""
    return ABSENT if when is None else f"{when.astimezone():%Y-%m-%d %H:%M}"


def class_title(asset_class: str) -> str:
    """Write an asset class as people do, e.g. us_small as US small."""
    words = [_WORDS.get(word, word) for word in asset_class.split("_")]
    first = words[0]
    return " ".join([first if first in _WORDS.values() else first.capitalize(), *words[1:]])


def words(key: str) -> str:
    """Write a key as words, e.g. wash_ira as Wash IRA."""
    return class_title(key)
