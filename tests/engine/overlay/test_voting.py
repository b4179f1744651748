"""Votes and how they combine."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from engine.overlay.policy import Combine
from engine.overlay.voting import combined_votes, votes_with_hysteresis
from tests.engine.overlay.builders import policy, weights


def votes(values: Sequence[str | None], hysteresis: str = "0") -> list[int]:
    found = votes_with_hysteresis([None if v is None else Decimal(v) for v in values], Decimal(hysteresis))
    return list(found)


@pytest.mark.parametrize(
    ("values", "hysteresis", "expected", "why"),
    [
        (["0.01", "-0.01", "0.0000000001"], "0", [1, -1, 1], "above zero is bullish, below bearish"),
        (["0"], "0", [-1], "on the line is not above it"),
        (["0.01", "0"], "0", [1, -1], "on the line turns a bullish vote without hysteresis"),
        (
            ["0.01", "0", "-0.02", "0", "0.02"],
            "0.02",
            [1, 1, 1, 1, 1],
            "within the hysteresis, edge included, it stays",
        ),
        (["0.01", "-0.0200000001"], "0.02", [1, -1], "beyond it turns"),
        (["-0.01", "0.02", "0.0200000001"], "0.02", [-1, -1, 1], "the same upward"),
        (["-0.03", "0.01", "-0.03"], "0.02", [-1, -1, -1], "a visit inside the hysteresis turns nothing"),
        ([None, "0.01", None, "-0.01"], "0.02", [0, 1, 0, -1], "after a gap the vote is cast afresh"),
        ([], "0", [], "no month"),
    ],
)
def test_a_vote_turns_only_beyond_the_hysteresis(
    values: list[str | None], hysteresis: str, expected: list[int], why: str
) -> None:
    assert votes(values, hysteresis) == expected, why


def test_a_signal_that_hugs_its_line_does_not_flip_each_month() -> None:
    hugging = ["0.03", *["-0.004", "0.004"] * 12]
    assert votes(hugging, "0.005") == [1] * 25
    flips = sum(a != b for a, b in zip(votes(hugging), votes(hugging)[1:], strict=False))
    assert flips == 24


def combine(months: Sequence[Sequence[int]], how: Combine, quorum: str = "0.5") -> list[str]:
    by_signal = [list(signal) for signal in zip(*months, strict=True)]
    found = combined_votes(by_signal, policy(weights(a="1"), combine=how, quorum=Decimal(quorum)))
    return [str(vote) for vote in found]


@pytest.mark.parametrize(
    ("months", "quorum", "expected", "why"),
    [
        ([(1, 1, -1)], "0.5", ["1"], "two of three"),
        ([(-1, -1, 1)], "0.5", ["-1"], "two of three against"),
        ([(1, -1)], "0.5", ["0"], "a tie without a view before is none"),
        ([(1, 1), (1, -1), (-1, 1)], "0.5", ["1", "1", "1"], "a tie keeps the view before"),
        ([(-1, -1), (1, -1)], "0.5", ["-1", "-1"], "a tie keeps a bearish view too"),
        ([(1, 1), (0, 0), (1, -1)], "0.5", ["1", "0", "0"], "silence is no tie: it ends the view"),
        ([(1, 0)], "0.5", ["1"], "half of the signals reach a quorum of one half"),
        ([(1, 0, 0)], "0.5", ["0"], "one of three does not"),
        ([(1, 1, -1)], "0.75", ["0"], "two of three miss a quorum of three quarters"),
        ([(1, 1, 1), (1, 1, -1)], "1", ["1", "0"], "below the quorum there is no view, whatever came before"),
        ([(1, 1, 1)], "1", ["1"], "all reach a quorum of all"),
    ],
)
def test_the_majority_decides_where_it_reaches_the_quorum(
    months: list[tuple[int, ...]], quorum: str, expected: list[str], why: str
) -> None:
    assert combine(months, Combine.VOTE, quorum) == expected, why


def test_the_average_is_the_mean_of_the_votes() -> None:
    assert combine([(1, 1, -1), (1, 0, 0), (-1, -1, -1), (1, -1, 0)], Combine.AVERAGE) == [
        "0.333333",
        "0.333333",
        "-1",
        "0",
    ]


def test_single_follows_the_first_signal_alone() -> None:
    assert combine([(1, -1), (-1, 1), (0, 1)], Combine.SINGLE) == ["1", "-1", "0"]
