"""The scale series: one taxable account of about $5 million, N securities of L lots each, from a seeded generator.

The numbers drawn are those of a published series for tax-aware rebalancers, so that times can be compared: targets
fall off as 1/(i + 10), cash 2 %, half-spread 5 bp, rates 40.8 % and 23.8 %. Each security is a class of its own.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

AS_OF = date(2025, 6, 30)
VALUE = 5e6
SIZES = ((10, 5), (10, 20), (50, 5), (50, 20), (200, 5), (200, 20), (500, 5), (500, 20))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the series says of itself, to see that the same numbers were drawn. `losses` are dollars."""

    lots: int
    loss_lots: int
    short_term_lots: int
    losses: float
    recently_closed: int


@dataclass(frozen=True, slots=True)
class _Holding:
    """A security of the series: its price, its lots (quantity, age in days, cost), and days since a loss sale."""

    price: float
    lots: tuple[tuple[float, int, float], ...]
    sold_days_ago: int | None


def scale_case(securities: int, lots: int) -> dict[str, Any]:
    """Return S(securities, lots) as a `plimsoll.case/1` document. The same call gives the same case."""
    weights = _weights(securities)
    holdings = _draw(securities, lots, weights)
    symbols = [f"S{i:03d}" for i in range(securities)]
    return {
        "schema": "plimsoll.case/1",
        "as_of": AS_OF.isoformat(),
        "tax": {"short_term_rate": 0.408, "long_term_rate": 0.238, "ordinary_rate": 0.37},
        "securities": [
            {"symbol": symbol, "asset_class": symbol, "price": holding.price, "half_spread_bp": 5}
            for symbol, holding in zip(symbols, holdings, strict=True)
        ],
        "accounts": [
            {
                "id": "A1",
                "owner": "client",
                "registration": "taxable",
                "cash": 100_000,
                "fractional": True,
                "min_trade": 100,
            }
        ],
        "lots": [
            {
                "id": f"{symbol}-{j:02d}",
                "account": "A1",
                "symbol": symbol,
                "acquired": _ago(days),
                "quantity": quantity,
                "cost_basis": cost,
            }
            for symbol, holding in zip(symbols, holdings, strict=True)
            for j, (quantity, days, cost) in enumerate(holding.lots)
        ],
        "history": [row for s, h in zip(symbols, holdings, strict=True) for row in _history(s, h)],
        "targets": _targets(symbols, weights),
        "buy_list": {symbol: [symbol] for symbol in symbols},
        "policy": {},
    }


def _targets(symbols: list[str], weights: list[float]) -> dict[str, float]:
    """Return the weights to 8 places, the first one taking what rounding leaves, so that they sum to one."""
    rounded = [round(w, 8) for w in weights]
    rounded[0] = round(0.98 - sum(rounded[1:]), 8)
    return dict(zip(symbols, rounded, strict=True)) | {"cash": 0.02}


def facts(securities: int, lots: int) -> Facts:
    """Count what the series publishes about S(securities, lots)."""
    rows = [(h.price, *lot) for h in _draw(securities, lots, _weights(securities)) for lot in h.lots]
    losses = [cost - quantity * price for price, quantity, _, cost in rows if cost > quantity * price]
    return Facts(
        lots=len(rows),
        loss_lots=len(losses),
        short_term_lots=sum(1 for _, _, days, _ in rows if days <= 365),
        losses=sum(losses),
        recently_closed=sum(h.sold_days_ago is not None for h in _draw(securities, lots, _weights(securities))),
    )


def _weights(securities: int) -> list[float]:
    raw = [1 / (i + 10) for i in range(securities)]
    return [0.98 * w / sum(raw) for w in raw]


def _draw(securities: int, lots: int, weights: list[float]) -> list[_Holding]:
    """Draw in the fixed order of the series; the five factor draws are not used but keep the sequence."""
    r = random.Random(f"tax-scale-{securities}-{lots}-7")  # noqa: S311 - a series to be drawn again, not a secret
    holdings = []
    for i in range(securities):
        price = round(r.uniform(20, 400), 2)
        for _ in range(5):
            r.gauss(0, 1)
        value = VALUE * weights[i] * r.uniform(0.7, 1.3)
        cuts = [r.uniform(0.2, 1) for _ in range(lots)]
        recent = r.random() < 0.05
        drawn = []
        for j in range(lots):
            quantity = round(value * cuts[j] / sum(cuts) / price, 4)
            days = r.randint(1, 30) if recent and j == lots - 1 else r.randint(31, 1500)
            growth = min(0.7, max(-0.6, r.gauss(0.10, 0.25)))
            drawn.append((quantity, days, round(quantity * price / (1 + growth), 2)))
        sold = r.randint(1, 30) if r.random() < 0.03 else None
        holdings.append(_Holding(price, tuple(drawn), sold))
    return holdings


def _history(symbol: str, holding: _Holding) -> list[dict[str, Any]]:
    """Return the last 30 days: how young lots were bought, and ten shares sold at a loss."""
    rows: list[dict[str, Any]] = [
        {
            "account": "A1",
            "symbol": symbol,
            "date": _ago(days),
            "action": "buy",
            "quantity": quantity,
            "amount": cost,
            "lot": f"{symbol}-{j:02d}",
        }
        for j, (quantity, days, cost) in enumerate(holding.lots)
        if days <= 30
    ]
    if holding.sold_days_ago is not None:
        rows.append(
            {
                "account": "A1",
                "symbol": symbol,
                "date": _ago(holding.sold_days_ago),
                "action": "sell",
                "quantity": 10,
                "amount": round(10 * holding.price, 2),
                "loss_quantity": 10,
            }
        )
    return rows


def _ago(days: int) -> str:
    return (AS_OF - timedelta(days=days)).isoformat()
