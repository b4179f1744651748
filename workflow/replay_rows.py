"""The imported history of one household as rows of the ledger, completed by the lots that it does not reach back to.

A lot that is open today, or that the custodian reports as closed, and whose purchase was not imported, enters as bought
on its day at the custodian's basis, so that the replay can go on; what rests on it says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from engine.money import ZERO
from engine.portfolio import Action, Registration
from engine.tax.ledger.rows import LedgerAction, LedgerRow, NamedLot
from importers.records import ActivityKind
from workflow.reconciliation_rows import AccountRow, BookRows, LotRow, RealizedRow, TradeRow

ACTIONS = {
    Action.BUY: LedgerAction.BUY,
    Action.SELL: LedgerAction.SELL,
    Action.REINVEST: LedgerAction.REINVEST,
}
FRACTION = Fraction(1, 500)
"""Fractions paid in cash make the ratio of a split uneven by no more than this part."""
LARGEST_TERM = 20

Place = tuple[int, str]
"""Account and symbol."""


@dataclass(frozen=True, slots=True)
class ReplayRows:
    """Rows for the ledger. `seeded` are the ids of those known only from the custodian's lots."""

    rows: tuple[LedgerRow, ...]
    seeded: frozenset[str]
    named_sales: frozenset[str]


def key_of(account: int) -> str:
    """Return the name of an account in the ledger."""
    return f"A{account}"


def replay_rows(accounts: Sequence[AccountRow], rows: BookRows) -> ReplayRows:
    """Return what the ledger replays for one household."""
    known = {account.id: account for account in accounts}
    trades = [trade for trade in rows.trades if trade.account in known and trade.symbol]
    splits = _splits(known, rows, trades)
    made = [
        _row(known[t.account], rows, f"T{t.id}", t.symbol, ACTIONS[t.action], (t.date, t.quantity, t.amount))
        for t in trades
    ]
    seeds = _seeds(known, rows, trades, splits)
    made += seeds
    for (account, symbol), found in splits.items():
        made += [
            _row(known[account], rows, f"S{account}-{symbol}-{day}", symbol, LedgerAction.SPLIT, (day, ratio, ZERO))
            for day, ratio in found
        ]
    # what is known only from lots comes first on its day, then splits, then trades in the order of the book
    made.sort(key=lambda row: (row.date, "LRST".index(row.id[0])))
    closed = [line for line in rows.realized if line.account in known]
    named = _name_lots(made, closed)
    return ReplayRows(
        rows=tuple(replace(row, lots=named[row.id]) if row.id in named else row for row in made),
        seeded=frozenset(row.id for row in seeds),
        named_sales=frozenset(named),
    )


def _row(
    account: AccountRow,
    rows: BookRows,
    name: str,
    symbol: str,
    action: LedgerAction,
    figures: tuple[date, Decimal, Decimal],
) -> LedgerRow:
    return LedgerRow(
        id=name,
        date=figures[0],
        account=key_of(account.id),
        owner=account.owner,
        registration=account.registration or Registration.TAXABLE,
        symbol=symbol,
        action=action,
        quantity=figures[1],
        amount=figures[2],
        identity_group=rows.groups.get(symbol, ""),
    )


def _splits(
    known: Mapping[int, AccountRow], rows: BookRows, trades: Iterable[TradeRow]
) -> dict[Place, list[tuple[date, Decimal]]]:
    """Return day and ratio of each split in the history, from the shares held after it and those it added."""
    moves: defaultdict[Place, list[tuple[date, bool, Decimal]]] = defaultdict(list)
    for trade in trades:
        moves[trade.account, trade.symbol].append((trade.date, False, trade.shares))
    for row in rows.activity:
        if row.account in known and row.shares:
            moves[row.account, row.symbol].append((row.date, row.kind == ActivityKind.SPLIT, row.shares))
    held = {(p.account, p.symbol): p.quantity for p in rows.positions}
    found: dict[Place, list[tuple[date, Decimal]]] = {}
    for place, changes in moves.items():
        after = held.get(place, ZERO)
        # backwards from what is held; a split happens before the trades of its day
        for day, is_split, shares in sorted(changes, key=lambda c: (c[0], not c[1]), reverse=True):
            before = after - shares
            if is_split and before > 0 and after > 0:
                found.setdefault(place, []).append((day, _even(after / before)))
            after = before
    return found


def _even(ratio: Decimal) -> Decimal:
    exact = Fraction(ratio)
    near = exact.limit_denominator(LARGEST_TERM)
    even = near if near and abs(exact / near - 1) <= FRACTION else exact
    return Decimal(even.numerator) / Decimal(even.denominator)


def _seeds(
    known: Mapping[int, AccountRow],
    rows: BookRows,
    trades: Sequence[TradeRow],
    splits: Mapping[Place, Sequence[tuple[date, Decimal]]],
) -> list[LedgerRow]:
    """Return the purchases that only lots tell of: of a day without a purchase in the history of the account."""
    bought = {(t.account, t.symbol, t.date) for t in trades if t.action is not Action.SELL}
    sold = {(t.account, t.symbol, t.date) for t in trades if t.action is Action.SELL}
    groups = {rows.groups.get(t.symbol, t.symbol) for t in trades if t.action is Action.SELL}
    made: list[LedgerRow] = []
    # a lot of what nobody sold neither closes nor replaces anything
    lots: list[LotRow | RealizedRow] = [x for x in rows.lots if rows.groups.get(x.symbol, x.symbol) in groups]
    lots += [line for line in rows.realized if (line.account, line.symbol, line.sold) in sold]
    for lot in lots:
        acquired = lot.acquired
        if lot.account not in known or acquired is None or (lot.account, lot.symbol, acquired) in bought:
            continue
        closed = isinstance(lot, RealizedRow)
        until = lot.sold if isinstance(lot, RealizedRow) else lot.as_of
        quantity = lot.quantity
        for day, ratio in splits.get((lot.account, lot.symbol), ()):
            if acquired < day <= until:
                quantity /= ratio
        name = f"{'R' if closed else 'L'}{lot.id}"
        figures = (acquired, quantity, max(lot.cost_basis, ZERO))
        if quantity > 0:
            made.append(_row(known[lot.account], rows, name, lot.symbol, LedgerAction.BUY, figures))
    return made


def _name_lots(rows: Sequence[LedgerRow], closed: Iterable[RealizedRow]) -> dict[str, tuple[NamedLot, ...]]:
    """Return the lots that sales took according to the custodian, where its closed lots add up to a day's sales."""
    wanted: defaultdict[Sold, list[_Wanted]] = defaultdict(list)
    for line in closed:
        wanted[key_of(line.account), line.symbol, line.sold].append(_Wanted(line.acquired, line.quantity))
    sold: defaultdict[Sold, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.action is LedgerAction.SELL:
            sold[row.account, row.symbol, row.date] += row.quantity
    named: dict[str, tuple[NamedLot, ...]] = {}
    shelves: defaultdict[tuple[str, str], _Shelf] = defaultdict(_Shelf)
    for row in rows:
        shelf = shelves[row.account, row.symbol]
        if row.action is LedgerAction.SPLIT:
            shelf.split(row.quantity)
        elif row.action is not LedgerAction.SELL:
            shelf.lots.append(_Shares(row.id, row.date, row.quantity))
        else:
            day = (row.account, row.symbol, row.date)
            lines = wanted[day] if sum((w.quantity for w in wanted[day]), ZERO) == sold[day] else []
            sold[day] -= row.quantity
            lots = shelf.take(row.quantity, lines)
            if lots:
                named[row.id] = lots
    return named


Sold = tuple[str, str, date]
"""Account, symbol and day of sale."""


@dataclass(slots=True)
class _Wanted:
    """Shares of a closed lot that no sale has taken yet."""

    acquired: date | None
    quantity: Decimal


@dataclass(slots=True)
class _Shares:
    """Shares of a purchase that are still there."""

    row: str
    acquired: date
    quantity: Decimal


@dataclass(slots=True)
class _Shelf:
    """What one account holds of one symbol, purchase by purchase."""

    lots: list[_Shares] = field(default_factory=list)

    def split(self, ratio: Decimal) -> None:
        """Make `ratio` shares of each."""
        for lot in self.lots:
            lot.quantity *= ratio

    def take(self, quantity: Decimal, lines: Sequence[_Wanted]) -> tuple[NamedLot, ...]:
        """Take the shares of a sale off, those of `lines` where they are all there; return what was named."""
        picks: list[tuple[_Shares, Decimal]] = []
        left, rest = quantity, {id(lot): lot.quantity for lot in self.lots}
        for line in lines:
            for lot in self.lots if line.acquired else ():
                shares = min(left, line.quantity, rest[id(lot)])
                if lot.acquired == line.acquired and shares > 0:
                    picks.append((lot, shares))
                    rest[id(lot)] -= shares
                    line.quantity -= shares
                    left -= shares
        is_named = bool(picks) and left == 0
        if not is_named:
            picks, left = [], quantity
            for lot in sorted(self.lots, key=lambda one: one.acquired):
                shares = min(left, lot.quantity)
                picks.append((lot, shares))
                left -= shares
        for lot, shares in picks:
            lot.quantity -= shares
        return tuple(NamedLot(lot.row, shares) for lot, shares in picks) if is_named else ()
