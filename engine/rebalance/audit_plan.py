"""What each kind of plan does not do, for the audit: its own reading of the rules, apart from the solver's."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Account, PlanKind, Side
from engine.rebalance.case import Case
from engine.rebalance.proposal import Trade

_CENT, _DOLLAR = Decimal("0.01"), Decimal(1)


def plan_breaches(case: Case, trades: Sequence[Trade]) -> Iterator[str]:
    """Yield every trade that the plan of the policy leaves alone."""
    kind = case.policy.plan
    if kind is PlanKind.NOTHING:
        yield from (f"plan: nothing is traded, but {t.symbol} in {t.account} is" for t in trades)
    elif kind is PlanKind.CASH_ONLY:
        yield from _cash_only(case, trades)
    elif kind is PlanKind.HARVEST_ONLY:
        yield from _losses_alone(case, trades, sheltered_too=False)
        yield from _replacements(case, trades)
    elif kind is PlanKind.HARVEST_AND_REBALANCE:
        yield from _losses_alone(case, trades, sheltered_too=True)


def _short_of_cash(account: Account) -> bool:
    return account.cash < account.cash_reserve + account.withdraw


def _cash_only(case: Case, trades: Sequence[Trade]) -> Iterator[str]:
    """Purchases where there is cash, sales where it is needed."""
    short = {a.id for a in case.accounts if _short_of_cash(a)}
    for t in trades:
        if t.side is Side.BUY and t.account in short:
            yield f"plan: {t.account} must raise cash and buys {t.symbol}"
        if t.side is Side.SELL and t.account not in short:
            yield f"plan: {t.account} needs no cash and sells {t.symbol}"
    prices = {s.symbol: s.price for s in case.securities}
    costs = {s.symbol: s.half_spread_bp / 10_000 for s in case.securities}
    for account in case.accounts:
        if account.id not in short:
            continue
        brought = sum(
            (t.amount * (1 - costs[t.symbol]) - account.ticket_charge for t in trades if t.account == account.id), ZERO
        )
        dearest = max((prices[x.symbol] for x in case.lots if x.account == account.id), default=ZERO)
        over = account.cash + brought - account.cash_reserve - account.withdraw
        if over > max(dearest, account.min_trade) + _DOLLAR:
            yield f"plan: {account.id} raises ${over:.2f} more than it needs"


def _losses_alone(case: Case, trades: Sequence[Trade], *, sheltered_too: bool) -> Iterator[str]:
    """No taxable lot is sold at a gain; without `sheltered_too` nothing is traded in the other accounts either."""
    accounts, lots = {a.id: a for a in case.accounts}, {x.id: x for x in case.lots}
    for t in trades:
        account = accounts[t.account]
        if not account.registration.is_taxable:
            if not sheltered_too:
                yield f"plan: harvesting trades taxable accounts alone, and {t.symbol} is traded in {t.account}"
            continue
        for part in t.lots:
            lot = lots[part.id]
            at_loss = lot.quantity * t.price < lot.cost_basis
            if not at_loss and not (sheltered_too and _short_of_cash(account)):
                yield f"plan: lot {lot.id} is not at a loss and is sold"


def _replacements(case: Case, trades: Sequence[Trade]) -> Iterator[str]:
    """What is bought of a class in an account replaces what was sold of it there, to the share."""
    of_class = {s.symbol: s.asset_class for s in case.securities}
    sold: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    bought: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    share: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for t in trades:
        place = (t.account, of_class[t.symbol])
        (bought if t.side is Side.BUY else sold)[place] += t.amount
        share[place] = max(share[place], t.price if t.side is Side.BUY else ZERO)
    for place, amount in sorted(bought.items()):
        if amount > sold[place] + share[place] + _CENT:
            account, name = place
            yield f"plan: {account} buys ${amount:.2f} of {name} to replace ${sold[place]:.2f} sold"
