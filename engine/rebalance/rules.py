"""The rules that a household's policy and accounts set, each with its words and the case without it.

They answer two questions: which rules cannot be kept together, and what does keeping one cost.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Account, PlanKind, Policy, WashSalePolicy
from engine.rebalance.case import Case
from engine.rebalance.plan_rules import WORDS

CASH_FLOOR = "cash_floor"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be given up. `words` fit after "without"; `lift` gives the case that does not have it."""

    code: str
    words: str
    lift: Callable[[Case], Case]
    account: str | None = None


def rules_of(case: Case) -> tuple[Rule, ...]:
    """Return the rules that a case sets, those of the policy first, in an order of their own."""
    return (*_of_policy(case), *(rule for a in sorted(case.accounts, key=lambda a: a.id) for rule in _of(case, a)))


def without(case: Case, rules: tuple[Rule, ...]) -> Case:
    """Return the case without some rules."""
    for rule in rules:
        case = rule.lift(case)
    return case


def _unlimited(*fields: str) -> Callable[[Case], Case]:
    return _policy(**dict.fromkeys(fields))


def _policy(**changes: PlanKind | WashSalePolicy | None) -> Callable[[Case], Case]:
    return lambda case: replace(case, policy=replace(case.policy, **changes))  # type: ignore[arg-type]


def _of_policy(case: Case) -> Iterator[Rule]:
    policy = case.policy
    for field, words in _limits(policy):
        yield Rule(field, words, _unlimited(field))
    if policy.harvest_min_loss is not None or policy.harvest_min_loss_pct is not None:
        yield Rule(
            "harvest_threshold", "the harvest thresholds", _unlimited("harvest_min_loss", "harvest_min_loss_pct")
        )
    if policy.wash_sales is WashSalePolicy.NEVER:
        yield Rule(
            "wash_sales", "the rule that no loss is washed even in part", _policy(wash_sales=WashSalePolicy.PRICE)
        )
    if case.history:
        words = "the wash-sale rules (trades of the last 30 days)"
        yield Rule("wash_history", words, lambda c: replace(c, history=()))
    if policy.plan is not PlanKind.FULL:
        words = f"the limits of {WORDS[policy.plan]}"
        yield Rule("plan", words, _policy(plan=PlanKind.FULL))


def _limits(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield each limit of the policy that is set and its words."""
    shares = {
        "max_turnover": "the turnover limit of {:.1%}",
        "class_cap": "the cap of {:.1%} on a class",
        "max_position": "the cap of {:.1%} on a position",
        "adv_limit": "the limit of {:.1%} of daily volume",
    }
    dollars = {
        "max_net_gain": "the limit of ${:,.0f} on the year's net gain",
        "max_short_term_gain": "the limit of ${:,.0f} on the year's short-term gain",
        "max_tax": "the limit of ${:,.0f} on the tax that a plan adds",
        "ripening_days": "the wait of up to {} days for lots about to turn long-term",
    }
    for field, words in (shares | dollars).items():
        limit = getattr(policy, field)
        if limit is not None:
            yield field, words.format(limit).replace("$-", "-$")


def _of(case: Case, account: Account) -> Iterator[Rule]:
    """Yield the rules of one account."""
    if account.cash_reserve:
        words = f"the cash floor of ${account.cash_reserve:,.0f} in account {account.id}"
        yield _account_rule(account, CASH_FLOOR, words, cash_reserve=min(account.cash_reserve, ZERO))
    if account.withdraw:
        words = f"the payment of ${account.withdraw:,.0f} out of account {account.id}"
        yield _account_rule(account, "withdraw", words, withdraw=ZERO)
    if account.min_trade:
        words = f"the minimum order of ${account.min_trade:,.0f} in account {account.id}"
        yield _account_rule(account, "min_trade", words, min_trade=ZERO)
    for field, words in (("do_not_sell", "do-not-sell"), ("do_not_buy", "do-not-buy")):
        symbols = getattr(account, field)
        if symbols:
            listed = ", ".join(symbols[:3]) + (f" and {len(symbols) - 3} more" if len(symbols) > 3 else "")
            yield _account_rule(account, field, f"the {words} list of account {account.id} ({listed})", **{field: ()})
    locked = [lot.id for lot in case.lots if lot.account == account.id and lot.locked]
    if locked:
        yield Rule(
            "locked", f"the lock on {len(locked)} lot(s) of account {account.id}", _unlocked(account.id), account.id
        )
    if not account.fractional:
        yield _account_rule(account, "whole_shares", f"whole shares in account {account.id}", fractional=True)


def _account_rule(account: Account, code: str, words: str, **changes: Decimal | bool | tuple[str, ...]) -> Rule:
    def lift(case: Case) -> Case:
        return replace(
            case,
            accounts=tuple(
                replace(a, **changes) if a.id == account.id else a  # type: ignore[arg-type]
                for a in case.accounts
            ),
        )

    return Rule(code, words, lift, account.id)


def _unlocked(account: str) -> Callable[[Case], Case]:
    def lift(case: Case) -> Case:
        lots = tuple(replace(x, locked=False) if x.account == account else x for x in case.lots)
        return replace(case, lots=lots)

    return lift
