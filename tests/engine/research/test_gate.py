"""The gate: who passes, who does not and why, and that an override lets a policy live without making it pass."""

import math
from dataclasses import replace

import pytest

from engine.errors import AppError
from engine.research.gate import (
    Beat,
    CheckName,
    Evidence,
    GateSetting,
    Outcome,
    OutOfSample,
    Override,
    judge,
    overridden,
)

GOOD = Evidence(
    trials=12,
    deflated_sharpe=0.97,
    overfitting=0.10,
    policy=OutOfSample(cagr=0.07, sharpe=0.9),
    mix=OutOfSample(cagr=0.08, sharpe=0.6),
)


def test_a_policy_that_holds_every_check_may_go_live() -> None:
    verdict = judge(GOOD)
    assert verdict.passed
    assert verdict.eligible_for_live
    assert verdict.reasons == ()
    assert [check.outcome for check in verdict.checks] == [Outcome.PASSED] * 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"deflated_sharpe": 0.9004}, "after 12 trials is 90.0% sure, below 95%"),
        ({"overfitting": 0.55}, "probability of overfitting is 55.0%, above 20%"),
        ({"overfitting": None}, "not measured over the 12 trials"),
        ({"deflated_sharpe": math.nan}, "no variation"),
        ({"policy": OutOfSample(0.09, 0.55)}, "does not beat the strategic mix: Sharpe ratio 0.55 against 0.60"),
        ({"policy": OutOfSample()}, "no out-of-sample comparison with the strategic mix"),
    ],
)
def test_each_failure_has_its_reason_and_keeps_the_policy_from_going_live(
    change: dict[str, object], words: str
) -> None:
    verdict = judge(replace(GOOD, **change))  # type: ignore[arg-type]
    assert not verdict.passed
    assert not verdict.eligible_for_live
    assert len(verdict.reasons) == 1
    assert words in verdict.reasons[0]


def test_a_single_trial_was_not_chosen_from_others() -> None:
    verdict = judge(replace(GOOD, trials=1, overfitting=None))
    assert verdict.passed
    assert next(c for c in verdict.checks if c.name is CheckName.OVERFITTING).outcome is Outcome.NOT_NEEDED


@pytest.mark.parametrize(("beat", "passed"), [(Beat.SHARPE, True), (Beat.GROWTH, False), (Beat.BOTH, False)])
def test_what_must_be_beaten_is_a_setting(beat: Beat, passed: bool) -> None:
    assert judge(GOOD, GateSetting(beat=beat)).passed is passed


def test_to_equal_the_mix_is_not_to_beat_it() -> None:
    assert not judge(replace(GOOD, policy=GOOD.mix)).passed


def test_an_override_lets_a_policy_live_and_does_not_make_it_pass() -> None:
    failed = judge(replace(GOOD, overfitting=0.5))
    verdict = overridden(failed, " M. Ortiz ", "Small sleeve, watched for a year")
    assert verdict.override == Override("M. Ortiz", "Small sleeve, watched for a year")
    assert verdict.eligible_for_live
    assert not verdict.passed
    assert verdict.reasons == failed.reasons


def test_a_policy_that_passed_needs_no_override() -> None:
    assert overridden(judge(GOOD), "M. Ortiz", "For good measure").override is None


@pytest.mark.parametrize(("author", "reason"), [("", "why"), ("who", "  ")])
def test_an_override_without_author_or_reason_is_refused(author: str, reason: str) -> None:
    with pytest.raises(AppError, match="an author and a reason"):
        overridden(judge(GOOD), author, reason)


def test_no_trial_at_all_is_a_contradiction() -> None:
    with pytest.raises(ValueError, match="one trial: 0"):
        judge(replace(GOOD, trials=0))


BEATEN = (("fixed weights", OutOfSample(0.06, 0.7)), ("equal risk", OutOfSample(0.05, 0.85)))


def test_a_learned_allocation_must_beat_every_simple_mix() -> None:
    verdict = judge(replace(GOOD, baselines=BEATEN))
    assert verdict.passed
    assert [check.name for check in verdict.checks][-1] is CheckName.BEATS_BASELINES


@pytest.mark.parametrize(
    ("baselines", "outcome", "words"),
    [
        (
            (*BEATEN, ("inverse volatility", OutOfSample(0.03, 0.95))),
            Outcome.FAILED,
            "does not beat inverse volatility",
        ),
        ((*BEATEN, ("the same", OutOfSample(0.07, 0.9))), Outcome.FAILED, "does not beat the same"),
        ((*BEATEN, ("unknown", OutOfSample())), Outcome.NOT_MEASURED, "no out-of-sample comparison"),
        ((), Outcome.NOT_MEASURED, "no out-of-sample comparison"),
    ],
)
def test_one_simple_mix_that_is_as_good_keeps_a_learned_allocation_from_going_live(
    baselines: tuple[tuple[str, OutOfSample], ...], outcome: Outcome, words: str
) -> None:
    verdict = judge(replace(GOOD, baselines=baselines))
    assert verdict.checks[-1].outcome is outcome
    assert not verdict.eligible_for_live
    assert len(verdict.reasons) == 1
    assert words in verdict.reasons[0]
