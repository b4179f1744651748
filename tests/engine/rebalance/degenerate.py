"""Households at the edges: nothing held, nothing to hold, everything forbidden, prices of any size. All made up.

Each is a household at random with one to four things about it made odd; the same seed gives the same one.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from engine.portfolio import Account, Action, HistoryRow, Lot, PlanKind, Registration, WashSalePolicy
from engine.rebalance.case import Case
from tests.builders import AS_OF, dec, random_case
from tests.engine.rebalance.tiny_cases import tiny_case

D = Decimal
ZERO = D(0)
Twist = Callable[[random.Random, Case], Case]


def degenerate_case(seed: int) -> Case:
    """Return a household with odd things about it; about one in twelve cannot be solved and says so."""
    r = random.Random(f"degenerate {seed}")  # noqa: S311 - repeatable test data
    case = _plain(r, seed)
    for twist in r.sample(TWISTS, r.choice((1, 1, 2, 2, 3, 4))):
        case = twist(r, case)
    return case


def _plain(r: random.Random, seed: int) -> Case:
    if r.random() < 0.3:
        return tiny_case(seed)
    return random_case(seed, accounts=r.choice((1, 2, 3)), lots_each=r.choice((1, 2, 4)), symbols_each=r.choice((1, 2)))


def _accounts(case: Case, **changes: object) -> Case:
    return replace(case, accounts=tuple(replace(a, **changes) for a in case.accounts))  # type: ignore[arg-type]


def _securities(case: Case, **changes: object) -> Case:
    return replace(case, securities=tuple(replace(s, **changes) for s in case.securities))  # type: ignore[arg-type]


def _lots(case: Case, **changes: object) -> Case:
    return replace(case, lots=tuple(replace(x, **changes) for x in case.lots))  # type: ignore[arg-type]


def _policy(case: Case, **changes: object) -> Case:
    return replace(case, policy=replace(case.policy, **changes))  # type: ignore[arg-type]


def _tax(case: Case, **changes: object) -> Case:
    return replace(case, tax=replace(case.tax, **changes))  # type: ignore[arg-type]


def _worth(case: Case) -> Decimal:
    price = {s.symbol: s.price for s in case.securities}
    held = sum((x.quantity * price[x.symbol] for x in case.lots if x.symbol in price), ZERO)
    return held + sum((a.cash for a in case.accounts), ZERO)


def _no_lots(_: random.Random, case: Case) -> Case:
    return replace(case, lots=())


def _no_cash(_: random.Random, case: Case) -> Case:
    return _accounts(case, cash=ZERO, cash_reserve=ZERO, withdraw=ZERO)


def _cash_alone(r: random.Random, case: Case) -> Case:
    return _accounts(replace(case, lots=(), history=()), cash=D(r.choice((1, 999, 10**9))))


def _one_cent(_: random.Random, case: Case) -> Case:
    return _accounts(case, cash=dec("0.01"), cash_reserve=ZERO, withdraw=ZERO)


def _all_locked(_: random.Random, case: Case) -> Case:
    return _lots(case, locked=True)


def _odd_targets(r: random.Random, case: Case) -> Case:
    scale = dec(r.choice(("0", "0.3", "0.7", "0.999", "1.0001", "1.5", "3")))
    return replace(case, targets={name: weight * scale for name, weight in case.targets.items()})


def _one_target(r: random.Random, case: Case) -> Case:
    return replace(case, targets={r.choice([*case.targets, "gold", "cash"]): D(1)})


def _no_targets(_: random.Random, case: Case) -> Case:
    return replace(case, targets={})


def _low_caps(r: random.Random, case: Case) -> Case:
    limit = r.choice(("class_cap", "max_position"))
    return _policy(case, **{limit: dec(r.choice(("0", "0.0001", "0.02", "0.1")))})


def _no_securities(_: random.Random, case: Case) -> Case:
    return replace(case, securities=(), lots=(), history=())


def _lots_of_nothing_known(_: random.Random, case: Case) -> Case:
    return replace(case, securities=case.securities[1:])


def _no_accounts(_: random.Random, case: Case) -> Case:
    return replace(case, accounts=(), lots=(), history=())


def _prices(r: random.Random, case: Case) -> Case:
    scale = dec(r.choice(("0.000001", "0.0001", "0.01", "1000", "100000", "10000000")))
    priced = (
        replace(s, price=max(dec("0.000001"), (s.price * scale).quantize(dec("0.000001")))) for s in case.securities
    )
    return replace(
        case, securities=tuple(s if r.random() < 0.4 else t for s, t in zip(case.securities, priced, strict=True))
    )


def _dust(r: random.Random, case: Case) -> Case:
    quantity = dec(r.choice(("0.00000001", "0.0001", "0.01")))
    return replace(case, lots=tuple(replace(x, quantity=quantity) if r.random() < 0.5 else x for x in case.lots))


def _fractional_lots(r: random.Random, case: Case) -> Case:
    parts = (dec(r.choice(("0.3333", "0.00000007", "0.5", "0.9999"))) for _ in case.lots)
    return replace(case, lots=tuple(replace(x, quantity=x.quantity + p) for x, p in zip(case.lots, parts, strict=True)))


def _fractional_accounts(_: random.Random, case: Case) -> Case:
    return _accounts(case, fractional=True)


def _reserve_over_cash(r: random.Random, case: Case) -> Case:
    more = D(r.choice((1, 5000, 10**7)))
    return replace(case, accounts=tuple(replace(a, cash_reserve=max(ZERO, a.cash) + more) for a in case.accounts))


def _withdraw_all(r: random.Random, case: Case) -> Case:
    if not case.accounts or not _worth(case).is_finite():
        return case
    first, *rest = case.accounts
    share = dec(r.choice(("0.05", "0.5", "0.999", "1", "1.5")))
    wanted = max(ZERO, (_worth(case) * share).quantize(dec("0.01")))
    return replace(case, accounts=(replace(first, withdraw=wanted), *rest))


def _overdrawn(r: random.Random, case: Case) -> Case:
    return replace(case, accounts=tuple(replace(a, cash=-a.cash) if r.random() < 0.5 else a for a in case.accounts))


def _no_volume(r: random.Random, case: Case) -> Case:
    return _policy(_securities(case, adv_shares=D(r.choice((0, 1, 10)))), adv_limit=dec(r.choice(("0", "0.1", "5"))))


def _large_orders_only(r: random.Random, case: Case) -> Case:
    return _accounts(case, min_trade=D(r.choice((1000, 20_000, 10**9))))


def _nothing_sold(_: random.Random, case: Case) -> Case:
    return _accounts(case, do_not_sell=tuple(s.symbol for s in case.securities))


def _nothing_bought(r: random.Random, case: Case) -> Case:
    if r.random() < 0.5:
        return replace(case, buy_list={})
    return _accounts(case, do_not_buy=tuple(s.symbol for s in case.securities))


def _turnover_used(r: random.Random, case: Case) -> Case:
    return _policy(case, max_turnover=dec("0.2"), turnover_used=dec(r.choice(("0.199", "0.2", "0.5"))))


def _gains_over_their_limit(r: random.Random, case: Case) -> Case:
    limit = D(r.choice((-5000, 0, 1000)))
    limits: dict[str, object] = {"max_net_gain": limit, "max_short_term_gain": limit if r.random() < 0.5 else None}
    return _policy(_tax(case, ytd_short_term=D(4000), ytd_long_term=D(9000)), **limits)


def _no_tax(r: random.Random, case: Case) -> Case:
    return _policy(case, max_tax=D(r.choice((0, 1, 500))))


def _many_washes(r: random.Random, case: Case) -> Case:
    """Each lot at a loss, half of them with shares reinvested days ago, and losses taken of some others."""
    price = {s.symbol: s.price for s in case.securities}
    homes = [a.id for a in case.accounts]
    lots = [replace(x, cost_basis=x.quantity * price.get(x.symbol, D(1)) * dec("1.4")) for x in case.lots]
    rows = list(case.history)
    for i, x in enumerate(case.lots):
        day, shares = AS_OF - timedelta(days=r.choice((0, 1, 15, 29, 30, 31))), dec(r.choice(("1", "0.5", "1000")))
        if r.random() < 0.5:
            name, where = f"new {i}", r.choice(homes)
            lots.append(Lot(name, where, x.symbol, day, shares, shares * price.get(x.symbol, D(1))))
            rows.append(HistoryRow(where, x.symbol, day, Action.REINVEST, shares, lot=name))
        elif r.random() < 0.3:
            rows.append(HistoryRow(x.account, x.symbol, day, Action.SELL, shares, ZERO, shares / 2))
    return replace(case, lots=tuple(lots), history=tuple(rows))


def _one_group(_: random.Random, case: Case) -> Case:
    return _securities(case, identity_group="ALL")


def _one_kind_of_account(r: random.Random, case: Case) -> Case:
    return _accounts(case, registration=r.choice(list(Registration)))


def _basis(r: random.Random, case: Case) -> Case:
    return _lots(case, cost_basis=r.choice((ZERO, dec("0.01"), D(10**9))))


def _ages(r: random.Random, case: Case) -> Case:
    days = r.choice((0, 30, 31, 364, 365, 366, 20_000))
    return _lots(case, acquired=AS_OF - timedelta(days=days), holding_days_carried=r.choice((0, 0, 400)))


def _costs(r: random.Random, case: Case) -> Case:
    spread, ticket = D(r.choice((0, 100, 9999))), D(r.choice((0, 100, 10**6)))
    return _accounts(_securities(case, half_spread_bp=spread), ticket_charge=ticket)


def _drift(r: random.Random, case: Case) -> Case:
    inside, outside = r.choice((("0", "0"), ("0", "1"), ("1", "1"), ("0.04", "0.04")))
    width = dec(r.choice(("0", "0.2", "5")))
    rates = {"drift_rate_inside": dec(inside), "drift_rate_outside": dec(outside)}
    return _policy(case, band_relative=width, band_absolute=width / 10, **rates)


def _rates(r: random.Random, case: Case) -> Case:
    names = ("short_term_rate", "long_term_rate", "ordinary_rate", "loss_carry_rate", "deferred_tax_rate")
    return _tax(case, **{name: dec(r.choice(("0", "0.2", "1"))) for name in names})


def _deduction_used(_: random.Random, case: Case) -> Case:
    return _tax(case, ytd_loss_deduction_used=D(9000), carryforward_short_term=D(10**6))


def _patience(r: random.Random, case: Case) -> Case:
    return _policy(case, ripening_days=r.choice((0, 365, 9999)), harvest_min_loss_pct=dec(r.choice(("0", "0.5", "9"))))


def _kind_of_plan(r: random.Random, case: Case) -> Case:
    return _policy(case, plan=r.choice(list(PlanKind)), wash_sales=r.choice(list(WashSalePolicy)))


def _faulty(r: random.Random, case: Case) -> Case:
    faults: tuple[dict[str, object], ...] = (
        {"min_trade": D(-1)},
        {"withdraw": D("NaN")},
        {"id": "same"},
        {"cash": D("Infinity")},
    )
    more = Account("Z", "client", Registration.TAXABLE, ZERO)
    return _accounts(replace(case, accounts=(*case.accounts, more)), **r.choice(faults))


TWISTS: tuple[Twist, ...] = (
    _no_lots,
    _no_cash,
    _cash_alone,
    _one_cent,
    _all_locked,
    _odd_targets,
    _one_target,
    _no_targets,
    _low_caps,
    _no_securities,
    _lots_of_nothing_known,
    _no_accounts,
    _prices,
    _dust,
    _fractional_lots,
    _fractional_accounts,
    _reserve_over_cash,
    _withdraw_all,
    _overdrawn,
    _no_volume,
    _large_orders_only,
    _nothing_sold,
    _nothing_bought,
    _turnover_used,
    _gains_over_their_limit,
    _no_tax,
    _many_washes,
    _one_group,
    _one_kind_of_account,
    _basis,
    _ages,
    _costs,
    _drift,
    _rates,
    _deduction_used,
    _patience,
    _kind_of_plan,
    _faulty,
)
"""What is made odd, one thing each."""
