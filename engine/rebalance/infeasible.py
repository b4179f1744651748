"""Why there is no plan: which account cannot raise its cash, and which rules stand in the way, in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Account, Policy
from engine.rebalance.case import Case
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.milp import Outcome
from engine.rebalance.program import build_program
from engine.rebalance.rounding import any_shares
from engine.rebalance.rules import rules_of, without


def why_infeasible(view: Survey, *, whole: bool = False) -> tuple[str, ...]:
    """Return one sentence for each account that cannot meet its cash floor, and the rules that collide with it.

    Only a cash floor can be out of reach: doing nothing keeps every other rule. `whole` = in whole shares.
    """
    search, case = _Search(whole), view.case
    short = [a for a in sorted(case.accounts, key=lambda a: a.id) if _short(a) > 0]
    sentences = [sentence for account in short if (sentence := _alone(search, case, view, account))]
    collide = colliding(search, case)
    if sentences:
        return (*sentences, *collide)
    names = ", ".join(a.id for a in short)
    head = f"the cash needed in {names} cannot be raised together{' in whole shares' if whole else ''}"
    rules = search.in_the_way(case)
    return (f"{head} within {rules}" if rules else f"{head} under the rules that hold", *collide)


def colliding(search: "_Search", case: Case) -> tuple[str, ...]:
    """Return, in one sentence, a smallest set of rules that cannot be kept together; empty without such a set.

    Rules are dropped one after the other while there is still no plan (the deletion filter of Chinneck and Dravnieks
    1991): what is left has a plan as soon as any one of them is given up.
    """
    kept = tuple(rule for rule in rules_of(case) if search.whole or rule.code != "whole_shares")
    if not search.feasible(without(case, kept)):
        return ()
    for rule in kept:
        rest = tuple(other for other in kept if other is not rule)
        dropped = tuple(other for other in rules_of(case) if other.words not in {r.words for r in rest})
        if not search.feasible(without(case, dropped)):
            kept = rest
    if len(kept) < 2:
        return ()
    named = ", ".join(rule.words for rule in kept[:-1])
    return (f"these cannot be kept together: {named} and {kept[-1].words}; without any one of them there is a plan",)


def _short(account: Account) -> Decimal:
    return account.cash_reserve + account.withdraw - account.cash


def _dollars(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _alone(search: "_Search", case: Case, view: Survey, account: Account) -> str:
    """Say what keeps one account from its cash, with the other accounts' floors left out; empty if nothing does."""
    others = tuple(
        a if a.id == account.id else replace(a, cash_reserve=ZERO, withdraw=ZERO, cash=max(a.cash, ZERO))
        for a in case.accounts
    )
    alone = replace(case, accounts=others)
    if search.feasible(alone):
        return ""
    lots = [v for p in view.positions if p.account.id == account.id for v in p.lots]
    free = sum((v.value for v in lots if v.block is None), ZERO)
    head = (
        f"account {account.id} needs {_dollars(_short(account))} more cash (has {_dollars(account.cash)}, "
        f"keeps {_dollars(account.cash_reserve)}, pays out {_dollars(account.withdraw)})"
    )
    if search.whole:
        head += " and trades whole shares"
    rules = search.in_the_way(alone)
    if rules:
        return f"{head}; it could without {rules}"
    blocked = sorted({v.block.why for v in lots if v.block is not None})
    if blocked:
        return f"{head} and can sell {_dollars(free)}; not sold because {'; '.join(blocked[:5])}"
    return f"{head} and all it can sell is worth {_dollars(free)} before costs"


@dataclass(frozen=True, slots=True)
class _Search:
    """Tries a case with some of its rules left out."""

    whole: bool

    def feasible(self, case: Case) -> bool:
        """Whether any plan keeps every rule."""
        view = survey(case)
        program = build_program(view, any_shares(view) if self.whole else None, margin=0.0)
        return program.milp.solve(absolute_gap=1e9).outcome is not Outcome.INFEASIBLE

    def in_the_way(self, case: Case) -> str:
        """Return the rules each of which alone stands in the way, else those that do together; empty if none do."""
        names = [name for name in _RULES if self.feasible(_without(case, [name]))]
        if names:
            return " or without ".join(names)
        if not self.feasible(_without(case, _RULES)):
            return ""
        lifted = list(_RULES)
        for name in _RULES:
            fewer = [x for x in lifted if x != name]
            if self.feasible(_without(case, fewer)):
                lifted = fewer
        return " and ".join(lifted)


def _without(case: Case, rules: Iterable[str]) -> Case:
    for name in rules:
        case = _RULES[name](case)
    return case


def _unlimited(*fields: str) -> Callable[[Case], Case]:
    changes: dict[str, object] = dict.fromkeys(fields)
    return lambda case: replace(case, policy=_with(case.policy, changes))


def _with(policy: Policy, changes: dict[str, object]) -> Policy:
    return replace(policy, **changes)  # type: ignore[arg-type]


def _any_order_size(case: Case) -> Case:
    return replace(case, accounts=tuple(replace(a, min_trade=ZERO) for a in case.accounts))


_RULES: dict[str, Callable[[Case], Case]] = {
    "the turnover limit": _unlimited("max_turnover"),
    "the limit on the year's net gain": _unlimited("max_net_gain"),
    "the limit on the year's short-term gain": _unlimited("max_short_term_gain"),
    "the limit on daily volume": _unlimited("adv_limit"),
    "the wait for lots about to turn long-term": _unlimited("ripening_days"),
    "the minimum size of an order": _any_order_size,
}
