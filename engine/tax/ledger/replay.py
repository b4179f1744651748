"""The replay of a household's trade history into open lots and realised gains, wash sales share for share.

IRC 1091, 1223(3); Reg. 1.1091-1 and -2; Rev. Rul. 56-602 and 2008-5; Pub. 550. What happens on one day happens in
the order of the file. A purchase meets the losses of the 30 days before it, a loss the purchases of its 30 days;
since both come in order, losses are matched in order of sale and replacements in order of purchase.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from operator import itemgetter

from engine.money import ZERO
from engine.portfolio import Registration
from engine.problems import Severity
from engine.tax.ledger.identity_group import IdentityGroup
from engine.tax.ledger.lots import LotState, Piece, Place, Sale, place_of, shared_out, whole_cents
from engine.tax.ledger.positions import Pick, Position, resize
from engine.tax.ledger.report import open_lots, realized_lines, totals_of
from engine.tax.ledger.result import Ledger
from engine.tax.ledger.row_faults import Fault, RowCheck, problem_of
from engine.tax.ledger.rows import PURCHASES, SELL, SPLIT, Identity, LedgerPolicy, LedgerRow
from engine.tax.ledger.splits import SplitEvent, split_events
from engine.tax.ledger.washing import Washing

CAUTIOUS = LedgerPolicy()
TAXABLE = Registration.TAXABLE
PLANS = frozenset({Registration.PLAN_401K, Registration.PLAN_529})
MISSING_PURCHASE = "A purchase or transfer is missing, or the quantity is wrong."
Event = tuple[Place, Callable[[], None]]


def replay(
    rows: Iterable[LedgerRow],
    policy: LedgerPolicy = CAUTIOUS,
    *,
    as_of: date | None = None,
    today: date | None = None,
    file: str = "",
) -> Ledger:
    """Replay the trades of a household, rows in any order of dates, those of one day in the order given.

    Rows after `as_of` are not read; without `as_of`, rows after `today` are problems. `file` names the source in
    problems. A row with a blocking problem takes no part, the others do.
    """
    check = RowCheck(file, today if as_of is None else None)
    good = check.good(row for row in rows if as_of is None or row.date <= as_of)
    run = _Replay(good, policy, check)
    for _, happen in sorted(run.events(), key=itemgetter(0)):
        happen()
    lines = realized_lines(run.sales)
    for sale in run.sales:
        sale.pieces.clear()  # a sale and its pieces hold each other; this way they go without a search for cycles
    return Ledger(
        as_of=as_of,
        policy=policy,
        realized=lines,
        open_lots=open_lots(run.lots.values()),
        wash_sales=tuple(run.washing.matches),
        totals=totals_of(lines),
        problems=tuple(sorted(check.problems, key=lambda problem: problem.row)),
    )


class _Replay:
    """The state of one replay."""

    def __init__(self, rows: Sequence[LedgerRow], policy: LedgerPolicy, check: RowCheck) -> None:
        self.washing = Washing(policy)
        self.lots: dict[str, LotState] = {}
        self.sales: list[Sale] = []
        self._rows = rows
        self._replaces_nothing = frozenset[Registration]() if policy.plans_count_as_iras else PLANS
        self._check = check
        self._positions: defaultdict[tuple[str, str], Position] = defaultdict(Position)
        self._splits: defaultdict[tuple[str, str], list[SplitEvent]] = defaultdict(list)
        for split in split_events(rows):
            self._splits[split.account, split.symbol].append(split)
        by_declaration = policy.identity is Identity.DECLARED
        names: dict[str, str] = {}
        bought: defaultdict[str, list[date]] = defaultdict(list)
        for row in rows:
            symbol = row.symbol
            if symbol not in names or (row.identity_group and by_declaration):
                names[symbol] = (row.identity_group if by_declaration else "") or symbol
            if row.action in PURCHASES:
                bought[symbol].append(row.acquired or row.date)
        days: defaultdict[str, list[date]] = defaultdict(list)
        for symbol, name in names.items():
            days[name] += bought[symbol]
        groups = {name: IdentityGroup(sorted(bought_on)) for name, bought_on in days.items()}
        self._groups = {symbol: groups[name] for symbol, name in names.items()}

    def events(self) -> list[Event]:
        """Return what happens and when. Shares bought elsewhere are a purchase on the day they were bought there."""
        events: list[Event] = []
        for number, row in enumerate(self._rows):
            place = place_of(row.date, number)
            if row.action is SELL:
                events.append((place, partial(self._sell, row, place)))
            elif row.action is not SPLIT:
                since = place if row.acquired is None else place_of(row.acquired, number)
                if since < place and row.action in PURCHASES:
                    lot = _lot(row, since)
                    events.append((since, partial(self._buy_elsewhere, lot, place)))
                    events.append((place, partial(self._arrive, lot)))
                else:
                    events.append((place, partial(self._buy, row, since)))
        events += [(split.place, partial(self._split, split)) for splits in self._splits.values() for split in splits]
        return events

    def _buy(self, row: LedgerRow, since: Place) -> None:
        lot = _lot(row, since)
        self._hold(lot)
        self._arrive(lot)

    def _hold(self, lot: LotState) -> None:
        """Let the household hold a lot; what is a purchase replaces losses, a gift or an inheritance never does."""
        row = lot.row
        group = self._groups[row.symbol]
        group.open_lots += 1
        if row.action in PURCHASES and row.registration not in self._replaces_nothing:
            self.washing.bought(group, lot)

    def _arrive(self, lot: LotState) -> None:
        row = lot.row
        self.lots[row.id] = lot
        self._positions[row.account, row.symbol].arrive(lot)

    def _buy_elsewhere(self, lot: LotState, arrival: Place) -> None:
        """Take a transferred lot on the day it was bought, in shares of that day."""
        held_as = (lot.row.account, lot.row.symbol)
        for split in self._splits[held_as]:
            if lot.place < split.place < arrival:
                resize((lot,), 1 / split.ratio)
        self._positions[held_as].awaiting[lot] = None
        self._hold(lot)

    def _sell(self, row: LedgerRow, place: Place) -> None:
        position = self._positions[row.account, row.symbol]
        fault = self._sale_fault(row, position) if row.lots or row.quantity > position.open else None
        if fault is not None:
            self._check.problems.append(problem_of(row, self._check.file, fault))
            return
        if row.lots:
            picks = position.named((self.lots[name], shares) for name, shares in _named(row).items())
        else:
            picks = position.first_in(row.quantity)
        group = self._groups[row.symbol]
        sale = Sale(row, place, row.registration is TAXABLE)
        pieces = pieces_of(sale, picks, group)
        sale.pieces += pieces
        self.sales.append(sale)
        for lot, _ in picks:
            group.shares_left(lot)
        self.washing.sold(group, pieces)

    def _sale_fault(self, row: LedgerRow, position: Position) -> Fault | None:
        """Return why a sale cannot be made from what is open, None when it can."""
        if not position.open:
            text = f"account {row.account} holds no {row.symbol} on {row.date}"
            return "nothing_open", "quantity", f"{text}, so {row.quantity:,f} cannot be sold", MISSING_PURCHASE
        if row.quantity > position.open:
            text = f"{row.quantity:,f} {row.symbol} sold, only {position.open:,f} open in account {row.account}"
            return "more_than_open", "quantity", f"{text} on {row.date}", MISSING_PURCHASE
        for name, shares in _named(row).items():
            lot = self.lots.get(name)
            if lot is None or (lot.row.account, lot.row.symbol) != (row.account, row.symbol):
                text = f"account {row.account} has no lot {name} of {row.symbol} on {row.date}"
                return "unknown_lot", "lots", text, "Name the id of the row that brought the shares in."
            if shares > lot.open:
                text = f"{shares:,f} shares of lot {name} sold, only {lot.open:,f} open on {row.date}"
                return "more_than_open", "lots", text, MISSING_PURCHASE
        return None

    def _split(self, split: SplitEvent) -> None:
        position = self._positions[split.account, split.symbol]
        if split.row is not None:
            position.split(split.ratio)
        elif position.open:
            self._warn_of(split, position.open)
        for lot in position.awaiting:
            resize((lot,), split.ratio)
        self._groups[split.symbol].split(split.account, split.symbol, split.ratio)

    def _warn_of(self, split: SplitEvent, shares: Decimal) -> None:
        row = next(row for row in self._rows if (row.account, row.symbol) == (split.account, split.symbol))
        text = (
            f"account {split.account} holds {shares:,f} {split.symbol} through the split of {split.date}"
            " and has no row for it"
        )
        fault = ("split_without_row", "action", text, "Add a split row for this account.")
        self._check.problems.append(problem_of(row, self._check.file, fault, Severity.WARNING))


def _lot(row: LedgerRow, since: Place) -> LotState:
    """Return the lot that a row brings in, all of it fresh."""
    taxable, shares = row.registration is TAXABLE, row.quantity
    return LotState(row, row.acquired or row.date, since, taxable, shares, whole_cents(row.amount), shares)


def _named(row: LedgerRow) -> dict[str, Decimal]:
    """Return the shares of each lot that a sale names, whether once or more often."""
    wanted: dict[str, Decimal] = {}
    for named in row.lots:
        wanted[named.lot] = wanted.get(named.lot, ZERO) + named.quantity
    return wanted


def pieces_of(sale: Sale, picks: Sequence[Pick], group: IdentityGroup) -> list[Piece]:
    """Take shares from lots, in order of purchase; proceeds are shared out by shares to the cent.

    Nobody asks for the proceeds of a sale that is not taxable, so its pieces have none.
    """
    alone = len(picks) == 1 and group.is_only_purchase(picks[0][0], sale.row.date)
    pieces: list[Piece] = []
    for lot, shares in picks:
        pieces += lot.take(sale, shares, alone=alone)
    if sale.taxable:
        amount = whole_cents(sale.row.amount)
        parts = (amount,) if len(pieces) == 1 else shared_out(amount, [piece.quantity for piece in pieces])
        for piece, proceeds in zip(pieces, parts, strict=True):
            piece.proceeds = proceeds
    return pieces
