"""Policies of the research tests: four classes over synthetic closes."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from engine.overlay.policy import Mode, OverlayPolicy, RebalanceSetting, SignalKind, SignalSetting, When
from engine.overlay.price_history import PriceHistory, price_history
from tests.engine.research.closes import weekdays

SYMBOLS = ("MOM", "VAL", "INTL", "BOND", "BILL")
SMA10 = SignalSetting(SignalKind.SMA, 10)
MOMENTUM = SignalSetting(SignalKind.MOMENTUM, 12, 1)
BASE = OverlayPolicy(
    universe={"momentum": "MOM", "value": "VAL", "intl": "INTL", "bonds": "BOND"},
    strategic={
        "momentum": Decimal("0.3"),
        "value": Decimal("0.3"),
        "intl": Decimal("0.2"),
        "bonds": Decimal("0.2"),
    },
    cash="BILL",
    mode=Mode.STATIC,
    risk_on=("momentum",),
    risk_off="value",
    hurdle="BILL",
    signals=(SMA10, MOMENTUM),
)


def resetting(when: When, absolute: str | None = None, relative: str | None = None) -> RebalanceSetting:
    return RebalanceSetting(when, absolute and Decimal(absolute), relative and Decimal(relative))  # type: ignore[arg-type]


def halves(**changes: Any) -> OverlayPolicy:
    """Return half in A, half in B, held without signals."""
    half = Decimal("0.5")
    return OverlayPolicy(
        universe={"a": "A", "b": "B"}, strategic={"a": half, "b": half}, **{"mode": Mode.STATIC} | changes
    )


def two_closes(a: list[float], b: list[float], start: date = date(2021, 1, 27)) -> PriceHistory:
    return price_history(weekdays(start, len(a)), ("A", "B"), np.array([a, b]).T)
