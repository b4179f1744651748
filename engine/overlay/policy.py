"""The overlay's ruleset: what is held for which class, which signals are read, how they combine, what limits them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from engine.overlay.covariance import CovarianceEstimate
from engine.overlay.learned_setting import LearnedSetting, learned_faults
from engine.overlay.views import ManualView, view_faults
from engine.portfolio import CASH_CLASS

ONE = Decimal(1)
LONGEST_SIGNAL = 120
"""Months of history that a signal may ask for."""
WEIGHT_TOLERANCE = Decimal("0.000001")
"""How far strategic weights may be from a sum of one."""


class Mode(StrEnum):
    """How targets follow from signals."""

    STATIC = "static"
    """The strategic weights, whatever the signals say."""
    TIMING = "timing"
    """A class holds its strategic weight while its signals are on; otherwise that weight is cash (Faber 2007)."""
    OVERLAY = "overlay"
    """The strategic weights, tilted within a band by the combined vote."""
    DUAL_MOMENTUM = "dual_momentum"
    RISK_PARITY = "risk_parity"
    MIN_VARIANCE = "min_variance"
    MAX_SHARPE = "max_sharpe"
    VOLATILITY_TARGET = "volatility_target"
    FACTOR_TILT = "factor_tilt"
    INVERSE_VOLATILITY = "inverse_volatility"
    DIRECT_SHARPE = "direct_sharpe"
    """A network trained on the Sharpe ratio net of costs. Needs the optional extra, as the next."""
    POLICY_GRADIENT = "policy_gradient"
    """An agent trained by trial on the growth net of costs."""


LEARNED = frozenset({Mode.DIRECT_SHARPE, Mode.POLICY_GRADIENT})
"""The modes whose weights a trained network gives."""


class SignalKind(StrEnum):
    """What a signal reads."""

    SMA = "sma"
    MOMENTUM = "momentum"
    YIELD_CURVE = "yield_curve"
    CAPE = "cape"
    VOLATILITY = "volatility"
    CROSSOVER = "crossover"
    MOMENTUM_13612W = "momentum_13612w"
    RELATIVE_STRENGTH = "relative_strength"
    DRAWDOWN = "drawdown"
    YIELD_CURVE_2Y = "yield_curve_2y"
    CAPE_Z = "cape_z"
    VOLATILITY_Z = "volatility_z"
    VIX_REGIME = "vix_regime"
    INFLATION_TREND = "inflation_trend"
    RATE_TREND = "rate_trend"
    CREDIT_SPREAD = "credit_spread"
    STOCK_BOND_CORRELATION = "stock_bond_correlation"
    VIEW = "view"


USUAL_MONTHS: Mapping[SignalKind, int] = MappingProxyType(
    {
        SignalKind.SMA: 10,
        SignalKind.MOMENTUM: 12,
        SignalKind.CROSSOVER: 10,
        SignalKind.RELATIVE_STRENGTH: 6,
        SignalKind.DRAWDOWN: 12,
        SignalKind.VOLATILITY: 3,
        SignalKind.VOLATILITY_Z: 3,
        SignalKind.INFLATION_TREND: 12,
        SignalKind.RATE_TREND: 12,
        SignalKind.CREDIT_SPREAD: 12,
        SignalKind.STOCK_BOND_CORRELATION: 12,
    }
)
"""The length of a signal that sets none: Faber's ten months, and twelve for momentum. Others read no length, or all."""

USUAL_FAST = 2
"""Months of the short average of a crossover that sets none, against ten of the long one."""


class Combine(StrEnum):
    """How the votes of a class's signals become one."""

    VOTE = "vote"
    """The majority, where it reaches the quorum."""
    AVERAGE = "average"
    """The mean of the votes, between -1 and 1."""
    SINGLE = "single"
    """The first signal decides; the others are read and shown."""
    WEIGHTED = "weighted"
    """The votes by the fixed weights of their signals, between -1 and 1."""
    Z_SCORE = "z_score"
    """The values as z-scores over their own past, averaged by the fixed weights; two deviations are a full vote."""


class Tie(StrEnum):
    """What as many votes for as against mean."""

    KEEP = "keep"
    """The view before stays."""
    NONE = "none"
    BULLISH = "bullish"
    BEARISH = "bearish"


class When(StrEnum):
    """When a backtest resets weights."""

    NEVER = "never"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class SignalSetting:
    """One signal. `months` None is the usual length of its kind; `skip` leaves out the latest months.

    `classes` are those that it votes for (empty = all), `inverse` turns its sides around for them. `weight` counts
    where signals are weighted. `threshold` is the line of a level, in the signal's unit; `fast` the months of a
    crossover's short average; `series` names a macro series in place of the usual one, `against` the class or symbol
    to correlate with; `view` is a manual view.
    """

    kind: SignalKind
    months: int | None = None
    skip: int = 0
    classes: tuple[str, ...] = ()
    inverse: bool = False
    weight: Decimal = ONE
    threshold: Decimal | None = None
    fast: int | None = None
    series: str = ""
    against: str = ""
    view: ManualView | None = None

    @property
    def length(self) -> int:
        """The months that it reads, the usual ones of its kind where none are set."""
        return USUAL_MONTHS.get(self.kind, 0) if self.months is None else self.months

    @property
    def short(self) -> int:
        """The months of a crossover's short average."""
        return USUAL_FAST if self.fast is None else self.fast

    def votes_for(self, asset_class: str) -> bool:
        """Say whether it votes for a class."""
        if self.view is not None:
            return self.view.asset_class == asset_class
        return not self.classes or asset_class in self.classes


@dataclass(frozen=True, slots=True)
class RebalanceSetting:
    """When weights are reset, and the bands (fractions) inside which they are left alone."""

    when: When = When.MONTHLY
    band_absolute: Decimal | None = None
    band_relative: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OverlayPolicy:
    """One ruleset, the keys of a policy file. Weights, bands and limits are fractions of one; None = no limit.

    `universe` maps a class to the ETF whose closes are read for it; `cash` is the ETF that stands for cash.
    `quorum` is the share of a class's signals that a majority must reach. `hysteresis` is how far a signal must
    cross its line before its vote turns, `tie` what an even vote means, and targets stay where none would move by
    `min_change`. `max_turnover_quarter` is one-way, over three month ends. `risk_on`,
    `risk_off` and `hurdle` name classes of the universe or symbols. Modes that allocate by risk estimate `covariance`
    from the returns of the last `window_months`. `target_volatility` is a year's and `ewma_decay` the weight of what
    was known before; volatility is elevated from `elevated_above` until `elevated_below`, in points like the VIX.
    `overlay_fraction` scales the tilts that votes and limits lead to, to start small. `learned` says how the modes
    with a network fit it; None is as its defaults.
    """

    universe: dict[str, str] = field(default_factory=dict)
    strategic: dict[str, Decimal] = field(default_factory=dict)
    cash: str = ""
    mode: Mode = Mode.OVERLAY
    signals: tuple[SignalSetting, ...] = ()
    combine: Combine = Combine.VOTE
    quorum: Decimal = Decimal("0.5")
    hysteresis: Decimal = Decimal(0)
    overlay_band: Decimal = Decimal("0.10")
    class_cap: Decimal | None = None
    max_turnover_quarter: Decimal | None = None
    rebalance: RebalanceSetting = field(default_factory=RebalanceSetting)
    risk_on: tuple[str, ...] = ()
    risk_off: str = ""
    hurdle: str = ""
    window_months: int = 12
    target_volatility: Decimal = Decimal("0.10")
    ewma_decay: Decimal = Decimal("0.94")
    covariance: CovarianceEstimate = CovarianceEstimate.LEDOIT_WOLF
    elevated_above: Decimal = Decimal(25)
    elevated_below: Decimal = Decimal(20)
    lots: bool = False
    name: str = ""
    min_change: Decimal = Decimal(0)
    tie: Tie = Tie.KEEP
    overlay_fraction: Decimal = ONE
    learned: LearnedSetting | None = None

    def voted_classes(self) -> tuple[str, ...]:
        """Return the classes that signals are read for: the universe without cash itself."""
        return tuple(name for name in self.universe if name != CASH_CLASS)


def validate(policy: OverlayPolicy) -> tuple[str, ...]:
    """Return what is wrong with a policy, one line each, beginning with the key's path; empty when it holds."""
    return (
        *_universe_faults(policy),
        *_weight_faults(policy),
        *_signal_faults(policy),
        *_mode_faults(policy),
        *_limit_faults(policy),
    )


def _universe_faults(policy: OverlayPolicy) -> list[str]:
    faults = [] if policy.universe or policy.mode is Mode.DUAL_MOMENTUM else ["universe: names no asset class"]
    faults += [f"universe.{name}: names no ETF" for name, etf in policy.universe.items() if not etf.strip()]
    return faults


def _weight_faults(policy: OverlayPolicy) -> list[str]:
    faults = [
        f"strategic.{name}: {weight} is not between 0 and 1"
        for name, weight in policy.strategic.items()
        if not _between(weight, Decimal(0), ONE)
    ]
    if faults:
        return faults
    total = sum(policy.strategic.values(), Decimal(0))
    if abs(total - ONE) > WEIGHT_TOLERANCE and (policy.strategic or policy.mode in _FROM_STRATEGIC):
        faults.append(f"strategic: the weights sum to {total}, not to 1")
    faults += [
        f"strategic.{name}: the class is not in universe"
        for name in policy.strategic
        if name != CASH_CLASS and name not in policy.universe
    ]
    return faults


def _signal_faults(policy: OverlayPolicy) -> list[str]:
    faults = []
    if not policy.signals and policy.mode in {Mode.OVERLAY, Mode.TIMING}:
        faults.append(f"signals: mode {policy.mode} needs at least one signal")
    for number, setting in enumerate(policy.signals):
        path = f"signals[{number}]"
        if setting.months is not None and not 1 <= setting.months <= LONGEST_SIGNAL:
            faults.append(f"{path}.months: {setting.months} is not between 1 and {LONGEST_SIGNAL}")
        elif setting.skip and setting.kind is not SignalKind.MOMENTUM:
            faults.append(f"{path}.skip: only momentum skips months")
        elif setting.kind is SignalKind.MOMENTUM and not 0 <= setting.skip < setting.length:
            faults.append(f"{path}.skip: {setting.skip} is not between 0 and {setting.length - 1}")
        faults += [f"{path}.{fault}" for fault in _setting_faults(setting, policy)]
    distinct = {replace(setting, months=setting.length, fast=setting.short, weight=ONE) for setting in policy.signals}
    if len(distinct) < len(policy.signals):
        faults.append("signals: the same signal is named twice")
    return faults


def _setting_faults(setting: SignalSetting, policy: OverlayPolicy) -> list[str]:
    """Return what is wrong with one signal beside its months, each beginning with its key."""
    faults = [f"classes: {name} is not in universe" for name in setting.classes if name not in policy.universe]
    if not (setting.weight.is_finite() and setting.weight > 0):
        faults.append(f"weight: {setting.weight} is not above 0")
    if setting.threshold is not None and not setting.threshold.is_finite():
        faults.append(f"threshold: {setting.threshold} is no number")
    if setting.kind is SignalKind.CROSSOVER and not 1 <= setting.short < setting.length:
        faults.append(f"fast: {setting.short} is not between 1 and {setting.length - 1}")
    if (setting.view is not None) != (setting.kind is SignalKind.VIEW):
        faults.append("view: a signal of kind view has one, and no other does")
    elif setting.view is not None:
        faults += [f"view.{fault}" for fault in view_faults(setting.view)]
        if setting.view.asset_class not in policy.universe:
            faults.append(f"view.asset_class: {setting.view.asset_class} is not in universe")
    return faults


def _mode_faults(policy: OverlayPolicy) -> list[str]:
    faults = []
    if policy.mode in _FROM_LISTS:
        if not policy.risk_on or not all(name.strip() for name in policy.risk_on):
            faults.append(f"risk_on: mode {policy.mode} needs at least one name")
        if not policy.risk_off.strip():
            faults.append(f"risk_off: mode {policy.mode} needs a name")
    if policy.mode is Mode.FACTOR_TILT:
        named = (*policy.risk_on, policy.risk_off)
        faults += [
            f"risk_on, risk_off: {name} is no class of strategic" for name in named if name not in policy.strategic
        ]
    if policy.overlay_fraction != ONE and policy.mode not in {Mode.OVERLAY, Mode.TIMING}:
        faults.append(f"overlay_fraction: mode {policy.mode} has no tilts that a fraction could scale")
    if policy.learned is not None:
        faults += [f"learned.{fault}" for fault in learned_faults(policy.learned)]
    if not 1 <= policy.window_months <= LONGEST_SIGNAL:
        faults.append(f"window_months: {policy.window_months} is not between 1 and {LONGEST_SIGNAL}")
    if not 0 < policy.ewma_decay < 1:
        faults.append(f"ewma_decay: {policy.ewma_decay} is not between 0 and 1 (both excluded)")
    if not 0 <= policy.elevated_below <= policy.elevated_above:
        faults.append(f"elevated_below: {policy.elevated_below} is not between 0 and elevated_above")
    return faults


def _limit_faults(policy: OverlayPolicy) -> list[str]:
    zero = Decimal(0)
    limits = (
        ("quorum", policy.quorum, Decimal("0.000001")),
        ("hysteresis", policy.hysteresis, zero),
        ("min_change", policy.min_change, zero),
        ("overlay_band", policy.overlay_band, zero),
        ("class_cap", policy.class_cap, zero),
        ("overlay_fraction", policy.overlay_fraction, zero),
        ("max_turnover_quarter", policy.max_turnover_quarter, zero),
        ("target_volatility", policy.target_volatility, Decimal("0.000001")),
        ("rebalance.band_absolute", policy.rebalance.band_absolute, zero),
        ("rebalance.band_relative", policy.rebalance.band_relative, zero),
    )
    return [
        f"{path}: {value} is not between {'0 (excluded)' if low else '0'} and 1"
        for path, value, low in limits
        if value is not None and not _between(value, low, ONE)
    ]


def _between(value: Decimal, low: Decimal, high: Decimal) -> bool:
    return value.is_finite() and low <= value <= high


_FROM_STRATEGIC = frozenset({Mode.STATIC, Mode.TIMING, Mode.OVERLAY, Mode.VOLATILITY_TARGET, Mode.FACTOR_TILT})
_FROM_LISTS = frozenset({Mode.DUAL_MOMENTUM, Mode.FACTOR_TILT})
