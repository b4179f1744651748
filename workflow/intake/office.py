"""Writes what the office workbook says: securities, tax profiles, policies, models, households, people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from decimal import Decimal, InvalidOperation

from sqlalchemy import delete, select

from db import tables
from engine.portfolio import RatesFrom, TaxPosition
from importers import records as r
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake, blocking

AGAIN = "Correct the office workbook and import it again."


def apply_office(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the records of one office workbook but for its accounts and restrictions."""
    _securities(intake, arrival.of(r.SecurityRecord))
    for profile in arrival.of(r.TaxProfileRecord):
        _tax_profile(intake, number, arrival, profile)
    for policy in arrival.of(r.PolicyRecord):
        _policy(intake, policy)
    intake.session.flush()
    _models(intake, _once_each(intake, number, arrival))
    intake.session.flush()
    for household in arrival.of(r.HouseholdRecord):
        _household(intake, number, arrival, household)
    intake.session.flush()
    _people(intake, number, arrival)


def _securities(intake: Intake, records: Sequence[r.SecurityRecord]) -> None:
    """Write securities, their identity groups, and what may stand in for them."""
    groups = {row.name: row for row in intake.session.scalars(select(tables.IdentityGroup))}
    for record in records:
        if record.identity_group and record.identity_group not in groups:
            groups[record.identity_group] = tables.IdentityGroup(name=record.identity_group)
            intake.session.add(groups[record.identity_group])
    intake.session.flush()
    for record in records:
        group = groups.get(record.identity_group)
        values = {
            "name": record.name,
            "asset_class": record.asset_class or None,
            "identity_group_id": group.id if group else None,
            "security_type": record.security_type,
            "cusip": record.cusip,
            "half_spread_bp": record.half_spread_bp,
            "carry_bp": record.carry_bp,
            "adv_shares": record.adv_shares,
        }
        row = intake.securities.get(record.symbol)
        if row is None:
            row = tables.Security(symbol=record.symbol, **values)
            intake.securities[record.symbol] = row
            intake.added("securities", row)
        else:
            # what a custodian's file has told stays where the workbook is silent
            intake.changed("securities", row, values if record.cusip else values | {"cusip": row.cusip})
    intake.session.flush()
    for record in records:
        _substitutes(intake, record)


def _substitutes(intake: Intake, record: r.SecurityRecord) -> None:
    """Write what may stand in for a security, if it differs."""
    own = intake.securities[record.symbol].id
    wanted = [intake.security(symbol).id for symbol in dict.fromkeys(record.substitutes) if symbol != record.symbol]
    table = tables.Substitute
    ranked = select(table.substitute_id).where(table.security_id == own).order_by(table.rank)
    if list(intake.session.scalars(ranked)) == wanted:
        return
    intake.session.execute(delete(table).where(table.security_id == own))
    for rank, other in enumerate(wanted, start=1):
        intake.session.add(table(security_id=own, rank=rank, substitute_id=other))
    intake.changes["substitutes changed"] += 1
    intake.session.flush()


def _tax_profile(intake: Intake, number: int, arrival: Arrival, record: r.TaxProfileRecord) -> None:
    """Write a tax profile; one with a value that cannot be read is left as it was."""
    figures = {field.name: None if field.default is MISSING else field.default for field in fields(TaxPosition)}
    values = _words(record.settings)
    if record.settings.get("ordinary_income"):
        figures["ordinary_income"] = None
    for name, default in figures.items():
        try:
            values[name] = _setting(record.settings.get(name, "").strip(), name, default)
        except ValueError as error:
            message = f"tax profile {record.name}: {error}"
            place = {"file": arrival.name, "row": record.row, "field": name}
            intake.unplaced(number, blocking("bad_tax_profile", message, AGAIN, **place))
            return
    found = intake.session.scalar(select(tables.TaxProfile).where(tables.TaxProfile.name == record.name))
    if found is None:
        intake.added("tax profiles", tables.TaxProfile(name=record.name, **values))
    else:
        intake.changed("tax profiles", found, values)


def _words(settings: Mapping[str, str]) -> dict[str, Decimal | str | None]:
    """Return what a tax profile says besides figures; None where the rates' source is not said."""
    source = settings.get("rates_from", "")
    return {
        "filing_status": settings.get("filing_status", ""),
        "rates_from": RatesFrom(source) if source in set(RatesFrom) else None,
        "state": settings.get("state") or None,
        "ordinary_income": None,
    }


def _setting(text: str, name: str, default: Decimal | None) -> Decimal:
    """Read one figure of a tax profile, as exactly as its column keeps it; ValueError says what is wrong."""
    if not text:
        if default is None:
            raise ValueError(f"{name.replace('_', ' ')} is missing")
        return default
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{name.replace('_', ' ')} '{text[:40]}' is not a number") from None
    if not value.is_finite() or abs(value) > 10**10:
        raise ValueError(f"{name.replace('_', ' ')} '{text[:40]}' is out of range")
    return value.quantize(Decimal("1e-8") if name.endswith("_rate") else Decimal("0.01"))


def _policy(intake: Intake, record: r.PolicyRecord) -> None:
    """Write a policy: the texts of its settings as one JSON object."""
    settings = json.dumps({name: text for name, text in record.settings.items() if text}, sort_keys=True)
    found = intake.session.scalar(select(tables.Policy).where(tables.Policy.name == record.name))
    if found is None:
        intake.added("policies", tables.Policy(name=record.name, settings=settings))
    else:
        intake.changed("policies", found, {"settings": settings})


def _once_each(intake: Intake, number: int, arrival: Arrival) -> list[r.ModelTargetRecord]:
    """Return the targets; a class that a model names twice counts once, and is a problem."""
    kept: dict[tuple[str, str], r.ModelTargetRecord] = {}
    for record in arrival.of(r.ModelTargetRecord):
        key = (record.model, record.asset_class)
        if key in kept:
            message = f"model {record.model} names {record.asset_class} in row {kept[key].row} already"
            place = {"file": arrival.name, "row": record.row, "field": "asset_class"}
            intake.note(number, blocking("double_target", message, AGAIN, **place))
        else:
            kept[key] = record
    return list(kept.values())


def _models(intake: Intake, records: Iterable[r.ModelTargetRecord]) -> None:
    """Write models, each as a whole: a class that is no longer listed is gone."""
    by_model: dict[str, list[r.ModelTargetRecord]] = {}
    for record in records:
        by_model.setdefault(record.model, []).append(record)
    for name, targets in by_model.items():
        model = intake.session.scalar(select(tables.Model).where(tables.Model.name == name))
        if model is None:
            model = tables.Model(name=name)
            intake.added("models", model)
            intake.session.flush()
        _targets(intake, model, targets)


def _targets(intake: Intake, model: tables.Model, records: Sequence[r.ModelTargetRecord]) -> None:
    """Write the classes of one model with their buy lists, if anything differs."""
    target, entry = tables.ModelTarget, tables.BuyListEntry
    for record in records:
        for symbol in (*record.buy_list, *([record.overlay_etf] if record.overlay_etf else [])):
            intake.security(symbol)
    wanted = [
        (
            record.asset_class,
            record.weight,
            record.overlay_etf,
            [intake.securities[symbol].id for symbol in dict.fromkeys(record.buy_list)],
        )
        for record in records
    ]
    rows = intake.session.scalars(select(target).where(target.model_id == model.id).order_by(target.rank)).all()
    held = [
        (
            row.asset_class,
            row.weight,
            row.overlay_etf,
            list(
                intake.session.scalars(
                    select(entry.security_id).where(entry.model_target_id == row.id).order_by(entry.rank)
                )
            ),
        )
        for row in rows
    ]
    if held == wanted:
        return
    if rows:
        intake.changes["models changed"] += 1
    intake.session.execute(delete(entry).where(entry.model_target_id.in_([row.id for row in rows])))
    intake.session.execute(delete(target).where(target.model_id == model.id))
    for rank, (asset_class, weight, etf, buys) in enumerate(wanted, start=1):
        row = target(model_id=model.id, rank=rank, asset_class=asset_class, weight=weight, overlay_etf=etf)
        intake.session.add(row)
        intake.session.flush()
        for place, security in enumerate(buys, start=1):
            intake.session.add(entry(model_target_id=row.id, rank=place, security_id=security))


def _household(intake: Intake, number: int, arrival: Arrival, record: r.HouseholdRecord) -> None:
    """Write a household; a profile, model or policy that does not exist is a problem and stays empty."""
    values: dict[str, int | str | None] = {"notes": record.notes}
    for field, said, table in (
        ("tax_profile", record.tax_profile, tables.TaxProfile),
        ("model", record.model, tables.Model),
        ("policy", record.policy, tables.Policy),
    ):
        found = intake.session.scalar(select(table.id).where(table.name == said))
        values[f"{field}_id"] = found
        if found is None and said:
            kind = field.replace("_", " ")
            message = f"household {record.name}: there is no {kind} {said}"
            place = {"file": arrival.name, "row": record.row, "field": field}
            intake.unplaced(number, blocking(f"unknown_{field}", message, AGAIN, **place))
    row = intake.session.scalar(select(tables.Household).where(tables.Household.name == record.name))
    if row is None:
        intake.added("households", tables.Household(name=record.name, **values))
    else:
        intake.changed("households", row, values)


def _people(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write people; a household of the workbook has those that it lists, and no others."""
    ids = dict(intake.session.execute(select(tables.Household.name, tables.Household.id)).all())
    listed = {ids[record.name] for record in arrival.of(r.HouseholdRecord)}
    wanted: dict[tuple[int, str], str] = {}
    for record in arrival.of(r.PersonRecord):
        household = ids.get(record.household)
        if household is None:
            message = f"{record.name}: there is no household {record.household}"
            place = {"file": arrival.name, "row": record.row, "field": "household"}
            intake.unplaced(number, blocking("unknown_household", message, AGAIN, **place))
        else:
            wanted[household, record.name] = record.role
    for row in intake.session.scalars(select(tables.Person)).all():
        role = wanted.pop((row.household_id, row.name), None)
        if role is not None:
            intake.changed("people", row, {"role": role})
        elif row.household_id in listed:
            intake.removed("people removed", row)
    for (household, name), role in wanted.items():
        intake.added("people", tables.Person(household_id=household, name=name, role=role))
    intake.session.flush()
