"""The ledger in the shape of Form 8949 and Schedule D: parts, boxes, columns, totals by year. Values, not cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO
from engine.portfolio import Term
from engine.tax.ledger.result import Ledger, Realized
from exporters.sheet import Column, Kind, Sheet, Value
from exporters.words import shares

BASIS_REPORTED_FROM = date(2012, 1, 1)
"""Brokers report the basis of fund shares bought from this day on (stocks from 2011): IRC 6045(g)."""


class Box(StrEnum):
    """What was reported on Form 1099-B: checked at the top of each page of Form 8949."""

    A = "A"
    B = "B"
    D = "D"
    E = "E"


BOXES = {
    Term.SHORT: (Box.A, Box.B),
    Term.LONG: (Box.D, Box.E),
}
PARTS = {Term.SHORT: "Part I", Term.LONG: "Part II"}
SCHEDULE_D_LINES = {Box.A: "1b", Box.B: "2", Box.D: "8b", Box.E: "9"}
NET_LINES = {Term.SHORT: "7", Term.LONG: "15"}

LINE_COLUMNS = (
    Column("(a) Description of property", Kind.WRAPPED, 30),
    Column("(b) Date acquired", Kind.TEXT, 12),
    Column("(c) Date sold", Kind.DATE, 12),
    Column("(d) Proceeds", Kind.MONEY, 15, summed=True),
    Column("(e) Cost or other basis", Kind.MONEY, 15, summed=True),
    Column("(f) Code", Kind.TEXT, 8),
    Column("(g) Adjustment", Kind.MONEY, 14, summed=True),
    Column("(h) Gain or loss", Kind.MONEY, 15, summed=True),
    Column("Box", Kind.TEXT, 6),
    Column("Lost for good", Kind.MONEY, 13, summed=True),
    Column("Account", Kind.WRAPPED, 15),
    Column("Sale", Kind.TEXT, 14),
    Column("Lot", Kind.TEXT, 14),
)
SCHEDULE_D_COLUMNS = (
    Column("Tax year", Kind.TEXT, 10),
    Column("Line", Kind.TEXT, 8),
    Column("What", Kind.WRAPPED, 52),
    Column("(d) Proceeds", Kind.MONEY, 16),
    Column("(e) Cost", Kind.MONEY, 16),
    Column("(g) Adjustments", Kind.MONEY, 15),
    Column("(h) Gain or loss", Kind.MONEY, 16),
)
OPEN_COLUMNS = (
    Column("Lot", Kind.TEXT, 14),
    Column("Account", Kind.WRAPPED, 15),
    Column("Symbol", Kind.TEXT, 10),
    Column("Acquired", Kind.DATE, 12),
    Column("Days carried", Kind.COUNT, 10),
    Column("Quantity", Kind.QUANTITY, 14),
    Column("Basis", Kind.MONEY, 15, summed=True),
)
WASH_COLUMNS = (
    Column("Sale at a loss", Kind.TEXT, 14),
    Column("Lot sold", Kind.TEXT, 14),
    Column("Replaced by lot", Kind.TEXT, 14),
    Column("In account", Kind.WRAPPED, 15),
    Column("Shares", Kind.QUANTITY, 14),
    Column("Loss disallowed", Kind.MONEY, 15, summed=True),
    Column("Days carried", Kind.COUNT, 10),
    Column("What became of it", Kind.WRAPPED, 44),
)


@dataclass(frozen=True, slots=True)
class BoxTotals:
    """Sums over lines of Form 8949, in dollars."""

    proceeds: Decimal
    basis: Decimal
    adjustment: Decimal
    gain: Decimal


def box_of(line: Realized) -> Box:
    """Return the box of a line: basis reported to the IRS or not, as far as the day acquired tells."""
    reported, not_reported = BOXES[line.term]
    return reported if line.acquired >= BASIS_REPORTED_FROM and not line.inherited else not_reported


def tax_years(ledger: Ledger) -> tuple[int, ...]:
    """Return the calendar years with sales in taxable accounts."""
    return tuple(sorted({line.sold.year for line in ledger.realized}))


def totals_of(lines: Iterable[Realized]) -> BoxTotals:
    """Return the column totals of some lines."""
    columns = [(line.proceeds, line.basis, line.adjustment, line.gain) for line in lines]
    return BoxTotals(*(sum((row[at] for row in columns), ZERO) for at in range(4)))


def part_sheet(ledger: Ledger, year: int, term: Term) -> Sheet:
    """Return Part I (short-term) or Part II (long-term) of a year, box by box."""
    lines = _of(ledger, year, term)
    ordered = [line for box in BOXES[term] for line in lines if box_of(line) is box]
    return Sheet(
        f"{year} {PARTS[term]}",
        LINE_COLUMNS,
        tuple(_line_row(line) for line in ordered),
        f"No {term.value}-term sales in {year}.",
        breaks=(8,),
    )


def schedule_d_sheet(ledger: Ledger) -> Sheet:
    """Return the totals that go to Schedule D, year by year; losses carried over are not in them."""
    rows = tuple(row for year in tax_years(ledger) for term in Term for row in _schedule_d_rows(ledger, year, term))
    return Sheet("Schedule D", SCHEDULE_D_COLUMNS, rows, "No sales in taxable accounts.")


def open_lots_sheet(ledger: Ledger) -> Sheet:
    """Return what is still held, with the basis and days that wash sales brought."""
    rows = tuple(
        (lot.lot, lot.account, lot.symbol, lot.acquired, lot.holding_days_carried, lot.quantity, lot.basis)
        for lot in ledger.open_lots
    )
    return Sheet("Open lots", OPEN_COLUMNS, rows, "Nothing is held.")


def wash_sales_sheet(ledger: Ledger) -> Sheet:
    """Return where each disallowed loss went."""
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            match.sale,
            match.lot,
            match.replacement,
            match.replacement_account,
            match.quantity,
            match.disallowed,
            None if match.permanent else match.days,
            _fate(permanent=match.permanent, raised_sale=match.raised_sale),
        )
        for match in ledger.wash_sales
    )
    return Sheet("Wash sales", WASH_COLUMNS, rows, "No loss was disallowed.")


def _fate(*, permanent: bool, raised_sale: str) -> str:
    if permanent:
        return "Lost for good: bought in a tax-advantaged account (Rev. Rul. 2008-5)"
    if raised_sale:
        return f"In the basis of sale {raised_sale} (IRC 1091(d))"
    return "In the basis of the lot (IRC 1091(d))"


def _of(ledger: Ledger, year: int, term: Term) -> list[Realized]:
    return [line for line in ledger.realized if line.sold.year == year and line.term is term]


def _line_row(line: Realized) -> tuple[Value, ...]:
    return (
        f"{shares(line.quantity)} sh. {line.symbol}",
        "INHERITED" if line.inherited else line.acquired.isoformat(),
        line.sold,
        line.proceeds,
        line.basis,
        line.code or None,
        line.adjustment or None,
        line.gain,
        box_of(line).value,
        line.permanent or None,
        line.account,
        line.sale,
        line.lot,
    )


def _schedule_d_rows(ledger: Ledger, year: int, term: Term) -> list[tuple[Value, ...]]:
    lines = _of(ledger, year, term)
    rows = [
        _schedule_d_row(year, SCHEDULE_D_LINES[box], f"Form 8949, box {box}", chosen)
        for box in BOXES[term]
        if (chosen := [line for line in lines if box_of(line) is box])
    ]
    what = f"Net {term.value}-term gain or loss of these sales, before losses carried over"
    return [*rows, _schedule_d_row(year, NET_LINES[term], what, lines)]


def _schedule_d_row(year: int, number: str, what: str, lines: Sequence[Realized]) -> tuple[Value, ...]:
    totals = totals_of(lines)
    return (str(year), number, what, totals.proceeds, totals.basis, totals.adjustment, totals.gain)
