"""A figure that can say where it comes from: label, value, and the figures that went into it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Trail:
    """One figure and its inputs. `unit` is usd, fraction or shares; `source` cites the rule, where there is one."""

    label: str
    value: Decimal
    inputs: tuple["Trail", ...] = ()
    unit: str = "usd"
    source: str = ""
