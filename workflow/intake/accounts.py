"""Finds the accounts that files name, opens those nobody knows, and writes what the office workbook says of them."""

from dataclasses import fields
from typing import Any

from sqlalchemy import select

from db import tables
from engine.portfolio import LotMethod, Registration
from importers import records as r
from workflow.intake.account_match import match_accounts
from workflow.intake.account_numbers import KnownAccount, could_be
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake, blocking
from workflow.intake.office import AGAIN


def find_accounts(intake: Intake) -> None:
    """Match every account that a file of this call names; note those that could be several."""
    rows = {row.id: row for row in intake.session.scalars(select(tables.Account))}

    def create(ref: r.AccountRef) -> int:
        row = tables.Account(custodian=ref.custodian, number=ref.number or ref.name, name=ref.name)
        intake.added("accounts", row)
        intake.session.flush()
        rows[row.id] = row
        return row.id

    named = [arrival.accounts() for arrival in intake.arrivals]
    matches = match_accounts((ref for refs in named for ref in refs), _known(intake, rows), create)
    for account, whole in matches.numbers.items():
        intake.changed("accounts", rows[account], {"number": whole})
    for ref, account in matches.found.items():
        row = rows[account]
        row.name = row.name or ref.name
        row.custodian = row.custodian or ref.custodian
        intake.accounts[ref] = row
    intake.session.flush()
    for number, refs in enumerate(named):
        for ref, line in refs.items():
            if ref in matches.ambiguous:
                _ambiguous(intake, number, line, ref, matches.ambiguous[ref])


def _known(intake: Intake, rows: dict[int, tables.Account]) -> list[KnownAccount]:
    """Return the accounts of the book with the names that a person has confirmed for them."""
    aliases: dict[int, list[str]] = {}
    for alias in intake.session.scalars(select(tables.AccountAlias)):
        aliases.setdefault(alias.account_id, []).append(alias.alias)
    return [
        KnownAccount(row.id, row.custodian, row.number, row.name, row.title, tuple(aliases.get(row.id, ())))
        for row in rows.values()
    ]


def _ambiguous(intake: Intake, number: int, line: int, ref: r.AccountRef, fitting: tuple[KnownAccount, ...]) -> None:
    """Note that an account of a file could be several of the book; its rows were left out."""
    names = " or ".join(f"{account.number} {account.name or account.title}".strip() for account in fitting)
    message = f"account {ref.custodian} {ref.number} {ref.name}".strip() + f" could be {names}"
    hint = "Export it with the whole account number; the rows of this account were left out."
    place: dict[str, Any] = {"file": intake.arrivals[number].name, "row": line, "field": "account"}
    intake.unplaced(number, blocking("ambiguous_account", message, hint, account=ref.number, **place))


def apply_accounts(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the sheet Accounts: to whom each account belongs and how it is traded."""
    ids = dict(intake.session.execute(select(tables.Household.name, tables.Household.id)).all())
    seen: dict[int, int] = {}
    for record in arrival.of(r.AccountRecord):
        row = intake.accounts.get(record.account)
        place: dict[str, Any] = {"file": arrival.name, "row": record.row, "account": record.account.number}
        if row is None:
            continue
        if row.id in seen:
            message = f"account {record.account.number} is in row {seen[row.id]} already"
            intake.note(number, blocking("double_account", message, AGAIN, field="number", **place))
            continue
        seen[row.id] = record.row
        household = ids.get(record.household)
        if household is None:
            message = f"account {record.account.number}: there is no household {record.household}"
            intake.unplaced(number, blocking("unknown_household", message, AGAIN, field="household", **place))
        intake.changed("accounts", row, {"household_id": household, **_settings(record)})
    intake.session.flush()


def _settings(record: r.AccountRecord) -> dict[str, Any]:
    """Return the columns of an account that the workbook decides."""
    plain = {field.name for field in fields(record)} - {"row", "household", "account", "registration", "lot_method"}
    values = {name: getattr(record, name) for name in plain}
    return values | {
        "registration": Registration(record.registration) if record.registration in set(Registration) else None,
        "lot_method": LotMethod(record.lot_method) if record.lot_method in set(LotMethod) else None,
    }


def apply_restrictions(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the sheet Restrictions; a household of the workbook has those that it lists, and no others."""
    ids = dict(intake.session.execute(select(tables.Household.name, tables.Household.id)).all())
    listed = {ids[record.name] for record in arrival.of(r.HouseholdRecord)}
    wanted: dict[tuple[int, int | None, str, str], dict[str, Any]] = {}
    for record in arrival.of(r.RestrictionRecord):
        household = ids.get(record.household)
        place: dict[str, Any] = {"file": arrival.name, "row": record.row, "symbol": record.symbol}
        if household is None:
            message = f"restriction on {record.symbol}: there is no household {record.household}"
            intake.unplaced(number, blocking("unknown_household", message, AGAIN, field="household", **place))
            continue
        account = None
        if record.account:
            account = _account_of(intake, household, record.account)
            if account is None:
                message = f"restriction on {record.symbol}: {record.household} has no one account {record.account}"
                intake.unplaced(number, blocking("unknown_account", message, AGAIN, field="account", **place))
                continue
        wanted[household, account, record.symbol, record.kind] = {"reason": record.reason, "until": record.until}
    _write_restrictions(intake, wanted, listed)


def _account_of(intake: Intake, household: int, number: str) -> int | None:
    """Return the one account of a household that a number or mask means."""
    rows = intake.session.scalars(select(tables.Account).where(tables.Account.household_id == household))
    fitting = [row.id for row in rows if could_be(row.number, number)]
    return fitting[0] if len(fitting) == 1 else None


def _write_restrictions(
    intake: Intake, wanted: dict[tuple[int, int | None, str, str], dict[str, Any]], listed: set[int]
) -> None:
    """Bring the restrictions of the book to those wanted."""
    left = dict(wanted)
    for row in intake.session.scalars(select(tables.Restriction)).all():
        values = left.pop((row.household_id, row.account_id, row.symbol, row.kind), None)
        if values is not None:
            intake.changed("restrictions", row, values)
        elif row.household_id in listed:
            intake.removed("restrictions removed", row)
    for (household, account, symbol, kind), values in left.items():
        restriction = tables.Restriction(household_id=household, account_id=account, symbol=symbol, kind=kind, **values)
        intake.added("restrictions", restriction)
    intake.session.flush()
