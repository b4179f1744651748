"""Combining signals by weights and z-scores, ties, small moves, and signals of some classes only."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from engine.overlay.combining import class_votes, worth_moving
from engine.overlay.limits import Move
from engine.overlay.overlay import read_overlay
from engine.overlay.policy import Combine, SignalKind, SignalSetting, Tie, validate
from engine.overlay.views import ManualView
from tests.engine.overlay.builders import monthly, policy, weights

BALANCED = policy(weights(a="0.5", b="0.5"))


@dataclass(frozen=True)
class Read:
    setting: SignalSetting
    values: tuple[Decimal | None, ...]
    votes: tuple[int, ...]


def read(votes: list[int], weight: str = "1", kind: SignalKind = SignalKind.SMA, values: tuple[str, ...] = ()) -> Read:
    return Read(SignalSetting(kind, weight=Decimal(weight)), tuple(map(Decimal, values)), tuple(votes))


def test_fixed_weights_weigh_votes_and_a_silent_signal_counts_as_zero() -> None:
    signals = [read([1, 1, 0], "3"), read([-1, 1, -1], "1")]
    found = class_votes(signals, replace(BALANCED, combine=Combine.WEIGHTED))
    assert found == tuple(map(Decimal, ("0.5", "1", "-0.25")))


def test_z_scores_are_over_the_signals_own_past_and_two_deviations_are_a_full_vote() -> None:
    past = tuple("1" if i % 2 else "-1" for i in range(30))
    found = class_votes([read([1] * 31, values=(*past, "9"))], replace(BALANCED, combine=Combine.Z_SCORE))
    assert found[10] == 0, "too little past"
    assert abs(found[29]) < 1
    assert found[30] == 1, "clipped at a full vote"


def test_a_z_score_is_taken_as_it_is_and_weighed() -> None:
    signals = [
        read([1], "1", SignalKind.CAPE_Z, ("1",)),
        read([-1], "3", SignalKind.VOLATILITY_Z, ("-1",)),
    ]
    assert class_votes(signals, replace(BALANCED, combine=Combine.Z_SCORE)) == (Decimal("-0.25"),)


@pytest.mark.parametrize(
    ("tie", "expected"), [(Tie.KEEP, [1, 1]), (Tie.NONE, [1, 0]), (Tie.BULLISH, [1, 1]), (Tie.BEARISH, [1, -1])]
)
def test_an_even_vote_means_what_the_policy_says(tie: Tie, expected: list[int]) -> None:
    signals = [read([1, 1]), read([1, -1])]
    assert list(class_votes(signals, replace(BALANCED, tie=tie))) == expected


@pytest.mark.parametrize(("least", "moves"), [("0", True), ("0.02", True), ("0.03", False)])
def test_targets_stay_where_none_would_move_enough(least: str, moves: bool) -> None:
    before = weights(a="0.5", b="0.5")
    move = Move(weights(a="0.52", b="0.48"), Decimal("0.02"), ())
    found = worth_moving(before, move, Decimal(least))
    assert (found.targets == move.targets) is moves
    assert (found.one_way, len(found.bound)) == ((Decimal("0.02"), 0) if moves else (0, 1))


def test_a_signal_of_some_classes_votes_for_those_only() -> None:
    closes = [100.0 + i for i in range(12)]
    ruleset = policy(
        weights(a="0.5", b="0.5"),
        signals=(SignalSetting(SignalKind.SMA, 3, classes=("a",)), SignalSetting(SignalKind.SMA, 3, inverse=True)),
        combine=Combine.AVERAGE,
    )
    reading = read_overlay(ruleset, monthly(A=closes, B=closes), date(2020, 12, 31))
    assert [(s.kind, s.asset_class, s.vote) for s in reading.signals] == [
        ("sma", "a", 1),
        ("sma", "a", -1),
        ("sma", "b", -1),
    ]
    assert reading.votes == {"a": 0, "b": -1}


def test_a_class_without_a_signal_keeps_its_weight() -> None:
    ruleset = policy(weights(a="0.5", b="0.5"), signals=(SignalSetting(SignalKind.SMA, 3, classes=("a",)),))
    reading = read_overlay(ruleset, monthly(A=[100.0 + i for i in range(12)], B=[1.0] * 12), date(2020, 12, 31))
    assert "b" not in reading.votes
    assert sum(reading.targets.values()) == 1


def test_a_view_is_one_vote_among_others_and_silent_when_it_has_expired() -> None:
    view = ManualView("a", Decimal(-1), "A. Adviser", "Earnings", date(2020, 6, 1), date(2020, 10, 31))
    ruleset = policy(
        weights(a="0.5", b="0.5"),
        signals=(SignalSetting(SignalKind.VIEW, view=view), SignalSetting(SignalKind.SMA, 3)),
        combine=Combine.AVERAGE,
    )
    assert validate(ruleset) == ()
    table = monthly(A=[100.0 + i for i in range(12)], B=[100.0 + i for i in range(12)])
    held, over = (read_overlay(ruleset, table, date(2020, month, 30)) for month in (9, 11))
    assert (str(held.votes["a"]), str(over.votes["a"]), str(held.votes["b"])) == ("0", "0.5", "1")
    assert not any("view" in warning for warning in over.warnings)
