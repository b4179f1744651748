"""A list of sales as Form 1099-B has them: description, dates, proceeds, basis, disallowed loss, gain, term and box."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult
from importers.custodians import OTHER
from importers.file_names import account_in_name
from importers.instruments import clean_symbol
from importers.lot_rows import add_realized
from importers.number_grammar import number
from importers.one_table import OneTable, Opened, Sums, is_total
from importers.reading import Row
from importers.table_grammar import Layout

NAME = "tax_1099b"

LAYOUT = Layout(
    columns={
        "description": ("description",),
        "symbol": ("symbol", "ticker"),
        "quantity": ("quantity", "shares"),
        "acquired": ("date acquired",),
        "sold": ("date sold",),
        "proceeds": ("proceeds",),
        "cost_basis": ("cost basis",),
        "disallowed": ("wash sale loss disallowed",),
        "gain": ("gain/loss",),
        "term": ("term",),
    },
    required=("description", "acquired", "sold", "proceeds", "cost_basis", "disallowed"),
    ignored=frozenset({"box", "cusip"}),
)
TABLE = OneTable(
    NAME,
    "a 1099-B list of sales",
    LAYOUT,
    frozenset({"date acquired", "date sold", "wash sale loss disallowed", "box"}),
    never=frozenset({"record type"}),
)

_SHARES = r"(?P<quantity>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?)"
_TICKER = r"(?P<symbol>[A-Z]{1,5}(?:[./ -][A-Z])?)"
_DESCRIPTIONS = (
    re.compile(rf"{_SHARES}\s*(?:sh\.?|shs\.?|shares?)?(?: of)?\s+{_TICKER}(?:,.*| -.*| \(.*)?"),
    re.compile(rf"{_TICKER}(?:,| -)?\s+{_SHARES}(?:\s*(?:sh\.?|shs\.?|shares?))?"),
    re.compile(rf"{_SHARES}\s*(?:sh\.?|shs\.?|shares?)?(?: of)?\s+.*\((?P<symbol>[A-Z]{{1,5}}(?:\.[A-Z])?)\)"),
    re.compile(r".*\((?P<symbol>[A-Z]{1,5}(?:\.[A-Z])?)\)(?P<quantity>)"),
    re.compile(rf"{_TICKER}(?P<quantity>)"),
)
"""Box 1a of the form is written as `100 sh. XYZ Co.` (Instructions for Form 1099-B)."""


class Tax1099b:
    """Closed lots of one account, checked against the totals of the list."""

    name = NAME
    title = "1099-B list of sales"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with the boxes of the form as columns."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closed lots."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.today = today
        self.account = account_in_name(OTHER, path.stem)
        self.sums = Sums("proceeds", "cost_basis", "disallowed", "gain")

    def run(self) -> ImportResult:
        if not self.account.number:
            self.opened.reading.note(no_account(self.account.name))
        TABLE.walk(self.opened, self.row)
        return self.opened.reading.result(empty=Severity.INFO)

    def row(self, row: Row) -> None:
        """Read a sale or the total of the list."""
        row.account = self.account
        if is_total(row.text("description")) or is_total(row.text("symbol")):
            self.sums.check(self.opened.reading, row, "all sales")
            return
        symbol, quantity = _described(row.text("description"))
        row.symbol = row.clean_symbol() or symbol
        if row.text("quantity") or quantity is not None:
            told = None if row.text("quantity") else quantity
            lot = add_realized(row, today=self.today, quantity=told)
            for name in self.sums.of:
                self.sums.add(name, getattr(lot, name))
        else:
            self.left_out(row)

    def left_out(self, row: Row) -> None:
        """Tell of a sale that does not say how many shares it was."""
        row.ok = False
        message = f"'{row.text('description')[:40]}' does not say how many shares were sold"
        row.note(Severity.WARNING, "no_quantity", message, "description", "Add a column Quantity to the list.")
        for name in self.sums.of:
            self.sums.add(name, row.amount(name))
        row.close()


def no_account(name: str) -> Problem:
    """Return the warning that a list names no account."""
    message = f"the list names no account; its rows are kept under the name '{name}'"
    hint = "Put the account's number or its end into the file's name, such as '1099-B XXXX-2203.csv'."
    return Problem(Severity.WARNING, "no_account", message, hint)


def _described(text: str) -> tuple[str, Decimal | None]:
    """Return the symbol and the number of shares that a description says; empty and None for what it does not."""
    bare = " ".join(text.split())
    for shape in _DESCRIPTIONS:
        found = shape.fullmatch(bare)
        if found:
            shares = number(found["quantity"])
            return clean_symbol(found["symbol"]), shares if isinstance(shares, Decimal) else None
    return "", None
