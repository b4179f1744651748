"""Targets month by month: each mode, and the rolling turnover cap replayed."""

from decimal import Decimal

from engine.overlay.policy import Mode
from engine.overlay.targets import target_path
from tests.engine.overlay.builders import policy, weights

STRATEGIC = weights(a="0.6", b="0.4")
UP, DOWN, NONE = weights(a="1", b="-1"), weights(a="-1", b="1"), weights(a="0", b="0")


def test_an_overlay_follows_the_votes_from_the_strategic_weights() -> None:
    path = target_path(policy(STRATEGIC), [NONE, UP, UP, DOWN])
    assert [step.targets["a"] for step in path] == [Decimal(w) for w in ("0.6", "0.7", "0.7", "0.5")]
    assert [step.one_way for step in path] == [Decimal(w) for w in ("0", "0.1", "0", "0.2")]
    assert all(step.bound == () for step in path)


def test_the_turnover_of_a_rolling_quarter_stays_under_its_cap() -> None:
    path = target_path(policy(STRATEGIC, max_turnover_quarter=Decimal("0.15")), [UP, DOWN, DOWN, DOWN, DOWN, DOWN])
    # 10 % in month 1 leaves 5 % for month 2 and nothing for month 3; in month 4 the first 10 % has left the quarter
    assert [step.one_way for step in path] == [Decimal(w) for w in ("0.1", "0.05", "0", "0.1", "0.05", "0")]
    assert [step.targets["a"] for step in path] == [Decimal(w) for w in ("0.7", "0.65", "0.65", "0.55", "0.5", "0.5")]
    assert [bool(step.bound) for step in path] == [False, True, True, True, False, False]


def test_timing_moves_what_is_not_bullish_to_cash() -> None:
    path = target_path(policy(STRATEGIC, mode=Mode.TIMING), [UP, NONE, weights(a="0.5", b="1")])
    assert [step.targets for step in path] == [
        weights(a="0.6", b="0", cash="0.4"),
        weights(a="0", b="0", cash="1"),
        weights(a="0.6", b="0.4", cash="0"),
    ]


def test_timing_holds_its_own_cash_and_a_class_that_no_signal_is_read_for() -> None:
    strategic = weights(a="0.5", gold="0.3", cash="0.2")
    step = target_path(policy(strategic, mode=Mode.TIMING), [weights(a="-1")])[0]
    assert step.targets == weights(a="0", gold="0.3", cash="0.7")


def test_timing_is_not_paced_and_says_where_it_goes_beyond_a_limit() -> None:
    ruleset = policy(STRATEGIC, mode=Mode.TIMING, class_cap=Decimal("0.5"), max_turnover_quarter=Decimal("0.20"))
    path = target_path(ruleset, [UP, UP])
    assert path[0].targets == weights(a="0.6", b="0", cash="0.4")
    assert path[0].bound == (
        "class_cap 50.00%: a stands at 60.00%",
        "max_turnover_quarter 20.00%: mode timing is not paced; the targets moved 40.00% one-way in the quarter",
    )


def test_static_stays_where_it_is() -> None:
    path = target_path(policy(STRATEGIC, mode=Mode.STATIC), [UP, DOWN])
    assert [step.targets for step in path] == [STRATEGIC, STRATEGIC]
    assert path[0].votes == UP
