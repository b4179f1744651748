"""The plans of the sample office as values: households, accounts and the lots that their stories need.

They are kept in households.toml beside this module.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

LATEST = date(2025, 9, 30)
"""Lots that no story needs are not younger: none of them turns long-term or washes a sale soon."""
MIN_TRADE = Decimal(500)
CASH_RESERVE = Decimal(500)
TICKET_CHARGE = Decimal("9.95")


@dataclass(frozen=True, slots=True)
class Tranche:
    """Shares bought (or reinvested) together on a trading day, at that day's close."""

    symbol: str
    shares: Decimal
    day: date
    reinvested: bool = False


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """An account; its holdings and cash are parts of the household's value. Amounts in dollars.

    `kind` is what the custodian calls it, `lots` what the story needs; no other lot is younger than `bought_until`.
    """

    key: str
    custodian: str
    number: str
    kind: str
    owner: str
    registration: str
    holdings: dict[str, Decimal]
    cash: Decimal
    lots: tuple[Tranche, ...]
    bought_until: date
    withdraw: Decimal

    @property
    def ticket_charge(self) -> Decimal:
        """What the custodian charges for each order, in dollars: only the trust company does."""
        return TICKET_CHARGE if self.custodian == "other" else Decimal(0)

    @property
    def is_taxable(self) -> bool:
        """Whether its sales are taxed."""
        return self.registration == "taxable"


@dataclass(frozen=True, slots=True)
class Restriction:
    """A symbol that the household does not buy or does not sell."""

    symbol: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class PastTrade:
    """A trade of the last 90 days, at the close of its day. Positive shares; `loss_shares` were sold at a loss."""

    account: str
    day: date
    action: str
    symbol: str
    shares: Decimal
    loss_shares: Decimal = Decimal(0)
    lot: str = ""


@dataclass(frozen=True, slots=True)
class HouseholdPlan:
    """A household: who, how it is invested and taxed, and the one story it tells.

    `lost_shares` are the shares by which the lot file falls short of a position, by account key and symbol.
    """

    name: str
    story: str
    people: dict[str, str]
    model: str
    policy: str
    tax: dict[str, str]
    value: Decimal
    accounts: tuple[AccountPlan, ...]
    restrictions: tuple[Restriction, ...]
    trades: tuple[PastTrade, ...]
    lost_shares: dict[tuple[str, str], Decimal]


def read_toml(name: str) -> dict[str, Any]:
    """Return one of the TOML files beside this module; numbers as Decimal."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def read_plans() -> tuple[HouseholdPlan, ...]:
    """Return the households in the order of their stories, 1 to 12."""
    return tuple(_household(table) for table in read_toml("households.toml")["household"])


def _household(table: Mapping[str, Any]) -> HouseholdPlan:
    lost = table.get("lost_shares", [])
    return HouseholdPlan(
        name=table["name"],
        story=table["story"].strip(),
        people=table["people"],
        model=table["model"],
        policy=table["policy"],
        tax={key: str(value) for key, value in table["tax"].items()},
        value=Decimal(table["value"]),
        accounts=tuple(_account(account) for account in table["accounts"]),
        restrictions=tuple(Restriction(**row) for row in table.get("restrictions", [])),
        trades=tuple(_trade(row) for row in table.get("trades", [])),
        lost_shares={(row["account"], row["symbol"]): Decimal(row["shares"]) for row in lost},
    )


def _account(table: Mapping[str, Any]) -> AccountPlan:
    return AccountPlan(
        key=table["key"],
        custodian=table["custodian"],
        number=table["number"],
        kind=table["kind"],
        owner=table["owner"],
        registration=table["registration"],
        holdings=table["holdings"],
        cash=Decimal(table["cash"]),
        lots=tuple(
            Tranche(row["symbol"], Decimal(row["shares"]), row["day"], row.get("reinvested", False))
            for row in table.get("lots", [])
        ),
        bought_until=table.get("bought_until", LATEST),
        withdraw=Decimal(table.get("withdraw", 0)),
    )


def _trade(row: Mapping[str, Any]) -> PastTrade:
    return PastTrade(
        row["account"],
        row["day"],
        row["action"],
        row["symbol"],
        Decimal(row["shares"]),
        Decimal(row.get("loss_shares", 0)),
    )
