"""Solve a case, hold the plan against the audit, and read it."""

from dataclasses import replace
from decimal import Decimal

from engine.portfolio import Action, HistoryRow, Lot, Side
from engine.rebalance.audit import audit_proposal
from engine.rebalance.audit_figures import books
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal, Status
from engine.rebalance.solve import solve
from tests.engine.rebalance.enumeration import Plan

NEVER_READ = ("None", "nan ", "Decimal", "$-", "..", "{", "()")


def solved(case: Case) -> Proposal:
    """Return the proposal for a case; it must pass the audit and say in plain words what it does and does not."""
    proposal = solve(case, case_sha256="made by a test")
    assert audit_proposal(case, proposal) == ()
    check_words(proposal)
    return proposal


def check_words(proposal: Proposal) -> None:
    """Check that every trade and every row not done has a code and a sentence, and an idle plan its reasons."""
    told = [(t.reason_code, t.reason) for t in proposal.trades]
    told += [(s.reason_code, s.reason) for s in proposal.suppressed]
    for code, sentence in told:
        assert code == code.lower().replace(" ", "_") != ""
        assert sentence[:1].isupper()
        assert sentence.endswith(".")
    for text in [*(sentence for _, sentence in told), *proposal.reasons]:
        assert text == " ".join(text.split())
        assert [sign for sign in NEVER_READ if sign in text] == [], text
    assert proposal.trades or proposal.reasons
    assert proposal.status is not Status.INFEASIBLE or not proposal.trades


def bought(proposal: Proposal) -> dict[tuple[str, str], Decimal]:
    """Return the shares bought, by account and symbol."""
    return {(t.account, t.symbol): t.quantity for t in proposal.trades if t.side is Side.BUY}


def sold(proposal: Proposal) -> dict[str, Decimal]:
    """Return the shares sold, by lot."""
    return {s.id: s.quantity for t in proposal.trades for s in t.lots}


def plan_of(proposal: Proposal) -> Plan:
    """Return the trades as a plan to be priced by hand."""
    return Plan(
        {key: float(shares) for key, shares in bought(proposal).items()},
        {name: float(shares) for name, shares in sold(proposal).items()},
    )


def filled(case: Case, proposal: Proposal) -> Case:
    """Return the case of the same day once every trade is filled: lots, cash, history, the year's gains, turnover."""
    lots = {x.id: x for x in case.lots}
    history = list(case.history)
    for t in proposal.trades:
        if t.side is Side.BUY:
            name = f"bought {t.symbol} in {t.account}"
            lots[name] = Lot(name, t.account, t.symbol, case.as_of, t.quantity, t.amount)
            history.append(HistoryRow(t.account, t.symbol, case.as_of, Action.BUY, t.quantity, t.amount, lot=name))
            continue
        lost = Decimal(0)
        for s in t.lots:
            lot = lots.pop(s.id)
            left = lot.quantity - s.quantity
            lost += s.quantity if s.term is not None and s.gain < 0 else 0
            if left > 0:
                lots[s.id] = replace(lot, quantity=left, cost_basis=lot.cost_basis * left / lot.quantity)
        history.append(HistoryRow(t.account, t.symbol, case.as_of, Action.SELL, t.quantity, t.amount, lost))
    b = books(case, proposal.trades)
    return replace(
        case,
        accounts=tuple(replace(a, cash=b.cash[a.id]) for a in case.accounts),
        lots=tuple(lots.values()),
        history=tuple(history),
        tax=replace(
            case.tax,
            ytd_short_term=case.tax.ytd_short_term + b.short,
            ytd_long_term=case.tax.ytd_long_term + b.long,
        ),
        policy=replace(case.policy, turnover_used=case.policy.turnover_used + proposal.turnover),
    )
