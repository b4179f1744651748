"""Shares that came or went without a trade: transfers, mergers, spin-offs; and whether the book knows their basis.

What a firm receives in a transfer has no basis until the statement of the firm that delivers arrives, within 15 days
(Reg. 1.6045A-1). A merger or spin-off of a history is not replayed: the basis after it is the custodian's lots'.
"""

from collections import defaultdict
from collections.abc import Sequence

from exporters.reconciliation_report import LotsLine, MovedLine, Verdict
from importers.records import ActivityKind
from workflow.reconciliation_rows import AccountRow, ActivityRow, BookRows, LotRow

_IN = frozenset({ActivityKind.TRANSFER_IN, ActivityKind.JOURNAL, ActivityKind.MERGER})
_NAMED = frozenset({ActivityKind.TRANSFER_IN, ActivityKind.TRANSFER_OUT, ActivityKind.JOURNAL, ActivityKind.MERGER})


def moved_shares(rows: BookRows, lines: Sequence[LotsLine]) -> tuple[MovedLine, ...]:
    """Return every row that moved shares without a trade; `lines` are the lots of each holding against its position."""
    accounts = {account.id: account for account in rows.accounts}
    compared = {(line.account, line.symbol): line for line in lines}
    lots: defaultdict[tuple[int, str], list[LotRow]] = defaultdict(list)
    for lot in rows.lots:
        lots[lot.account, lot.symbol].append(lot)
    found = []
    for row in sorted(rows.activity, key=lambda one: (one.date, one.id)):
        account = accounts.get(row.account)
        if account is None or not row.shares or row.kind not in _NAMED:
            continue
        line = compared.get((account.name, row.symbol))
        verdict, needed = _judged(row, line, lots[row.account, row.symbol])
        found.append(_line(account, row, verdict, needed))
    return tuple(found)


def _line(account: AccountRow, row: ActivityRow, verdict: Verdict, needed: str) -> MovedLine:
    kind = row.kind.replace("_", " ")
    return MovedLine(account.household, account.name, row.symbol, row.date, kind, row.shares, verdict, needed)


def _judged(row: ActivityRow, line: LotsLine | None, lots: Sequence[LotRow]) -> tuple[Verdict, str]:
    """Say whether the basis of what moved is known, and what a person has to get where it is not."""
    merger = row.kind == ActivityKind.MERGER
    if row.shares < 0 or row.kind not in _IN:
        what = "a merger or spin-off took them; it is not replayed, the lots left are the custodian's" if merger else ""
        return Verdict.MATCHES, what
    if line is None or not line.position:
        return Verdict.MATCHES, "nothing of it is held any more"
    if line.lots is None:
        shares = f"{row.shares.normalize():,f} {row.symbol}"
        whose = "the terms of the merger or spin-off" if merger else "the transfer statement of the firm that delivered"
        return (
            Verdict.DIFFERS,
            f"no basis: get {whose} with day and basis of each lot of {shares}, then import the lots",
        )
    if line.verdict is Verdict.DIFFERS:
        return (
            Verdict.DIFFERS,
            f"the lots do not fit the position ({line.reason}): import the lots of this account again",
        )
    same_day = [lot for lot in lots if lot.acquired == row.date]
    if same_day and sum(lot.quantity for lot in same_day) == row.shares and not merger:
        return Verdict.NOT_COMPARED, "the lots say bought on the day of the transfer: ask for day and basis of purchase"
    return Verdict.MATCHES, "not replayed; the lots are the custodian's" if merger else "its lots are in the book"
