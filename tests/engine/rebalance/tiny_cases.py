"""Households so small that every plan can be tried, with shares so dear that the right plan matters."""

import random
from datetime import timedelta
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
    WashSalePolicy,
)
from engine.rebalance.case import SCHEMA, Case
from tests.builders import AS_OF

RATES = (("0.408", "0.238", "0.37"), ("0.2", "0.4", "0.3"), ("0.1", "0.1", "0.5"), ("0", "0", "0"))


def tiny_case(seed: int) -> Case:
    """Return a case of two or three securities and one or two accounts, each rule set at times."""
    r = random.Random(seed)  # noqa: S311 - repeatable test data
    count = r.choice((2, 2, 3))
    securities = tuple(_security(r, i) for i in range(count))
    accounts = tuple(_account(r, i) for i in range(r.choice((1, 1, 2)) if count == 2 else 1))
    lots, history = _lots(r, securities, accounts)
    if r.random() < 0.25:
        s, day = r.choice(securities), AS_OF - timedelta(days=r.choice((1, 30, 31, 45)))
        lost = Decimal(r.choice((0, 1, 2)))
        history.append(HistoryRow(accounts[0].id, s.symbol, day, Action.SELL, Decimal(2), 2 * s.price, lost))
    if r.random() < 0.15:
        s, day = r.choice(securities), AS_OF - timedelta(days=r.choice((1, 30, 31)))
        history.append(HistoryRow(r.choice(accounts).id, s.symbol, day, Action.BUY, Decimal(1), s.price))
    weights = r.choice((("0.5", "0.4"), ("0.6", "0.4"), ("0.2", "0.7"), ("0.9", "0")))
    targets = {"a": Decimal(weights[0]), "b": Decimal(weights[1])}
    if r.random() < 0.7:
        targets["cash"] = 1 - sum(targets.values(), Decimal(0))
    buy_list = {
        name: tuple(s.symbol for s in securities if s.asset_class == name and r.random() < 0.85) for name in "ab"
    }
    lots_and_more = (tuple(lots), tuple(history), targets, {k: v for k, v in buy_list.items() if v})
    return Case(SCHEMA, AS_OF, _tax(r), securities, accounts, *lots_and_more, _policy(r))


def _security(r: random.Random, i: int) -> Security:
    return Security(
        f"S{i}",
        r.choice("ab"),
        Decimal(r.choice((700, 1000, 2500, 4000, "1234.5"))),
        r.choice((None, None, "G")),
        Decimal(r.choice((0, 1, 20))),
        Decimal(r.choice((0, 3, 50))),
        r.choice((None, Decimal(20), Decimal(40))),
    )


def _account(r: random.Random, i: int) -> Account:
    taxable = i == 0 and r.random() < 0.85
    return Account(
        f"A{i}",
        "client",
        Registration.TAXABLE if taxable else r.choice(list(Registration)),
        cash=Decimal(r.choice((0, 100, 3000, 6000, -500, 3000, 6000))),
        cash_reserve=Decimal(r.choice((0, 0, 500))),
        withdraw=Decimal(r.choice((0, 0, 0, 2000))),
        ticket_charge=Decimal(r.choice((0, 0, 25))),
        min_trade=Decimal(r.choice((0, 0, 1500))),
        do_not_buy=("S0",) if r.random() < 0.1 else (),
        do_not_sell=("S1",) if r.random() < 0.1 else (),
    )


def _lots(
    r: random.Random, securities: tuple[Security, ...], accounts: tuple[Account, ...]
) -> tuple[list[Lot], list[HistoryRow]]:
    lots: list[Lot] = []
    history = []
    for a in accounts:
        for s in securities:
            for _ in range(min(r.choice((0, 1, 1, 2)), 4 - len(lots))):
                days = r.choice((1, 20, 30, 31, 200, 340, 365, 366, 367, 900))
                acquired = AS_OF - timedelta(days=days)
                quantity = Decimal(r.choice((1, 2, 3, 4))) + Decimal(r.choice(("0", "0", "0", "0", "0.25", "0.5")))
                basis = quantity * s.price * Decimal(r.choice(("0.5", "0.8", "0.97", "1", "1.2", "2")))
                carried = r.choice((0, 0, 0, 0, 100)) if days < 30 else 0
                name = f"L{len(lots)}"
                lots.append(Lot(name, a.id, s.symbol, acquired, quantity, basis, carried, r.random() < 0.05))
                if days <= 30 and r.random() < 0.7:
                    action = r.choice((Action.BUY, Action.REINVEST))
                    bought = quantity + Decimal(r.random() < 0.3)
                    history.append(HistoryRow(a.id, s.symbol, acquired, action, bought, basis, lot=name))
    return lots, history


def _tax(r: random.Random) -> TaxPosition:
    short, long, ordinary = (Decimal(x) for x in r.choice(RATES))
    return TaxPosition(
        short,
        long,
        ordinary,
        loss_carry_rate=Decimal(r.choice(("0.12", "0.5"))),
        deferred_tax_rate=Decimal(r.choice(("0.1", "0", "0.3"))),
        ytd_short_term=Decimal(r.choice((0, 1000, -1000, 4000))),
        ytd_long_term=Decimal(r.choice((0, 1500, -2000))),
        carryforward_short_term=Decimal(r.choice((0, 0, 700))),
        carryforward_long_term=Decimal(r.choice((0, 0, 900))),
        ytd_loss_deduction_used=Decimal(r.choice((0, 2500, 4000))),
    )


def _policy(r: random.Random) -> Policy:
    def maybe(*values: str) -> Decimal | None:
        return Decimal(r.choice(values)) if r.random() < 0.25 else None

    return Policy(
        band_relative=Decimal("0.1"),
        band_absolute=Decimal("0.01"),
        drift_rate_inside=Decimal(r.choice(("0.004", "0.1"))),
        drift_rate_outside=Decimal(r.choice(("0.1", "0.4"))),
        location_rate=r.choice((None, {"a": {"taxable": Decimal("0.02")}, "b": {"roth_ira": Decimal("0.03")}})),
        harvest_min_loss=maybe("500", "1000"),
        harvest_min_loss_pct=maybe("0.05", "0.2"),
        ripening_days=r.choice((None, 0, 30)),
        max_net_gain=maybe("0", "500", "1000"),
        max_short_term_gain=maybe("0", "400"),
        max_turnover=maybe("0", "0.1", "0.3"),
        turnover_used=Decimal(r.choice(("0", "0.05"))),
        class_cap=maybe("0", "0.5", "0.7"),
        adv_limit=maybe("0.1"),
        max_position=maybe("0", "0.3", "0.5"),
        wash_sales=r.choice(list(WashSalePolicy)),
    )
