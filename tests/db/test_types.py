from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from db.types import MONEY, PRICE, QUANTITY, RATE, Scaled, UtcDateTime, closed_set, from_scaled, to_scaled
from engine.portfolio import Registration

TABLE = sa.Table(
    "figures",
    sa.MetaData(),
    sa.Column("money", MONEY),
    sa.Column("price", PRICE),
    sa.Column("quantity", QUANTITY),
    sa.Column("rate", RATE),
    sa.Column("at", UtcDateTime()),
    sa.Column("registration", closed_set(Registration)),
)


@pytest.fixture
def connection() -> sa.Connection:
    connection = sa.create_engine("sqlite://").connect()
    TABLE.create(connection)
    return connection


def kept(connection: sa.Connection, **values: object) -> sa.Row[tuple[object, ...]]:
    connection.execute(TABLE.delete())
    connection.execute(TABLE.insert(), [values])
    return connection.execute(TABLE.select()).one()


@given(whole=st.integers(-(2**63) + 1, 2**63 - 1), places=st.sampled_from([0, 2, 6, 8]))
def test_every_amount_that_fits_comes_back_exactly(whole: int, places: int) -> None:
    value = from_scaled(whole, places)
    assert to_scaled(value, places) == whole
    assert from_scaled(to_scaled(value, places), places) == value


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**10), max_value=10**10))
def test_a_value_is_kept_exactly_or_refused_never_changed(value: Decimal) -> None:
    exact = value == value.quantize(Decimal("0.01"))
    if exact:
        assert from_scaled(to_scaled(value, 2), 2) == value
    else:
        with pytest.raises(ValueError, match="more than 2 decimal places"):
            to_scaled(value, 2)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("money", "123456789012.34"),
        ("money", "-0.01"),
        ("price", "123456789.123456"),
        ("quantity", "1234567890.12345678"),
        ("rate", "0.12345678"),
        ("quantity", "1E+3"),
        ("money", "0"),
    ],
)
def test_a_figure_round_trips_through_the_database(connection: sa.Connection, column: str, text: str) -> None:
    assert getattr(kept(connection, **{column: Decimal(text)}), column) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.001", "more than 2 decimal places"),
        ("NaN", "not a number"),
        ("Infinity", "not a number"),
        ("1E+17", "too large"),
        ("1E+999999", "too large"),
        ("1E-999999999", "more than 2 decimal places"),
        ("1.00000000000000000000000000000000000000000000001", "more than 2 decimal places"),
    ],
)
def test_a_figure_that_would_lose_digits_is_refused(connection: sa.Connection, text: str, why: str) -> None:
    with pytest.raises(StatementError, match=why):
        kept(connection, money=Decimal(text))


def test_sums_and_order_in_sql_are_exact(connection: sa.Connection) -> None:
    amounts = [Decimal("0.10"), Decimal("90071992547409.93"), Decimal("-3.33"), Decimal("0.20")]
    connection.execute(TABLE.insert(), [{"money": amount} for amount in amounts])
    assert connection.scalar(sa.select(sa.func.sum(TABLE.c.money))) == sum(amounts)
    assert list(connection.scalars(sa.select(TABLE.c.money).order_by(TABLE.c.money))) == sorted(amounts)
    small = sa.select(sa.func.count()).where(TABLE.c.money < Decimal("0.15"))
    assert connection.scalar(small) == 2


def test_nothing_stays_nothing(connection: sa.Connection) -> None:
    assert all(value is None for value in kept(connection, money=None))


def test_a_moment_comes_back_in_utc(connection: sa.Connection) -> None:
    moment = datetime(2026, 10, 30, 17, 5, 6, 789, tzinfo=timezone(timedelta(hours=-4)))
    row = kept(connection, at=moment)
    assert row.at == moment
    assert row.at.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused(connection: sa.Connection) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        kept(connection, at=datetime(2026, 10, 30))  # noqa: DTZ001 (this is what is refused)


def test_a_word_outside_its_set_is_refused(connection: sa.Connection) -> None:
    assert kept(connection, registration=Registration.ROTH_IRA).registration is Registration.ROTH_IRA
    with pytest.raises(StatementError):
        kept(connection, registration="offshore")


def test_the_scale_belongs_to_the_column_type() -> None:
    assert [Scaled(n).places for n in (2, 6, 8)] == [MONEY.places, PRICE.places, QUANTITY.places]
