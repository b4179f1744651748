"""No signal looks ahead: whatever comes or is published after a decision leaves it as it was. Covers the registry."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from engine.overlay.macro_history import ROLE_SERIES, MacroHistory, Observation, macro_history, macro_series
from engine.overlay.overlay import OverlayPath, overlay_path
from engine.overlay.policy import Combine, OverlayPolicy, SignalKind, SignalSetting
from engine.overlay.price_history import PriceHistory, price_history
from engine.overlay.signals import SIGNALS
from engine.overlay.views import ManualView
from tests.engine.overlay.builders import policy, weekdays, weights

FIRST, LAST = date(2000, 1, 3), date(2002, 9, 30)
DAYS = weekdays(FIRST, LAST)
MONTHS = tuple(date(year, month, 1) for year in range(1987, 2003) for month in range(1, 13))
SYMBOLS = ("US_EQUITY", "US_BOND", "GOLD")
MONTHLY = ("CPIAUCSL", "CAPE", "INDPRO")
VIEW = ManualView("us_equity", Decimal(1), "A. Adviser", "Earnings", date(2001, 5, 1), date(2001, 9, 30))


def setting_of(kind: SignalKind) -> SignalSetting:
    """Return a signal of the kind that reads little history."""
    if kind is SignalKind.VIEW:
        return SignalSetting(kind, view=VIEW)
    return SignalSetting(kind, months=None if kind is SignalKind.CAPE_Z else 4)


def ruleset(kind: SignalKind, combine: Combine = Combine.VOTE) -> OverlayPolicy:
    return policy(
        weights(us_equity="0.5", us_bond="0.3", gold="0.2"),
        signals=(setting_of(kind),),
        combine=combine,
        hysteresis=Decimal("0.001"),
    )


@cache
def walk(seed: int) -> PriceHistory:
    steps = np.random.default_rng(seed).normal(0, 0.01, (len(DAYS), len(SYMBOLS)))
    return price_history(DAYS, SYMBOLS, 100 * np.exp(steps.cumsum(axis=0)))


def observations(seed: int) -> dict[str, list[Observation]]:
    """Return values of every series that a role may ask for first, published at random after their day."""
    rng = np.random.default_rng(seed)
    found = {}
    for names in ROLE_SERIES.values():
        days = MONTHS if names[0] in MONTHLY else DAYS
        values = 20 * np.exp(rng.normal(0, 0.02, len(days)).cumsum())
        found[names[0]] = [Observation(day, float(v)) for day, v in zip(days, values, strict=True)]
    return found


@cache
def macro(seed: int) -> MacroHistory:
    return macro_history(macro_series(name, values) for name, values in observations(seed).items())


@cache
def macro_until(day: date) -> MacroHistory:
    """Return the series of seed 0 as they were when nothing after `day` had come."""
    return macro_history(
        macro_series(name, [one for one in values if one.day <= day], lag_days=macro(0).series[name].lag_days)
        for name, values in observations(0).items()
    )


def changed_after(history: PriceHistory, day: date, factor: float) -> PriceHistory:
    closes = history.closes.copy()
    closes[history.known_on(day) :] *= np.array([factor, 1 / factor, factor**2])
    return replace(history, closes=closes)


def published_otherwise(known: MacroHistory, day: date, factor: float) -> MacroHistory:
    """Return the series with every value that was published after `day` changed."""
    return macro_history(
        replace(one, values=np.where(one.published > np.datetime64(day), one.values * factor**4 + 3, one.values))
        for one in known.series.values()
    )


def seen(path: OverlayPath, day: date) -> list[object]:
    count = sum(1 for month in path.ends.months if month <= day)
    lines: list[object] = [(s.asset_class, s.values[:count], s.votes[:count]) for s in path.signals]
    return [*lines, [(step.votes, step.targets) for step in path.steps[:count]]]


@pytest.mark.parametrize("kind", list(SIGNALS))
@settings(max_examples=1, deadline=None, phases=(Phase.explicit, Phase.generate))  # a failure need not shrink
@given(month=st.integers(8, 31), seed=st.integers(0, 1), factor=st.sampled_from([0.4, 1.7]))
@example(month=31, seed=0, factor=1.7)
@example(month=31, seed=0, factor=0.4)
@example(month=31, seed=1, factor=1.7)
@example(month=15, seed=0, factor=0.4)
def test_what_comes_after_a_decision_does_not_change_it(kind: SignalKind, month: int, seed: int, factor: float) -> None:
    history, known = walk(seed), macro(seed)
    end = date(2000 + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    day = max(one for one in DAYS if one <= end)
    combine = Combine.Z_SCORE if seed else Combine.VOTE
    before = overlay_path(ruleset(kind, combine), history, LAST, known)
    later = changed_after(history, day, factor), published_otherwise(known, day, factor)
    after = overlay_path(ruleset(kind, combine), later[0], LAST, later[1])
    assert seen(after, end) == seen(before, end)


@pytest.mark.parametrize("kind", list(SIGNALS))
def test_the_evidence_is_enough_for_every_signal_to_vote_and_to_notice_a_change(kind: SignalKind) -> None:
    before = overlay_path(ruleset(kind), walk(0), LAST, macro(0))
    day = date(2001, 6, 30)
    later = changed_after(walk(0), day, 0.4), published_otherwise(macro(0), day, 1.7)
    after = overlay_path(ruleset(kind), later[0], LAST, later[1])
    assert {vote for path in before.signals for vote in path.votes} & {1, -1}
    assert kind is SignalKind.VIEW or seen(before, LAST) != seen(after, LAST), "the test would not see a look ahead"


@pytest.mark.parametrize("kind", list(SIGNALS))
def test_a_reading_does_not_need_what_came_later(kind: SignalKind) -> None:
    day = date(2002, 6, 28)
    rows = walk(0).known_on(day)
    short = PriceHistory(DAYS[:rows], SYMBOLS, walk(0).closes[:rows])
    known = macro_until(day)
    whole = overlay_path(ruleset(kind), walk(0), LAST, macro(0))
    assert seen(overlay_path(ruleset(kind), short, day, known), day) == seen(whole, day)
