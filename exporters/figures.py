"""Figures that several outputs show of a household: value, value by account, costs, counts."""

from dataclasses import dataclass
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, Side
from engine.rebalance.proposal import CashLine, ClassWeight
from exporters.run_report import HouseholdReport


@dataclass(frozen=True, slots=True)
class AccountValue:
    """What one account is worth at the case's prices, in dollars. `cash` is part of `value`."""

    key: str
    value: Decimal
    cash: Decimal


def account_values(household: HouseholdReport) -> tuple[AccountValue, ...]:
    """Return each account's value before the trades, what is to be paid out included."""
    prices = {s.symbol: s.price for s in household.case.securities}
    held = {a.id: ZERO for a in household.case.accounts}
    for lot in household.case.lots:
        held[lot.account] += lot.quantity * prices[lot.symbol]
    return tuple(AccountValue(a.id, held[a.id] + a.cash, a.cash) for a in household.case.accounts)


def household_value(household: HouseholdReport) -> Decimal:
    """Return the value that the weights are fractions of: all cash and lots at price, less what is paid out."""
    paid_out = sum((a.withdraw for a in household.case.accounts), ZERO)
    return sum((a.value for a in account_values(household)), ZERO) - paid_out


def trade_costs(household: HouseholdReport, line: CashLine) -> Decimal:
    """Return what the trades of one account cost, in dollars: what is missing from its cash after them."""
    flows = ZERO
    for trade in household.proposal.trades:
        if trade.account == line.account:
            flows += trade.amount if trade.side is Side.SELL else -trade.amount
    return line.before + flows - line.after


def traded(household: HouseholdReport, side: Side) -> Decimal:
    """Return the dollars of all trades of one side."""
    return sum((t.amount for t in household.proposal.trades if t.side is side), ZERO)


def ordered_classes(household: HouseholdReport) -> list[ClassWeight]:
    """Return the weights in the order of the household's plan, then by name, cash last."""
    rank = {name: i for i, name in enumerate(household.strategic)}
    last = len(rank)
    return sorted(
        household.proposal.classes,
        key=lambda c: (c.asset_class == CASH_CLASS, rank.get(c.asset_class, last), c.asset_class),
    )


def widest(household: HouseholdReport, *, after: bool) -> ClassWeight | None:
    """Return the asset class furthest from its target, before or after the trades."""
    classes = household.proposal.classes
    return max(classes, key=lambda c: abs((c.after if after else c.before) - c.target), default=None)
