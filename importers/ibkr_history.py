"""Interactive Brokers transaction history CSV: the cash and trades of one or more accounts in the base currency."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.history_rows import Words, add_history
from importers.ibkr_sections import Sections, has_section, signature
from importers.loading import load
from importers.nearly import nearly
from importers.number_grammar import number
from importers.reading import Reading, Row, refused
from importers.table_grammar import Layout

NAME = "ibkr_history"
_CHARGES = frozenset({"sales tax", "transaction fees", "commission adjustment"})
_SECTION = "transaction history"
LAYOUT = Layout(
    columns={
        "date": ("date",),
        "account": ("account",),
        "description": ("description",),
        "activity": ("transaction type",),
        "symbol": ("symbol",),
        "quantity": ("quantity",),
        "price": ("price",),
        "amount": ("net amount",),
    },
    required=("date", "account", "description", "activity", "symbol", "quantity", "amount"),
    ignored=frozenset({"gross amount", "commission", "price currency"}),
)


class IbkrHistory:
    """Trades and other activity, compared with the change of the cash that the file states."""

    name = NAME
    title = "Interactive Brokers transaction history"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with the section Transaction History."""
        rows = head.first_rows()
        if signature(rows, _SECTION, LAYOUT):
            return Claim(NAME, takes=True, why="it has the section Transaction History")
        if has_section(rows, _SECTION):
            return Claim(NAME, takes=False, why=nearly(LAYOUT, rows))
        return Claim(NAME, takes=False, why="it has no section Transaction History")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the section, and check its sum."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        if not signature(rows, _SECTION, LAYOUT):
            message = f"no row has the columns of a transaction history; missing: {', '.join(LAYOUT.missing(rows))}"
            problem = Problem(Severity.FATAL, "no_header", message, "Export the file again with all columns.")
            return refused(NAME, path, problem)
        reading = Reading(NAME, path.name, rows)
        sections = Sections(reading, rows, today)
        sections.set_as_of()
        currency = sections.base_currency()
        if currency.upper() not in {"", "USD"}:
            row = sections.row_of("base currency")
            message, hint = f"the amounts are in {currency[:10]}, not in dollars", "Export the file in US dollars."
            reading.note(Problem(Severity.FATAL, "not_dollars", message, hint, row=row))
        paid: list[Decimal] = []

        def take(row: Row) -> None:
            amount = number(row.text("amount"))
            paid.append(amount if isinstance(amount, Decimal) else ZERO)
            add_history(row, _words(row), today=today)

        stated = number(sections.facts.get("change", ""))
        if isinstance(stated, Decimal):
            reading.mark(sections.row_of("change"), RowKind.TOTAL)
        sections.walk({_SECTION: LAYOUT}, {_SECTION: take})
        if isinstance(stated, Decimal):
            at = sections.row_of("change")
            total = Total(at, "change of the cash", stated, sum(paid, ZERO))
            reading.check_total(total, Severity.WARNING)
        return reading.result(empty=Severity.INFO)


def _words(row: Row) -> Words:
    """Return what a row says it did; a forex trade moves cash between currencies, not shares."""
    activity = row.text("activity")
    if "forex" in activity.casefold():
        return Words(f"Adjustment, {activity}", row.text("description"))
    if activity.casefold() in _CHARGES:
        return Words(f"{activity} charge", row.text("description"))
    return Words(activity, row.text("description"))
