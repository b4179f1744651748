"""Reads what households follow: tax profiles, models, policies."""

import json
from collections import defaultdict
from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from db.store.held import HeldModel, HeldPolicy, HeldTarget, HeldTaxProfile
from engine.portfolio import RatesFrom, TaxPosition


def load_tax_profiles(session: Session) -> dict[int, HeldTaxProfile]:
    """Return every tax profile by row id."""
    return {row.id: _tax_profile(row) for row in session.scalars(select(tables.TaxProfile))}


def _tax_profile(row: tables.TaxProfile) -> HeldTaxProfile:
    """Turn a row into the value."""
    position = TaxPosition(**{field.name: getattr(row, field.name) for field in fields(TaxPosition)})
    return HeldTaxProfile(
        name=row.name,
        filing_status=row.filing_status,
        position=position,
        rates_from=row.rates_from or RatesFrom.TYPED,
        state=row.state or "",
        ordinary_income=row.ordinary_income,
    )


def load_models(session: Session) -> dict[int, HeldModel]:
    """Return every model by row id, its classes in the order of the model, buy lists best first."""
    buys: dict[int, list[str]] = defaultdict(list)
    entries = (
        select(tables.BuyListEntry.model_target_id, tables.Security.symbol)
        .join(tables.Security, tables.Security.id == tables.BuyListEntry.security_id)
        .order_by(tables.BuyListEntry.model_target_id, tables.BuyListEntry.rank)
    )
    for target, symbol in session.execute(entries):
        buys[target].append(symbol)
    targets: dict[int, list[HeldTarget]] = defaultdict(list)
    for row in session.scalars(select(tables.ModelTarget).order_by(tables.ModelTarget.rank)):
        held = HeldTarget(row.asset_class, row.weight, tuple(buys.get(row.id, ())), row.overlay_etf)
        targets[row.model_id].append(held)
    models = session.scalars(select(tables.Model))
    return {model.id: HeldModel(model.name, tuple(targets.get(model.id, ()))) for model in models}


def load_policies(session: Session) -> dict[int, HeldPolicy]:
    """Return every policy by row id."""
    rows = session.scalars(select(tables.Policy))
    return {row.id: HeldPolicy(row.name, json.loads(row.settings)) for row in rows}
