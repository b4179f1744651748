"""Adherence: what was done against what the rules said."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.overlay.adherence import Decision, Followed, adherence

D = Decimal
DAY = date(2026, 1, 30)
RULES = {"us_equity": D("0.60"), "us_bond": D("0.40")}


def decision(equity: str, *, after: int = 1, **overrides: str) -> Decision:
    done = {"us_equity": D(equity), "us_bond": 1 - D(equity)}
    return Decision(DAY, RULES, done, DAY + timedelta(days=after), overrides)


@pytest.mark.parametrize(
    ("given", "followed"),
    [
        (decision("0.60"), Followed.ON_TIME),
        (decision("0.601"), Followed.ON_TIME),
        (decision("0.60", after=4), Followed.LATE),
        (decision("0.55"), Followed.OTHERWISE),
        (decision("0.55", us_equity="election"), Followed.OVERRIDDEN),
        (decision("0.60", us_equity="election"), Followed.ON_TIME),
        (Decision(DAY, RULES, None, None, {}), Followed.NOT_DONE),
        (Decision(DAY, RULES, {"us_equity": D("0.60")}, DAY, {}), Followed.OTHERWISE),
    ],
)
def test_each_decision_is_judged(given: Decision, followed: Followed) -> None:
    assert adherence([given]).records[0].followed is followed


def test_an_override_explains_no_more_than_its_own_size() -> None:
    done = {"us_equity": D("0.55"), "us_bond": D("0.25"), "cash": D("0.20")}
    given = Decision(DAY, RULES, done, DAY, {"us_equity": "election"})
    assert adherence([given]).records[0].followed is Followed.OTHERWISE


def test_the_report_counts_and_scores_the_process() -> None:
    found = adherence(
        [
            decision("0.60"),
            decision("0.60", after=10),
            decision("0.50", us_equity="election"),
            decision("0.50"),
        ]
    )
    assert (found.share, found.on_time_share, found.late_days) == (D("0.5"), D("0.25"), 7)
    assert found.overrides == (("election", 1),)
    assert found.score == D("56.25")
    assert found.counts[Followed.OTHERWISE] == 1


def test_a_report_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no decisions"):
        adherence([])
