"""Charles Schwab equity awards: a row for what happened, and below it rows without a date for the awards it was of."""

from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.actions import award_meaning
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.history_rows import Words, add_known
from importers.one_table import OneTable, Opened
from importers.reading import Row
from importers.schwab_titles import account_in_file_name, name_day, tell_no_account
from importers.table_grammar import Layout

NAME = "schwab_awards"
TABLE = OneTable(
    NAME,
    "Schwab equity awards",
    Layout(
        columns={
            "date": ("date",),
            "activity": ("action",),
            "symbol": ("symbol",),
            "description": ("description",),
            "quantity": ("quantity",),
            "amount": ("amount",),
            "award_date": ("awarddate",),
            "award": ("awardid",),
            "fair_price": ("fairmarketvalueprice",),
            "price": ("saleprice",),
        },
        required=("date", "activity", "symbol", "quantity", "amount", "award_date", "award", "fair_price", "price"),
        ignored=frozenset(
            {
                *("feesandcommissions", "disbursementelection", "sharessoldwithheldfortaxes", "netsharesdeposited"),
                "taxes",
            }
        ),
    ),
    frozenset({"disbursementelection", "awarddate", "awardid", "fairmarketvalueprice", "netsharesdeposited"}),
)


class SchwabAwards:
    """Deposits, sales and payments of an equity award center."""

    name = NAME
    title = "Charles Schwab equity awards"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with the columns of awards."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read each event with the awards below it."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        account = account_in_file_name(path.stem)
        tell_no_account(opened.reading, account)
        opened.reading.set_as_of(name_day(path.stem), today, 0)
        kept = False

        def take(row: Row) -> None:
            nonlocal kept
            row.account = account
            if not row.text("date") and not row.text("activity"):
                if kept:
                    opened.reading.mark(row.number, RowKind.RECORD)
                return
            award = _award_below(opened, row)
            if award is not None and not row.text("price"):
                row.use("price", award.text("price"))
            action = row.text("activity")
            words = Words(action, f"{row.text('description')} {_told(award)}".strip())
            add_known(row, words, award_meaning(action), today=today)
            kept = row.ok

        TABLE.walk(opened, take)
        return opened.reading.result(empty=Severity.INFO)


def _award_below(opened: Opened, row: Row) -> Row | None:
    """Return the row of the first award of an event, None where the next row is another event."""
    if row.number >= len(opened.rows):
        return None
    below = Row(opened.reading, opened.header, row.number + 1, opened.rows[row.number])
    return below if not below.text("date") and below.text("award") else None


def _told(award: Row | None) -> str:
    if award is None:
        return ""
    said = f"award {award.text('award')} of {award.text('award_date')}"
    fair = award.text("fair_price")
    return f"({said}, fair market value {fair})" if fair else f"({said})"
