"""The signals by kind: one line each in `SIGNALS`, the function behind it in price_, volatility_ or macro_signals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import numpy as np

from engine.overlay import macro_signals, price_signals, volatility_signals
from engine.overlay.macro_history import ROLE_SERIES, MacroHistory, MacroRole
from engine.overlay.policy import SignalKind, SignalSetting
from engine.overlay.price_history import Closes
from engine.overlay.price_signals import crossover, momentum, momentum_13612w, moving_average
from engine.overlay.signal_evidence import Evidence, as_of_macro, closes_only

__all__ = [
    "SIGNALS",
    "SignalRule",
    "data_day",
    "label_of",
    "missing_series",
    "momentum",
    "moving_average",
    "read_evidence",
    "read_signal",
]

PLACES = 10
"""Decimal places of a signal's value: finer than any price file, coarser than what floating point makes up."""


@dataclass(frozen=True, slots=True)
class SignalRule:
    """How a kind of signal is read. A value above zero is bullish for every kind.

    `read(evidence, setting)` returns a value for each decision day, NaN where what it needs is not all there; a row
    never depends on what came or was published after its day. `label` names the signal to a person. `closes_needed`
    counts month ends, the current one included, None where it is not month ends that count. `roles` are the macro
    series that it may read, each alternative a tuple of roles that do together. `from_closes` is of signals that read
    the class's own month-end closes only, and `is_z` of those whose value is a z-score already.
    """

    read: Callable[[Evidence, SignalSetting], Closes]
    label: str
    source: str
    closes_needed: Callable[[int], int] | None = None
    roles: tuple[tuple[MacroRole, ...], ...] = ()
    from_closes: bool = False
    is_z: bool = False


def label_of(setting: SignalSetting) -> str:
    """Return what a person calls the signal, for instance "10-month moving average"."""
    author = "" if setting.view is None else setting.view.author
    label = SIGNALS[setting.kind].label.format(
        months=setting.length or "whole", skip=setting.skip, fast=setting.short, author=author
    )
    return f"{label}, inverted" if setting.inverse else label


def read_signal(closes: Closes, setting: SignalSetting) -> tuple[Decimal | None, ...]:
    """Return the signal's value at each month end of one symbol's closes, None where there is no reading."""
    return read_evidence(closes_only(closes), setting)


def read_evidence(evidence: Evidence, setting: SignalSetting) -> tuple[Decimal | None, ...]:
    """Return the signal's value at each decision day, None where there is no reading."""
    values = SIGNALS[setting.kind].read(evidence, setting)
    sign = -1 if setting.inverse else 1
    return tuple(None if np.isnan(value) else Decimal(f"{sign * value:.{PLACES}f}") + 0 for value in values)


def data_day(evidence: Evidence, setting: SignalSetting) -> date | None:
    """Return the day of the latest datum read at the last decision: a close, the end of a macro period, a view.

    Of several series that do together it is the one that is furthest behind.
    """
    if setting.view is not None:
        return setting.view.made
    roles = next((group for group in _groups(setting) if _has_all(evidence.macro, setting, group)), ())
    days = [as_of_macro(evidence, role, setting.series) for role in roles]
    return min((day for day in days if day is not None), default=evidence.latest_close())


def missing_series(setting: SignalSetting, macro: MacroHistory) -> str:
    """Return which macro series the signal needs and does not have, in words; empty where it has what it needs."""
    groups = _groups(setting)
    if not groups or any(_has_all(macro, setting, group) for group in groups):
        return ""
    if setting.series:
        return f"needs the macro series {setting.series}, which is not there"
    ways = (" and ".join("/".join(ROLE_SERIES[role]) for role in group) for group in groups)
    return f"needs the macro series {', or '.join(ways)}, which is not there"


def _groups(setting: SignalSetting) -> tuple[tuple[MacroRole, ...], ...]:
    """Return the roles that do together, one group an alternative; a series that is named leaves the first only."""
    return SIGNALS[setting.kind].roles[:1] if setting.series else SIGNALS[setting.kind].roles


def _has_all(macro: MacroHistory, setting: SignalSetting, group: tuple[MacroRole, ...]) -> bool:
    return all(macro.of(role, setting.series) is not None for role in group)


def _view(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the stance of a manual view on the days on which it is held."""
    values = np.full(len(evidence.closes), np.nan)
    view = setting.view
    for i, day in enumerate(evidence.days):
        if view is not None and view.asset_class == evidence.asset_class and view.holds_on(day):
            values[i] = float(view.stance)
    return values


def _of_closes(
    read: Callable[[Closes, SignalSetting], Closes], needs: Callable[[int], int], label: str, source: str
) -> SignalRule:
    return SignalRule(lambda evidence, setting: read(evidence.closes, setting), label, source, needs, from_closes=True)


def _of_macro(
    read: Callable[[Evidence, SignalSetting], Closes], label: str, source: str, *roles: tuple[MacroRole, ...]
) -> SignalRule:
    return SignalRule(read, label, source, roles=roles)


SIGNALS: Mapping[SignalKind, SignalRule] = MappingProxyType(
    {
        SignalKind.SMA: _of_closes(
            moving_average, lambda months: months, "{months}-month moving average", "Faber (2007, 2013)"
        ),
        SignalKind.CROSSOVER: _of_closes(
            crossover,
            lambda months: months,
            "{fast}-month over {months}-month average",
            "Brock, Lakonishok and LeBaron (1992)",
        ),
        SignalKind.MOMENTUM: _of_closes(
            momentum, lambda months: months + 1, "{months}-{skip} momentum", "Jegadeesh and Titman (1993)"
        ),
        SignalKind.MOMENTUM_13612W: _of_closes(
            momentum_13612w, lambda _months: 13, "13612W momentum", "Keller and Keuning (2017)"
        ),
        SignalKind.RELATIVE_STRENGTH: SignalRule(
            price_signals.relative_strength,
            "{months}-month relative strength",
            "Moskowitz and Grinblatt (1999), Faber (2010)",
            lambda months: months + 1,
        ),
        SignalKind.DRAWDOWN: SignalRule(
            price_signals.drawdown, "fall from the {months}-month high", "George and Hwang (2004)"
        ),
        SignalKind.VOLATILITY: SignalRule(
            volatility_signals.volatility, "{months}-month volatility", "Moreira and Muir (2017)"
        ),
        SignalKind.VOLATILITY_Z: SignalRule(
            volatility_signals.volatility_z,
            "z-score of {months}-month volatility",
            "Barroso and Santa-Clara (2015)",
            is_z=True,
        ),
        SignalKind.VIX_REGIME: _of_macro(
            volatility_signals.vix_regime, "VIX regime", "Whaley (2000)", (MacroRole.VIX,)
        ),
        SignalKind.STOCK_BOND_CORRELATION: SignalRule(
            volatility_signals.stock_bond_correlation,
            "{months}-month stock-bond correlation",
            "Campbell, Sunderam and Viceira (2017)",
        ),
        SignalKind.CAPE: _of_macro(macro_signals.cape, "CAPE", "Campbell and Shiller (1998)", (MacroRole.CAPE,)),
        SignalKind.CAPE_Z: SignalRule(
            macro_signals.cape_z,
            "z-score of CAPE",
            "Asness, Ilmanen and Maloney (2017)",
            roles=((MacroRole.CAPE,),),
            is_z=True,
        ),
        SignalKind.YIELD_CURVE: _of_macro(
            macro_signals.yield_curve,
            "yield curve, 10 years less 3 months",
            "Estrella and Mishkin (1996)",
            (MacroRole.SLOPE_10Y3M,),
            (MacroRole.TEN_YEAR, MacroRole.THREE_MONTH),
        ),
        SignalKind.YIELD_CURVE_2Y: _of_macro(
            macro_signals.yield_curve_2y,
            "yield curve, 10 years less 2 years",
            "Bauer and Mertens (2018)",
            (MacroRole.SLOPE_10Y2Y,),
            (MacroRole.TEN_YEAR, MacroRole.TWO_YEAR),
        ),
        SignalKind.INFLATION_TREND: _of_macro(
            macro_signals.inflation_trend,
            "{months}-month inflation trend",
            "Ilmanen, Maloney and Ross (2014)",
            (MacroRole.CPI,),
        ),
        SignalKind.RATE_TREND: _of_macro(
            macro_signals.rate_trend, "{months}-month rate trend", "Brooks (2017)", (MacroRole.TEN_YEAR,)
        ),
        SignalKind.CREDIT_SPREAD: _of_macro(
            macro_signals.credit_spread, "credit spread", "Gilchrist and Zakrajsek (2012)", (MacroRole.CREDIT_SPREAD,)
        ),
        SignalKind.VIEW: SignalRule(_view, "view of {author}", "the person who signs it"),
    }
)
"""The kinds of signal that can be read. A new one is its function and its line here."""
