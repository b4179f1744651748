"""One account of a backtest: its cash, its trades, and the lots that the ledger makes of them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import (
    CASH_CLASS,
    Account,
    Action,
    HistoryRow,
    Lot,
    Policy,
    Registration,
    Security,
    Side,
    TaxPosition,
    Term,
)
from engine.rebalance.case import SCHEMA, Case
from engine.rebalance.figures import Fill
from engine.tax.ledger.replay import replay
from engine.tax.ledger.result import Ledger
from engine.tax.ledger.rows import LedgerAction, LedgerRow, NamedLot

ACCOUNT, OWNER = "account", "client"
WINDOW = timedelta(days=30)
WEIGHT = Decimal("0.000001")
PIECE = "#"
"""Between a lot's id and the number of its piece, where a wash sale has split it."""


class LotAccount:
    """An account that is told its fills. Cash is dollars; the ledger is that of all trades so far."""

    def __init__(self, registration: Registration, cash: Decimal, groups: Mapping[str, str]) -> None:
        self.registration, self.cash = registration, cash
        self._groups = groups
        self._rows: list[LedgerRow] = []
        self.ledger: Ledger = replay(())
        self._held: dict[str, Decimal] = {}

    @property
    def orders(self) -> int:
        """Number of orders carried out."""
        return len(self._rows)

    def held(self) -> frozenset[str]:
        """Return the symbols that are held."""
        return frozenset(self._held)

    def shares(self, symbol: str) -> Decimal:
        """Return the shares held of a symbol."""
        return self._held.get(symbol, ZERO)

    def case(
        self,
        day: date,
        targets: Mapping[str, Decimal],
        securities: Sequence[Security],
        tax: TaxPosition,
        policy: Policy,
    ) -> Case:
        """Return the account as a case; targets are by class, of which each security names its own."""
        buys: dict[str, list[str]] = {}
        for security in securities:
            if security.asset_class in targets:
                buys.setdefault(security.asset_class, []).append(security.symbol)
        account = Account(ACCOUNT, OWNER, self.registration, self.cash, fractional=True)
        return Case(
            SCHEMA,
            day,
            tax,
            tuple(securities),
            (account,),
            tuple(self._lots()),
            tuple(self._history(day)),
            dict(targets),
            {name: tuple(symbols) for name, symbols in buys.items() if name != CASH_CLASS},
            policy,
        )

    def carry_out(self, day: date, fills: Sequence[Fill], cost: Decimal) -> None:
        """Trade at a cost in dollars. Sales are told the ledger with the lots that they name."""
        self.cash -= cost
        for fill in fills:
            buys = fill.side is Side.BUY
            self.cash += -fill.amount if buys else fill.amount
            self._rows.append(self._row(day, fill, LedgerAction.BUY if buys else LedgerAction.SELL))
        if fills:
            self.ledger = replay(self._rows)
            held: dict[str, Decimal] = {}
            for lot in self.ledger.open_lots:
                held[lot.symbol] = held.get(lot.symbol, ZERO) + lot.quantity
            self._held = held

    def realized(self, year: int) -> dict[Term, Decimal]:
        """Return the net gain of a year by term, as the ledger has it now."""
        net = dict.fromkeys(Term, ZERO)
        for line in self.ledger.realized:
            if line.sold.year == year:
                net[line.term] += line.gain
        return net

    def _row(self, day: date, fill: Fill, action: LedgerAction) -> LedgerRow:
        symbol = fill.position.security.symbol
        named: dict[str, Decimal] = {}
        for view, quantity in fill.lots:
            lot = view.lot.id.partition(PIECE)[0]
            named[lot] = named.get(lot, ZERO) + quantity
        return LedgerRow(
            id=f"{len(self._rows) + 1}",
            date=day,
            account=ACCOUNT,
            owner=OWNER,
            registration=self.registration,
            symbol=symbol,
            action=action,
            quantity=fill.quantity,
            amount=fill.amount,
            identity_group=self._groups.get(symbol, symbol),
            lots=tuple(NamedLot(lot, quantity) for lot, quantity in named.items()),
            row=len(self._rows) + 1,
        )

    def _lots(self) -> list[Lot]:
        return [
            Lot(
                f"{lot.lot}{PIECE}{number}",
                ACCOUNT,
                lot.symbol,
                lot.acquired,
                lot.quantity,
                lot.basis,
                lot.holding_days_carried,
            )
            for number, lot in enumerate(self.ledger.open_lots)
        ]

    def _history(self, day: date) -> list[HistoryRow]:
        """Return the trades of the last 30 days, with the shares sold at a loss."""
        lost: dict[str, Decimal] = {}
        for line in self.ledger.realized:
            if line.proceeds < line.basis:
                lost[line.sale] = lost.get(line.sale, ZERO) + line.quantity
        pieces = {lot.lot: f"{lot.lot}{PIECE}{i}" for i, lot in reversed(list(enumerate(self.ledger.open_lots)))}
        return [
            HistoryRow(
                ACCOUNT,
                row.symbol,
                row.date,
                Action.BUY if row.action is LedgerAction.BUY else Action.SELL,
                row.quantity,
                row.amount,
                lost.get(row.id, ZERO),
                pieces.get(row.id) if row.action is LedgerAction.BUY else None,
            )
            for row in self._rows
            if row.date >= day - WINDOW
        ]


def target_weights(weights: Mapping[str, float]) -> dict[str, Decimal]:
    """Return weights by symbol as targets of a case; "" is uninvested money. What rounding adds is taken off."""
    targets = {
        symbol or CASH_CLASS: Decimal(repr(weight)).quantize(WEIGHT) for symbol, weight in weights.items() if weight > 0
    }
    over = sum(targets.values(), ZERO) - 1
    if over > 0:
        targets[max(targets, key=lambda name: (targets[name], name))] -= over
    return targets
