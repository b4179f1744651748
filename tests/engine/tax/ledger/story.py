"""Ledger stories in plain text: what was traded, a line `gives`, and what the ledger must say.

A trade:   2025-02-03 J sell 10 X for 800 as s1 of b1:4 b2:6
           day, account, action, shares, symbol (VTI/US = VTI of the identity group US), dollars, id;
           `of` names the lots of a sale, `acquired 2024-05-01` the day acquired of what arrives.
A split:   2025-02-03 J split 2 X as p1
A result:  s1 of b1 10 X gain 0 disallowed 200 lost 0 short
           `lost` is the permanent part, `carried 28` the days that an earlier wash sale brought; zeros may be left out.
Held:      open b2 10 X basis 1020 carries 28
Sums:      totals short 0 long 0 disallowed 200 lost 0
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from engine.portfolio import Registration
from engine.tax.ledger.replay import replay
from engine.tax.ledger.result import Ledger, OpenLot, Realized, Totals
from engine.tax.ledger.rows import LedgerAction, LedgerPolicy, LedgerRow, NamedLot

ACCOUNTS = {
    "J": ("client", Registration.TAXABLE),
    "K": ("client", Registration.TAXABLE),
    "S": ("spouse", Registration.TAXABLE),
    "IRA": ("client", Registration.TRADITIONAL_IRA),
    "ROTH": ("spouse", Registration.ROTH_IRA),
    "HSA": ("client", Registration.HSA),
    "401K": ("client", Registration.PLAN_401K),
    "529": ("spouse", Registration.PLAN_529),
}
TRADE = re.compile(
    r"(?P<day>\S+) (?P<account>\S+) (?P<action>\S+) (?P<quantity>\S+) (?P<symbol>[^\s/]+)(?:/(?P<group>\S+))?"
    r"(?: for (?P<amount>\S+))? as (?P<id>\S+)(?: of (?P<lots>.+?))?(?: acquired (?P<acquired>\S+))?"
)


def number(text: str | None) -> Decimal:
    return Decimal((text or "0").replace(",", ""))


def read_trades(text: str) -> list[LedgerRow]:
    """The rows of a story, numbered as in a file with one row of titles."""
    lines = [" ".join(line.split("#")[0].split()) for line in text.strip().splitlines()]
    return [read_trade(line, row) for row, line in enumerate((line for line in lines if line), 2)]


def read_trade(line: str, row: int) -> LedgerRow:
    found = TRADE.fullmatch(line)
    assert found, f"no trade: {line}"
    owner, registration = ACCOUNTS[found["account"]]
    pairs = (named.split(":") for named in (found["lots"] or "").split())
    return LedgerRow(
        id=found["id"],
        date=date.fromisoformat(found["day"]),
        account=found["account"],
        owner=owner,
        registration=registration,
        symbol=found["symbol"],
        action=LedgerAction(found["action"]),
        quantity=number(found["quantity"]),
        amount=number(found["amount"]),
        identity_group=found["group"] or "",
        lots=tuple(NamedLot(lot, number(shares)) for lot, shares in pairs),
        acquired=date.fromisoformat(found["acquired"]) if found["acquired"] else None,
        row=row,
    )


def told(ledger: Ledger) -> list[str]:
    """What the ledger says, in the notation of the stories."""
    return [
        *(realized_line(line) for line in ledger.realized),
        *(open_line(lot) for lot in ledger.open_lots),
        totals_line(ledger.totals),
    ]


def realized_line(line: Realized) -> str:
    parts = [f"{line.sale} of {line.lot} {line.quantity:f} {line.symbol} gain {line.gain:f}"]
    parts += [f"disallowed {line.adjustment:f}"] if line.adjustment else []
    parts += [f"lost {line.permanent:f}"] if line.permanent else []
    parts += [f"carried {line.holding_days_carried}"] if line.holding_days_carried else []
    return " ".join([*parts, line.term.value])


def open_line(lot: OpenLot) -> str:
    carried = f" carries {lot.holding_days_carried}" if lot.holding_days_carried else ""
    return f"open {lot.lot} {lot.quantity:f} {lot.symbol} basis {lot.basis:f}{carried}"


def totals_line(totals: Totals) -> str:
    figures = (totals.short_term, totals.long_term, totals.disallowed, totals.permanent)
    names = ("short", "long", "disallowed", "lost")
    return "totals " + " ".join(f"{name} {figure:f}" for name, figure in zip(names, figures, strict=True))


def normal(line: str) -> str:
    """A line with one way to write each number."""
    words = line.replace(",", "").split()
    return " ".join(f"{Decimal(w).normalize():f}" if re.fullmatch(r"-?[0-9.]+", w) else w for w in words)


def check_story(text: str, policy: LedgerPolicy | None = None) -> Ledger:
    """Replay a story and compare all that the ledger says; totals only where the story states them."""
    trades, _, expected = text.partition("gives\n")
    ledger = replay(read_trades(trades), policy or LedgerPolicy())
    lines = [" ".join(line.split("#")[0].split()) for line in expected.strip().splitlines()]
    wanted = [normal(line) for line in lines if line]
    found = [normal(line) for line in told(ledger)]
    if not any(line.startswith("totals") for line in wanted):
        found.pop()
    assert [p.line() for p in ledger.problems] == []
    assert found == wanted, "\n".join(["the ledger says:", *found])
    return ledger


def written(rows: Iterable[LedgerRow]) -> str:
    """Rows in the notation of the stories, for messages."""
    return "\n".join(map(write_trade, rows))


def write_trade(row: LedgerRow) -> str:
    group = f"/{row.identity_group}" if row.identity_group else ""
    amount = "" if row.action is LedgerAction.SPLIT else f" for {row.amount}"
    lots = " of " + " ".join(f"{n.lot}:{n.quantity}" for n in row.lots) if row.lots else ""
    acquired = f" acquired {row.acquired}" if row.acquired else ""
    trade = f"{row.date} {row.account} {row.action} {row.quantity} {row.symbol}{group}"
    return f"{trade}{amount} as {row.id}{lots}{acquired}"
