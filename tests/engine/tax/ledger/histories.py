"""Random trade histories for the property tests: small, dense in time, and always possible."""

import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine.tax.ledger.rows import LedgerAction, LedgerRow, NamedLot
from tests.engine.tax.ledger.story import ACCOUNTS

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
tried = settings(
    max_examples=10_000 if THOROUGH else 50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
"""A few histories for each property, ten thousand with HYPOTHESIS_PROFILE=thorough; always the same ones."""
START = date(2024, 1, 10)
GAPS = (0, 0, 1, 1, 4, 9, 15, 29, 30, 31, 45, 200)
STEP = Decimal("0.64")
"""Prices are multiples of it, so that shares split twice still cost whole cents."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a history is made of."""

    accounts: tuple[str, ...] = ("J", "J", "S", "IRA", "401K")
    symbols: tuple[str, ...] = ("X", "X", "Y")
    group: str = "G"
    buys: tuple[LedgerAction, ...] = (LedgerAction.BUY, LedgerAction.BUY, LedgerAction.REINVEST)
    arrivals: bool = True
    splits: bool = True
    gaps: tuple[int, ...] = GAPS
    most_rows: int = 14
    named: bool = True
    """Whether some sales name their lots."""
    awkward: bool = False
    """Thousandths of shares at amounts that no division leaves whole."""


@dataclass(slots=True)
class _Writer:
    """Writes one history row by row and keeps what is open, so that every sale can be made."""

    draw: st.DrawFn
    shape: Shape
    day: date = START
    rows: list[LedgerRow] = field(default_factory=list)
    open: defaultdict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    splits: int = 0

    @property
    def unit(self) -> Decimal:
        """Shares that one unit of `open` stands for."""
        return Decimal("0.001") if self.shape.awkward else Decimal(1)

    def one_of(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def step(self) -> None:
        self.day += timedelta(days=self.draw(st.sampled_from(self.shape.gaps)))
        held = [place for place, lots in self.open.items() if any(lots.values())]
        kinds = ["buy", "buy", "buy"] + ["sell"] * (4 if held else 0)
        kinds += ["arrive"] if self.shape.arrivals else []
        kinds += ["split"] if self.shape.splits and self.splits < 2 else []
        kind = self.one_of(*kinds)
        if kind == "sell":
            self.sell(*self.draw(st.sampled_from(held)))
        elif kind == "split":
            self.split(self.one_of(*self.shape.symbols))
        else:
            self.bring_in(arrives=kind == "arrive")

    def bring_in(self, *, arrives: bool) -> None:
        account, symbol = self.one_of(*self.shape.accounts), self.one_of(*self.shape.symbols)
        action = self.draw(st.sampled_from(self.shape.buys))
        acquired = None
        shares = self.draw(st.integers(1, 6_000 if self.shape.awkward else 6))
        if arrives:
            action = self.draw(st.sampled_from((LedgerAction.TRANSFER_IN, LedgerAction.GIFT, LedgerAction.INHERITED)))
            ago = self.draw(st.sampled_from((0, 3, 20, 31, 400)))
            acquired = self.day - timedelta(days=ago) if ago else None
            shares *= 4
        row = self.add(account, symbol, action, shares, acquired=acquired)
        self.open[account, symbol][row.id] = shares

    def sell(self, account: str, symbol: str) -> None:
        lots = {lot: shares for lot, shares in self.open[account, symbol].items() if shares}
        if not self.shape.named or self.draw(st.booleans()):
            shares = self.draw(st.integers(1, sum(lots.values())))
            self.add(account, symbol, LedgerAction.SELL, shares)
            self.take_first_in(account, symbol, shares)
            return
        picked = self.draw(st.lists(st.sampled_from(sorted(lots)), min_size=1, unique=True))
        wanted = {lot: self.draw(st.integers(1, lots[lot])) for lot in picked}
        named = tuple(NamedLot(lot, shares * self.unit) for lot, shares in wanted.items())
        self.add(account, symbol, LedgerAction.SELL, sum(wanted.values()), lots=named)
        for lot, shares in wanted.items():
            self.open[account, symbol][lot] -= shares

    def take_first_in(self, account: str, symbol: str, shares: int) -> None:
        lots = self.open[account, symbol]
        rows = {row.id: (row.acquired_on, row.row) for row in self.rows}
        for lot in sorted(lots, key=rows.__getitem__):
            taken = min(shares, lots[lot])
            lots[lot] -= taken
            shares -= taken

    def split(self, symbol: str) -> None:
        self.splits += 1
        for account in dict.fromkeys(self.shape.accounts):
            self.add(account, symbol, LedgerAction.SPLIT, 2)
            lots = self.open[account, symbol]
            lots.update({lot: shares * 2 for lot, shares in lots.items()})

    def add(
        self,
        account: str,
        symbol: str,
        action: LedgerAction,
        shares: int,
        *,
        lots: tuple[NamedLot, ...] = (),
        acquired: date | None = None,
    ) -> LedgerRow:
        owner, registration = ACCOUNTS[account]
        quantity = Decimal(shares) if action is LedgerAction.SPLIT else shares * self.unit
        price = STEP * self.draw(st.integers(5, 15))
        amount = Decimal(self.draw(st.integers(0, 50_000))) / 100 if self.shape.awkward else price * shares
        number = len(self.rows) + 1
        row = LedgerRow(
            id=f"{action.value[0]}{number}",
            date=self.day,
            account=account,
            owner=owner,
            registration=registration,
            symbol=symbol,
            action=action,
            quantity=quantity,
            amount=Decimal(0) if action is LedgerAction.SPLIT else amount,
            identity_group=self.shape.group,
            lots=lots,
            acquired=acquired,
            row=number,
        )
        self.rows.append(row)
        return row


@st.composite
def histories(draw: st.DrawFn, shape: Shape | None = None) -> tuple[LedgerRow, ...]:
    """A history in order of time."""
    shape = shape or Shape()
    writer = _Writer(draw, shape)
    for _ in range(draw(st.integers(2, shape.most_rows))):
        writer.step()
    return tuple(writer.rows)
