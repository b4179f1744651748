"""Writes trades and realized gains: rows that the book already has are known by what they say and how often."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import select

from db import tables
from importers import records as r
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake


def apply_transactions(intake: Intake, number: int, arrival: Arrival) -> None:
    """Add the trades that the book does not have. Equal rows are distinct trades: the nth matches the nth."""
    records = [record for record in arrival.of(r.TransactionRecord) if record.account in intake.accounts]
    held: dict[Hashable, tables.Transaction] = {}
    table = tables.Transaction
    for row in intake.session.scalars(select(table).where(table.account_id.in_(_ids(intake, records)))):
        key = (row.account_id, row.security_id, row.date, row.action, row.quantity, row.amount, row.ordinal)
        held[key] = row
    seen: Counter[Hashable] = Counter()
    for record in records:
        content = {
            "account_id": intake.accounts[record.account].id,
            "security_id": intake.security(record.symbol).id,
            "date": record.date,
            "action": record.action,
            "quantity": record.quantity,
            "amount": record.amount,
        }
        seen[tuple(content.values())] += 1
        ordinal = seen[tuple(content.values())]
        found = held.get((*content.values(), ordinal))
        told: dict[str, Any] = {}
        if record.loss_quantity:
            told["loss_quantity"] = record.loss_quantity
        if record.lot_id:
            told["lot_key"] = record.lot_id
        if found is None:
            added = table(**content, ordinal=ordinal, **told, import_file_id=intake.file_ids[number])
            intake.added("transactions", added)
        else:
            intake.changed("transactions", found, told)
    intake.session.flush()


def apply_realized(intake: Intake, number: int, arrival: Arrival) -> None:
    """Add the realized gains that the book does not have. Equal rows are distinct: the nth matches the nth."""
    records = [record for record in arrival.of(r.RealizedRecord) if record.account in intake.accounts]
    held: dict[Hashable, tables.Realized] = {}
    table = tables.Realized
    for row in intake.session.scalars(select(table).where(table.account_id.in_(_ids(intake, records)))):
        key = (row.account_id, row.security_id, row.sold, row.quantity, row.proceeds, row.cost_basis, row.ordinal)
        held[key] = row
    seen: Counter[Hashable] = Counter()
    for record in records:
        content = {
            "account_id": intake.accounts[record.account].id,
            "security_id": intake.security(record.symbol).id,
            "sold": record.sold,
            "quantity": record.quantity,
            "proceeds": record.proceeds,
            "cost_basis": record.cost_basis,
        }
        seen[tuple(content.values())] += 1
        ordinal = seen[tuple(content.values())]
        found = held.get((*content.values(), ordinal))
        told = {"acquired": record.acquired, "gain": record.gain, "disallowed": record.disallowed}
        if found is None:
            added = table(**content, ordinal=ordinal, **told, import_file_id=intake.file_ids[number])
            intake.added("realized gains", added)
        else:
            intake.changed("realized gains", found, told)
    intake.session.flush()


def _ids(intake: Intake, records: Sequence[r.TransactionRecord | r.RealizedRecord]) -> set[int]:
    """Return the row ids of the accounts that records name."""
    return {intake.accounts[record.account].id for record in records}


def apply_activity(intake: Intake, number: int, arrival: Arrival) -> None:
    """Add the other rows of a history that the book does not have. Equal rows are distinct: the nth is the nth."""
    records = [record for record in arrival.of(r.ActivityRecord) if record.account in intake.accounts]
    table = tables.Activity
    ids = {intake.accounts[record.account].id for record in records}
    query = select(table.account_id, table.date, table.kind, table.content, table.ordinal)
    held = {tuple(row) for row in intake.session.execute(query.where(table.account_id.in_(ids)))}
    seen: Counter[Hashable] = Counter()
    for record in records:
        content = f"{record.symbol}|{record.description}|{record.quantity}|{record.amount}"
        key = (intake.accounts[record.account].id, record.date, record.kind.value, content)
        seen[key] += 1
        if (*key, seen[key]) not in held:
            row = table(
                account_id=key[0],
                security_id=intake.security(record.symbol).id if record.symbol else None,
                date=record.date,
                kind=record.kind.value,
                description=record.description,
                quantity=record.quantity,
                amount=record.amount,
                qualified=record.qualified,
                content=content,
                ordinal=seen[key],
                import_file_id=intake.file_ids[number],
            )
            intake.added("other activity", row)
    intake.session.flush()
