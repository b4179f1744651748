"""Positions and cash of the statement before, plus what was traded since, against the newest statement."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Action
from exporters.reconciliation_report import CashLine, LotsLine, RolledLine, Verdict
from workflow.reconciliation_rows import AccountRow, ActivityRow, BookRows, Earlier, PositionRow, TradeRow

SHARES = Decimal("0.0001")
"""By how many shares a sum may miss: custodians round."""
CENT = Decimal("0.01")
BASIS = Decimal(1)
"""By how many dollars the basis of the lots may miss that of the position."""
NO_EARLIER = "no earlier statement of this account was imported"


@dataclass(frozen=True, slots=True)
class _Flow:
    """What happened in one account after `since` up to `until`."""

    trades: tuple[TradeRow, ...]
    activity: tuple[ActivityRow, ...]
    on_first_day: tuple[TradeRow, ...]
    """Trades of the day of the earlier statement itself, which may or may not be in it."""
    last: date | None
    """The newest row of the history up to `until`."""


def lots_against_positions(rows: BookRows) -> tuple[LotsLine, ...]:
    """Compare the lots of each security in each account with its position."""
    lots: defaultdict[tuple[int, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for lot in rows.lots:
        lots[lot.account, lot.symbol][0] += lot.quantity
        lots[lot.account, lot.symbol][1] += lot.cost_basis
    stated = {(p.account, p.symbol): p for p in rows.positions}
    return tuple(_by_account(rows, stated, lots))


def _by_account(
    rows: BookRows, stated: Mapping[tuple[int, str], PositionRow], lots: Mapping[tuple[int, str], list[Decimal]]
) -> Iterator[LotsLine]:
    symbols: defaultdict[int, set[str]] = defaultdict(set)
    for number, symbol in (*stated, *lots):
        symbols[number].add(symbol)
    for account in rows.accounts:
        for symbol in sorted(symbols[account.id]):
            place = (account.id, symbol)
            yield _lots_line(account, symbol, stated.get(place), lots.get(place))


def _lots_line(account: AccountRow, symbol: str, position: PositionRow | None, lots: list[Decimal] | None) -> LotsLine:
    held = position.quantity if position else ZERO
    found, basis = (lots[0], lots[1]) if lots else (ZERO, None)
    shares = found - held
    price = position.unit_price if position else None
    stated = position.cost_basis if position else None
    reason, verdict = "", Verdict.MATCHES
    if abs(shares) > SHARES:
        verdict = Verdict.DIFFERS
        reason = "no lots imported" if lots is None else "no position" if position is None else "the lots do not add up"
    elif stated is not None and basis is not None and abs(basis - stated) > BASIS:
        verdict, reason = Verdict.DIFFERS, f"the basis differs by {basis - stated:,.2f}"
    return LotsLine(
        household=account.household,
        account=account.name,
        symbol=symbol,
        position=held if position else None,
        lots=found if lots else None,
        shares=shares,
        dollars=None if price is None else (shares * price).quantize(CENT),
        position_basis=stated,
        lots_basis=basis,
        verdict=verdict,
        reason=reason,
    )


def roll_positions(rows: BookRows) -> tuple[RolledLine, ...]:
    """Roll each account's earlier positions forward; an account without an earlier statement is one line."""
    stated: defaultdict[int, dict[str, PositionRow]] = defaultdict(dict)
    for position in rows.positions:
        stated[position.account][position.symbol] = position
    histories = _histories(rows)
    lines: list[RolledLine] = []
    for account in rows.accounts:
        earlier = rows.earlier.get(account.id, Earlier())
        if earlier.positions_of is None or account.positions_as_of is None:
            reason = NO_EARLIER if account.positions_as_of else "no holdings of this account were imported"
            lines.append(_not_rolled(account, reason))
            continue
        flow = _flow(*histories[account.id], earlier.positions_of, account.positions_as_of)
        lines += _roll(account, earlier, stated[account.id], flow)
    return tuple(lines)


def _histories(rows: BookRows) -> defaultdict[int, tuple[list[TradeRow], list[ActivityRow]]]:
    found: defaultdict[int, tuple[list[TradeRow], list[ActivityRow]]] = defaultdict(lambda: ([], []))
    for trade in rows.trades:
        found[trade.account][0].append(trade)
    for row in rows.activity:
        found[row.account][1].append(row)
    return found


def _flow(trades: list[TradeRow], activity: list[ActivityRow], since: date, until: date) -> _Flow:
    days = [t.date for t in trades if t.date <= until] + [a.date for a in activity if a.date <= until]
    return _Flow(
        trades=tuple(t for t in trades if since < t.date <= until),
        activity=tuple(a for a in activity if since < a.date <= until),
        on_first_day=tuple(t for t in trades if t.date == since),
        last=max(days, default=None),
    )


def _not_rolled(account: AccountRow, reason: str) -> RolledLine:
    left = Verdict.NOT_COMPARED
    nothing = (None,) * 7
    day = account.positions_as_of
    return RolledLine(account.household, account.name, "", None, day, *nothing, left, reason)


def _roll(
    account: AccountRow, earlier: Earlier, stated: Mapping[str, PositionRow], flow: _Flow
) -> Iterator[RolledLine]:
    traded: defaultdict[str, Decimal] = defaultdict(Decimal)
    other: defaultdict[str, Decimal] = defaultdict(Decimal)
    for trade in flow.trades:
        traded[trade.symbol] += trade.shares
    for row in flow.activity:
        if row.shares:
            other[row.symbol] += row.shares
    for symbol in sorted({*earlier.positions, *stated, *traded, *other}):
        before, position = earlier.positions.get(symbol, ZERO), stated.get(symbol)
        expected = before + traded[symbol] + other[symbol]
        now = position.quantity if position else ZERO
        price = position.unit_price if position else None
        line = RolledLine(
            household=account.household,
            account=account.name,
            symbol=symbol,
            since=earlier.positions_of,
            until=account.positions_as_of,
            before=before,
            traded=traded[symbol],
            other=other[symbol],
            expected=expected,
            stated=now,
            difference=now - expected,
            dollars=None if price is None else ((now - expected) * price).quantize(CENT),
            verdict=Verdict.MATCHES,
            reason="",
        )
        if abs(now - expected) > SHARES:
            line = replace(line, verdict=Verdict.DIFFERS, reason=_why_shares(symbol, now - expected, expected, flow))
        yield line


def _why_shares(symbol: str, difference: Decimal, expected: Decimal, flow: _Flow) -> str:
    """Say what the rows at hand make likely of an unexplained difference."""
    same = [t for t in flow.on_first_day if t.symbol == symbol and abs(t.shares - difference) <= SHARES]
    if same:
        return f"as many shares were traded on {same[0].date}, the day of the earlier statement: not in it yet"
    undone = [t for t in flow.trades if t.symbol == symbol and abs(t.shares + difference) <= SHARES]
    if undone:
        return f"as many shares as the trade of {undone[-1].date}: it is not in the newest statement"
    if expected and abs(difference + expected) <= SHARES:
        return "all shares are gone and nothing tells why: a merger, a change of symbol, a transfer or a sale"
    if not expected:
        return "shares that nothing brought in: a purchase, a transfer, a spin-off or a merger is missing"
    return _unexplained(flow)


def _unexplained(flow: _Flow) -> str:
    if flow.last is None:
        return "no history of this account was imported"
    if not flow.trades and not flow.activity:
        return f"the history imported ends on {flow.last}, before the statements meet"
    return f"not explained by the history imported, which ends on {flow.last}"


def roll_cash(rows: BookRows) -> tuple[CashLine, ...]:
    """Roll each account's earlier cash forward with trades and activity."""
    histories = _histories(rows)
    return tuple(_cash_line(account, rows.earlier.get(account.id, Earlier()), histories) for account in rows.accounts)


def _cash_line(
    account: AccountRow, earlier: Earlier, histories: Mapping[int, tuple[list[TradeRow], list[ActivityRow]]]
) -> CashLine:
    stated, until = account.cash, account.cash_as_of
    if earlier.cash_of is None or earlier.cash is None or stated is None or until is None:
        reason = "no earlier cash of this account was imported" if stated is not None else "no cash was imported"
        nothing = (None,) * 4
        left = Verdict.NOT_COMPARED
        return CashLine(account.household, account.name, None, until, *nothing, stated, None, left, reason)
    flow = _flow(*histories[account.id], earlier.cash_of, until)
    traded = sum((trade.cash for trade in flow.trades), ZERO)
    activity = sum((row.cash for row in flow.activity), ZERO)
    expected = earlier.cash + traded + activity
    difference = stated - expected
    differs = abs(difference) >= CENT
    return CashLine(
        household=account.household,
        account=account.name,
        since=earlier.cash_of,
        until=until,
        before=earlier.cash,
        traded=traded,
        activity=activity,
        expected=expected,
        stated=stated,
        difference=difference,
        verdict=Verdict.DIFFERS if differs else Verdict.MATCHES,
        reason=_why_cash(difference, flow) if differs else "",
    )


def _why_cash(difference: Decimal, flow: _Flow) -> str:
    reinvested = sum((t.amount for t in flow.trades if t.action is Action.REINVEST), ZERO)
    if reinvested and abs(difference - reinvested) < CENT:
        return f"reinvestments of {reinvested:,.2f} whose dividends are not in the history"
    for trade in (*flow.trades, *flow.on_first_day):
        early = trade in flow.on_first_day
        if abs(difference - (trade.cash if early else -trade.cash)) < CENT:
            what = f"the {trade.action} of {trade.symbol} on {trade.date} for {trade.amount:,.2f}"
            return f"{what}: cash settles later" if not early else f"{what}: settled after the earlier statement"
    for row in flow.activity:
        if row.cash and abs(difference + row.cash) < CENT:
            return f"the {row.kind.replace('_', ' ')} of {row.date} for {row.cash:,.2f} is not in the cash stated"
    return _unexplained(flow)
