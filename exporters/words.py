"""How figures, dates and names read in print: American business English, never dependent on the machine's locale."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from engine.money import CENT
from engine.portfolio import CASH_CLASS
from exporters.run_report import AccountFacts

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
CLASS_NAMES = {
    "us_equity": "US equity",
    "us_small": "US small-cap equity",
    "us_small_cap": "US small-cap equity",
    "intl_equity": "International equity",
    "em_equity": "Emerging-market equity",
    "real_estate": "Real estate",
    "us_bond": "US bonds",
    "muni_bond": "Municipal bonds",
    "intl_bond": "International bonds",
    "tips": "Inflation-protected bonds",
    "commodities": "Commodities",
    CASH_CLASS: "Cash",
}
REGISTRATION_NAMES = {
    "taxable": "Taxable",
    "traditional_ira": "Traditional IRA",
    "roth_ira": "Roth IRA",
    "hsa": "Health savings account",
    "401k": "401(k)",
    "529": "529 plan",
}
ACRONYMS = {"us": "US", "uk": "UK", "em": "EM", "intl": "International", "reit": "REIT", "etf": "ETF", "ira": "IRA"}
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def flat(text: str) -> str:
    """Return imported text on one line, without control characters."""
    return " ".join(UNPRINTABLE.sub("", text).split())


def long_date(day: date) -> str:
    """Return a date as October 30, 2026."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def short_date(day: date) -> str:
    """Return a date as Oct 30, 2026."""
    return f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year}"


def stamp(at: datetime) -> str:
    """Return an aware instant in UTC as 2026-10-30T15:04:05Z."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def dollars(amount: Decimal, *, places: int = 0, signed: bool = False) -> str:
    """Return dollars as $1,234, -$1,234 and, when `signed`, +$1,234 for what is above zero."""
    shown = amount.quantize(CENT if places == 2 else Decimal(1), rounding=ROUND_HALF_UP)
    sign = "-" if shown < 0 else "+" if signed and shown > 0 else ""
    return f"{sign}${abs(shown):,.{places}f}"


def percent(fraction: Decimal, *, places: int = 1, signed: bool = False) -> str:
    """Return a fraction as 12.3%; when `signed`, with + for what is above zero."""
    shown = (fraction * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = "-" if shown < 0 else "+" if signed and shown > 0 else ""
    return f"{sign}{abs(shown):,.{places}f}%"


def shares(quantity: Decimal) -> str:
    """Return a quantity with thousands separators and no trailing zeros."""
    text = f"{quantity:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(amount: Decimal) -> str:
    """Return a price with two decimals, more where the price has more."""
    kept = amount.normalize()
    exponent = kept.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"${kept:,.{places}f}"


def class_name(key: str) -> str:
    """Return the name of an asset class as people say it."""
    if key in CLASS_NAMES:
        return CLASS_NAMES[key]
    words = [ACRONYMS.get(word, word) for word in flat(key.replace("_", " ")).split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def class_phrase(key: str) -> str:
    """Return the name of an asset class within a sentence: only acronyms keep their capitals."""
    name = class_name(key)
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def registration_name(key: str) -> str:
    """Return the kind of account as people say it."""
    return REGISTRATION_NAMES.get(key, class_name(key))


def custodian_name(key: str) -> str:
    """Return the name of a custodian: files and settings keep it in small letters."""
    name = flat(key)
    return name[:1].upper() + name[1:] if name.islower() else name


def masked(number: str) -> str:
    """Return an account number fit for a page that may be left on a table: its last four letters and digits."""
    shown = flat(number)
    bare = "".join(c for c in shown if c.isalnum())
    return f"ending {bare[-4:]}" if len(bare) > 4 or bare != shown else shown


def account_label(facts: AccountFacts) -> str:
    """Return what a client calls an account: its name, else its title, with the end of its number."""
    name = flat(facts.name) or flat(facts.title) or registration_name(facts.registration)
    return f"{name} ({masked(facts.number)})" if facts.number else name


def listed(parts: Iterable[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    items = list(parts)
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 2 else items)


def counted(count: int, one: str, many: str = "") -> str:
    """Return `no orders`, `1 order`, `1,200 orders`."""
    noun = one if count == 1 else many or f"{one}s"
    return f"{count:,} {noun}" if count else f"no {noun}"
