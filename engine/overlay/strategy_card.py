"""The strategy card: what the rules are in words, what is expected of them, when they are looked at again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.overlay.freeze import Difference, Signature
from engine.overlay.limits import percent
from engine.overlay.policy import Combine, Mode, OverlayPolicy, Tie, When
from engine.overlay.signals import label_of

CYCLE_YEARS = 5
"""Results are judged over a full market cycle, three to five years."""
FIRST_VERDICT_YEARS = 3
QUARTER = 3
LAST_DAY_FOR_ALL_MONTHS = 28


@dataclass(frozen=True, slots=True)
class Review:
    """A day on which something is looked at, and what: the process each quarter, results after a cycle."""

    day: date
    kind: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """One figure that is expected, as text, and where it comes from."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class StrategyCard:
    """One version of a strategy. `mode` is paper or live since `mode_since`; `changes` are from the version before."""

    signature: Signature
    mode: str
    mode_since: date
    logic: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    strategic: tuple[tuple[str, str, str], ...]
    expectations: tuple[Expectation, ...]
    reviews: tuple[Review, ...]
    changes: tuple[Difference, ...]


def strategy_card(
    policy: OverlayPolicy,
    signature: Signature,
    *,
    mode: tuple[str, date],
    expectations: tuple[Expectation, ...] = (),
    changes: tuple[Difference, ...] = (),
) -> StrategyCard:
    """Return the card of a signed policy. `mode` is paper or live, and since when."""
    return StrategyCard(
        signature=signature,
        mode=mode[0],
        mode_since=mode[1],
        logic=tuple(logic_in_words(policy)),
        parameters=tuple(parameters(policy)),
        strategic=tuple(
            (name, percent(weight), policy.universe.get(name, ""))
            for name, weight in sorted(policy.strategic.items(), key=lambda each: -each[1])
        ),
        expectations=expectations,
        reviews=review_calendar(signature.signed_at.date()),
        changes=changes,
    )


def logic_in_words(policy: OverlayPolicy) -> Iterator[str]:
    """Yield the rules as sentences, in the order in which they are applied."""
    yield _MODES[policy.mode].format(
        volatility=percent(policy.target_volatility),
        months=policy.window_months,
        on=", ".join(policy.risk_on),
        off=policy.risk_off,
    )
    if policy.signals and policy.mode in {Mode.OVERLAY, Mode.TIMING}:
        for setting in policy.signals:
            whom = f" for {', '.join(setting.classes)}" if setting.classes else " for every class"
            yield f"Signal{whom}: {label_of(setting)}."
        yield _COMBINED[policy.combine].format(quorum=percent(policy.quorum))
        yield _TIES[policy.tie]
        if policy.hysteresis:
            yield f"A signal must cross its line by {percent(policy.hysteresis)} before its vote turns."
    if policy.overlay_fraction != 1:
        yield f"Start small: {percent(policy.overlay_fraction)} of the tilts is carried out."
    yield f"Weights are reset {_WHEN[policy.rebalance.when]}."


def parameters(policy: OverlayPolicy) -> Iterator[tuple[str, str]]:
    """Yield the limits and numbers of the policy as label and value."""
    yield "Overlay band, up or down a class", percent(policy.overlay_band)
    yield "Overlay fraction", percent(policy.overlay_fraction)
    yield "Largest class", _limit(policy.class_cap)
    yield "One-way turnover in a rolling quarter", _limit(policy.max_turnover_quarter)
    yield "Quorum of the votes", percent(policy.quorum)
    yield "Hysteresis", percent(policy.hysteresis)
    rest = (
        ("Smallest change of targets", policy.min_change),
        ("Absolute band inside which weights are left alone", policy.rebalance.band_absolute),
        ("Relative band inside which weights are left alone", policy.rebalance.band_relative),
    )
    for label, value in rest:
        if value:
            yield label, percent(value)


def review_calendar(signed_on: date, years: int = CYCLE_YEARS) -> tuple[Review, ...]:
    """Return a review of the process every quarter for `years`, and of results after three years and at the end."""
    verdicts = {12 * FIRST_VERDICT_YEARS, 12 * years}
    reviews = []
    for months in range(QUARTER, 12 * years + 1, QUARTER):
        day = months_after(signed_on, months)
        if months in verdicts:
            what = f"results over {months // 12} years against what was expected; keep, change or end the rules"
            reviews.append(Review(day, "results", what))
        else:
            reviews.append(Review(day, "process", "were the rules followed, on time; overrides and what they cost"))
    return tuple(reviews)


def months_after(day: date, months: int) -> date:
    """Return the same day of the month so many months later; the 28th where the month may have no such day."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, min(day.day, LAST_DAY_FOR_ALL_MONTHS))


def expectations_of(metrics: Mapping[str, float | None], source: str) -> tuple[Expectation, ...]:
    """Return what a backtest's metrics lead to expect; figures that it does not have are left out."""
    found = []
    for key, label, ratio in _EXPECTED:
        value = metrics.get(key)
        if value is not None:
            found.append(Expectation(label, f"{value:.2f}" if ratio else f"{value:.1%}", source))
    return tuple(found)


def _limit(value: Decimal | None) -> str:
    return "no limit" if value is None else percent(value)


_EXPECTED = (
    ("cagr", "Growth a year", False),
    ("volatility", "Volatility a year", False),
    ("max_drawdown", "Deepest drawdown", False),
    ("sharpe", "Sharpe ratio", True),
    ("information_ratio", "Information ratio against the benchmark", True),
    ("tracking_error", "Tracking error a year", False),
    ("turnover_per_year", "One-way turnover a year", False),
)
_MODES: Mapping[Mode, str] = {
    Mode.STATIC: "The strategic weights are held whatever the signals say.",
    Mode.TIMING: "A class holds its strategic weight while its signals are on; otherwise that weight is in cash.",
    Mode.OVERLAY: "The strategic weights are tilted within a band, up where signals are bullish, down where bearish.",
    Mode.DUAL_MOMENTUM: "The strongest of {on} is held while it is ahead of cash, otherwise {off}.",
    Mode.RISK_PARITY: "Each class carries the same risk, estimated from the last {months} months.",
    Mode.MIN_VARIANCE: "The weights of least variance, estimated from the last {months} months.",
    Mode.MAX_SHARPE: "The weights of the highest Sharpe ratio, estimated from the last {months} months.",
    Mode.VOLATILITY_TARGET: "The strategic weights are scaled to {volatility} volatility a year; the rest is cash.",
    Mode.INVERSE_VOLATILITY: "Each class is weighted by one over its volatility of the last {months} months.",
    Mode.DIRECT_SHARPE: "A network trained on the Sharpe ratio net of costs gives the weights.",
    Mode.POLICY_GRADIENT: "An agent trained by trial on growth net of costs gives the weights.",
    Mode.FACTOR_TILT: "{on} are favored in calm markets and {off} when volatility is elevated.",
}
_COMBINED: Mapping[Combine, str] = {
    Combine.VOTE: "The majority of a class's signals decides, where it reaches {quorum} of them.",
    Combine.AVERAGE: "The votes of a class's signals are averaged.",
    Combine.SINGLE: "The first signal decides; the others are shown only.",
    Combine.WEIGHTED: "The votes are averaged by fixed weights.",
    Combine.Z_SCORE: "The signals' values are averaged as z-scores over their past; two deviations are a full vote.",
}
_TIES: Mapping[Tie, str] = {
    Tie.KEEP: "An even vote keeps the view before.",
    Tie.NONE: "An even vote is no view.",
    Tie.BULLISH: "An even vote counts as bullish.",
    Tie.BEARISH: "An even vote counts as bearish.",
}
_WHEN: Mapping[When, str] = {
    When.NEVER: "never",
    When.MONTHLY: "at the end of each month",
    When.QUARTERLY: "at the end of each quarter",
    When.ANNUAL: "at the end of each year",
    When.DAILY: "every day",
}
