"""How fresh the book is and how far back its history reaches, account by account; and all that blocks trading."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from db.store.held import HeldHousehold
from engine.problems import Problem, Severity
from engine.tax.wash_coverage import WINDOW
from engine.trading_days import trading_days_between
from exporters.reconciliation_report import BlockLine, CoverageLine
from workflow.readiness import STALE_AFTER_DAYS, account_name, blocking_problems
from workflow.reconciliation_rows import NOBODY, AccountRow, BookRows


def coverage_lines(rows: BookRows, day: date, *, stale_after: int = STALE_AFTER_DAYS) -> tuple[CoverageLine, ...]:
    """Return the coverage of every account on a day; holdings more than `stale_after` trading days old are stale."""
    lots: defaultdict[int, list[date]] = defaultdict(list)
    trades: defaultdict[int, list[date]] = defaultdict(list)
    sold: defaultdict[int, list[date]] = defaultdict(list)
    for lot in rows.lots:
        lots[lot.account].append(lot.as_of)
    for trade in rows.trades:
        trades[trade.account].append(trade.date)
    for row in rows.activity:
        trades[row.account].append(row.date)
    for line in rows.realized:
        sold[line.account].append(line.sold)
    return tuple(
        _line(account, day, stale_after, (lots[account.id], trades[account.id], sold[account.id]))
        for account in rows.accounts
    )


def _line(
    account: AccountRow, day: date, stale_after: int, days: tuple[Sequence[date], Sequence[date], Sequence[date]]
) -> CoverageLine:
    lots, trades, sold = days
    held = account.positions_as_of
    old = None if held is None else trading_days_between(held, day)
    stale = old is None or old > stale_after
    first = min(trades, default=None)
    covers = first is not None and first <= day - WINDOW
    return CoverageLine(
        household=account.household,
        account=account.name,
        holdings_of=held,
        days_old=old,
        is_stale=stale,
        cash_of=account.cash_as_of,
        lots_of=min(lots, default=None),
        trades_from=first,
        trades_to=max(trades, default=None),
        realized_to=max(sold, default=None),
        covers_wash_window=covers,
        finding="; ".join(_findings(account, day, stale=stale, first=first, covers=covers)),
    )


def _findings(account: AccountRow, day: date, *, stale: bool, first: date | None, covers: bool) -> Iterator[str]:
    if account.household == NOBODY:
        yield "belongs to no household"
    if account.positions_as_of is None:
        yield "no holdings imported"
    elif stale:
        yield "holdings are stale"
    if account.cash_as_of is None:
        yield "no cash imported"
    if first is None:
        yield "no trade history imported: wash sales rest on open lots alone"
    elif not covers:
        yield f"history starts after {day - WINDOW}: purchases in the 30 days before are not all known"


def block_lines(
    households: Sequence[HeldHousehold], book: Sequence[Problem] = (), *, stale: Sequence[CoverageLine] = ()
) -> tuple[BlockLine, ...]:
    """Return everything that blocks trading and for whom, each thing once: households, accounts, securities.

    `book` are problems of the book as a whole; `stale` is the coverage, whose stale accounts are listed too.
    """
    found: dict[tuple[str, str, str], BlockLine] = {}
    for line in (*_of_households(households), *(_of_book(problem) for problem in book), *_of_stale(stale)):
        found.setdefault((line.household, line.symbol, line.problem), line)
    return tuple(found.values())


def _of_households(households: Sequence[HeldHousehold]) -> Iterator[BlockLine]:
    for held in sorted(households, key=lambda one: one.name):
        names = {account.key: account_name(account) for account in held.accounts}
        for problem in blocking_problems(held):
            yield _block(held.name, problem.account, problem)
        for standing in held.problems:
            if standing.problem.severity in {Severity.BLOCKING, Severity.FATAL}:
                yield _block(held.name, names.get(standing.account, standing.account), standing.problem)


def _of_book(problem: Problem) -> BlockLine:
    return _block(NOBODY if problem.account else "(every household)", problem.account, problem)


def _block(household: str, account: str, problem: Problem) -> BlockLine:
    return BlockLine(household, account, problem.symbol, problem.severity.value, problem.message, problem.hint)


def _of_stale(lines: Sequence[CoverageLine]) -> Iterator[BlockLine]:
    """Tell of stale accounts that no household tells of: unplaced ones, and those a stricter count makes stale."""
    for line in lines:
        told = line.household != NOBODY and (line.days_old or 0) > STALE_AFTER_DAYS
        if line.is_stale and line.holdings_of is not None and not told:
            message = f"the holdings of {line.account} are of {line.holdings_of}, {line.days_old:,} trading days old"
            hint = "Import a newer positions file."
            yield BlockLine(line.household, line.account, "", Severity.BLOCKING.value, message, hint)
