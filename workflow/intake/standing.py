"""Brings the problems that the book keeps up to date: of files, and of the book as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select

from db import tables
from db.store.problems import add_problem, clear_book_problems
from engine.problems import Problem
from importers import records as r
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake
from workflow.reconcile import BookProblem, reconcile


def keep_file_problems(intake: Intake) -> None:
    """Drop the problems of files that this call replaces, and keep those of its own files."""
    for arrival in intake.arrivals:
        _drop_replaced(intake, arrival)
    for number, arrival in enumerate(intake.arrivals):
        ids = _account_ids(intake, arrival)
        for problem in (*arrival.problems, *intake.problems[number]):
            account = ids.get(problem.account) if problem.account else None
            add_problem(intake.session, problem, import_file=intake.file_ids[number], household=None, account=account)
    intake.session.flush()


def _account_ids(intake: Intake, arrival: Arrival) -> dict[str, int]:
    """Return the accounts that a file names, by the number it says; a number of two accounts is left out."""
    refs = {ref for record in arrival.records if isinstance(ref := getattr(record, "account", None), r.AccountRef)}
    ids: dict[str, set[int]] = {}
    for ref in refs:
        if ref in intake.accounts:
            ids.setdefault(ref.number, set()).add(intake.accounts[ref].id)
    return {number: found.pop() for number, found in ids.items() if len(found) == 1}


def _drop_replaced(intake: Intake, arrival: Arrival) -> None:
    """Drop the problems of older files of the same layout about what this file tells anew."""
    accounts, pairs, symbols = _covered(intake, arrival)
    office = bool(arrival.of(r.HouseholdRecord))
    table, file = tables.DataProblem, tables.ImportFile
    older = (
        select(table, file.name)
        .join(file, file.id == table.import_file_id)
        .where(file.importer == arrival.result.importer, file.id.not_in(intake.file_ids))
    )
    gone: list[int] = []
    for problem, name in intake.session.execute(older):
        if problem.account_id is not None:
            told = problem.account_id in accounts or (problem.account_id, problem.symbol) in pairs
        else:
            told = name == arrival.name or (bool(problem.symbol) and problem.symbol in symbols)
        if told or office:
            gone.append(problem.id)
    intake.session.execute(delete(table).where(table.id.in_(gone)))


def _covered(intake: Intake, arrival: Arrival) -> tuple[set[int], set[tuple[int, str]], set[str]]:
    """Return whose holdings, which lots and which prices a file tells as a whole."""
    accounts: set[int] = set()
    pairs: set[tuple[int, str]] = set()
    symbols: set[str] = set()
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
    refs: set[r.AccountRef] = set()
    symbols: set[str] = set()
    for arrival in intake.arrivals:
        for record in arrival.records:
            ref = getattr(record, "account", None)
            if isinstance(ref, r.AccountRef) and ref not in refs:
                refs.add(ref)
                account = intake.accounts.get(ref)
                if account is not None:
                    place = {"file": arrival.name, "row": record.row, "field": "account"}
                    places.setdefault(("account_not_assigned", account.id, ""), place)
            for symbol in _symbols(record):
                if symbol not in symbols:
                    symbols.add(symbol)
                    place = {"file": arrival.name, "row": record.row, "field": "symbol"}
                    places["unclassified_security", None, symbol] = place
    return places


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
