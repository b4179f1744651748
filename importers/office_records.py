"""Rows of the office workbook to records, one function for each sheet."""

from collections.abc import Callable, Mapping

from importers.custodians import custodian_key
from importers.office_cells import OfficeRow
from importers.records import (
    AccountRecord,
    AccountRef,
    HouseholdRecord,
    ModelTargetRecord,
    PersonRecord,
    PolicyRecord,
    Record,
    RestrictionRecord,
    SecurityRecord,
    TaxProfileRecord,
)


def _household(row: OfficeRow) -> Record:
    return HouseholdRecord(
        row=row.number,
        name=row.text("name"),
        tax_profile=row.text("tax_profile"),
        model=row.text("model"),
        policy=row.text("policy"),
        notes=row.text("notes"),
    )


def _person(row: OfficeRow) -> Record:
    return PersonRecord(row.number, row.text("household"), row.text("name"), row.choice("role"))


def _account(row: OfficeRow) -> Record:
    title = row.text("title")
    custodian = custodian_key(row.text("custodian"))
    return AccountRecord(
        row=row.number,
        household=row.text("household"),
        account=AccountRef(custodian, row.text("number"), title),
        owner=row.text("owner"),
        registration=row.choice("registration"),
        title=title,
        cash_reserve=row.amount("cash_reserve"),
        withdraw=row.amount("withdraw"),
        fractional=row.yes("fractional"),
        ticket_charge=row.amount("ticket_charge"),
        min_trade=row.amount("min_trade"),
        discretionary=row.yes("discretionary"),
        lot_method=row.choice("lot_method"),
    )


def _security(row: OfficeRow) -> Record:
    return SecurityRecord(
        row=row.number,
        symbol=row.symbol("symbol"),
        name=row.text("name"),
        asset_class=row.text("asset_class"),
        identity_group=row.text("identity_group"),
        security_type=row.choice("security_type"),
        cusip=row.text("cusip"),
        half_spread_bp=row.amount("half_spread_bp"),
        carry_bp=row.amount("carry_bp"),
        adv_shares=row.figure("adv_shares"),
        substitutes=row.symbols("substitutes"),
    )


def _model(row: OfficeRow) -> Record:
    return ModelTargetRecord(
        row=row.number,
        model=row.text("model"),
        asset_class=row.text("asset_class"),
        weight=row.amount("weight"),
        buy_list=row.symbols("buy_list"),
        overlay_etf=row.symbol("overlay_etf"),
    )


def _settings(row: OfficeRow) -> dict[str, str]:
    """Return all settings of a row as canonical text; those not set and without a default are left out."""
    said = {c.field: row.setting(c) for c in row.sheet.columns if c.field != "name"}
    return {name: text for name, text in said.items() if text}


def _policy(row: OfficeRow) -> Record:
    return PolicyRecord(row.number, row.text("name"), _settings(row))


def _tax_profile(row: OfficeRow) -> Record:
    return TaxProfileRecord(row.number, row.text("name"), _settings(row))


def _restriction(row: OfficeRow) -> Record:
    return RestrictionRecord(
        row=row.number,
        household=row.text("household"),
        account=row.text("account"),
        symbol=row.symbol("symbol"),
        kind=row.choice("kind"),
        reason=row.text("reason"),
        until=row.day("until"),
    )


BUILDERS: Mapping[str, Callable[[OfficeRow], Record]] = {
    "Households": _household,
    "People": _person,
    "Accounts": _account,
    "Securities": _security,
    "Models": _model,
    "Policies": _policy,
    "Tax profiles": _tax_profile,
    "Restrictions": _restriction,
}
"""Sheet title -> how its rows become records."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "Households": ("name",),
    "People": ("household", "name"),
    "Accounts": ("custodian", "number"),
    "Securities": ("symbol",),
    "Models": ("model", "asset_class"),
    "Policies": ("name",),
    "Tax profiles": ("name",),
    "Restrictions": ("household", "account", "symbol", "kind"),
}
"""Sheet title -> the fields that no two rows share."""
