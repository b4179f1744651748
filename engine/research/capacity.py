"""How much money an overlay can move: assets at which its trades exceed a share of a day's volume, and their impact.

An ETF's own volume understates what can be traded in it, as its shares are created and redeemed against what it
holds; the figures here are those of the exchange alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.research.backtest import Rebalance

BASIS_POINTS = 10_000.0
PERMANENT, TEMPORARY = 0.314, 0.142
"""Gamma (0.314 +- 0.041) and eta (0.142 +- 0.0062) of Almgren, Thum, Hauptmann and Li (2005), section 4.3."""


class ImpactLaw(StrEnum):
    """How impact follows from size."""

    SQUARE_ROOT = "square_root"
    """A day's volatility times the square root of the share of a day's volume, however long the trade takes.

    Torre (1997), Barra Market Impact Model Handbook; Grinold and Kahn (2000), Active Portfolio Management, ch. 16.
    """
    THREE_FIFTHS = "three_fifths"
    """Temporary impact by the power 3/5 of the share of the volume traded meanwhile, half of the permanent one added.

    R. Almgren, C. Thum, E. Hauptmann and H. Li, Direct Estimation of Equity Market Impact, Risk 18 (7), 2005: the
    exponent is estimated at 0.600 +- 0.038, which rejects the square root; permanent impact has the fourth root of the
    shares outstanding over those traded a day. Fitted to large US stocks of 2001 to 2003.
    """


@dataclass(frozen=True, slots=True)
class TradedEtf:
    """An ETF and what a rebalance trades of it.

    `adv` is dollars traded a day, `trade` dollars that a rebalance buys or sells for each dollar of assets,
    `volatility` the standard deviation of a day's return (None = impact is not estimated), `outstanding_days` the
    shares outstanding over those traded a day, for the permanent impact (None = it is left out).
    """

    symbol: str
    adv: float
    trade: float
    volatility: float | None = None
    outstanding_days: float | None = None


@dataclass(frozen=True, slots=True)
class TradingTerms:
    """`limit` is the share of a day's volume that is not to be exceeded, `days` over how many a trade is spread."""

    limit: float = 0.10
    days: float = 1.0
    law: ImpactLaw = ImpactLaw.SQUARE_ROOT


@dataclass(frozen=True, slots=True)
class EtfCapacity:
    """The assets in dollars at which an ETF's trade reaches the limit, infinite where it is not traded."""

    etf: TradedEtf
    assets: float


@dataclass(frozen=True, slots=True)
class EtfTrade:
    """An ETF's trade at given assets: dollars, share of each day's volume, and impact in basis points of the trade."""

    symbol: str
    dollars: float
    volume_share: float
    impact_bp: float | None


@dataclass(frozen=True, slots=True)
class AtAssets:
    """All trades of a rebalance at given assets. `impact_bp` is of the assets, None where an ETF's is not known."""

    assets: float
    trades: tuple[EtfTrade, ...]
    over: tuple[str, ...]
    impact_bp: float | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """`assets` is where the first ETF reaches the limit, and `binding` that ETF; infinite and "" without trades."""

    terms: TradingTerms
    assets: float
    binding: str
    etfs: tuple[EtfCapacity, ...]
    sizes: tuple[AtAssets, ...]


def capacity(etfs: Sequence[TradedEtf], terms: TradingTerms, sizes: Sequence[float] = ()) -> Capacity:
    """Return the capacity of an overlay, each ETF's (tightest first), and its trades at the assets `sizes`.

    assets = limit * adv * days / trade. Raises ValueError for a volume, limit or days not above zero, or a negative
    trade.
    """
    if not all(figure > 0 for figure in (terms.limit, terms.days, *(etf.adv for etf in etfs), *sizes)):
        raise ValueError("volumes, assets, the limit and the days must be above zero")
    if any(etf.trade < 0 for etf in etfs):
        raise ValueError("a trade cannot be negative: it is dollars bought or sold")
    each = [EtfCapacity(etf, terms.limit * etf.adv * terms.days / etf.trade if etf.trade else math.inf) for etf in etfs]
    each.sort(key=lambda one: one.assets)
    traded = bool(each) and math.isfinite(each[0].assets)
    return Capacity(
        terms=terms,
        assets=each[0].assets if traded else math.inf,
        binding=each[0].etf.symbol if traded else "",
        etfs=tuple(each),
        sizes=tuple(_at(size, etfs, terms) for size in sizes),
    )


def impact(etf: TradedEtf, dollars: float, terms: TradingTerms) -> float:
    """Return what trading so many dollars costs by its impact alone, a fraction of them; NaN without a volatility."""
    if etf.volatility is None:
        return math.nan
    share = dollars / etf.adv
    if terms.law is ImpactLaw.SQUARE_ROOT:
        return etf.volatility * math.sqrt(share)
    temporary = TEMPORARY * etf.volatility * math.pow(share / terms.days, 0.6)
    permanent = PERMANENT * etf.volatility * share * math.pow(etf.outstanding_days or 0.0, 0.25)
    return permanent / 2 + temporary


def traded_shares(rebalances: Sequence[Rebalance], quantile: float = 1.0) -> dict[str, float]:
    """Return what a rebalance trades of each symbol, a fraction of the assets: the largest, or another quantile.

    The quantile is over all rebalances after the first purchase, those at which a symbol was not traded counting as
    zero; so the symbols' trades need not be of one day. Uninvested money is not traded.
    """
    later = rebalances[1:]
    symbols = dict.fromkeys(name for one in later for name in (*one.before, *one.after) if name)
    return {
        name: float(np.quantile([abs(one.after.get(name, 0.0) - one.before.get(name, 0.0)) for one in later], quantile))
        for name in symbols
    }


def _at(assets: float, etfs: Sequence[TradedEtf], terms: TradingTerms) -> AtAssets:
    trades, cost, known = [], 0.0, True
    for etf in etfs:
        dollars = assets * etf.trade
        found = impact(etf, dollars, terms) if dollars else 0.0
        known = known and not math.isnan(found)
        cost += etf.trade * found
        share = dollars / etf.adv / terms.days
        trades.append(EtfTrade(etf.symbol, dollars, share, None if math.isnan(found) else found * BASIS_POINTS))
    over = tuple(trade.symbol for trade in trades if trade.volume_share > terms.limit * (1 + AT_THE_LIMIT))
    return AtAssets(assets, tuple(trades), over, cost * BASIS_POINTS if known else None)


AT_THE_LIMIT = 1e-12
"""How far above the limit a share must be to exceed it: more than rounding makes up."""
