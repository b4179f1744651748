"""CSV as custodians read it: CRLF, no thousands separators, account numbers as text, no formulas from imports."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from exporters.words import flat

FORMULA_STARTS = ("=", "+", "-", "@")


def guarded(text: str) -> str:
    """Return free text on one line; what a spreadsheet would run as a formula gets a leading apostrophe."""
    # Tabs and carriage returns in front of a formula are white space to a spreadsheet: flat() drops them.
    line = flat(text)
    return f"'{line}" if line.startswith(FORMULA_STARTS) else line


def account_number(text: str) -> str:
    """Return an account number as it is, leading zeros and dashes kept. Formulas are not account numbers."""
    line = flat(text)
    return line if line.replace("-", "").replace(".", "").replace("*", "").isalnum() else guarded(line)


def number(value: Decimal | None, places: int | None = None) -> str:
    """Return a plain number with `places` decimals, else as many as it has; empty for None."""
    if value is None:
        return ""
    if places is not None:
        return f"{value:.{places}f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return header and rows as one CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
