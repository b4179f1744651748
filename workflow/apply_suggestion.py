"""Applies a split or a change of symbol that a reconciliation suggests, once a person has confirmed it.

A split changes neither the whole basis of a lot nor its day (IRC 305(a), 307(a), 1223(4)): shares times the ratio.
What is left over a whole share is paid in cash, which sells a part of the oldest lot with its part of the basis
(Rev. Rul. 66-365).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from db import tables
from engine.errors import AppError
from engine.money import cents
from exporters.reconciliation_report import LotsLine, Reconciliation, RolledLine, SplitLine
from importers.records import ActivityKind
from workflow.adjustments import Adjustment, Confirmed, adjustment
from workflow.book import Book
from workflow.reconcile import account_name
from workflow.reconciliation import reconcile_book
from workflow.reconciliation_rows import APPLIED_SPLIT
from workflow.split_evidence import ratio_of_shares
from workflow.symbol_changes import SymbolChange
from workflow.symbol_rename import rename_security

PLACES = Decimal("0.00000001")


def apply_suggestion(book: Book, number: int, said: Confirmed, *, on: date | None = None) -> str:
    """Apply suggestion `number` of the reconciliation of `said.today`, and return what was done in a sentence.

    `on` is the day of the split or change, needed where the evidence does not say it. AppError for a number that is not
    there, for a merger (its terms are not known), and where nothing in the book would change.
    """
    found = reconcile_book(book, as_of=said.today)
    if not 1 <= number <= len(found.splits):
        hint = "`plimsoll reconcile` lists the suggestions by number."
        raise AppError(f"there is no suggestion {number} of {len(found.splits)}", hint=hint)
    line = found.splits[number - 1]
    day = on or line.day
    if line.kind == "merger":
        raise AppError(f"a merger is not applied: {line.what}", hint=line.next_step)
    if day is None:
        raise AppError(f"the evidence does not say the day: {line.what} of {line.symbol}", hint="Give it with --on.")
    if line.kind == "rename":
        batch = rename_security(book, SymbolChange(line.symbol, line.into, day), said)
        return f"{line.symbol} is {line.into} since {day} (import {batch}; `plimsoll undo {batch}` takes it back)"
    return _apply_split(book, found, line, day, said)


def _apply_split(book: Book, found: Reconciliation, line: SplitLine, day: date, said: Confirmed) -> str:
    ratio = Fraction(*map(int, line.ratio.split(":")))
    lots = [x for x in found.lots if x.symbol == line.symbol and _fits(x.lots, x.position, ratio) and x.shares]
    rolled = [
        x for x in found.rolled if x.symbol == line.symbol and _fits(x.expected, x.stated, ratio) and x.difference
    ]
    if not lots and not rolled:
        hint = "Only prices tell of it: no lots and no history of the book would change. Check the price tables."
        raise AppError(f"nothing to apply for {line.what} of {line.symbol}", hint=hint)
    what = f"{line.what} of {line.symbol} on {day}"
    details = {"symbol": line.symbol, "ratio": line.ratio, "on": day.isoformat(), "evidence": line.evidence}
    with adjustment(book, what, said, details) as opened:
        count = sum(_split_lots(opened, x, ratio, day) for x in lots)
        count += _add_to_history(opened, line, rolled, lots, day)
        batch = opened.batch
    return f"{what}: {count:,} rows changed (import {batch}; `plimsoll undo {batch}` takes it back)"


def _fits(old: Decimal | None, new: Decimal | None, ratio: Fraction) -> bool:
    return old is not None and new is not None and ratio_of_shares(old, new) == ratio


def _ids(opened: Adjustment, symbol: str, account: str) -> tuple[int, int]:
    """Return the row ids of the account of a line and of a security."""
    session = opened.session
    accounts = {account_name(row): row.id for row in session.scalars(select(tables.Account))}
    security = session.scalar(select(tables.Security.id).where(tables.Security.symbol == symbol))
    return accounts[account], security or 0


def _split_lots(opened: Adjustment, line: LotsLine, ratio: Fraction, day: date) -> int:
    """Multiply the lots bought before the split, and take off what was paid in cash; return how many changed."""
    account, security = _ids(opened, line.symbol, line.account)
    lot = tables.Lot
    query = select(lot).where(lot.account_id == account, lot.security_id == security, lot.acquired < day)
    rows = opened.session.scalars(query.order_by(lot.acquired, lot.id)).all()
    for row in rows:
        row.quantity = (row.quantity * ratio.numerator / ratio.denominator).quantize(PLACES)
    total = opened.session.scalars(select(lot.quantity).where(lot.account_id == account, lot.security_id == security))
    over = sum(total, Decimal(0)) - (line.position or Decimal(0))
    if rows and 0 < over < min(Decimal(1), rows[0].quantity):
        kept = rows[0].quantity - over
        rows[0].cost_basis = cents(rows[0].cost_basis * kept / rows[0].quantity)
        rows[0].quantity = kept
    return len(rows)


def _add_to_history(
    opened: Adjustment, line: SplitLine, rolled: Sequence[RolledLine], lots: Sequence[LotsLine], day: date
) -> int:
    """Add the split to the history of each account that shows it, and return how many rows that are."""
    shares: dict[str, tuple[date, Decimal]] = {}
    for x in lots:
        shares[x.account] = (day, (x.position or Decimal(0)) - (x.lots or Decimal(0)))
    for r in rolled:
        inside = day if r.since is None or r.until is None else min(max(day, _after(r.since)), r.until)
        shares[r.account] = (inside, r.difference or Decimal(0))
    for account, (when, extra) in shares.items():
        number, security = _ids(opened, line.symbol, account)
        content = f"{APPLIED_SPLIT}|{line.symbol}|{line.what}|{extra:f}"
        opened.session.add(
            tables.Activity(
                account_id=number,
                security_id=security,
                date=when,
                kind=ActivityKind.SPLIT.value,
                description=f"{line.what}, applied from the evidence",
                quantity=extra,
                amount=None,
                qualified=None,
                content=content,
                ordinal=1,
                import_file_id=opened.file,
            )
        )
    return len(shares)


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
