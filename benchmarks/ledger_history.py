"""A trade history of any length from a seeded generator: 50 funds, 6 accounts of two owners, dividends, loss sales."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

ACCOUNTS = (
    ("J1", "client", "taxable"),
    ("J2", "client", "taxable"),
    ("S1", "spouse", "taxable"),
    ("IRA1", "client", "traditional_ira"),
    ("ROTH1", "spouse", "roth_ira"),
    ("K1", "client", "401k"),
)
SYMBOLS = tuple(f"F{n:02d}" for n in range(50))
FIRST = date(2005, 1, 3)
DAYS = 7_300
HEADER = "id,date,account,owner,registration,symbol,identity_group,action,quantity,amount,lots"


@dataclass(slots=True)
class _Market:
    """Prices in dollars that wander, and the shares that each account holds."""

    draw: random.Random
    prices: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SYMBOLS, 100.0))
    held: dict[tuple[str, str], float] = field(default_factory=dict)

    def trade(self) -> tuple[tuple[str, str, str], str, str, float, float]:
        """Return account, symbol, action, shares and dollars of the next trade."""
        account, symbol = self.draw.choice(ACCOUNTS), self.draw.choice(SYMBOLS)
        self.prices[symbol] = price = max(5.0, self.prices[symbol] * self.draw.lognormvariate(0, 0.03))
        open_now = self.held.get((account[0], symbol), 0.0)
        action = self.draw.choices(("buy", "reinvest", "sell"), (3, 4, 5 if open_now else 0))[0]
        if action == "sell":
            shares = open_now if self.draw.random() < 0.2 else round(open_now * self.draw.uniform(0.05, 0.6), 3)
            shares = min(open_now, max(0.001, shares))
        else:
            shares = float(self.draw.randint(5, 80)) if action == "buy" else round(self.draw.uniform(0.1, 4), 3)
        self.held[account[0], symbol] = round(open_now + (-shares if action == "sell" else shares), 3)
        return account, symbol, action, shares, round(shares * price, 2)


def history_lines(trades: int, *, seed: int = 7) -> Iterator[str]:
    """Yield the lines of a CSV file with so many trades over twenty years. The same call gives the same lines."""
    market = _Market(random.Random(seed))  # noqa: S311 - a benchmark, not a secret
    yield HEADER
    for number in range(trades):
        day = FIRST + timedelta(days=number * DAYS // trades)
        (account, owner, registration), symbol, action, shares, amount = market.trade()
        group = f"index {SYMBOLS.index(symbol) // 2}"
        yield f"t{number},{day},{account},{owner},{registration},{symbol},{group},{action},{shares:.3f},{amount:.2f},"
