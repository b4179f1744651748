"""What a policy must keep, each fault with its path."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.overlay.policy import Mode, OverlayPolicy, RebalanceSetting, SignalKind, SignalSetting, validate
from tests.engine.overlay.builders import MOMENTUM121, SMA10, policy, weights

GOOD = policy(weights(us_equity="0.6", us_bond="0.38", cash="0.02"), signals=(SMA10, MOMENTUM121))


def test_a_good_policy_has_no_fault() -> None:
    assert validate(GOOD) == ()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"universe": {}, "strategic": weights(cash="1")}, "universe: names no asset class"),
        ({"universe": {"us_equity": " ", "us_bond": "IEF"}}, "universe.us_equity: names no ETF"),
        ({"universe": {"us_equity": "SPY"}}, "strategic.us_bond: the class is not in universe"),
        ({"strategic": weights(us_equity="-0.1", us_bond="1")}, "strategic.us_equity: -0.1 is not between 0 and 1"),
        ({"strategic": weights(us_equity="NaN", us_bond="1")}, "strategic.us_equity: NaN is not between 0 and 1"),
        ({"strategic": weights(us_equity="0.6", us_bond="0.3")}, "strategic: the weights sum to 0.9, not to 1"),
        ({"strategic": {}}, "strategic: the weights sum to 0, not to 1"),
        ({"signals": ()}, "signals: mode overlay needs at least one signal"),
        ({"signals": (SMA10, SMA10)}, "signals: the same signal is named twice"),
        ({"signals": (SignalSetting(SignalKind.SMA, 0),)}, "signals[0].months: 0 is not between 1 and 120"),
        ({"signals": (SMA10, SignalSetting(SignalKind.SMA, 121))}, "signals[1].months: 121 is not between 1 and 120"),
        ({"signals": (SignalSetting(SignalKind.SMA, 10, 1),)}, "signals[0].skip: only momentum skips months"),
        (
            {"signals": (SignalSetting(SignalKind.MOMENTUM, 6, 6),)},
            "signals[0].skip: 6 is not between 0 and 5",
        ),
        (
            {"signals": (SignalSetting(SignalKind.MOMENTUM, 6, -1),)},
            "signals[0].skip: -1 is not between 0 and 5",
        ),
        (
            {"signals": (SignalSetting(SignalKind.MOMENTUM, None, 12),)},
            "signals[0].skip: 12 is not between 0 and 11",
        ),
        (
            {"signals": (SMA10, SignalSetting(SignalKind.SMA))},
            "signals: the same signal is named twice",
        ),
        ({"quorum": Decimal(0)}, "quorum: 0 is not between 0 (excluded) and 1"),
        ({"quorum": Decimal("1.1")}, "quorum: 1.1 is not between 0 (excluded) and 1"),
        ({"hysteresis": Decimal("-0.01")}, "hysteresis: -0.01 is not between 0 and 1"),
        ({"overlay_band": Decimal("Infinity")}, "overlay_band: Infinity is not between 0 and 1"),
        ({"class_cap": Decimal(40)}, "class_cap: 40 is not between 0 and 1"),
        ({"max_turnover_quarter": Decimal(20)}, "max_turnover_quarter: 20 is not between 0 and 1"),
        (
            {"rebalance": RebalanceSetting(band_absolute=Decimal(5))},
            "rebalance.band_absolute: 5 is not between 0 and 1",
        ),
    ],
)
def test_a_fault_names_the_path_of_its_key(changes: dict[str, object], fault: str) -> None:
    assert validate(replace(GOOD, **changes)) == (fault,)  # type: ignore[arg-type]


def test_every_fault_is_told_at_once() -> None:
    bad = replace(GOOD, quorum=Decimal(2), class_cap=Decimal(2), signals=())
    assert [fault.split(":")[0] for fault in validate(bad)] == ["signals", "quorum", "class_cap"]


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": Mode.STATIC, "signals": ()},
        {"mode": Mode.DUAL_MOMENTUM, "signals": (), "strategic": {}, "risk_on": ("us_equity",), "risk_off": "us_bond"},
        {"strategic": weights(us_equity="0.3333333", us_bond="0.6666666")},
        {"signals": (SignalSetting(SignalKind.MOMENTUM, None, 1), SignalSetting(SignalKind.CAPE))},
        {"class_cap": None, "max_turnover_quarter": None, "overlay_band": Decimal(0)},
    ],
)
def test_what_a_mode_does_not_need_may_be_left_out(changes: dict[str, object]) -> None:
    assert validate(replace(GOOD, **changes)) == ()  # type: ignore[arg-type]


def test_cash_is_not_voted_on() -> None:
    assert OverlayPolicy(universe={"a": "A", "cash": "BIL", "b": "B"}).voted_classes() == ("a", "b")
