"""A book, and files whose contents a test states as records: what an importer would have read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from db import store
from db.store.held import HeldHousehold
from engine.portfolio import Action
from engine.problems import Problem, Severity
from importers import records as r
from importers import registry
from importers.base import Claim, FileHead, Importer, ImportResult, RowKind
from workflow.book import Book, open_book
from workflow.import_files import import_files
from workflow.views import ImportOutcome

BOOK_NAME = "office.plimsoll"
DAY = date(2026, 10, 30)
NOW = datetime(2026, 10, 30, 21, tzinfo=UTC)
D = Decimal


class StatedImporter:
    """Reads the files of a desk."""

    name = "stated"
    title = "Stated records"

    def __init__(self, stated: dict[Path, ImportResult]) -> None:
        self.stated = stated

    def claim(self, path: Path, head: FileHead) -> Claim:
        return Claim(self.name, takes=path in self.stated, why=f"the test states {head.name}")

    def read(self, path: Path, *, today: date) -> ImportResult:
        assert today == DAY
        return self.stated[path]


@dataclass(slots=True)
class Desk:
    """The book of a test and the files on the desk."""

    folder: Path
    book: Book
    stated: dict[Path, ImportResult] = field(default_factory=dict)

    def file(
        self, name: str, *records: r.Record, as_of: date | None = DAY, problems: Sequence[Problem] = (), note: str = ""
    ) -> Path:
        """Put a file on the desk; its content is what it states, so that equal statements are equal files."""
        path = self.folder / name
        path.write_text(f"{note} {as_of} {records!r} {problems!r}", encoding="utf-8")
        rows = (RowKind.HEADER, *(RowKind.RECORD for _ in records))
        self.stated[path] = ImportResult("stated", name, as_of, records, (), tuple(problems), rows)
        return path

    def take(self, *paths: Path, dry_run: bool = False) -> ImportOutcome:
        """Import files."""
        return import_files(self.book, paths, today=DAY, now=NOW, by="Jane", dry_run=dry_run)

    def household(self, name: str = "Abbott") -> HeldHousehold:
        """Return a household of the book."""
        with self.book.reading() as session:
            ids = {held.name: held.id for held in store.list_households(session)}
            return store.load_household(session, ids[name], as_of=DAY)


def open_desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Open a desk with an empty book; files that are not stated are read by the importers of the house."""
    desk = Desk(folder, open_book(folder / BOOK_NAME, now=NOW))
    house = registry.recognise

    def recognise(path: Path) -> tuple[Importer | None, tuple[Claim, ...]]:
        if path in desk.stated:
            return StatedImporter(desk.stated), ()
        return house(path)

    monkeypatch.setattr(registry, "recognise", recognise)
    return desk


TAXABLE = r.AccountRef("schwab", "12345678")
ROTH = r.AccountRef("schwab", "12349999")


def household(name: str = "Abbott", *, model: str = "Balanced", row: int = 3) -> r.HouseholdRecord:
    return r.HouseholdRecord(row, name, "Standard rates", model, "Standard")


def account(ref: r.AccountRef, registration: str = "taxable", *, of: str = "Abbott", row: int = 3) -> r.AccountRecord:
    return r.AccountRecord(
        row,
        of,
        ref,
        owner="Jane",
        registration=registration,
        title="",
        cash_reserve=D(100),
        withdraw=D(0),
        fractional=False,
        ticket_charge=D(0),
        min_trade=D(250),
        discretionary=True,
    )


def security(symbol: str, asset_class: str = "us_equity", *, substitutes: tuple[str, ...] = ()) -> r.SecurityRecord:
    return r.SecurityRecord(
        3, symbol, f"Name of {symbol}", asset_class, "", "etf", "", D("0.5"), D(3), D(1000), substitutes
    )


def target(asset_class: str, weight: str, *buys: str, model: str = "Balanced") -> r.ModelTargetRecord:
    return r.ModelTargetRecord(3, model, asset_class, D(weight), buys)


RULES: tuple[r.Record, ...] = (
    r.TaxProfileRecord(
        3,
        "Standard rates",
        {"filing_status": "single", "short_term_rate": "0.408", "long_term_rate": "0.238", "ordinary_rate": "0.37"},
    ),
    r.PolicyRecord(3, "Standard", {"band_relative": "0.2", "max_turnover": ""}),
    security("VTI", substitutes=("ITOT",)),
    security("ITOT"),
    security("BND", "us_bond"),
    target("us_equity", "0.6", "VTI", "ITOT"),
    target("us_bond", "0.4", "BND"),
)
OFFICE: tuple[r.Record, ...] = (
    *RULES,
    household(),
    r.PersonRecord(3, "Abbott", "Jane", "client"),
    account(TAXABLE),
    account(ROTH, "roth_ira", row=4),
)


def position(ref: r.AccountRef, symbol: str, quantity: str, *, price: str = "10", row: int = 5) -> r.PositionRecord:
    value = D(quantity) * D(price)
    return r.PositionRecord(row, ref, symbol, f"About {symbol}", D(quantity), D(price), value, None)


def cash(ref: r.AccountRef, amount: str = "500") -> r.CashRecord:
    return r.CashRecord(9, ref, D(amount))


def lot(
    ref: r.AccountRef,
    symbol: str,
    quantity: str,
    *,
    acquired: date = date(2024, 3, 1),
    basis: str = "90",
    lot_id: str = "",
) -> r.LotRecord:
    return r.LotRecord(6, ref, symbol, acquired, D(quantity), D(basis), lot_id=lot_id)


def trade(ref: r.AccountRef, action: Action, quantity: str = "5", *, day: int = 20) -> r.TransactionRecord:
    return r.TransactionRecord(7, ref, date(2026, 10, day), action, "VTI", D(quantity), D(50))


def price(symbol: str, day: int, close: str | None, adjusted: str | None = None, *, row: int = 8) -> r.PriceRecord:
    return r.PriceRecord(
        row, symbol, date(2026, 10, day), D(close) if close else None, D(adjusted) if adjusted else None
    )


HOLDINGS = (position(TAXABLE, "VTI", "12"), cash(TAXABLE), position(ROTH, "BND", "4"), cash(ROTH, "20"))
LOTS = (lot(TAXABLE, "VTI", "5"), lot(TAXABLE, "VTI", "7", basis="80"), lot(ROTH, "BND", "4"))


def codes(problems: Sequence[Problem], *severities: Severity) -> list[str]:
    """Return the codes of problems, of all severities or of these."""
    return [problem.code for problem in problems if not severities or problem.severity in severities]
