"""Charles Schwab realized gain/loss: closed lots with both dates, or the summary that has only the day of sale.

A file of all accounts has a line with the account above its rows. `Disallowed Loss` is written with either sign.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult, RowKind
from importers.lot_rows import add_realized
from importers.number_grammar import number
from importers.one_table import OneTable, Opened, Sums
from importers.reading import Row
from importers.records import AccountRef
from importers.schwab_titles import TOTAL_SYMBOLS, account_in_file_name, account_of, tell_no_account, title_day
from importers.table_grammar import Layout, filled, plain

NAME = "schwab_realized"
SUMMARY = "schwab_realized_summary"
_COLUMNS = {
    "symbol": ("symbol",),
    "name": ("name",),
    "sold": ("closed date",),
    "quantity": ("quantity",),
    "proceeds": ("proceeds",),
    "disallowed": ("disallowed loss",),
    "wash_sale": ("wash sale?",),
    "term": ("term",),
}
_NEEDED = ("symbol", "sold", "quantity", "proceeds", "cost_basis", "gain", "wash_sale", "disallowed")
_NOT_READ = frozenset(
    {
        *("gain/loss (%)", "long term gain/loss", "short term gain/loss", "unadjusted cost basis"),
        *("proceeds per share", "cost per share", "total gain/loss (%)", "transaction closed date"),
        *("long term gain/loss ($)", "long term gain/loss (%)", "short term gain/loss ($)", "short term gain/loss (%)"),
        *("transaction cost basis", "total transaction gain/loss ($)", "total transaction gain/loss (%)"),
        *("lt transaction gain/loss ($)", "lt transaction gain/loss (%)", "st transaction gain/loss ($)"),
        "st transaction gain/loss (%)",
    }
)
_SIGNS = frozenset({"closed date", "wash sale?", "transaction closed date", "total transaction gain/loss ($)"})
LOTS = OneTable(
    NAME,
    "Schwab realized gain/loss, lot details",
    Layout(
        columns=_COLUMNS
        | {"acquired": ("opened date",), "cost_basis": ("cost basis (cb)",), "gain": ("gain/loss ($)",)},
        required=("acquired", *_NEEDED),
        ignored=_NOT_READ,
    ),
    _SIGNS | {"opened date", "cost basis (cb)"},
    never=frozenset({"costbasis"}),
)
SUMMED = OneTable(
    SUMMARY,
    "Schwab realized gain/loss, summary",
    Layout(
        columns=_COLUMNS | {"cost_basis": ("costbasis", "cost basis (cb)"), "gain": ("total gain/loss ($)",)},
        required=_NEEDED,
        ignored=_NOT_READ,
    ),
    _SIGNS | {"costbasis", "total gain/loss ($)"},
    never=frozenset({"opened date", "cost basis (cb)"}),
)
_TITLE = re.compile(r"Realized Gain/Loss(?: - Lot Details)? for (?P<account>.+?) (?:as of|for) .+", re.IGNORECASE)
_ALL = frozenset({"all accounts", "all-accounts", "all_accounts"})


class SchwabRealized:
    """Closed lots. The basis is the one that Schwab adjusted; the disallowed loss stands beside it."""

    name = NAME
    title = "Charles Schwab realized gain/loss, lot details"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with opened and closed date."""
        return LOTS.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closed lots of each account."""
        return _read(LOTS, path, today)


class SchwabRealizedSummary:
    """Sales without their lots: the day of purchase is not known."""

    name = SUMMARY
    title = "Charles Schwab realized gain/loss, summary"

    def claim(self, path: Path, head: FileHead) -> Claim:
        """Take files with a closed but no opened date."""
        claim = SUMMED.claim(head)
        if claim.why.startswith(NEARLY) and LOTS.claim(head).takes:
            return Claim(SUMMARY, takes=False, why=f"{path.name} has lots, not a summary")
        return claim

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the sales of each account."""
        return _read(SUMMED, path, today)


def _read(table: OneTable, path: Path, today: date) -> ImportResult:
    opened = table.open(path)
    if isinstance(opened, ImportResult):
        return opened
    reading = opened.reading
    accounts = _accounts(opened, path, today)
    sums = _sums()

    def take(row: Row) -> None:
        nonlocal sums
        row.account = next(account for at, account in reversed(accounts) if at <= row.number)
        if plain(row.text("symbol")) in TOTAL_SYMBOLS:
            sums.check(reading, row, f"all sales of {row.account.number or row.account.name}")
            sums = _sums()
            return
        row.symbol = row.clean_symbol()
        add_realized(row, today=today)
        if plain(row.text("wash_sale")) == "yes" and not isinstance(number(row.text("disallowed")), Decimal):
            message = f"{row.symbol} is marked as a wash sale, without the loss that is disallowed"
            row.note(Severity.WARNING, "no_disallowed", message, "disallowed", "Ask Schwab for the amount.")
        for name in sums.of:
            stated = number(row.text(name))
            sums.add(name, stated if isinstance(stated, Decimal) else None)

    table.walk(opened, take)
    if table is SUMMED:
        message = "the summary has no day of purchase: sales are kept without their lots"
        hint = "Download the lot details of the same days to compare lot by lot."
        reading.note(Problem(Severity.INFO, "no_lots", message, hint))
    return reading.result(empty=Severity.INFO)


def _sums() -> Sums:
    return Sums("proceeds", "cost_basis", "gain")


def _accounts(opened: Opened, path: Path, today: date) -> Sequence[tuple[int, AccountRef]]:
    """Return from which row on which account holds: that of the title or file name, then those of account lines."""
    reading = opened.reading
    found = [(0, account_in_file_name(path.stem))]
    for at, cells in enumerate(opened.rows, start=1):
        said = filled(cells)
        title = _TITLE.fullmatch(" ".join(said))
        if title and at < opened.header.row:
            reading.mark(at, RowKind.TITLE)
            reading.set_as_of(title_day(" ".join(said)), today, at)
            if plain(title["account"]) not in _ALL:
                found.append((at, account_of(title["account"])))
        elif len(said) == 1 and account_of(said[0]).name:
            reading.mark(at, RowKind.TITLE)
            found.append((at, account_of(said[0])))
    if len(found) == 1:
        tell_no_account(reading, found[0][1])
    return found
