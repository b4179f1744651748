"""What the contract forbids a plan, rule by rule, and every whole-share plan of a tiny case."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from math import floor, prod

from engine.portfolio import Lot, WashSalePolicy
from engine.rebalance.case import Case
from tests.engine.rebalance.enumeration import EPS, Household, Plan, is_long_term


def broken_rules(home: Household, plan: Plan) -> Iterator[str]:
    """Yield the name of each rule that a plan breaks."""
    yield from _orders(home, plan)
    yield from _limits(home, plan)
    yield from _lots(home, plan)
    yield from _wash_sales(home, plan)


def _orders(home: Household, plan: Plan) -> Iterator[str]:
    held: dict[tuple[str, str], float] = defaultdict(float)
    left = home.shares_after(plan)
    for lot in home.case.lots:
        held[lot.account, lot.symbol] += float(lot.quantity)
    sides = [(a, s) for a, s, _, _ in home.amounts(plan)]
    if len(sides) != len(set(sides)):
        yield "both sides"
    for account, symbol, side, dollars in home.amounts(plan):
        a = home.account[account]
        closes = side == "sell" and left[account, symbol] == 0
        shares = dollars / home.price[symbol]
        if dollars < float(a.min_trade) - EPS and not closes:
            yield "min_trade"
        if not a.fractional and not closes and abs(shares - round(shares)) > EPS:
            yield "whole shares"
        if side == "buy" and symbol in a.do_not_buy:
            yield "do_not_buy"
        if side == "buy" and symbol not in home.case.buy_list.get(home.security[symbol].asset_class, ()):
            yield "buy_list"
        if side == "sell" and symbol in a.do_not_sell:
            yield "do_not_sell"
    for name, cash in home.cash_after(plan).items():
        if cash < float(home.account[name].cash_reserve + home.account[name].withdraw) - EPS:
            yield "cash"


def _limits(home: Household, plan: Plan) -> Iterator[str]:
    p = home.case.policy
    lines = list(home.amounts(plan))
    bought = {s for _, s, side, _ in lines if side == "buy"}
    total = sum(dollars for *_, dollars in lines)
    if p.max_turnover is not None and total and total / 2 > float(p.max_turnover - p.turnover_used) * home.value + EPS:
        yield "max_turnover"
    by_symbol: dict[str, float] = defaultdict(float)
    for _, symbol, _, dollars in lines:
        by_symbol[symbol] += dollars / home.price[symbol]
    for symbol, shares in by_symbol.items():
        volume = home.security[symbol].adv_shares
        if p.adv_limit is not None and volume is not None and shares > float(p.adv_limit * volume) + EPS:
            yield "adv_limit"
    after = home.class_values(plan)
    for name, value in after.items():
        if p.class_cap is None or name == "cash":
            continue
        top = float(p.class_cap) * home.value
        started_above = home.before[name] > top + EPS
        if value > top + EPS and not started_above:
            yield "class_cap"
        if started_above and any(home.security[s].asset_class == name for s in bought):
            yield "class_cap"
    yield from _caps_and_gains(home, plan, bought)


def _caps_and_gains(home: Household, plan: Plan, bought: set[str]) -> Iterator[str]:
    p, tax = home.case.policy, home.case.tax
    held: dict[str, float] = defaultdict(float)
    for (_, symbol), shares in home.shares_after(plan).items():
        held[symbol] += shares * home.price[symbol]
    if p.max_position is not None and any(held[s] > float(p.max_position) * home.value + EPS for s in bought):
        yield "max_position"
    short, long = home.realized(plan)
    for limit, ytd, gain in (
        (p.max_net_gain, float(tax.ytd_short_term + tax.ytd_long_term), short + long),
        (p.max_short_term_gain, float(tax.ytd_short_term), short),
    ):
        if limit is not None and gain > EPS and ytd + gain > float(limit) + EPS:
            yield "gain limit"


def _lots(home: Household, plan: Plan) -> Iterator[str]:
    p, as_of = home.case.policy, home.case.as_of
    for name, shares in plan.sold.items():
        lot = home.lot[name]
        if lot.locked:
            yield "locked"
        if shares > float(lot.quantity) + EPS:
            yield "oversold"
        if not home.is_taxable(lot.account):
            continue
        gain = home.gain(lot, float(lot.quantity))
        if p.ripening_days is not None and gain > 0 and not is_long_term(lot.acquired, as_of, lot.holding_days_carried):
            last_day = as_of + timedelta(days=p.ripening_days)
            if is_long_term(lot.acquired, last_day, lot.holding_days_carried):
                yield "ripening"
        if gain < 0 and _small(home, lot, -gain):
            yield "harvest threshold"


def _small(home: Household, lot: Lot, loss: float) -> bool:
    p, account = home.case.policy, home.account[lot.account]
    small = (p.harvest_min_loss is not None and loss < float(p.harvest_min_loss)) or (
        p.harvest_min_loss_pct is not None and loss < float(p.harvest_min_loss_pct * lot.cost_basis)
    )
    name = home.security[lot.symbol].asset_class
    over = home.before[name] > home.target[name] * home.value + home.band[name]
    must_raise = account.cash < account.cash_reserve + account.withdraw
    return small and not over and not must_raise


def _wash_sales(home: Household, plan: Plan) -> Iterator[str]:
    lost = {home.group(home.lot[x].symbol) for x in plan.sold if home.is_loss(home.lot[x])}
    bought = {home.group(s) for _, s in plan.bought}
    if lost & bought:
        yield "loss sale and purchase"
    if bought & home.purchases.lost_in_window():
        yield "purchase after a loss"
    for group, account in home.purchases.bought_in_window():
        if group in lost and not home.is_taxable(account):
            yield "loss an IRA would destroy"
        if group in lost and home.is_taxable(account) and home.case.policy.wash_sales is WashSalePolicy.NEVER:
            yield "loss sale after a purchase"


def number_of_plans(case: Case) -> int:
    """Return how many plans there are to try."""
    home = Household(case)
    return prod(sum(1 for _ in _plans_of(home, a.id)) for a in case.accounts)


def all_plans(home: Household) -> Iterator[Plan]:
    """Yield every plan of whole shares of every lot, account by account; a lot may go whole with its fraction."""
    by_account = [list(_plans_of(home, a.id)) for a in home.case.accounts]
    for parts in product(*by_account):
        bought = {k: n for b, _ in parts for k, n in b.items()}
        sold = {k: n for _, s in parts for k, n in s.items()}
        yield Plan(bought, sold)


def _plans_of(home: Household, account: str) -> Iterator[tuple[dict[tuple[str, str], float], dict[str, float]]]:
    lots = [x for x in home.case.lots if x.account == account and not x.locked]
    symbols = [s for listed in home.case.buy_list.values() for s in listed if s in home.security]
    sales = product(*(sorted({*range(floor(x.quantity) + 1), float(x.quantity)}) for x in lots))
    for shares in sales:
        sold = {x.id: float(n) for x, n in zip(lots, shares, strict=True) if n > 0}
        means = home.cash[account] + sum(n * home.price[home.lot[x].symbol] for x, n in sold.items())
        gone = {home.lot[x].symbol for x in sold}
        tops = [0 if s in gone else max(0, floor(means / home.price[s])) for s in symbols]
        for counts in product(*(range(n + 1) for n in tops)):
            bought = {(account, s): float(n) for s, n in zip(symbols, counts, strict=True) if n > 0}
            plan = Plan(bought, sold)
            floor_of = home.account[account].cash_reserve + home.account[account].withdraw
            if home.cash_after(plan)[account] >= float(floor_of) - EPS:
                yield bought, sold


def best_plan(case: Case) -> tuple[float, Plan] | None:
    """Return the lowest objective over all whole-share plans that break no rule, and the first plan that has it."""
    home = Household(case)
    best: tuple[float, Plan] | None = None
    for plan in all_plans(home):
        value = home.objective(plan)
        if (best is None or value < best[0] - EPS) and not any(broken_rules(home, plan)):
            best = value, plan
    return best
