"""Strategies, their signed versions and moves, and overrides, as the book keeps them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from engine.errors import AppError
from engine.overlay.freeze import Signature
from engine.overlay.override_effect import TiltOverride
from engine.overlay.strategy_card import Expectation


@dataclass(frozen=True, slots=True)
class StoredMove:
    """When a version went on paper or live, by whom and why."""

    at: datetime
    mode: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A signed version, the text that was signed, what was expected of it, and its moves, the oldest first."""

    signature: Signature
    policy: str
    expectations: tuple[Expectation, ...]
    moves: tuple[StoredMove, ...]


@dataclass(frozen=True, slots=True)
class StoredOverride:
    """An override with its number in the book and the strategy that it overrides."""

    number: int
    strategy: str
    override: TiltOverride


def strategy_names(session: Session) -> tuple[str, ...]:
    """Return the names of all strategies, sorted."""
    return tuple(session.scalars(select(tables.Strategy.name).order_by(tables.Strategy.name)))


def load_versions(session: Session, strategy: str) -> tuple[StoredVersion, ...]:
    """Return the versions of a strategy, the oldest first; none for a name that the book does not have."""
    rows = session.scalars(
        select(tables.StrategyVersion)
        .join(tables.Strategy, tables.Strategy.id == tables.StrategyVersion.strategy_id)
        .where(tables.Strategy.name == strategy)
        .order_by(tables.StrategyVersion.version)
    )
    return tuple(_version(session, strategy, row) for row in rows)


def insert_version(session: Session, version: StoredVersion) -> None:
    """Keep a signed version and its moves; the strategy is made with its first."""
    signature = version.signature
    strategy = session.scalar(select(tables.Strategy).where(tables.Strategy.name == signature.strategy))
    if strategy is None:
        strategy = tables.Strategy(name=signature.strategy)
        session.add(strategy)
        session.flush()
    row = tables.StrategyVersion(
        strategy_id=strategy.id,
        policy=version.policy,
        expectations=json.dumps([[e.label, e.value, e.note] for e in version.expectations]),
        **{name: getattr(signature, name) for name in Signature.__dataclass_fields__ if name != "strategy"},
    )
    session.add(row)
    session.flush()
    for move in version.moves:
        session.add(tables.StrategyMove(version_id=row.id, at=move.at, mode=move.mode, by=move.by, reason=move.reason))
    session.flush()


def insert_move(session: Session, strategy: str, version: int, move: StoredMove) -> None:
    """Keep that a version went on paper or live."""
    row = session.scalars(
        select(tables.StrategyVersion)
        .join(tables.Strategy, tables.Strategy.id == tables.StrategyVersion.strategy_id)
        .where(tables.Strategy.name == strategy, tables.StrategyVersion.version == version)
    ).one()
    session.add(tables.StrategyMove(version_id=row.id, at=move.at, mode=move.mode, by=move.by, reason=move.reason))
    session.flush()


def load_overrides(session: Session, strategy: str | None = None) -> tuple[StoredOverride, ...]:
    """Return the overrides of one strategy or of all, in the order in which they were logged."""
    wanted = (
        select(tables.TiltOverrideRow, tables.Strategy.name)
        .join(tables.Strategy, tables.Strategy.id == tables.TiltOverrideRow.strategy_id)
        .order_by(tables.TiltOverrideRow.id)
    )
    if strategy is not None:
        wanted = wanted.where(tables.Strategy.name == strategy)
    names = TiltOverride.__dataclass_fields__
    return tuple(
        StoredOverride(row.id, name, TiltOverride(**{key: getattr(row, key) for key in names}))
        for row, name in session.execute(wanted)
    )


def insert_override(session: Session, strategy: str, override: TiltOverride) -> int:
    """Keep an override and return its number. Raises AppError for a strategy that the book does not have."""
    owner = session.scalar(select(tables.Strategy.id).where(tables.Strategy.name == strategy))
    if owner is None:
        raise AppError(f"there is no strategy {strategy}", hint="`plimsoll strategy sign` makes one.")
    values = {name: getattr(override, name) for name in TiltOverride.__dataclass_fields__}
    row = tables.TiltOverrideRow(strategy_id=owner, **values)
    session.add(row)
    session.flush()
    return row.id


def close_override(session: Session, number: int, day: date) -> None:
    """End an override on a day. Raises AppError for a number that the book does not have."""
    row = session.get(tables.TiltOverrideRow, number)
    if row is None:
        raise AppError(f"there is no override {number}", hint="`plimsoll override list` shows them.")
    row.closed = day
    session.flush()


def _version(session: Session, strategy: str, row: tables.StrategyVersion) -> StoredVersion:
    moves: Sequence[tables.StrategyMove] = session.scalars(
        select(tables.StrategyMove).where(tables.StrategyMove.version_id == row.id).order_by(tables.StrategyMove.id)
    ).all()
    names = [name for name in Signature.__dataclass_fields__ if name != "strategy"]
    return StoredVersion(
        signature=Signature(strategy=strategy, **{name: getattr(row, name) for name in names}),
        policy=row.policy,
        expectations=tuple(Expectation(*each) for each in json.loads(row.expectations)),
        moves=tuple(StoredMove(move.at, move.mode, move.by, move.reason) for move in moves),
    )
