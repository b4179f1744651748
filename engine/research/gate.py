"""The gate before a policy goes live: is it more than luck, was it chosen well, does it beat its mix net of costs."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.errors import AppError

LEAST_DEFLATED = 0.95
"""As Bailey and Lopez de Prado (2014) take for their example: 95 percent sure."""
MOST_OVERFITTING = 0.20
"""Ours. Bailey et al. (2014) name 5 percent as the usual test; 50 percent is a coin toss.

Trials that are all alike come near a coin toss without harm, which a limit of 5 percent would not forgive.
"""


class CheckName(StrEnum):
    """What is checked."""

    DEFLATED_SHARPE = "deflated_sharpe"
    OVERFITTING = "overfitting"
    BEATS_MIX = "beats_mix"
    BEATS_BASELINES = "beats_baselines"
    """Of learned allocations: better than every simple mix, not only the policy's own."""


class Outcome(StrEnum):
    """What came of a check. What could not be measured does not pass."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_MEASURED = "not_measured"
    NOT_NEEDED = "not_needed"


class Beat(StrEnum):
    """What a policy must have more of than its mix, out of sample and net of costs."""

    SHARPE = "sharpe"
    GROWTH = "growth"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class GateSetting:
    """The limits. Probabilities are fractions."""

    least_deflated: float = LEAST_DEFLATED
    most_overfitting: float = MOST_OVERFITTING
    beat: Beat = Beat.SHARPE


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """Figures a year net of costs over days that no choice was made on; NaN where there are none."""

    cagr: float = math.nan
    sharpe: float = math.nan


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a policy. `overfitting` None = not measured; `trials` counts every policy that was tried.

    `baselines` are the simple mixes that a learned allocation has to beat, by name; None = it is not learned.
    """

    trials: int
    deflated_sharpe: float
    overfitting: float | None
    policy: OutOfSample
    mix: OutOfSample
    mix_name: str = "strategic mix"
    baselines: tuple[tuple[str, OutOfSample], ...] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its outcome and, in a sentence, why."""

    name: CheckName
    outcome: Outcome
    reason: str

    @property
    def holds(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.outcome in {Outcome.PASSED, Outcome.NOT_NEEDED}


@dataclass(frozen=True, slots=True)
class Override:
    """Who lets a policy go live against the gate, and why."""

    author: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says. An override lets a policy go live; it does not make it pass."""

    checks: tuple[Check, ...]
    override: Override | None = None

    @property
    def passed(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it did not pass; empty when it did."""
        return tuple(check.reason for check in self.checks if not check.holds)

    @property
    def eligible_for_live(self) -> bool:
        """Whether the policy may be set live."""
        return self.passed or self.override is not None


def judge(evidence: Evidence, setting: GateSetting | None = None) -> Verdict:
    """Return the verdict on a policy. Raises ValueError for fewer than one trial: the policy itself is one."""
    if evidence.trials < 1:
        raise ValueError(f"a policy that was run is one trial: {evidence.trials}")
    limits = setting or GateSetting()
    checks = (_deflated(evidence, limits), _overfitted(evidence, limits), _beats(evidence, limits))
    return Verdict(checks if evidence.baselines is None else (*checks, _beats_all(evidence, limits)))


def overridden(verdict: Verdict, author: str, reason: str) -> Verdict:
    """Return the verdict with an override, or as it is where it passed.

    Raises AppError without an author or a reason.
    """
    who, why = author.strip(), reason.strip()
    if not who or not why:
        raise AppError("An override needs an author and a reason", hint="Say who sets the policy live, and why.")
    return verdict if verdict.passed else replace(verdict, override=Override(who, why))


def _deflated(evidence: Evidence, limits: GateSetting) -> Check:
    found, count = evidence.deflated_sharpe, evidence.trials
    among = f"{count:,} trial{'s' * (count != 1)}"
    if math.isnan(found):
        return Check(CheckName.DEFLATED_SHARPE, Outcome.NOT_MEASURED, "There is no deflated Sharpe ratio: no variation")
    passed = found >= limits.least_deflated
    reason = (
        f"The deflated Sharpe ratio after {among} is {found:.1%} sure, {'at least' if passed else 'below'} "
        f"{limits.least_deflated:.0%}"
    )
    return Check(CheckName.DEFLATED_SHARPE, _outcome(passed), reason)


def _overfitted(evidence: Evidence, limits: GateSetting) -> Check:
    found = evidence.overfitting
    if evidence.trials == 1:
        return Check(CheckName.OVERFITTING, Outcome.NOT_NEEDED, "Nothing was chosen: this is the only trial")
    if found is None or math.isnan(found):
        reason = f"The probability of overfitting was not measured over the {evidence.trials:,} trials"
        return Check(CheckName.OVERFITTING, Outcome.NOT_MEASURED, reason)
    passed = found <= limits.most_overfitting
    reason = (
        f"The probability of overfitting is {found:.1%}, {'at most' if passed else 'above'} "
        f"{limits.most_overfitting:.0%}"
    )
    return Check(CheckName.OVERFITTING, _outcome(passed), reason)


def _beats(evidence: Evidence, limits: GateSetting) -> Check:
    mine, mix = evidence.policy, evidence.mix
    if not _comparable(mine, mix, limits.beat):
        reason = f"There is no out-of-sample comparison with the {evidence.mix_name}"
        return Check(CheckName.BEATS_MIX, Outcome.NOT_MEASURED, reason)
    passed = _ahead(mine, mix, limits.beat)
    reason = (
        f"Out of sample, net of costs, it {'beats' if passed else 'does not beat'} the {evidence.mix_name}: Sharpe "
        f"ratio {mine.sharpe:.2f} against {mix.sharpe:.2f}, CAGR {mine.cagr:.2%} against {mix.cagr:.2%}"
    )
    return Check(CheckName.BEATS_MIX, _outcome(passed), reason)


def _beats_all(evidence: Evidence, limits: GateSetting) -> Check:
    """Return the check of a learned allocation against every simple mix."""
    mine, others = evidence.policy, evidence.baselines or ()
    if not others or not all(_comparable(mine, other, limits.beat) for _, other in others):
        reason = "There is no out-of-sample comparison with the simple mixes that a learned allocation has to beat"
        return Check(CheckName.BEATS_BASELINES, Outcome.NOT_MEASURED, reason)
    against = ", ".join(f"{name} {other.sharpe:.2f} and {other.cagr:.2%}" for name, other in others)
    lost = [name for name, other in others if not _ahead(mine, other, limits.beat)]
    reason = (
        f"Out of sample, net of costs, with a Sharpe ratio of {mine.sharpe:.2f} and a CAGR of {mine.cagr:.2%} it "
        f"{'does not beat ' + ', '.join(lost) if lost else 'beats every simple mix'} ({against})"
    )
    return Check(CheckName.BEATS_BASELINES, _outcome(not lost), reason)


def _pairs(mine: OutOfSample, other: OutOfSample, beat: Beat) -> tuple[tuple[float, float], ...]:
    """Return the figures that are compared, mine first."""
    return {
        Beat.SHARPE: ((mine.sharpe, other.sharpe),),
        Beat.GROWTH: ((mine.cagr, other.cagr),),
        Beat.BOTH: ((mine.sharpe, other.sharpe), (mine.cagr, other.cagr)),
    }[beat]


def _comparable(mine: OutOfSample, other: OutOfSample, beat: Beat) -> bool:
    return not any(math.isnan(figure) for pair in _pairs(mine, other, beat) for figure in pair)


def _ahead(mine: OutOfSample, other: OutOfSample, beat: Beat) -> bool:
    return all(own > theirs for own, theirs in _pairs(mine, other, beat))


def _outcome(passed: bool) -> Outcome:
    return Outcome.PASSED if passed else Outcome.FAILED
