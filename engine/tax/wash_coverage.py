"""Whether the records of a household show every trade that could wash a loss: accounts, days, lots.

A loss is judged by purchases 30 days back in all accounts of the household (IRC 1091(a); Rev. Rul. 2008-5), so
what is not imported can turn a figure into a guess.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AccountRecords:
    """What has been imported of one account.

    `name` is what people call it, `holdings_of` the day of its holdings, `trades_from` the first day of its trade
    history; None = nothing. `lots_known`: every position has lots that add up to it.
    """

    account: str
    name: str
    holdings_of: date | None
    trades_from: date | None
    lots_known: bool


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """One thing that the records do not show. `serious`: a purchase still held may be missing."""

    account: str
    what: str
    hint: str
    serious: bool


def coverage_gaps(records: Iterable[AccountRecords], day: date, *, oldest: date) -> tuple[CoverageGap, ...]:
    """Return what the records do not cover for a sale on `day`. Holdings from before `oldest` are stale.

    Lots that add up show every purchase that is still held; only what was bought and sold again in the window is
    then missing without a trade history, and that gap is not serious.
    """
    return tuple(gap for one in records if (gap := _gap(one, day, oldest)) is not None)


def _gap(one: AccountRecords, day: date, oldest: date) -> CoverageGap | None:
    first = day - WINDOW
    if one.holdings_of is None:
        hint = "Import its positions, lots and activity."
        return CoverageGap(one.account, f"no holdings of {one.name} have been imported", hint, serious=True)
    if one.holdings_of < oldest:
        hint = "Import newer files of this account."
        return CoverageGap(one.account, f"the holdings of {one.name} are of {one.holdings_of}", hint, serious=True)
    if one.trades_from is not None and one.trades_from <= first:
        return None
    hint = f"Import its activity from {first} on."
    if one.trades_from is None:
        what = f"no activity of {one.name} has been imported"
    else:
        what = f"the activity of {one.name} starts on {one.trades_from}"
    if one.lots_known:
        what += "; its lots show what was bought and is still held, not what was bought and sold again"
    return CoverageGap(one.account, what, hint, serious=not one.lots_known)
