"""How much of a day's volume the orders of a run are, over all its households and accounts together.

The limit of a case holds within one household; several households in the same ETF may exceed it together.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.money import ZERO, cents
from engine.portfolio import Side
from exporters.run_report import HouseholdReport
from workflow.book import Book
from workflow.runs import run_report


@dataclass(frozen=True, slots=True)
class SymbolVolume:
    """A symbol's orders in a run. Shares, dollars; `share` is of a day's volume, None where that is not known.

    Buys and sells add up, as both take from the day's volume. `days` is how many days the orders take at the limit.
    """

    symbol: str
    households: int
    bought: Decimal
    sold: Decimal
    amount: Decimal
    adv_shares: Decimal | None
    share: Decimal | None
    days: Decimal | None
    over: bool


@dataclass(frozen=True, slots=True)
class RunVolume:
    """The symbols of a run, the largest share of a day's volume first, those without a volume last."""

    run: str
    limit: Decimal
    symbols: tuple[SymbolVolume, ...]

    @property
    def over(self) -> tuple[str, ...]:
        """The symbols beyond the limit."""
        return tuple(one.symbol for one in self.symbols if one.over)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The symbols without a volume."""
        return tuple(one.symbol for one in self.symbols if one.share is None)


def run_volume(book: Book, run: str, limit: Decimal) -> RunVolume:
    """Return the share of a day's volume of each symbol that a run trades.

    `limit` is a fraction above zero. Raises AppError for a run that is not there.
    """
    report = run_report(book, run)
    symbols = sorted({trade.symbol for one in report.households for trade in one.proposal.trades})
    found = [_volume(symbol, report.households, limit) for symbol in symbols]
    found.sort(key=lambda one: (one.share is None, -(one.share or ZERO), one.symbol))
    return RunVolume(run, limit, tuple(found))


def volume_document(found: RunVolume) -> dict[str, Any]:
    """Return it as a JSON document: shares, dollars, fractions of a day's volume."""
    return {
        "run": found.run,
        "limit": found.limit,
        "over": found.over,
        "unknown": found.unknown,
        "symbols": found.symbols,
    }


def _volume(symbol: str, households: tuple[HouseholdReport, ...], limit: Decimal) -> SymbolVolume:
    trading = [one for one in households if any(trade.symbol == symbol for trade in one.proposal.trades)]
    trades = [trade for one in trading for trade in one.proposal.trades if trade.symbol == symbol]
    bought = sum((trade.quantity for trade in trades if trade.side is Side.BUY), ZERO)
    sold = sum((trade.quantity for trade in trades if trade.side is Side.SELL), ZERO)
    volumes = {s.adv_shares for one in trading for s in one.case.securities if s.symbol == symbol and s.adv_shares}
    adv = min(volumes, default=None)
    share = None if adv is None else (bought + sold) / adv
    return SymbolVolume(
        symbol=symbol,
        households=len(trading),
        bought=bought,
        sold=sold,
        amount=cents(sum((trade.amount for trade in trades), ZERO)),
        adv_shares=adv,
        share=None if share is None else round(share, 8),
        days=None if share is None else round(share / limit, 4),
        over=share is not None and share > limit,
    )
