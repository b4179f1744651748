"""The decision checklist: six answers set the limits of the overlay, and each limit says which answer set it."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from engine.overlay.limits import percent
from engine.overlay.policy import Mode, OverlayPolicy

D = Decimal


class Horizon(StrEnum):
    """For how long the money is invested."""

    SHORT = "short"
    """Less than three years."""
    MEDIUM = "medium"
    LONG = "long"
    """Ten years or more."""


class Tolerance(StrEnum):
    """How much volatility the client bears without selling."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Capacity(StrEnum):
    """How much work the office can do each month, reliably."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class TaxStatus(StrEnum):
    """Where the overlay trades."""

    TAXABLE = "taxable"
    MIXED = "mixed"
    SHELTERED = "sheltered"


class Conviction(StrEnum):
    """Where the views come from."""

    NONE = "none"
    SYSTEMATIC = "systematic"
    """Rules with evidence behind them."""
    DISCRETIONARY = "discretionary"
    """A view of the market of the office's own."""


class Measure(StrEnum):
    """By what the overlay is judged."""

    SHARPE_RATIO = "sharpe_ratio"
    MAX_DRAWDOWN = "max_drawdown"
    INFORMATION_RATIO = "information_ratio"
    AFTER_TAX_WEALTH = "after_tax_wealth"


@dataclass(frozen=True, slots=True)
class Answers:
    """The six answers."""

    horizon: Horizon
    volatility: Tolerance
    capacity: Capacity
    taxable: TaxStatus
    conviction: Conviction
    measure: Measure


QUESTIONS: dict[str, str] = {
    "horizon": "For how long is the money invested? short: under 3 years; medium; long: 10 years or more",
    "volatility": "How much volatility does the client bear without selling? low, medium, high",
    "capacity": "How much can the office do each month, reliably? small, medium, large",
    "taxable": "Where does the overlay trade? taxable accounts, mixed, or sheltered (IRAs) only",
    "conviction": "Where do the views come from? none, systematic (rules), discretionary (your own view)",
    "measure": "What is success? sharpe_ratio, max_drawdown, information_ratio, after_tax_wealth",
}
"""What is asked, by the field of `Answers` that it fills."""


@dataclass(frozen=True, slots=True)
class OverlayLimits:
    """Limits as fractions of the portfolio; `overlay_fraction` scales the tilts."""

    overlay_band: Decimal
    class_cap: Decimal
    max_turnover_quarter: Decimal
    overlay_fraction: Decimal


@dataclass(frozen=True, slots=True)
class Reason:
    """One answer's say on one limit: what it asks for, and whether that is what the limit became."""

    question: str
    answer: str
    limit: str
    value: Decimal
    decisive: bool
    why: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Limits, why each is what it is, and what the answers speak for beside them."""

    answers: Answers
    limits: OverlayLimits
    reasons: tuple[Reason, ...]
    advice: tuple[str, ...]


WIDEST = OverlayLimits(D("0.10"), D("0.60"), D("0.20"), D(1))
"""What holds where no answer asks for less. The figures below are this product's own, set by judgement."""

_ASKS: tuple[tuple[str, str, str, Decimal, str], ...] = (
    ("horizon", "long", "overlay_band", D("0.05"), "over ten years the strategic mix does the work; tilts stay modest"),
    ("horizon", "medium", "overlay_band", D("0.08"), "there is time to recover from a tilt that goes wrong, but less"),
    ("volatility", "low", "overlay_band", D("0.05"), "a client of low tolerance sells after a tilt that goes wrong"),
    ("volatility", "low", "class_cap", D("0.40"), "no single class may make most of the ups and downs"),
    ("volatility", "medium", "class_cap", D("0.50"), "no class is more than half of the portfolio by a tilt"),
    ("capacity", "small", "max_turnover_quarter", D("0.10"), "few trades, done on time, beat many done late"),
    (
        "capacity",
        "small",
        "overlay_fraction",
        D("0.50"),
        "start with half until the monthly process has run without slips",
    ),
    ("capacity", "medium", "max_turnover_quarter", D("0.15"), "the trades of a month must fit into a month's work"),
    (
        "taxable",
        "taxable",
        "max_turnover_quarter",
        D("0.08"),
        "each turn of a lot held under a year is taxed as ordinary income",
    ),
    ("taxable", "taxable", "overlay_band", D("0.08"), "a tilt must earn its tax before it earns anything"),
    ("taxable", "mixed", "max_turnover_quarter", D("0.12"), "only the sheltered part turns over without tax"),
    (
        "conviction",
        "none",
        "overlay_fraction",
        D("0.25"),
        "without a view a tilt is noise: a quarter, to learn the process",
    ),
    (
        "conviction",
        "discretionary",
        "overlay_fraction",
        D("0.50"),
        "a view of one's own has no track record to size it by",
    ),
    (
        "conviction",
        "discretionary",
        "class_cap",
        D("0.50"),
        "one person's view does not carry more than half of the portfolio",
    ),
    ("measure", "max_drawdown", "class_cap", D("0.50"), "the deepest fall comes from the largest class"),
    ("measure", "information_ratio", "overlay_band", D("0.06"), "the ratio pays for small tilts that are often right"),
    (
        "measure",
        "after_tax_wealth",
        "max_turnover_quarter",
        D("0.10"),
        "what is measured after tax is lost by turnover first",
    ),
)
"""Question, answer, limit, the most that the answer allows, why."""

_ADVICE: dict[tuple[str, str], str] = {
    ("horizon", "short"): "Under three years trend rules (moving average, momentum) fit better than a fixed mix alone.",
    ("horizon", "medium"): "Risk parity is an alternative for medium horizons: `plimsoll weights` compares it.",
    ("horizon", "long"): "A strategic allocation with modest tilts is enough for ten years and more.",
    ("volatility", "low"): "Risk parity or a volatility target lowers exposure when volatility rises.",
    ("volatility", "high"): "Factor tilts are within what the client bears.",
    (
        "capacity",
        "small",
    ): "One rule, such as a moving average, and low-cost ETFs: no more than can be done every month.",
    (
        "taxable",
        "taxable",
    ): "Harvest losses, let gains become long-term, and put the overlay into IRAs where there are any.",
    ("taxable", "mixed"): "Place the tilts in the sheltered accounts first.",
    ("conviction", "none"): "Stay with the strategic mix, and run the overlay on paper.",
    ("conviction", "discretionary"): "Write each view down with author, reason and expiry; its result is measured.",
    ("conviction", "systematic"): "Rules with evidence: moving average, momentum, factor tilts, risk parity.",
    ("measure", "information_ratio"): "Judge it over a full cycle of three to five years, not by calendar years.",
    ("measure", "sharpe_ratio"): "Judge it over a full cycle of three to five years, not by calendar years.",
    ("measure", "max_drawdown"): "Judge it by the next deep fall of its benchmark, not before.",
    (
        "measure",
        "after_tax_wealth",
    ): "Judge it after the tax of selling everything, against the mix in the same account.",
}


def recommend(answers: Answers) -> Recommendation:
    """Return the limits: for each the smallest that an answer asks for, with every answer's say."""
    given = {name: str(getattr(answers, name)) for name in QUESTIONS}
    asks = [ask for ask in _ASKS if given[ask[0]] == ask[1]]
    limits = WIDEST
    for _, _, limit, most, _ in asks:
        limits = replace(limits, **{limit: min(getattr(limits, limit), most)})
    reasons = [
        Reason(question, answer, limit, most, decisive=most == getattr(limits, limit), why=why)
        for question, answer, limit, most, why in asks
    ]
    spoken = {reason.limit for reason in reasons}
    reasons += [
        Reason("", "", limit, getattr(WIDEST, limit), decisive=True, why="no answer asks for less than the usual limit")
        for limit in OverlayLimits.__dataclass_fields__
        if limit not in spoken
    ]
    advice = dict.fromkeys(_ADVICE[pair] for pair in given.items() if pair in _ADVICE)
    return Recommendation(answers, limits, tuple(reasons), tuple(advice))


def limited(policy: OverlayPolicy, limits: OverlayLimits) -> OverlayPolicy:
    """Return the policy with each of its limits no wider than those recommended.

    The fraction scales tilts, so that only modes that tilt take it.
    """
    tilts = policy.mode in {Mode.OVERLAY, Mode.TIMING}
    return replace(
        policy,
        overlay_band=min(policy.overlay_band, limits.overlay_band),
        class_cap=_tighter(policy.class_cap, limits.class_cap),
        max_turnover_quarter=_tighter(policy.max_turnover_quarter, limits.max_turnover_quarter),
        overlay_fraction=min(policy.overlay_fraction, limits.overlay_fraction) if tilts else policy.overlay_fraction,
    )


def beyond(policy: OverlayPolicy, limits: OverlayLimits) -> tuple[str, ...]:
    """Return where a policy's limits are wider than those recommended, one line each."""
    tight = limited(policy, limits)
    lines = []
    for name in OverlayLimits.__dataclass_fields__:
        mine, most = getattr(policy, name), getattr(tight, name)
        if mine != most:
            lines.append(f"{name}: {'no limit' if mine is None else percent(mine)} is wider than {percent(most)}")
    return tuple(lines)


def _tighter(mine: Decimal | None, most: Decimal) -> Decimal:
    return most if mine is None else min(mine, most)
