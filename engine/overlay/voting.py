"""Votes: from a signal's value to bullish or bearish, and from the votes of a class's signals to one."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from engine.overlay.policy import Combine, OverlayPolicy, Tie

BULLISH = 1
BEARISH = -1
NO_VOTE = 0
PLACES = Decimal("0.000001")
TIES: Mapping[Tie, Decimal] = MappingProxyType(
    {Tie.NONE: Decimal(NO_VOTE), Tie.BULLISH: Decimal(BULLISH), Tie.BEARISH: Decimal(BEARISH)}
)
"""What an even vote means where it does not keep the view before."""


def votes_with_hysteresis(values: Sequence[Decimal | None], hysteresis: Decimal) -> tuple[int, ...]:
    """Return the vote at each month end, replayed from the first one.

    Above zero is bullish, at or below zero bearish. Once cast, a vote stays while the value is within
    `hysteresis` of zero, edge included; it turns only beyond. Where there is no value there is no vote, and the
    next value votes afresh.
    """
    votes: list[int] = []
    before = NO_VOTE
    for value in values:
        before = NO_VOTE if value is None else _vote(value, before, hysteresis)
        votes.append(before)
    return tuple(votes)


def _vote(value: Decimal, before: int, hysteresis: Decimal) -> int:
    if before and hysteresis and abs(value) <= hysteresis:
        return before
    return BULLISH if value > 0 else BEARISH


def combined_votes(by_signal: Sequence[Sequence[int]], policy: OverlayPolicy) -> tuple[Decimal, ...]:
    """Return one class's combined vote at each month end, in [-1, 1], from each signal's votes."""
    combine = COMBINATIONS[policy.combine]
    even = TIES.get(policy.tie)
    result: list[Decimal] = []
    before = Decimal(NO_VOTE)
    for votes in zip(*by_signal, strict=True):
        before = combine(votes, policy.quorum, before if even is None else even)
        result.append(before)
    return tuple(result)


def majority(votes: Sequence[int], quorum: Decimal, before: Decimal) -> Decimal:
    """Return the side of the majority.

    A majority must hold at least `quorum` of all the signals of the class, silent ones counted; otherwise there
    is no view. As many for as against keep `before`: the view before, none at the start, or what the policy sets.
    """
    bulls, bears = votes.count(BULLISH), votes.count(BEARISH)
    if bulls == bears:
        return before if bulls else Decimal(NO_VOTE)
    if max(bulls, bears) < quorum * len(votes):
        return Decimal(NO_VOTE)
    return Decimal(BULLISH if bulls > bears else BEARISH)


def average(votes: Sequence[int], _quorum: Decimal, _before: Decimal) -> Decimal:
    """Return the mean of the votes; a signal without a reading counts as zero."""
    return (Decimal(sum(votes)) / len(votes)).quantize(PLACES).normalize() + 0


def single(votes: Sequence[int], _quorum: Decimal, _before: Decimal) -> Decimal:
    """Return the vote of the first signal."""
    return Decimal(votes[0])


COMBINATIONS: Mapping[Combine, Callable[[Sequence[int], Decimal, Decimal], Decimal]] = MappingProxyType(
    {Combine.VOTE: majority, Combine.AVERAGE: average, Combine.SINGLE: single}
)
"""The ways of combining that need the votes and nothing else."""
