"""From the state of the replay to its answer: one line a sale, lot and number of days carried; open lots; totals."""

from collections.abc import Iterable

from engine.money import ZERO
from engine.tax.ledger.lots import NOTHING, SHORT, Block, LotState, Piece, Place, Sale, plain
from engine.tax.ledger.result import OpenLot, Realized, Totals
from engine.tax.ledger.rows import INHERITED

WASH_SALE = "W"
"""Form 8949, column f."""


def realized_lines(sales: Iterable[Sale]) -> tuple[Realized, ...]:
    """Return the lines of taxable sales in order of purchase within a sale, those with the most days carried first."""
    return tuple(line for sale in sales if sale.taxable for line in _sale_lines(sale.pieces))


def _sale_lines(pieces: list[Piece]) -> list[Realized]:
    if len(pieces) == 1:
        return [_line(pieces[0])]
    lines: dict[tuple[Place, int], list[Piece]] = {}
    for piece in pieces:
        if piece.quantity:  # of a tiny fraction nothing may be left
            key = (piece.lot.place, -piece.days)
            if key in lines:
                lines[key].append(piece)
            else:
                lines[key] = [piece]
    return [_line(*lines[key]) for key in sorted(lines)]


def _line(first: Piece, *others: Piece) -> Realized:
    sale, lot = first.sale.row, first.lot.row
    quantity, proceeds, basis = first.quantity, first.proceeds, first.basis
    adjustment, permanent = first.adjustment, first.permanent
    for piece in others:
        quantity += piece.quantity
        proceeds += piece.proceeds
        basis += piece.basis
        adjustment += piece.adjustment
        permanent += piece.permanent
    return Realized(  # by position: names would double the time that it takes to make one
        sale.id,
        lot.id,
        sale.account,
        sale.symbol,
        first.lot.acquired,
        sale.date,
        plain(quantity),
        proceeds,
        basis,
        proceeds - basis + adjustment,
        adjustment,
        WASH_SALE if adjustment else "",
        first.term,
        permanent,
        first.days,
        lot.action is INHERITED,
    )


def open_lots(lots: Iterable[LotState]) -> tuple[OpenLot, ...]:
    """Return what is held by account, symbol and day acquired, those that carry the most days first."""
    held = sorted((lot for lot in lots if lot.open), key=lambda lot: (lot.row.account, lot.row.symbol, lot.place))
    return tuple(line for lot in held for line in _open_lines(lot))


def _open_lines(lot: LotState) -> list[OpenLot]:
    by_days: dict[int, list[Block]] = {}
    for block in lot.blocks():
        by_days.setdefault(block.days, []).append(block)
    return [
        OpenLot(
            lot=lot.row.id,
            account=lot.row.account,
            symbol=lot.row.symbol,
            acquired=lot.acquired,
            holding_days_carried=days,
            quantity=plain(sum((b.quantity for b in blocks), ZERO)),
            basis=sum((b.basis for b in blocks), NOTHING),
            inherited=lot.row.action is INHERITED,
        )
        for days, blocks in by_days.items()
    ]


def totals_of(lines: Iterable[Realized]) -> Totals:
    """Return the sums over the realised lines."""
    short = long = disallowed = permanent = NOTHING
    for line in lines:
        if line.term is SHORT:
            short += line.gain
        else:
            long += line.gain
        disallowed += line.adjustment
        permanent += line.permanent
    return Totals(short, long, disallowed, permanent)
