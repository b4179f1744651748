"""What the overlay says on one day: each signal's reading, the votes, the tilts and the targets they lead to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SignalReading:
    """One signal of one asset class.

    `value` is in the signal's own unit: for a moving average the fraction by which the close is above it, for
    momentum the return. `vote` is +1 bullish, -1 bearish, 0 none: there is no reading then, and `value` is 0.
    `data_as_of` is the day of the latest close read. `label` names the signal to a person, such as "10-month
    moving average".
    """

    kind: str
    asset_class: str
    value: Decimal
    vote: int
    data_as_of: date
    label: str = ""


@dataclass(frozen=True, slots=True)
class OverlayReading:
    """The overlay on one day. Votes, tilts and targets are by asset class, as fractions of the household's value.

    `votes` is the combined vote in [-1, 1]; `tilts` sum to zero; `targets` = strategic + tilts.
    """

    as_of: date
    signals: tuple[SignalReading, ...]
    votes: dict[str, Decimal]
    regime: str
    tilts: dict[str, Decimal]
    targets: dict[str, Decimal]
    warnings: tuple[str, ...]
