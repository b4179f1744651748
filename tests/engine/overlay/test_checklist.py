"""The decision checklist: answers, limits and why."""

from decimal import Decimal
from itertools import product

from engine.overlay.checklist import (
    QUESTIONS,
    WIDEST,
    Answers,
    Capacity,
    Conviction,
    Horizon,
    Measure,
    OverlayLimits,
    TaxStatus,
    Tolerance,
    beyond,
    limited,
    recommend,
)
from engine.overlay.policy import Mode, OverlayPolicy

D = Decimal
BOLD = Answers(
    Horizon.SHORT, Tolerance.HIGH, Capacity.LARGE, TaxStatus.SHELTERED, Conviction.SYSTEMATIC, Measure.SHARPE_RATIO
)
CAREFUL = Answers(
    Horizon.LONG, Tolerance.LOW, Capacity.SMALL, TaxStatus.TAXABLE, Conviction.NONE, Measure.AFTER_TAX_WEALTH
)
ALL = [Answers(*each) for each in product(Horizon, Tolerance, Capacity, TaxStatus, Conviction, Measure)]


def test_answers_that_ask_for_nothing_leave_the_usual_limits() -> None:
    assert recommend(BOLD).limits == WIDEST


def test_the_smallest_that_any_answer_asks_for_is_the_limit() -> None:
    assert recommend(CAREFUL).limits == OverlayLimits(D("0.05"), D("0.40"), D("0.08"), D("0.25"))


def test_every_set_of_answers_has_a_decisive_reason_for_every_limit() -> None:
    for answers in ALL:
        found = recommend(answers)
        for name in OverlayLimits.__dataclass_fields__:
            decisive = [each for each in found.reasons if each.limit == name and each.decisive]
            assert decisive, (answers, name)
            assert all(each.value == getattr(found.limits, name) and each.why for each in decisive)
        assert found.advice


def test_there_are_six_questions_one_for_each_answer() -> None:
    assert list(QUESTIONS) == list(Answers.__dataclass_fields__)


def test_limits_tighten_a_policy_and_never_widen_it() -> None:
    limits = recommend(CAREFUL).limits
    policy = OverlayPolicy(overlay_band=D("0.02"), class_cap=None, max_turnover_quarter=D("0.30"))
    found = limited(policy, limits)
    assert (found.overlay_band, found.class_cap, found.max_turnover_quarter) == (D("0.02"), D("0.40"), D("0.08"))
    assert found.overlay_fraction == D("0.25")
    assert [line.split(":")[0] for line in beyond(policy, limits)] == [
        "class_cap",
        "max_turnover_quarter",
        "overlay_fraction",
    ]
    assert beyond(found, limits) == ()


def test_a_mode_without_tilts_takes_no_fraction() -> None:
    assert limited(OverlayPolicy(mode=Mode.RISK_PARITY), recommend(CAREFUL).limits).overlay_fraction == 1
