"""Files of layouts that nobody has seen, taken as a new user takes them: what the screen says next, and no more.

Headers in other words and another order, two rows of titles, totals and subtotals, parentheses for minus, days before
months, decimal commas, columns that mean nothing here, and an account that no column names.
"""

import shutil
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from db import tables
from tests.books import empty_book
from workflow.book import open_book
from workflow.cli import run

NEVER_SEEN = Path(__file__).parent.parent / "data" / "never_seen"
NOW = datetime(2026, 10, 30, 21, tzinfo=UTC)
D = Decimal
SECONDS = 20
"""Of the processor for a whole trial; a person may take two minutes with reading."""


class Newcomer:
    """Somebody at the command line, who has read the README and types what the screen says."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.book = folder / "office.plimsoll"
        self.folder = folder
        self.commands = 0
        self._capsys = capsys
        self._since = time.process_time()

    def types(self, *words: str) -> str:
        """Run a command; return what it prints."""
        self.commands += 1
        run([*words])
        shown = self._capsys.readouterr()
        return shown.out + shown.err

    def imports(self, file: str, *more: str) -> str:
        """Import a file of the folder."""
        return self.types("import", str(NEVER_SEEN / file), "--db", str(self.book), "--today", "2026-10-30", *more)

    def rows(self, table: type[tables.Base], *names: str) -> list[tuple[object, ...]]:
        """Return rows of the book with account and symbol."""
        columns = [getattr(table, name) for name in names]
        with open_book(self.book, now=NOW).reading() as session:
            query = select(tables.Account.number, tables.Security.symbol, *columns)
            query = query.join(table, table.account_id == tables.Account.id)  # type: ignore[attr-defined]
            query = query.join(tables.Security, tables.Security.id == table.security_id)  # type: ignore[attr-defined]
            return [tuple(row) for row in session.execute(query.order_by(table.id))]  # type: ignore[attr-defined]

    def is_done(self, commands: int) -> bool:
        """Whether it took no more than so many commands, and little time."""
        return self.commands <= commands and time.process_time() - self._since < SECONDS


@pytest.fixture
def newcomer(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> Newcomer:
    shutil.copyfile(empty_book(tmp_path_factory), tmp_path / "office.plimsoll")
    return Newcomer(tmp_path, capsys)


def test_tax_parcels_written_as_in_europe_are_lots_with_their_totals_left_out(newcomer: Newcomer) -> None:
    said = newcomer.imports("tax parcels.csv")
    assert "read as lots by a guess: account = Depotnr, isin = ISIN, symbol = Kuerzel, acquired = Datum" in said
    assert "ISIN US9229087519 has check digit 9 where 8 belongs" in said
    rows = newcomer.rows(tables.Lot, "quantity", "cost_basis")
    assert rows == [
        ("7741-2208", "HTSX", D("1250.5"), D("98750.20")),
        ("7741-2208", "HTSX", D(310), D(32001)),
        ("7741-2208", "QRBD", D(800), D(59112)),
        ("9902-1187", "QRBD", D(1000), D(70400)),
        ("9902-1187", "LNSC", D("455.25"), D("41002.10")),
    ]
    assert newcomer.is_done(commands=1)


def test_holdings_by_relationship_are_read_by_their_arithmetic_and_the_day_is_said_once(newcomer: Newcomer) -> None:
    file, column_map = "holdings by relationship.csv", str(newcomer.folder / "map.toml")
    assert "as_of in the column map" in newcomer.imports(file, "--dry-run")
    shown = newcomer.types("map", str(NEVER_SEEN / file), "--set", "as_of=2026-10-30", "-o", column_map)
    assert f"Next: plimsoll import {NEVER_SEEN}" in shown.replace('"', "")
    newcomer.imports(file, "--map", column_map)
    rows = newcomer.rows(tables.Position, "quantity", "price", "cost_basis")
    assert rows == [
        ("PX-440912", "HTSX", D(1500), D("112.40"), D(120400)),
        ("PX-440912", "QRBD", D(900), D("71.05"), D(67010)),
        ("PX-440912", "BRK.B", D(92), D("468.15"), D(21000)),
        ("PX-440955", "LNSC", D(210), D("133.90"), D(30555)),
    ]
    assert newcomer.is_done(commands=3)


def test_a_blotter_in_the_words_of_a_desk_is_a_history(newcomer: Newcomer) -> None:
    said = newcomer.imports("blotter-q3.csv")
    assert "read as transactions by a guess: date = Booked" in said
    assert "columns not read: Seq, Settles, Desk note" in said
    rows = newcomer.rows(tables.Transaction, "action", "quantity", "amount")
    assert [(symbol, str(action), quantity, amount) for _, symbol, action, quantity, amount in rows] == [
        ("HTSX", "buy", D(100), D(10810)),
        ("HTSX", "buy", D(100), D(10810)),
        ("QRBD", "sell", D(250), D(17725)),
        ("LNSC", "reinvest", D("1.482"), D("194.73")),
        ("LNSC", "sell", D(40), D(5280)),
    ]
    assert newcomer.is_done(commands=1)


def test_a_list_that_names_no_account_is_refused_with_the_command_that_says_it(newcomer: Newcomer) -> None:
    refusal = newcomer.imports("desk sheet.csv")
    assert "Still missing: account, quantity, cost_basis or unit_cost." in refusal
    assert "quantity could be: How many, Spent, Extra" in refusal
    assert '--set account="12345678" --set quantity="How many" --set cost_basis="Spent" -o map.toml' in refusal
    column_map = newcomer.folder / "map.toml"
    said = ("--set", "account=8812-4471", "--set", "quantity=How many", "--set", "cost_basis=Spent")
    newcomer.types("map", str(NEVER_SEEN / "desk sheet.csv"), *said, "-o", str(column_map))
    assert "# not read: Extra" in column_map.read_text()
    newcomer.imports("desk sheet.csv", "--map", str(column_map))
    rows = newcomer.rows(tables.Lot, "quantity", "cost_basis")
    assert rows == [("8812-4471", "QAAA", D("12.5"), D(2100)), ("8812-4471", "QBND", D(100), D("7400.50"))]
    assert newcomer.is_done(commands=3)


def test_a_map_that_is_not_complete_has_lines_to_fill_in(newcomer: Newcomer) -> None:
    column_map = newcomer.folder / "map.toml"
    newcomer.types("map", str(NEVER_SEEN / "desk sheet.csv"), "-o", str(column_map))
    text = column_map.read_text()
    assert '# quantity = "?"  needed; it could be: How many, Spent, Extra' in text
    filled_in = text.replace('# quantity = "?"', 'quantity = "How many" #').replace(
        '# cost_basis = "?"', 'cost_basis = "Spent" #'
    )
    column_map.write_text('account = "8812-4471"\n' + filled_in)
    newcomer.imports("desk sheet.csv", "--map", str(column_map))
    assert len(newcomer.rows(tables.Lot, "quantity")) == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("quantity", "--set needs FIELD=TITLE"),
        ("mood=Extra", "unknown key 'mood'"),
        ("quantity=Mood", "has no column 'Mood'"),
        ("kind=songs", "it is not known what the table holds"),
    ],
)
def test_what_cannot_be_said_of_a_map_is_told(newcomer: Newcomer, said: str, why: str) -> None:
    assert why in newcomer.types("map", str(NEVER_SEEN / "desk sheet.csv"), "--set", said)
