"""The gate before an overlay: what it is expected to add to an account a year, against what it costs there.

An expected gain under 1 % a year with costs over 0.5 % is marginal: a rule of thumb, whose figures may be changed.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO, cents
from engine.portfolio import Registration
from engine.trail import Trail

BASIS_POINT = Decimal("0.0001")
BOTH_SIDES = 2
"""Dollars traded for a dollar of one-way turnover: one sold, one bought."""


class Verdict(StrEnum):
    """What the gate says."""

    WORTHWHILE = "worthwhile"
    MARGINAL = "marginal"
    """The gain is under its line and the costs are over theirs: little is left, and that is uncertain."""
    COSTS_EXCEED_GAIN = "costs_exceed_gain"


@dataclass(frozen=True, slots=True)
class Gate:
    """The lines of the gate, fractions of the account a year."""

    gain_below: Decimal = Decimal("0.01")
    costs_above: Decimal = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class OverlayEstimate:
    """What is expected of the overlay in any account, a year.

    `expected_gain` is a fraction before every cost here. `turnover` is one-way; `cost_bp` basis points of what is
    traded, each side; `orders` how many orders an account places. Of what a taxable account sells, the fraction
    `gain_share` is gain (negative: loss), of which the fraction `short_share` is short-term. `firm_cost` is the
    firm's fixed cost as a fraction of its assets.
    """

    expected_gain: Decimal
    turnover: Decimal
    cost_bp: Decimal = ZERO
    orders: Decimal = ZERO
    gain_share: Decimal = ZERO
    short_share: Decimal = Decimal(1)
    short_rate: Decimal = ZERO
    long_rate: Decimal = ZERO
    firm_cost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class OverlayAccount:
    """An account with its own figures; None is what the estimate says. `value` and `ticket_charge` are dollars."""

    account: str
    registration: Registration
    value: Decimal
    ticket_charge: Decimal = ZERO
    expected_gain: Decimal | None = None
    cost_bp: Decimal | None = None
    gain_share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountVerdict:
    """The gate's verdict for an account. Gain and costs are fractions of its value a year, `net_dollars` dollars."""

    account: str
    registration: Registration
    value: Decimal
    gain: Decimal
    trading: Decimal
    tickets: Decimal
    tax: Decimal
    firm: Decimal
    costs: Decimal
    net: Decimal
    net_dollars: Decimal
    verdict: Verdict
    reason: str
    trail: Trail


def account_verdict(account: OverlayAccount, estimate: OverlayEstimate, gate: Gate | None = None) -> AccountVerdict:
    """Return the verdict for an account. Tax is that of the sales of the year: what they save later is not counted.

    Raises ValueError for an account without value.
    """
    if account.value <= 0:
        raise ValueError(f"account {account.account} has no value")
    lines = gate or Gate()
    gain = estimate.expected_gain if account.expected_gain is None else account.expected_gain
    parts = (
        _trading(account, estimate),
        _tickets(account, estimate),
        _tax(account, estimate),
        Trail("share of the firm's fixed cost", estimate.firm_cost, unit="fraction"),
    )
    costs = sum((part.value for part in parts), ZERO)
    total = Trail("costs a year", costs, parts, "fraction")
    expected = Trail("expected gain a year, before costs", gain, unit="fraction")
    verdict, reason = _judged(gain, costs, lines)
    return AccountVerdict(
        account=account.account,
        registration=account.registration,
        value=account.value,
        gain=gain,
        trading=parts[0].value,
        tickets=parts[1].value,
        tax=parts[2].value,
        firm=parts[3].value,
        costs=costs,
        net=gain - costs,
        net_dollars=cents((gain - costs) * account.value),
        verdict=verdict,
        reason=reason,
        trail=Trail("net gain a year = expected gain - costs", gain - costs, (expected, total), "fraction"),
    )


def _judged(gain: Decimal, costs: Decimal, lines: Gate) -> tuple[Verdict, str]:
    figures = f"expected gain {gain:.2%}, costs {costs:.2%} a year"
    if costs >= gain:
        return Verdict.COSTS_EXCEED_GAIN, f"{figures}: nothing is left"
    if gain < lines.gain_below and costs > lines.costs_above:
        return Verdict.MARGINAL, f"{figures}: under {lines.gain_below:.2%} and over {lines.costs_above:.2%}"
    if costs > lines.costs_above:
        return Verdict.WORTHWHILE, f"{figures}: the costs are over {lines.costs_above:.2%}, the gain pays for them"
    return Verdict.WORTHWHILE, f"{figures}: the costs are not over {lines.costs_above:.2%}"


def _trading(account: OverlayAccount, estimate: OverlayEstimate) -> Trail:
    cost_bp = estimate.cost_bp if account.cost_bp is None else account.cost_bp
    inputs = (
        Trail("one-way turnover a year", estimate.turnover, unit="fraction"),
        Trail("cost of each dollar traded", cost_bp * BASIS_POINT, unit="fraction"),
    )
    value = BOTH_SIDES * estimate.turnover * cost_bp * BASIS_POINT
    return Trail("trading = 2 * turnover * cost", value, inputs, "fraction")


def _tickets(account: OverlayAccount, estimate: OverlayEstimate) -> Trail:
    charges = estimate.orders * account.ticket_charge
    inputs = (
        Trail(f"{estimate.orders} orders a year at {account.ticket_charge} dollars", charges),
        Trail("value of the account", account.value),
    )
    return Trail("tickets = charges / value", charges / account.value, inputs, "fraction")


def _tax(account: OverlayAccount, estimate: OverlayEstimate) -> Trail:
    if not account.registration.is_taxable:
        return Trail(f"tax: none in an account registered as {account.registration}", ZERO, unit="fraction")
    share = estimate.gain_share if account.gain_share is None else account.gain_share
    rate = estimate.short_share * estimate.short_rate + (1 - estimate.short_share) * estimate.long_rate
    inputs = (
        Trail("one-way turnover a year", estimate.turnover, unit="fraction"),
        Trail("gain in what is sold", share, unit="fraction"),
        Trail("rate, by its short- and long-term parts", rate, unit="fraction"),
    )
    return Trail("tax = turnover * gain in it * rate", estimate.turnover * share * rate, inputs, "fraction")
