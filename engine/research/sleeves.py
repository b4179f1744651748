"""What a class is held through: funds first, single securities only where a sleeve is small.

Large sleeves in single securities run into their volume first, so they are held through ETFs and other funds; futures
are not traded by this program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO
from engine.portfolio import CASH_CLASS

LARGEST = Decimal("0.10")
"""The share of a household that a sleeve of single securities may be unless a firm sets another."""


class SleeveKind(StrEnum):
    """What the purchases of a class are made of."""

    FUNDS = "funds"
    """ETFs and mutual funds alone."""
    SECURITIES = "securities"
    """Single stocks, bonds and others alone."""
    MIXED = "mixed"
    NOTHING = "nothing"
    """Nothing may be bought for it."""


FUND_KINDS = frozenset({"etf", "fund"})


@dataclass(frozen=True, slots=True)
class Sleeve:
    """A class: its target (a fraction of the household), what may be bought for it, best first, and what is amiss."""

    asset_class: str
    target: Decimal
    symbols: tuple[str, ...]
    kind: SleeveKind
    findings: tuple[str, ...]


def sleeves(
    targets: Mapping[str, Decimal],
    buys: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str],
    largest: Decimal = LARGEST,
) -> tuple[Sleeve, ...]:
    """Return the sleeves of a household, the largest first, cash left out.

    `buys` are symbols by class, best first; `kinds` say of a symbol whether it is an etf, a fund, a stock, a bond or
    other, one that is not there being other. Raises ValueError for a limit that is not between 0 and 1.
    """
    if not 0 <= largest <= 1:
        raise ValueError(f"the largest sleeve of single securities is a share between 0 and 1, not {largest}")
    wanted = sorted((-weight, name) for name, weight in targets.items() if weight > 0 and name != CASH_CLASS)
    return tuple(_sleeve(name, -weight, tuple(buys.get(name, ())), kinds, largest) for weight, name in wanted)


def _sleeve(name: str, target: Decimal, symbols: tuple[str, ...], kinds: Mapping[str, str], largest: Decimal) -> Sleeve:
    funds = [kinds.get(symbol, "") in FUND_KINDS for symbol in symbols]
    if not symbols:
        kind = SleeveKind.NOTHING
    elif all(funds):
        kind = SleeveKind.FUNDS
    else:
        kind = SleeveKind.MIXED if any(funds) else SleeveKind.SECURITIES
    return Sleeve(name, target, symbols, kind, tuple(_findings(target, symbols, funds, largest)))


def _findings(target: Decimal, symbols: tuple[str, ...], funds: Sequence[bool], largest: Decimal) -> list[str]:
    if not symbols:
        return ["nothing may be bought for it"]
    found = []
    if not funds[0] and any(funds):
        first = symbols[funds.index(True)]
        found.append(f"{symbols[0]}, a single security, comes before the fund {first}")
    if not funds[0] and target > max(largest, ZERO):
        found.append(f"{target:.1%} through {symbols[0]}, a single security, is more than {largest:.0%}")
    return found
