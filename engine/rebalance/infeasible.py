"""Why there is no plan: which account cannot raise its cash, and which rules stand in the way, in words."""

from dataclasses import replace
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Account, Policy
from engine.rebalance.case import Case
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.milp import Outcome
from engine.rebalance.program import build_program

_RULES: tuple[tuple[str, dict[str, object]], ...] = (
    ("the turnover limit", {"max_turnover": None}),
    ("the limit on the year's net gain", {"max_net_gain": None}),
    ("the limit on the year's short-term gain", {"max_short_term_gain": None}),
    ("the limit on daily volume", {"adv_limit": None}),
    ("the wait for lots about to turn long-term", {"ripening_days": None}),
    ("the harvest thresholds", {"harvest_min_loss": None, "harvest_min_loss_pct": None}),
)


def why_infeasible(view: Survey) -> tuple[str, ...]:
    """Return one sentence for each account that cannot meet its cash floor, and the rules that collide with it.

    Only a cash floor can be out of reach: doing nothing keeps every other rule.
    """
    case = view.case
    short = [a for a in sorted(case.accounts, key=lambda a: a.id) if _short(a) > 0]
    sentences = [sentence for account in short if (sentence := _alone(case, view, account))]
    if sentences:
        return tuple(sentences)
    rules = [words for words, change in _RULES if _feasible(replace(case, policy=_with(case.policy, change)))]
    names = ", ".join(a.id for a in short)
    if rules:
        return (f"the cash needed in {names} cannot be raised together within {' or '.join(rules)}",)
    return (f"the cash needed in {names} cannot be raised together under the rules that hold",)


def _short(account: Account) -> Decimal:
    return account.cash_reserve + account.withdraw - account.cash


def _with(policy: Policy, change: dict[str, object]) -> Policy:
    return replace(policy, **change)  # type: ignore[arg-type]


def _feasible(case: Case) -> bool:
    program = build_program(survey(case))
    return program.milp.solve(absolute_gap=1e9).outcome is not Outcome.INFEASIBLE


def _alone(case: Case, view: Survey, account: Account) -> str:
    """Say what keeps one account from its cash, with the other accounts' floors left out; empty if nothing does."""
    others = tuple(
        a if a.id == account.id else replace(a, cash_reserve=ZERO, withdraw=ZERO, cash=max(a.cash, ZERO))
        for a in case.accounts
    )
    alone = replace(case, accounts=others)
    if _feasible(alone):
        return ""
    lots = [v for p in view.positions if p.account.id == account.id for v in p.lots]
    free = sum((v.value for v in lots if v.block is None), ZERO)
    head = (
        f"account {account.id} needs ${_short(account):,.2f} more cash "
        f"(has ${account.cash:,.2f}, keeps ${account.cash_reserve:,.2f}, pays out ${account.withdraw:,.2f})"
    )
    blocked = sorted({v.block.why for v in lots if v.block is not None})
    rules = [words for words, change in _RULES if _feasible(replace(alone, policy=_with(case.policy, change)))]
    if rules:
        return f"{head}; it could without {' or without '.join(rules)}"
    if blocked:
        return f"{head} and can sell ${free:,.2f}; not sold because {'; '.join(blocked[:5])}"
    return f"{head} and all it can sell is worth ${free:,.2f} before costs"
