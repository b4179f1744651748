"""Realized gains and wash sales of the custodian against the replay of the imported trades, lot by lot.

A custodian adjusts for the same CUSIP in the same account only (Reg. 1.6045-1(d)(6)(iii)); the household's loss is
judged over all of its accounts, IRAs and the spouse's too (IRC 1091; Rev. Rul. 2008-5; Pub. 550).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar

from engine.money import ZERO
from engine.tax.ledger.replay import replay
from engine.tax.ledger.result import Realized, WashMatch
from engine.tax.ledger.rows import LedgerRow
from exporters.reconciliation_report import RealizedLine, Verdict, WashLine
from workflow.positions_rollforward import CENT
from workflow.reconciliation_rows import NOBODY, AccountRow, BookRows, RealizedRow
from workflow.replay_rows import ReplayRows, key_of, replay_rows

WINDOW = timedelta(days=30)
ROUNDING = Decimal("0.05")
"""Dollars that rounding lot by lot may come to."""
SHARES = Decimal("0.0001")

R = TypeVar("R")
ID: Callable[[Any], int] = attrgetter("id")
ACCOUNT: Callable[[Any], int] = attrgetter("account")

Day = tuple[int, str, date]
"""Account, symbol and day of sale."""


@dataclass(frozen=True, slots=True)
class _Closed:
    """Shares of one lot sold on one day, on one side. `gain` is after wash sales."""

    acquired: date | None
    quantity: Decimal
    proceeds: Decimal
    basis: Decimal
    gain: Decimal
    disallowed: Decimal


@dataclass(frozen=True, slots=True)
class _Household:
    """A household and its replay."""

    accounts: Mapping[int, AccountRow]
    rows: BookRows
    history: ReplayRows
    made: Mapping[str, LedgerRow]
    realized: Mapping[Day, Sequence[Realized]]
    matches: Mapping[tuple[str, str], Sequence[WashMatch]]
    left_out: Mapping[str, str]
    """What is wrong with a row that took no part, by its id."""


def compare_ledgers(rows: BookRows) -> tuple[tuple[RealizedLine, ...], tuple[WashLine, ...]]:
    """Compare every closed lot of the custodians with the replay; each household is judged as one."""
    realized: list[RealizedLine] = []
    wash: list[WashLine] = []
    for own in _by_household(rows):
        if own.realized or own.trades:
            for one, other in _compare(_replayed(own)):
                realized.append(one)
                if other is not None:
                    wash.append(other)
    return tuple(realized), tuple(wash)


def _by_household(rows: BookRows) -> Iterator[BookRows]:
    """Part the rows by household; an account that belongs to none stands alone."""
    names = {a.id: a.household if a.household != NOBODY else f"{NOBODY} {a.id}" for a in rows.accounts}
    accounts, positions = _parted(rows.accounts, names, ID), _parted(rows.positions, names)
    lots, trades = _parted(rows.lots, names), _parted(rows.trades, names)
    activity, realized = _parted(rows.activity, names), _parted(rows.realized, names)
    for name in accounts:
        yield replace(
            rows,
            accounts=tuple(accounts[name]),
            positions=tuple(positions[name]),
            lots=tuple(lots[name]),
            trades=tuple(trades[name]),
            activity=tuple(activity[name]),
            realized=tuple(realized[name]),
            prices=(),
        )


def _parted(rows: Iterable[R], names: Mapping[int, str], account: Callable[[R], int] = ACCOUNT) -> dict[str, list[R]]:
    found: defaultdict[str, list[R]] = defaultdict(list)
    for row in rows:
        found[names[account(row)]].append(row)
    return found


def _replayed(rows: BookRows) -> _Household:
    accounts = rows.accounts
    history = replay_rows(accounts, rows)
    numbered = [replace(row, row=n) for n, row in enumerate(history.rows, start=1)]
    ledger = replay(numbered)
    ids = {key_of(account.id): account.id for account in accounts}
    realized: defaultdict[Day, list[Realized]] = defaultdict(list)
    for line in ledger.realized:
        realized[ids[line.account], line.symbol, line.sold].append(line)
    matches: defaultdict[tuple[str, str], list[WashMatch]] = defaultdict(list)
    for match in ledger.wash_sales:
        matches[match.sale, match.lot].append(match)
    return _Household(
        accounts={account.id: account for account in accounts},
        rows=rows,
        history=history,
        made={row.id: row for row in numbered},
        realized=realized,
        matches=matches,
        left_out={numbered[p.row - 1].id: p.message for p in ledger.problems if p.row and p.severity == "blocking"},
    )


def _compare(household: _Household) -> Iterator[tuple[RealizedLine, WashLine | None]]:
    theirs: defaultdict[Day, list[RealizedRow]] = defaultdict(list)
    for line in household.rows.realized:
        if line.account in household.accounts:
            theirs[line.account, line.symbol, line.sold].append(line)
    names = {number: account.name for number, account in household.accounts.items()}
    for day in sorted({*theirs, *household.realized}, key=lambda d: (names[d[0]], d[1], d[2])):
        yield from _day(household, day, theirs.get(day, []), household.realized.get(day, ()))


def _day(
    household: _Household, day: Day, theirs: Sequence[RealizedRow], ours: Sequence[Realized]
) -> Iterator[tuple[RealizedLine, WashLine | None]]:
    """Match the lots of one sale by the day acquired."""
    left = _by_day_acquired([_their_lot(line) for line in theirs])
    right = _by_day_acquired([_our_lot(line) for line in ours])
    for acquired in sorted({*left, *right}, key=lambda d: d or date.min):
        one, other = left.get(acquired), right.get(acquired)
        lines = [line for line in ours if line.acquired == acquired]
        yield _realized_line(household, day, one, other, lines), _wash_line(household, day, one, other, lines)


def _by_day_acquired(lots: Sequence[_Closed]) -> dict[date | None, _Closed]:
    sums: dict[date | None, _Closed] = {}
    for lot in lots:
        so_far = sums.get(lot.acquired)
        sums[lot.acquired] = (
            lot
            if so_far is None
            else _Closed(
                lot.acquired,
                so_far.quantity + lot.quantity,
                so_far.proceeds + lot.proceeds,
                so_far.basis + lot.basis,
                so_far.gain + lot.gain,
                so_far.disallowed + lot.disallowed,
            )
        )
    return sums


def _their_lot(line: RealizedRow) -> _Closed:
    """Return a line of the custodian, whose gain may be stated before or after its wash sale."""
    after = line.proceeds - line.cost_basis + line.disallowed
    gain = line.gain if abs(line.gain - after) <= CENT else line.gain + line.disallowed
    return _Closed(line.acquired, line.quantity, line.proceeds, line.cost_basis, gain, line.disallowed)


def _our_lot(line: Realized) -> _Closed:
    return _Closed(line.acquired, line.quantity, line.proceeds, line.basis, line.gain, line.adjustment)


def _realized_line(
    household: _Household, day: Day, theirs: _Closed | None, ours: _Closed | None, lines: Sequence[Realized]
) -> RealizedLine:
    account = household.accounts[day[0]]
    verdict, reason = _judged(household, day, theirs, ours, lines)
    found = theirs or ours
    return RealizedLine(
        household=account.household,
        account=account.name,
        symbol=day[1],
        acquired=found.acquired if found else None,
        sold=day[2],
        quantity=theirs.quantity if theirs else None,
        our_quantity=ours.quantity if ours else None,
        proceeds=theirs.proceeds if theirs else None,
        our_proceeds=ours.proceeds if ours else None,
        basis=theirs.basis if theirs else None,
        our_basis=ours.basis if ours else None,
        gain=theirs.gain if theirs else None,
        our_gain=ours.gain if ours else None,
        difference=ours.gain - theirs.gain if ours and theirs else None,
        verdict=verdict,
        reason=reason,
    )


def _judged(
    household: _Household, day: Day, theirs: _Closed | None, ours: _Closed | None, lines: Sequence[Realized]
) -> tuple[Verdict, str]:
    account = household.accounts[day[0]]
    if account.registration is not None and not account.registration.is_taxable:
        return Verdict.NOT_COMPARED, "the account is not taxable"
    if theirs is None:
        return _not_theirs(household, day)
    if ours is None:
        return _not_ours(household, day, theirs)
    seeded = any(line.lot in household.history.seeded for line in lines)
    note = "the purchase was not imported; its basis is the custodian's" if seeded else ""
    parts = _parts(theirs, ours)
    if not parts:
        return Verdict.MATCHES, note
    if abs(theirs.quantity - ours.quantity) <= SHARES and all(abs(d) <= ROUNDING for _, d in parts):
        return Verdict.MATCHES, "rounding"
    text = ", ".join(f"{name} {amount:+,.2f}" for name, amount in parts)
    if abs(theirs.quantity - ours.quantity) > SHARES:
        text = f"other lots were taken than the custodian's ({text})"
    return Verdict.DIFFERS, "; ".join(part for part in (text, note) if part)


def _parts(theirs: _Closed, ours: _Closed) -> list[tuple[str, Decimal]]:
    """Return what differs, ours minus theirs."""
    pairs = (
        ("shares", ours.quantity - theirs.quantity, SHARES),
        ("proceeds", ours.proceeds - theirs.proceeds, ZERO),
        ("basis", ours.basis - theirs.basis, ZERO),
        ("wash sale", ours.disallowed - theirs.disallowed, ZERO),
        ("gain", ours.gain - theirs.gain, ZERO),
    )
    return [(name, amount) for name, amount, within in pairs if abs(amount) > within]


def _not_theirs(household: _Household, day: Day) -> tuple[Verdict, str]:
    sold = [line.sold for line in household.rows.realized if line.account == day[0]]
    if not sold or not min(sold) <= day[2] <= max(sold):
        return Verdict.NOT_COMPARED, "the realized gains imported do not reach this sale"
    same_day = any((r.account, r.symbol, r.sold) == day for r in household.rows.realized)
    return Verdict.DIFFERS, "the custodian took other lots" if same_day else "the custodian does not list this sale"


def _not_ours(household: _Household, day: Day, theirs: _Closed) -> tuple[Verdict, str]:
    sales = [t for t in household.rows.trades if (t.account, t.symbol, t.date) == day and t.action.value == "sell"]
    if not sales:
        return Verdict.NOT_COMPARED, "missing history: the trade of this sale was not imported"
    faults = [household.left_out[f"T{t.id}"] for t in sales if f"T{t.id}" in household.left_out]
    if faults:
        return Verdict.NOT_COMPARED, f"missing history: {faults[0]}"
    if theirs.acquired is None:
        return Verdict.NOT_COMPARED, "the custodian names no day acquired"
    return Verdict.DIFFERS, "the replay took other lots: the custodian's do not add up to the sale"


def _wash_line(
    household: _Household, day: Day, theirs: _Closed | None, ours: _Closed | None, lines: Sequence[Realized]
) -> WashLine | None:
    """Compare the loss disallowed; None where neither side disallows any."""
    their_loss = theirs.disallowed if theirs else ZERO
    our_loss = ours.disallowed if ours else ZERO
    account = household.accounts[day[0]]
    if not their_loss and not our_loss:
        return None
    found = theirs or ours
    difference = our_loss - their_loss
    verdict, reason = Verdict.DIFFERS, ""
    if account.registration is not None and not account.registration.is_taxable:
        verdict, reason = Verdict.NOT_COMPARED, "the account is not taxable"
    elif abs(difference) <= ROUNDING:
        verdict, reason = Verdict.MATCHES, "rounding" if difference else ""
    elif theirs is None or ours is None:
        verdict, reason = _judged(household, day, theirs, ours, lines)
    elif difference > 0:
        reason = _seen_by_us(household, day, lines)
    else:
        reason = _seen_by_them(household, day)
    acquired = found.acquired if found else None
    place = (account.household, account.name, day[1], acquired, day[2])
    return WashLine(*place, their_loss, our_loss, difference, verdict, reason)


def _seen_by_us(household: _Household, day: Day, lines: Sequence[Realized]) -> str:
    """Say where the replacements are that the custodian did not count."""
    reasons: dict[str, None] = {}
    account = household.accounts[day[0]]
    by_key = {key_of(number): other for number, other in household.accounts.items()}
    for match in (m for line in lines for m in household.matches.get((line.sale, line.lot), ())):
        bought = household.made[match.replacement]
        other = by_key[match.replacement_account]
        what = f"{match.quantity:,f} {bought.symbol} bought {bought.date} in {other.name}"
        if other.id != account.id and other.registration is not None and not other.registration.is_taxable:
            reasons[f"{what}: an IRA or plan, which the custodian does not see; the loss is gone for good"] = None
        elif other.id != account.id:
            whose = f"the account of {other.owner}" if other.owner != account.owner else "another account"
            reasons[f"{what}: {whose}, which the custodian does not see"] = None
        elif bought.symbol != day[1]:
            group = household.rows.groups.get(day[1], "")
            reasons[f"{what}: identity group {group}; the custodian compares one CUSIP only"] = None
    if not reasons:
        return "a purchase in the same account within 30 days that the custodian did not count"
    return "; ".join(reasons)


def _seen_by_them(household: _Household, day: Day) -> str:
    """Say what our records lack for the loss that only the custodian disallows."""
    number, symbol, sold = day
    first, last = sold - WINDOW, sold + WINDOW
    days = [t.date for t in household.rows.trades if t.account == number]
    group = household.rows.groups.get(symbol, symbol)
    near = [
        row
        for row in household.made.values()
        if household.rows.groups.get(row.symbol, row.symbol) == group
        and row.action.is_purchase
        and first <= row.date <= last
    ]
    if near:
        return f"{len(near):,} purchases within 30 days, which replace fewer shares or other losses in our replay"
    if not days or min(days) > first or max(days) < last:
        reach = f"from {min(days)} to {max(days)}" if days else "nothing at all"
        return f"missing history: the window is {first} to {last}, the trades imported are {reach}"
    return "window: the history shows no purchase within 30 days of the sale"
