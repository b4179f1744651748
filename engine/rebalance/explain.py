"""A reason for every trade, and for a plan without trades: a code, and a sentence with its numbers."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, PlanKind, Side, Term, class_words
from engine.rebalance.eligibility import Survey, worth_trading
from engine.rebalance.figures import Figures, Fill
from engine.rebalance.orders import OrderKey
from engine.rebalance.plan_rules import WORDS
from engine.rebalance.proposal import ClassWeight

Reason = tuple[str, str]


def explain_trades(view: Survey, fills: Sequence[Fill], result: Figures) -> dict[OrderKey, Reason]:
    """Return (code, sentence) for each order."""
    weights = {c.asset_class: c for c in result.classes}
    of_class: dict[str, list[Fill]] = {}
    for fill in fills:
        of_class.setdefault(fill.position.security.asset_class, []).append(fill)
    reasons = {}
    for fill in fills:
        beside = of_class[fill.position.security.asset_class]
        sells = fill.side is Side.SELL
        reason = _sale(view, fill, beside, weights) if sells else _purchase(fill, beside, weights)
        reasons[*fill.position.key, fill.side] = reason
    return reasons


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sale(view: Survey, fill: Fill, beside: Sequence[Fill], weights: dict[str, ClassWeight]) -> Reason:
    account = fill.position.account
    gain = sum((s.gain for s in fill.sales if s.term is not None), ZERO)
    needed = account.cash_reserve + account.withdraw - account.cash
    symbol, name = fill.position.security.symbol, fill.position.security.asset_class
    weight = weights[name]
    if needed > 0:
        return (
            "raise_cash",
            f"Raises cash: the account needs ${needed:,.0f} more than it has. {_gain_words(fill)}".strip(),
        )
    if gain < 0:
        return "harvest_loss", _harvest(view, fill, beside)
    if weight.before > weight.target + weight.band / 2:
        return "rebalance_overweight", f"{_weight_words(weight)} {_gain_words(fill)}".strip()
    if any(f.side is Side.BUY and f.position.key != fill.position.key for f in beside):
        where = "another account" if fill.position.lots[0].term is None else "the account where it costs less to hold"
        return (
            "reduce_cost",
            f"The {class_words(name)} exposure of {symbol} is kept in {where}. {_gain_words(fill)}".strip(),
        )
    return "fund_purchases", f"Pays for the purchases of this account. {_gain_words(fill)}".strip()


def _harvest(view: Survey, fill: Fill, beside: Sequence[Fill]) -> str:
    name = fill.position.security.asset_class
    losses = [(s.term, -s.gain) for s in fill.sales if s.gain < 0]
    short = sum((loss for term, loss in losses if term is Term.SHORT), ZERO)
    gains = sum((s.gain for s in fill.sales if s.gain > 0), ZERO)
    instead = sorted(
        {
            f.position.security.symbol
            for f in beside
            if f.side is Side.BUY and f.position.security.group != fill.position.security.group
        }
    )
    until = view.case.as_of + timedelta(days=30)
    text = f"Takes a loss of ${sum((loss for _, loss in losses), ZERO):,.0f} (${short:,.0f} of it short-term)"
    if gains:
        text += f" and a gain of ${gains:,.0f} in other lots"
    if instead:
        text += f"; {' and '.join(instead)} keeps the {class_words(name)} exposure"
    return f"{text}. {fill.position.security.group} is not to be bought in any account through {until}."


def _purchase(fill: Fill, beside: Sequence[Fill], weights: dict[str, ClassWeight]) -> Reason:
    security = fill.position.security
    weight = weights[security.asset_class]
    harvested = sorted(
        {f.position.security.symbol for f in beside if f.side is Side.SELL and any(v.is_loss for v, _ in f.lots)}
    )
    if harvested:
        return (
            "harvest_replacement",
            f"Keeps the {class_words(security.asset_class)} exposure of {' and '.join(harvested)}, sold at a loss.",
        )
    if weight.before < weight.target - weight.band / 2:
        return "rebalance_underweight", _weight_words(weight)
    moved = any(f.side is Side.SELL for f in beside)
    if moved:
        return (
            "reduce_cost",
            f"Holds {class_words(security.asset_class)} where it costs less after tax and fees; sold elsewhere.",
        )
    cash = weights[CASH_CLASS]
    if cash.before > cash.target + cash.band / 2:
        return (
            "invest_cash",
            f"Invests cash: it is {cash.before:.1%} of the household against a target of {cash.target:.1%}.",
        )
    if weight.before < weight.target:
        return "rebalance_underweight", _weight_words(weight)
    name = _sentence(class_words(security.asset_class))
    change = f"from {weight.before:.1%} to {weight.after:.1%} of the household, its target is {weight.target:.1%}"
    return "invest_cash", f"Invests cash that this account does not need. {name} goes {change}."


def _weight_words(weight: ClassWeight) -> str:
    gap = abs(weight.before - weight.target)
    place = "outside" if gap > weight.band else "inside"
    return (
        f"{_sentence(class_words(weight.asset_class))} is {weight.before:.1%} of the household against a target of "
        f"{weight.target:.1%}, {place} its band of {weight.band:.1%}; after the trades {weight.after:.1%}."
    )


def _gain_words(fill: Fill) -> str:
    sales = [s for s in fill.sales if s.term is not None]
    if not sales:
        return "No tax: the account is tax-advantaged."
    short = sum((s.gain for s in sales if s.term is Term.SHORT), ZERO)
    long = sum((s.gain for s in sales if s.term is Term.LONG), ZERO)
    parts = [
        f"a {word} {'gain' if amount >= 0 else 'loss'} of ${abs(amount):,.0f}"
        for word, amount in (("short-term", short), ("long-term", long))
        if amount
    ]
    return f"It realizes {' and '.join(parts)}." if parts else "It realizes no gain."


def nothing_to_do(view: Survey, result: Figures, gap: Decimal, *, proven: bool) -> tuple[str, ...]:
    """Say why a plan without trades is the best there is; `proven` False = the time limit ended the search."""
    kind = view.case.policy.plan
    if kind is not PlanKind.FULL:
        return (
            f"{_sentence(WORDS[kind])} finds nothing to do.",
            f"With its rules alone and a free hand, up to ${gap:,.2f} could be gained.",
        )
    if not proven:
        return (
            "The time limit ended the search before it found a plan better than doing nothing.",
            f"One may be better by up to ${gap:,.2f}; give the search more time.",
        )
    if view.value <= 0:
        return ("The household holds nothing that could be traded or invested.",)
    outside = [c for c in result.classes if abs(c.before - c.target) > c.band]
    lines = []
    if outside:
        names = ", ".join(class_words(c.asset_class) for c in outside)
        lines.append(f"Outside their bands: {names}; no trade that the rules allow is worth its cost.")
    else:
        lines.append("Every asset class is inside its band.")
    losses = [v for p in view.positions for v in p.lots if v.is_loss]
    if not losses:
        lines.append("No lot of a taxable account is at a loss.")
    elif all(v.block is not None for v in losses):
        lines.append(f"Lots at a loss: {len(losses)}; a rule or threshold holds each of them back.")
    else:
        lines.append("Taking the losses there are would cost more in trading and later tax than it saves.")
    if gap > worth_trading(view):
        lines.append(f"A plan in fractions of shares could be better by up to ${gap:,.2f}; none in whole shares is.")
    else:
        lines.append(f"No plan could be better than doing nothing by more than ${gap:,.2f}.")
    return tuple(lines)
