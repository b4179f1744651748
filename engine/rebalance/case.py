"""The case: everything one household's proposal depends on, as one frozen value (`plimsoll.case/1`)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from engine.portfolio import Account, HistoryRow, Lot, Policy, Security, TaxPosition

SCHEMA: Final = "plimsoll.case/1"


@dataclass(frozen=True, slots=True)
class Case:
    """One household on one day: tax position, securities with prices, accounts, lots, history, targets, policy.

    `targets` are fractions of the household's value by asset class; `buy_list` names what may be bought
    for a class, best first. `history` covers at least the 30 days before `as_of`.
    """

    schema: Literal["plimsoll.case/1"]
    as_of: date
    tax: TaxPosition
    securities: tuple[Security, ...]
    accounts: tuple[Account, ...]
    lots: tuple[Lot, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    targets: dict[str, Decimal] = field(default_factory=dict)
    buy_list: dict[str, tuple[str, ...]] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
