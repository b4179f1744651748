"""Brings the problems that the book keeps up to date: of files, and of the book as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select

from db import tables
from db.bulk import batches
from db.store.problems import add_problem, clear_book_problems
from engine.problems import Problem
from importers import records as r
from importers.lot_columns import LotColumns
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake
from workflow.reconcile import BookProblem, reconcile


def keep_file_problems(intake: Intake) -> None:
    """Drop the problems of files that this call replaces, and keep those of its own files."""
    for arrival in intake.arrivals:
        _drop_replaced(intake, arrival)
    for number, arrival in enumerate(intake.arrivals):
        met = (*arrival.problems, *intake.problems[number])
        ids = _account_ids(intake, arrival) if any(problem.account for problem in met) else {}
        for problem in met:
            account = ids.get(problem.account) if problem.account else None
            add_problem(intake.session, problem, import_file=intake.file_ids[number], household=None, account=account)
    intake.session.flush()


def _account_ids(intake: Intake, arrival: Arrival) -> dict[str, int]:
    """Return the accounts that a file names, by the number it says; a number of two accounts is left out."""
    ids: dict[str, set[int]] = {}
    for ref in arrival.accounts():
        if ref in intake.accounts:
            ids.setdefault(ref.number, set()).add(intake.accounts[ref].id)
    return {number: found.pop() for number, found in ids.items() if len(found) == 1}


def _drop_replaced(intake: Intake, arrival: Arrival) -> None:
    """Drop the problems of older files of the same layout about what this file tells anew."""
    table, file = tables.DataProblem, tables.ImportFile
    older = (
        select(table, file.name)
        .join(file, file.id == table.import_file_id)
        .where(file.importer == arrival.result.importer, file.id.not_in(intake.file_ids))
    )
    standing = intake.session.execute(older).all()
    if not standing:
        return
    accounts, pairs, symbols = _covered(intake, arrival)
    office = bool(arrival.of(r.HouseholdRecord))
    gone: list[int] = []
    for problem, name in standing:
        if problem.account_id is not None:
            told = problem.account_id in accounts or (problem.account_id, problem.symbol) in pairs
        else:
            told = name == arrival.name or (bool(problem.symbol) and problem.symbol in symbols)
        if told or office:
            gone.append(problem.id)
    for some in batches(gone):
        intake.session.execute(delete(table).where(table.id.in_(some)))


def _covered(intake: Intake, arrival: Arrival) -> tuple[set[int], set[tuple[int, str]], set[str]]:
    """Return whose holdings, which lots and which prices a file tells as a whole."""
    accounts: set[int] = set()
    pairs: set[tuple[int, str]] = set()
    symbols: set[str] = set()
    if isinstance(arrival.records, LotColumns):
        known = ((intake.accounts.get(ref), symbol) for ref, symbol in arrival.records.pairs())
        return accounts, {(account.id, symbol) for account, symbol in known if account is not None}, symbols
    for record in arrival.records:
        if isinstance(record, r.PriceRecord):
            symbols.add(record.symbol)
        elif isinstance(record, (r.PositionRecord, r.CashRecord, r.LotRecord)):
            account = intake.accounts.get(record.account)
            if account is None:
                continue
            if isinstance(record, r.LotRecord):
                pairs.add((account.id, record.symbol))
            else:
                accounts.add(account.id)
    return accounts, pairs, symbols


def keep_book_problems(intake: Intake) -> tuple[Problem, ...]:
    """Find the problems of the book as a whole anew, keep them in place of the old ones, and return them.

    Each says in which row of a file its cause was met: of this call, else of the call that met it first.
    """
    places = _known_places(intake) | _places(intake)
    found = [_placed(book, places) for book in reconcile(intake.session)]
    clear_book_problems(intake.session)
    for book in found:
        add_problem(intake.session, book.problem, import_file=None, household=book.household, account=book.account)
    intake.session.flush()
    return tuple(book.problem for book in found)


_Cause = tuple[str, int | None, str]
"""Code (empty = any), account, symbol."""


def _known_places(intake: Intake) -> dict[_Cause, dict[str, Any]]:
    """Return the places that the standing problems of the book name."""
    table = tables.DataProblem
    rows = intake.session.scalars(select(table).where(table.import_file_id.is_(None), table.row > 0))
    return {
        (row.code, row.account_id, row.symbol): {"file": row.file, "row": row.row, "field": row.field} for row in rows
    }


def _places(intake: Intake) -> dict[_Cause, dict[str, Any]]:
    """Return where the files of this call name an unplaced account and an unknown security first."""
    places: dict[_Cause, dict[str, Any]] = {}
    for arrival in intake.arrivals:
        for ref, row in arrival.accounts().items():
            account = intake.accounts.get(ref)
            if account is not None:
                place = {"file": arrival.name, "row": row, "field": "account"}
                places.setdefault(("account_not_assigned", account.id, ""), place)
        for symbol, row in _named_symbols(arrival.records).items():
            place = {"file": arrival.name, "row": row, "field": "symbol"}
            places.setdefault(("unclassified_security", None, symbol), place)
    return places


def _named_symbols(records: Sequence[r.Record]) -> dict[str, int]:
    """Return the symbols that records make known to the book, each with the first row that does."""
    if isinstance(records, LotColumns):
        return records.symbols()
    found: dict[str, int] = {}
    for record in records:
        for symbol in _symbols(record):
            found.setdefault(symbol, record.row)
    return found


def _symbols(record: r.Record) -> Iterable[str]:
    """Return the symbols that a record makes known to the book."""
    if isinstance(record, r.ModelTargetRecord):
        return record.buy_list
    if isinstance(record, (r.PositionRecord, r.LotRecord)):
        return (record.symbol,)
    return ()


def _placed(book: BookProblem, places: Mapping[_Cause, dict[str, Any]]) -> BookProblem:
    """Add to a problem the row where its cause was met."""
    place = places.get((book.problem.code, book.account, book.problem.symbol))
    return replace(book, problem=replace(book.problem, **place)) if place else book
