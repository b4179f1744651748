"""The 10-month moving average on real ETF closes, against signals computed by other means."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.overlay.overlay import overlay_path, read_overlay
from engine.overlay.policy import Mode
from engine.overlay.price_history import PriceHistory
from engine.overlay.trading_month import last_trading_day
from tests.engine.overlay.builders import MOMENTUM121, SMA10, policy
from workflow.price_table import read_price_table

ETFS = ("SPY", "EFA", "IEF", "DBC", "VNQ")
STRATEGIC = {name.lower(): Decimal("0.2") for name in ETFS}


@pytest.fixture
def etfs(shared_folder: Path) -> PriceHistory:
    table = read_price_table(shared_folder / "data" / "etf" / "etf_adj_close_daily.csv", ETFS)
    assert table.problems == ()
    return table.history


@pytest.fixture
def expected(shared_folder: Path) -> list[dict[str, str]]:
    with (shared_folder / "reference" / "sma10_etf_signals.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.shared
def test_every_vote_is_that_of_the_reference(etfs: PriceHistory, expected: list[dict[str, str]]) -> None:
    path = overlay_path(policy(STRATEGIC), etfs, date(2022, 12, 30))
    months = {(day.year, day.month): i for i, day in enumerate(path.ends.months)}
    compared = 0
    for row in expected:
        day = date.fromisoformat(row["date"])
        i = months[day.year, day.month]
        for signal in path.signals:
            etf = signal.asset_class.upper()
            close, average = path.ends.closes[i, signal.column], float(row[f"{etf}_sma10"])
            assert path.ends.days[i][signal.column] == day
            assert (signal.votes[i] == 1) == (row[etf] == "1"), (day, etf)
            assert float(signal.values[i] or 0) == pytest.approx(close / average - 1, abs=1e-7)
            compared += 1
    assert compared == 970


@pytest.mark.shared
@pytest.mark.parametrize("number", [0, 13, 40, 100, 193])
def test_a_reading_on_a_month_end_is_that_months_row(
    etfs: PriceHistory, expected: list[dict[str, str]], number: int
) -> None:
    row = expected[number]
    reading = read_overlay(policy(STRATEGIC, mode=Mode.TIMING), etfs, date.fromisoformat(row["date"]))
    assert {s.asset_class.upper(): max(s.vote, 0) for s in reading.signals} == {etf: int(row[etf]) for etf in ETFS}
    assert reading.targets["cash"] == sum(Decimal("0.2") for etf in ETFS if row[etf] == "0")


@pytest.mark.shared
def test_the_first_signal_comes_with_the_tenth_month_end(etfs: PriceHistory) -> None:
    before = read_overlay(policy(STRATEGIC), etfs, date(2006, 11, 29))
    assert [s.vote for s in before.signals if s.asset_class == "dbc"] == [0]
    assert "dbc (DBC): the 10-month moving average needs 10 month-end closes" in before.warnings[0]
    first = read_overlay(policy(STRATEGIC), etfs, date(2006, 11, 30))
    assert [s.vote for s in first.signals if s.asset_class == "dbc"] == [1]


@pytest.mark.shared
def test_the_last_trading_day_is_that_of_the_market_in_every_month(etfs: PriceHistory) -> None:
    following = zip(etfs.dates, etfs.dates[1:], strict=False)
    ends = [day for day, after in following if day.month != after.month]
    assert len(ends) > 400
    assert ends == [last_trading_day(day.year, day.month) for day in ends]


@pytest.mark.shared
def test_targets_keep_their_limits_through_every_month(etfs: PriceHistory) -> None:
    ruleset = policy(
        STRATEGIC | {"vnq": Decimal("0.18"), "cash": Decimal("0.02")},
        signals=(SMA10, MOMENTUM121),
        hysteresis=Decimal("0.01"),
        class_cap=Decimal("0.28"),
        max_turnover_quarter=Decimal("0.10"),
    )
    path = overlay_path(ruleset, etfs, date(2026, 7, 31)).steps
    for i, step in enumerate(path):
        assert sum(step.targets.values()) == 1
        for name, target in step.targets.items():
            assert abs(target - ruleset.strategic[name]) <= Decimal("0.10")
            assert 0 <= target <= (1 if name == "cash" else Decimal("0.28"))
        assert sum(s.one_way for s in path[max(0, i - 2) : i + 1]) <= Decimal("0.10")
    assert max(step.one_way for step in path) > 0
