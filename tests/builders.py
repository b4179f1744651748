"""Builders with good defaults: a test states only what matters. All data are made up."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from engine.portfolio import (
    Account,
    Action,
    HistoryRow,
    Lot,
    Policy,
    Registration,
    Security,
    TaxPosition,
)
from engine.rebalance.case import SCHEMA, Case

AS_OF = date(2025, 6, 30)


def dec(value: float | str) -> Decimal:
    """Return a Decimal as the text says."""
    return Decimal(str(value))


def tax(**changes: Decimal) -> TaxPosition:
    """Return the rates of the contract's example."""
    rates = {"short_term_rate": dec("0.408"), "long_term_rate": dec("0.238"), "ordinary_rate": dec("0.37")}
    return TaxPosition(**{**rates, **changes})


def security(symbol: str, asset_class: str = "us_equity", price: str = "100", **changes: object) -> Security:
    """Return a security at 100 dollars with one basis point of half spread."""
    values: dict[str, object] = {"half_spread_bp": Decimal(1), **changes}
    return Security(symbol, asset_class, Decimal(price), **values)  # type: ignore[arg-type]


def account(name: str = "A1", registration: Registration = Registration.TAXABLE, **changes: object) -> Account:
    """Return a taxable account with 1,000 dollars and no minimum."""
    values: dict[str, object] = {"cash": Decimal(1000), **changes}
    return Account(name, "client", registration, **values)  # type: ignore[arg-type]


def lot(name: str, symbol: str, quantity: str, basis: str, acquired: date, **changes: object) -> Lot:
    """Return a lot in account A1; `basis` is its total."""
    values: dict[str, object] = {"account": "A1", **changes}
    return Lot(
        id=name,
        symbol=symbol,
        acquired=acquired,
        quantity=Decimal(quantity),
        cost_basis=Decimal(basis),
        **values,  # type: ignore[arg-type]
    )


def case(
    securities: Sequence[Security],
    accounts: Sequence[Account],
    lots: Sequence[Lot] = (),
    *,
    targets: dict[str, str] | None = None,
    buy_list: dict[str, tuple[str, ...]] | None = None,
    history: Sequence[HistoryRow] = (),
    policy: Policy | None = None,
    position: TaxPosition | None = None,
) -> Case:
    """Return a case on 2025-06-30."""
    return Case(
        SCHEMA,
        AS_OF,
        position or tax(),
        tuple(securities),
        tuple(accounts),
        tuple(lots),
        tuple(history),
        {k: Decimal(v) for k, v in (targets or {}).items()},
        buy_list or {},
        policy or Policy(),
    )


CLASSES = ("us_equity", "intl_equity", "em_equity", "us_bond", "tips", "real_estate")


def random_case(seed: int, *, accounts: int = 3, lots_each: int = 6, symbols_each: int = 2) -> Case:
    """Return a household at random: several accounts, losses, recent purchases and loss sales, every limit at times."""
    r = random.Random(seed)  # noqa: S311 - repeatable test data
    securities = tuple(
        Security(
            f"{name[:2].upper()}{name[-5:-2].upper()}{j}",
            name,
            Decimal(str(round(r.uniform(20, 400), 2))),
            identity_group=None if r.random() < 0.7 else f"{name} index",
            half_spread_bp=Decimal(r.choice((1, 3, 5))),
            carry_bp=Decimal(r.choice((0, 3, 9))),
            adv_shares=Decimal(r.choice((200, 5000, 10**6))),
        )
        for name in CLASSES
        for j in range(symbols_each)
    )
    kinds = list(Registration)
    homes = tuple(
        Account(
            f"A{i}",
            "client",
            Registration.TAXABLE if i == 0 or r.random() < 0.4 else r.choice(kinds),
            cash=Decimal(r.choice((200, 3000, 40000))),
            cash_reserve=Decimal(r.choice((0, 1000))),
            withdraw=Decimal(r.choice((0, 0, 0, 8000))),
            fractional=r.random() < 0.2,
            ticket_charge=Decimal(r.choice((0, 0, "4.95"))),
            min_trade=Decimal(r.choice((0, 250, 500))),
            do_not_buy=(r.choice(securities).symbol,) if r.random() < 0.2 else (),
            do_not_sell=(r.choice(securities).symbol,) if r.random() < 0.2 else (),
        )
        for i in range(accounts)
    )
    lots = []
    history = []
    for home in homes:
        for s in r.sample(securities, max(2, len(securities) // 2)):
            for j in range(r.randint(1, lots_each)):
                days = r.randint(1, 30) if r.random() < 0.06 else r.randint(31, 1500)
                quantity = Decimal(str(round(r.uniform(5, 200), r.choice((0, 0, 0, 3)))))
                ratio = Decimal(str(round(1 + min(0.7, max(-0.6, r.gauss(0.1, 0.25))), 4)))
                name = f"{home.id}-{s.symbol}-{j}"
                acquired = AS_OF - timedelta(days=days)
                basis = (quantity * s.price / ratio).quantize(Decimal("0.01"))
                lots.append(Lot(name, home.id, s.symbol, acquired, quantity, basis, locked=r.random() < 0.03))
                if days <= 30:
                    history.append(HistoryRow(home.id, s.symbol, acquired, Action.BUY, quantity, basis, lot=name))
    for _ in range(r.randint(0, 2)):
        s = r.choice(securities)
        day = AS_OF - timedelta(days=r.randint(0, 40))
        history.append(HistoryRow(homes[0].id, s.symbol, day, Action.SELL, Decimal(10), s.price * 9, Decimal(10)))
    weights = [r.uniform(0.2, 1) for _ in CLASSES]
    targets = {n: Decimal(str(round(0.97 * w / sum(weights), 4))) for n, w in zip(CLASSES, weights, strict=True)}
    targets["cash"] = 1 - sum(targets.values(), Decimal(0))

    def maybe(value: str) -> Decimal | None:
        return Decimal(value) if r.random() < 0.4 else None

    policy = Policy(
        location_rate={"us_bond": {"taxable": Decimal("0.012"), "traditional_ira": Decimal(0)}},
        harvest_min_loss=maybe("500"),
        harvest_min_loss_pct=maybe("0.03"),
        ripening_days=30 if r.random() < 0.5 else None,
        max_net_gain=maybe("2000"),
        max_short_term_gain=maybe("1000"),
        max_turnover=maybe("0.15"),
        class_cap=maybe("0.35"),
        adv_limit=maybe("0.10"),
        max_position=maybe("0.25"),
    )
    position = tax(
        ytd_short_term=Decimal(r.choice((0, 4000, -2000))),
        ytd_long_term=Decimal(r.choice((0, 9000, -12000))),
        carryforward_long_term=Decimal(r.choice((0, 0, 7000))),
    )
    buy_list = {n: tuple(s.symbol for s in securities if s.asset_class == n) for n in CLASSES}
    return Case(SCHEMA, AS_OF, position, securities, homes, tuple(lots), tuple(history), targets, buy_list, policy)
