"""The office workbook as one table: its sheets, their columns, what each means and which record field it fills.

The template, the writer and the reader all follow this table; nothing else knows a column title.
"""

from decimal import Decimal

from engine.portfolio import Registration
from importers.office_clients import ACCOUNTS, HOUSEHOLDS, PEOPLE, RESTRICTIONS, TAX_PROFILES
from importers.office_columns import EXPLAINED, Kind, OfficeColumn, OfficeSheet
from importers.office_investments import MODELS, POLICIES, SECURITIES

__all__ = [
    "ACCOUNTS",
    "EXPLAINED",
    "HOUSEHOLDS",
    "MODELS",
    "PEOPLE",
    "POLICIES",
    "RESTRICTIONS",
    "SECURITIES",
    "SHEETS",
    "TAX_PROFILES",
    "Kind",
    "OfficeColumn",
    "OfficeSheet",
    "location_rates",
    "sheet_of",
]

SHEETS = (HOUSEHOLDS, PEOPLE, ACCOUNTS, SECURITIES, MODELS, POLICIES, TAX_PROFILES, RESTRICTIONS)
"""In the order of the workbook, after its Read me sheet."""


def sheet_of(title: str) -> OfficeSheet | None:
    """Return the sheet of that title, whatever its case and blanks; None when it is none of ours."""
    wanted = " ".join(title.casefold().split())
    return next((sheet for sheet in SHEETS if sheet.title.casefold() == wanted), None)


def location_rates(text: str) -> dict[str, dict[str, Decimal]]:
    """Read `us_bond/taxable: 0.012; us_bond/roth_ira: 0.1%` into class -> registration -> yearly rate.

    Raises ValueError naming the part that is not understood.
    """
    rates: dict[str, dict[str, Decimal]] = {}
    for part in (p.strip() for p in text.split(";")):
        if not part:
            continue
        key, colon, value = part.partition(":")
        asset_class, slash, registration = (x.strip() for x in key.partition("/"))
        known = {r.value for r in Registration}
        if not (colon and slash and asset_class) or registration not in known:
            raise ValueError(f"'{part}' is not class/registration: rate")
        percent = value.strip().endswith("%")
        digits = value.strip().removesuffix("%").strip()
        if not digits.replace(".", "", 1).isdigit() or not digits.isascii():
            raise ValueError(f"'{value.strip()}' in '{part}' is not a rate")
        rate = Decimal(digits) / 100 if percent else Decimal(digits)
        rates.setdefault(asset_class, {})[registration] = rate
    return rates
