"""The warnings about policies that are likely fitted to their history."""

from decimal import Decimal

import pytest

from engine.overlay.policy import Combine, OverlayPolicy, SignalKind, SignalSetting
from engine.overlay.policy_lint import parameter_count, policy_lint
from tests.engine.overlay.builders import MOMENTUM121, SMA10, policy, weights

HALF = weights(a="0.5", b="0.5")


def with_averages(count: int) -> OverlayPolicy:
    return policy(HALF, signals=tuple(SignalSetting(SignalKind.SMA, 3 + i) for i in range(count)))


def test_more_than_five_signals_are_warned_of() -> None:
    assert policy_lint(with_averages(5)) == ()
    assert policy_lint(with_averages(6)) == ("signals: 6 are more than 5; fewer are easier to trust and explain",)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"signals": (SMA10,)}, 1),
        ({"signals": (SMA10, MOMENTUM121)}, 4),
        ({"signals": (SMA10, MOMENTUM121), "combine": Combine.AVERAGE}, 3),
        ({"signals": (SMA10,), "hysteresis": Decimal("0.01"), "min_change": Decimal("0.01")}, 3),
        ({"signals": (SignalSetting(SignalKind.CROSSOVER, 10, fast=2),)}, 2),
        ({"signals": (SignalSetting(SignalKind.CAPE, threshold=Decimal(22)),)}, 1),
        ({"signals": (SignalSetting(SignalKind.SMA, weight=Decimal(2)),), "combine": Combine.WEIGHTED}, 2),
    ],
)
def test_every_number_that_could_be_fitted_counts(changes: dict[str, object], count: int) -> None:
    assert parameter_count(policy(HALF, **changes)) == count


def test_parameters_ask_for_history() -> None:
    ruleset = policy(HALF, signals=(SMA10, MOMENTUM121))
    assert policy_lint(ruleset, 96) == ()
    assert policy_lint(ruleset, 95) == ("signals: 4 parameters for 95 months of history; 24 months each would be 96",)
    assert policy_lint(ruleset, 50)[-1] == "signals: the longest reads 12 months, of which 50 months hold fewer than 5"
