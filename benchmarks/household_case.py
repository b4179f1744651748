"""Households as an adviser has them, from a seeded generator: a taxable account, an IRA, a Roth, ETFs of eight classes.

Each class has some funds, of which two are bought; lots are those of years of saving, some at a loss. Whole shares,
no ticket charges, the default policy with its limits.
"""

import random
from datetime import date, timedelta
from typing import Any

AS_OF = date(2026, 6, 30)
CLASSES = {
    "us_equity": 0.36,
    "us_small": 0.06,
    "intl_equity": 0.16,
    "em_equity": 0.06,
    "us_bond": 0.22,
    "tips": 0.05,
    "real_estate": 0.04,
    "commodities": 0.03,
}
POLICY = {
    "location_rate": {"us_bond": {"taxable": 0.012}, "real_estate": {"taxable": 0.010}},
    "harvest_min_loss": 500,
    "harvest_min_loss_pct": 0.03,
    "ripening_days": 30,
    "max_turnover": 0.2,
    "class_cap": 0.6,
    "adv_limit": 0.1,
}
REGISTRATIONS = ("taxable", "traditional_ira", "roth_ira", "taxable", "hsa", "taxable", "traditional_ira", "roth_ira")


def household_case(
    seed: int, *, accounts: int = 3, lots: int = 200, symbols: int = 24, value: float = 1_200_000
) -> dict[str, Any]:
    """Return a household as a `plimsoll.case/1` document, its lots worth about `value` dollars.

    The same call gives the same case.
    """
    draw = random.Random(f"household-{seed}-{accounts}-{lots}")  # noqa: S311 - a benchmark, not a secret
    funds, more = divmod(symbols, len(CLASSES))
    counts = {name: funds + (place < more) for place, name in enumerate(CLASSES)}
    securities = [_security(draw, name, number) for name, count in counts.items() for number in range(count)]
    homes = [_account(draw, number) for number in range(accounts)]
    return {
        "schema": "plimsoll.case/1",
        "as_of": AS_OF.isoformat(),
        "tax": {
            "short_term_rate": 0.408,
            "long_term_rate": 0.238,
            "ordinary_rate": 0.37,
            "ytd_short_term": draw.choice((0, 0, 2_500, -1_200)),
            "ytd_long_term": draw.choice((0, 6_000, 15_000, -4_000)),
        },
        "securities": securities,
        "accounts": homes,
        "lots": _lots(draw, securities, homes, (lots, value)),
        "history": [],
        "targets": CLASSES | {"cash": round(1 - sum(CLASSES.values()), 4)},
        "buy_list": {name: [s["symbol"] for s in securities if s["asset_class"] == name][:2] for name in CLASSES},
        "policy": POLICY,
    }


def _security(draw: random.Random, asset_class: str, number: int) -> dict[str, Any]:
    return {
        "symbol": f"{asset_class.upper().replace('_', '')[:5]}{number}",
        "asset_class": asset_class,
        "price": round(draw.uniform(20, 400), 2),
        "half_spread_bp": draw.choice((0.5, 1, 2, 4)),
        "carry_bp": draw.choice((3, 5, 9)),
        "adv_shares": draw.choice((400_000, 2_000_000, 9_000_000)),
    }


def _account(draw: random.Random, number: int) -> dict[str, Any]:
    return {
        "id": f"A{number}",
        "owner": "client" if number % 2 == 0 else "spouse",
        "registration": REGISTRATIONS[number % len(REGISTRATIONS)],
        "cash": round(draw.uniform(500, 25_000), 2),
        "cash_reserve": draw.choice((0, 1_000)),
        "withdraw": draw.choice((0, 0, 0, 0, 5_000)),
        "min_trade": 250,
    }


def _lots(
    draw: random.Random, securities: list[dict[str, Any]], homes: list[dict[str, Any]], size: tuple[int, float]
) -> list[dict[str, Any]]:
    """Return lots of random age and gain, in dollars that follow the classes' weights roughly; size: lots, dollars."""
    count, value = size
    rows = []
    for number in range(count):
        home, security = draw.choice(homes), draw.choice(securities)
        days = draw.randint(1, 30) if draw.random() < 0.02 else draw.randint(31, 2_500)
        dollars = value / count * CLASSES[security["asset_class"]] * len(CLASSES) * draw.uniform(0.3, 1.9)
        quantity = max(1, round(dollars / security["price"]))
        growth = min(0.9, max(-0.5, draw.gauss(0.12, 0.22)))
        rows.append(
            {
                "id": f"L{number}",
                "account": home["id"],
                "symbol": security["symbol"],
                "acquired": (AS_OF - timedelta(days=days)).isoformat(),
                "quantity": quantity,
                "cost_basis": round(quantity * security["price"] / (1 + growth), 2),
            }
        )
    return rows
