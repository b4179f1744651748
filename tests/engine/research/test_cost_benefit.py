"""The gate: the verdict of each account with its figures, worked by hand."""

from decimal import Decimal
from typing import Any

import pytest

from engine.portfolio import Registration
from engine.research.cost_benefit import Gate, OverlayAccount, OverlayEstimate, Verdict, account_verdict

D = Decimal
ESTIMATE = OverlayEstimate(
    expected_gain=D("0.009"),
    turnover=D("0.80"),
    cost_bp=D(5),
    orders=D(24),
    gain_share=D("0.05"),
    short_share=D("0.25"),
    short_rate=D("0.40"),
    long_rate=D("0.20"),
    firm_cost=D("0.0006"),
)
"""Trading 2 * 0.80 * 0.0005 = 0.0008; tax 0.80 * 0.05 * (0.25 * 0.40 + 0.75 * 0.20) = 0.01."""


def an_account(**changes: Any) -> OverlayAccount:
    usual: dict[str, Any] = {"account": "A1", "registration": Registration.TAXABLE, "value": D(100_000)}
    return OverlayAccount(**usual | changes)


IRA: dict[str, Any] = {"registration": Registration.TRADITIONAL_IRA}
CASES: tuple[tuple[str, dict[str, Any], str, Verdict], ...] = (
    ("tax eats the gain", {}, "0.0114", Verdict.COSTS_EXCEED_GAIN),
    ("an IRA pays no tax", IRA, "0.0014", Verdict.WORTHWHILE),
    ("tickets weigh on a small account", IRA | {"value": D(10_000), "ticket_charge": D(2)}, "0.0062", Verdict.MARGINAL),
    ("less of it is gain", {"gain_share": D("0.025")}, "0.0064", Verdict.MARGINAL),
    ("the same costs with a larger gain", {"expected_gain": D("0.02")}, "0.0114", Verdict.WORTHWHILE),
    ("losses lower the tax", {"gain_share": D("-0.05")}, "-0.0086", Verdict.WORTHWHILE),
    ("dearer to trade", IRA | {"cost_bp": D(50)}, "0.0086", Verdict.MARGINAL),
)


@pytest.mark.parametrize(("what", "changes", "costs", "verdict"), CASES)
def test_the_verdict_of_an_account_by_hand(what: str, changes: dict[str, Any], costs: str, verdict: Verdict) -> None:
    found = account_verdict(an_account(**changes), ESTIMATE)
    assert (found.costs, found.verdict) == (D(costs), verdict), what
    assert found.net == found.gain - found.costs
    assert found.costs == found.trading + found.tickets + found.tax + found.firm


LINES = (
    # gain, costs in basis points of one dollar traded twice, verdict
    ("0.0099", "51", Verdict.MARGINAL),
    ("0.0100", "51", Verdict.WORTHWHILE),
    ("0.0099", "50", Verdict.WORTHWHILE),
    ("0.0051", "51", Verdict.COSTS_EXCEED_GAIN),
    ("0.0040", "30", Verdict.WORTHWHILE),
)


@pytest.mark.parametrize(("gain", "cost_bp", "verdict"), LINES)
def test_the_lines_of_the_gate_are_strict(gain: str, cost_bp: str, verdict: Verdict) -> None:
    estimate = OverlayEstimate(expected_gain=D(gain), turnover=D("0.5"), cost_bp=D(cost_bp))
    assert account_verdict(an_account(), estimate).verdict is verdict


def test_the_lines_may_be_moved() -> None:
    estimate = OverlayEstimate(expected_gain=D("0.015"), turnover=D("0.5"), cost_bp=D(40))
    gate = Gate(gain_below=D("0.02"), costs_above=D("0.003"))
    found = account_verdict(an_account(), estimate, gate)
    assert found.verdict is Verdict.MARGINAL
    assert found.reason == "expected gain 1.50%, costs 0.40% a year: under 2.00% and over 0.30%"


def test_the_net_gain_is_told_in_dollars_with_its_trail() -> None:
    found = account_verdict(an_account(**IRA, value=D(250_000)), ESTIMATE)
    assert found.net_dollars == D("1900.00")
    expected, costs = found.trail.inputs
    assert found.trail.value == expected.value - costs.value == D("0.0076")
    assert sum(part.value for part in costs.inputs) == costs.value


def test_an_account_without_value_is_refused() -> None:
    with pytest.raises(ValueError, match="A1 has no value"):
        account_verdict(an_account(value=D(0)), ESTIMATE)
