"""What the book holds, as frozen values: read in one go, safe to keep after the session is closed.

Accounts are named by their `key` (A followed by the account's row number), which is also their id in a case.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from engine.portfolio import HistoryRow, Lot, LotMethod, RatesFrom, Registration, TaxPosition
from engine.problems import Problem


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account of the book. Dollars; `cash` is None while no file has said it.

    `registration` is None while nobody has said it; `positions_as_of` is the day of the positions held.
    `lot_method` is how the custodian chooses lots where it takes no lot instruction; None = it takes them.
    """

    id: int
    key: str
    household_id: int | None
    custodian: str
    number: str
    name: str
    owner: str
    registration: Registration | None
    title: str
    cash: Decimal | None
    cash_as_of: date | None
    positions_as_of: date | None
    cash_reserve: Decimal
    withdraw: Decimal
    fractional: bool
    ticket_charge: Decimal
    min_trade: Decimal
    discretionary: bool
    lot_method: LotMethod | None


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """Shares of one security in one account, as the custodian states them on `as_of`. Dollars."""

    account: str
    symbol: str
    quantity: Decimal
    price: Decimal | None
    market_value: Decimal | None
    cost_basis: Decimal | None
    as_of: date


@dataclass(frozen=True, slots=True)
class HeldSecurity:
    """A security of the book. `asset_class` None = not classified yet.

    `close` is the last unadjusted close on or before the day asked for, `close_date` its day; both None
    without a price. `substitutes` are symbols, best first.
    """

    symbol: str
    name: str
    asset_class: str | None
    identity_group: str | None
    security_type: str
    cusip: str
    half_spread_bp: Decimal
    carry_bp: Decimal
    adv_shares: Decimal | None
    substitutes: tuple[str, ...]
    close: Decimal | None
    close_date: date | None


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """A member of a household. `role` is client, spouse, child, trust or other."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class HeldTaxProfile:
    """A named tax profile and the tax position it gives, in the figures that the firm typed.

    `ordinary_income` is dollars a year, all but gains, None while nobody has said it; `state` is two letters, empty
    = no state tax.
    """

    name: str
    filing_status: str
    position: TaxPosition
    rates_from: RatesFrom
    state: str
    ordinary_income: Decimal | None


@dataclass(frozen=True, slots=True)
class HeldTarget:
    """One class of a model, in the model's order. `overlay_etf` empty = the class is not tilted."""

    asset_class: str
    weight: Decimal
    buy_list: tuple[str, ...]
    overlay_etf: str


@dataclass(frozen=True, slots=True)
class HeldModel:
    """A model with its classes."""

    name: str
    targets: tuple[HeldTarget, ...]


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """A policy: setting's name -> its text, as the office workbook gave it."""

    name: str
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class HeldRestriction:
    """do_not_buy, do_not_sell or lock. `account` None = every account; `until` is the last day it holds."""

    account: str | None
    symbol: str
    kind: str
    reason: str
    until: date | None


@dataclass(frozen=True, slots=True)
class HeldRealized:
    """A closed lot. `gain` is dollars, negative for a loss; `disallowed` >= 0."""

    account: str
    symbol: str
    acquired: date | None
    sold: date
    quantity: Decimal
    proceeds: Decimal
    cost_basis: Decimal
    gain: Decimal
    disallowed: Decimal


@dataclass(frozen=True, slots=True)
class StandingProblem:
    """A problem that still stands. `account` is an account key, empty when the whole household is meant.

    What it blocks: with a symbol that symbol (in that account, or in every account), else the account, else
    the household.
    """

    problem: Problem
    account: str
    symbol: str


@dataclass(frozen=True, slots=True)
class HeldHousehold:
    """All that the book knows of one household on one day: enough to build its case.

    `lots` and `history` are engine values with account keys for accounts and lot ids that are unique in the
    household ("A3/VTI-20230228-1"). `history` is in order of date and covers HISTORY_DAYS before the day;
    losses are taken from the realized gains where the trades do not say them. `securities` are those held,
    traded, on a buy list, overlay ETFs, and the substitutes of all of these. `last_sales` is the last day of a sell
    in the calendar year, by account key, as the trades tell it.
    """

    id: int
    name: str
    notes: str
    as_of: date
    people: tuple[HeldPerson, ...]
    tax: HeldTaxProfile | None
    model: HeldModel | None
    policy: HeldPolicy | None
    accounts: tuple[HeldAccount, ...]
    positions: tuple[HeldPosition, ...]
    lots: tuple[Lot, ...]
    history: tuple[HistoryRow, ...]
    realized: tuple[HeldRealized, ...]
    last_sales: dict[str, date]
    restrictions: tuple[HeldRestriction, ...]
    securities: dict[str, HeldSecurity]
    problems: tuple[StandingProblem, ...]


@dataclass(frozen=True, slots=True)
class ListedHousehold:
    """A household in a list. Names are empty where nothing is assigned."""

    id: int
    name: str
    tax_profile: str
    model: str
    policy: str
    accounts: int


@dataclass(frozen=True, slots=True)
class AdjustedCloses:
    """Total-return closes as a table for signals: `values[i, j]` is symbol j on day i, NaN where there is none.

    `unadjusted` are symbols of which only plain closes exist; those are used as they are.
    """

    dates: tuple[date, ...]
    symbols: tuple[str, ...]
    values: NDArray[np.float64]
    unadjusted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was imported."""

    id: int
    batch: int
    name: str
    sha256: str
    importer: str
    as_of: date | None
    imported_at: datetime
    imported_by: str
    records: dict[str, int]
