"""Warns where a custodian takes no lot instruction and its own method would sell other lots than the plan's."""

from collections.abc import Sequence
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import LotMethod, Side, Term
from engine.rebalance.eligibility import Survey
from engine.rebalance.figures import Fill
from engine.tax.method_estimate import Character, MethodEstimate, method_estimate

_WORDS = {
    LotMethod.FIFO: "first in, first out",
    LotMethod.LIFO: "last in, first out",
    LotMethod.HIFO: "highest cost first",
    LotMethod.LOWEST_COST: "lowest cost first",
    LotMethod.MINIMUM_TAX: "minimum tax",
    LotMethod.MAXIMUM_LOSS: "maximum loss",
    LotMethod.AVERAGE_COST: "average cost",
}


def lot_method_warnings(view: Survey, fills: Sequence[Fill]) -> tuple[str, ...]:
    """Return a line for each sale whose custodian would sell other lots, with what that does to gains and tax."""
    sales = [f for f in fills if f.side is Side.SELL and f.position.account.registration.is_taxable]
    total = Character()
    for fill in sales:
        total = total.plus(_character(fill))
    lines = []
    for fill in sales:
        account, own = fill.position.account, _character(fill)
        if account.takes_lots or account.lot_method is None:
            continue
        estimate = method_estimate(
            [v.lot for v in fill.position.lots],
            {v.lot.id: shares for v, shares in fill.lots},
            account.lot_method,
            price=fill.position.security.price,
            sold=view.case.as_of,
            tax=view.case.tax,
            rest=Character(total.short_term - own.short_term, total.long_term - own.long_term),
        )
        if estimate.chosen != estimate.by_method:
            lines.append(_line(fill, estimate))
    return tuple(lines)


def _character(fill: Fill) -> Character:
    total = dict.fromkeys(Term, ZERO)
    for sale in fill.sales:
        if sale.term is not None:
            total[sale.term] += sale.gain
    return Character(total[Term.SHORT], total[Term.LONG])


def _line(fill: Fill, estimate: MethodEstimate) -> str:
    symbol, account = fill.position.security.symbol, fill.position.account.id
    change = estimate.difference
    effect = f"{'more' if change > 0 else 'less'} tax by ${abs(change):,.0f}" if change else "the same tax"
    return (
        f"{account} takes no lot instruction: selling {symbol} by {_WORDS[estimate.method]} realizes "
        f"{_amounts(estimate.by_method)} instead of {_amounts(estimate.chosen)}: {effect}, before wash sales."
    )


def _amounts(character: Character) -> str:
    return f"{_signed(character.short_term)} short-term and {_signed(character.long_term)} long-term"


def _signed(amount: Decimal) -> str:
    return f"{amount:+,.0f}".replace("+", "+$").replace("-", "-$")
