"""The overlay from files and for a model, and its JSON."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.price_history import PriceHistory, price_history
from engine.overlay.trading_month import last_trading_day
from workflow.overlay import MACRO_UNUSED, overlay_for_model, overlay_from_files, overlay_from_json, overlay_json

DAYS = tuple(last_trading_day(2024 + i // 12, i % 12 + 1) for i in range(24))
UP, DOWN = [100.0 + i for i in range(24)], [100.0 - i for i in range(24)]
AS_OF = DAYS[-1]
STRATEGIC = {"us_equity": Decimal("0.6"), "us_bond": Decimal("0.38"), "cash": Decimal("0.02")}
ETFS = {"us_equity": "VTI", "us_bond": "BND"}


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    rows = [f"{day},{up},{down}" for day, up, down in zip(DAYS, UP, DOWN, strict=True)]
    path.write_text("\n".join(["date,VTI,BND", *rows, ""]), encoding="utf-8")
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    document = {
        "universe": ETFS,
        "strategic": {"us_equity": 0.6, "us_bond": 0.38, "cash": 0.02},
        "signals": [{"kind": "sma", "months": 10}, {"kind": "momentum", "months": 12, "skip": 1}],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def history() -> PriceHistory:
    return price_history(DAYS, ("VTI", "BND"), np.array([UP, DOWN]).T)


def test_files_give_a_reading(prices: Path, policy: Path) -> None:
    reading = overlay_from_files(prices, policy, None, AS_OF)
    assert reading.votes == {"us_equity": 1, "us_bond": -1}
    assert reading.targets == {"us_equity": Decimal("0.7"), "us_bond": Decimal("0.28"), "cash": Decimal("0.02")}
    assert reading.warnings == ()


def test_a_macro_file_that_no_signal_reads_is_said(prices: Path, policy: Path, tmp_path: Path) -> None:
    macro = tmp_path / "macro.csv"
    with pytest.raises(AppError, match=r"macro file cannot be read.*macro\.csv"):
        overlay_from_files(prices, policy, macro, AS_OF)
    macro.write_text("date,T10Y2Y\n", encoding="utf-8")
    assert overlay_from_files(prices, policy, macro, AS_OF).warnings == (MACRO_UNUSED,)


def test_a_day_before_all_prices_is_an_error(prices: Path, policy: Path) -> None:
    with pytest.raises(AppError, match=r"no prices on or before 2023-12-29.*begin on 2024-01-31"):
        overlay_from_files(prices, policy, None, date(2023, 12, 29))


def test_an_etf_that_the_prices_do_not_have_is_an_error(prices: Path, policy: Path) -> None:
    prices.write_text("date,VTI\n2024-01-31,100\n", encoding="utf-8")
    with pytest.raises(AppError, match="no column for BND"):
        overlay_from_files(prices, policy, None, AS_OF)


def test_the_json_has_the_shape_of_the_contract(prices: Path, policy: Path) -> None:
    document = json.loads(overlay_json(overlay_from_files(prices, policy, None, AS_OF)))
    assert list(document) == ["as_of", "signals", "votes", "regime", "tilts", "targets", "warnings"]
    assert document["as_of"] == "2025-12-31"
    assert document["signals"][0] == {
        "kind": "sma",
        "asset_class": "us_equity",
        "value": 0.0379746835,
        "vote": 1,
        "data_as_of": "2025-12-31",
        "label": "10-month moving average",
    }
    assert document["tilts"] == {"us_equity": 0.1, "us_bond": -0.1, "cash": 0.0}
    assert document["votes"] == {"us_equity": 1, "us_bond": -1}


def test_a_signal_without_a_reading_is_null_in_json(prices: Path, policy: Path) -> None:
    reading = overlay_from_files(prices, policy, None, DAYS[10])
    document = json.loads(overlay_json(reading))
    values = {
        (signal["kind"], signal["asset_class"]): (signal["value"], signal["vote"]) for signal in document["signals"]
    }
    assert values["momentum", "us_equity"] == (None, 0)
    assert values["sma", "us_equity"][1] == 1
    assert len(document["warnings"]) == 2


@pytest.mark.parametrize("month", [0, 10, 23])
def test_a_reading_survives_its_json(prices: Path, policy: Path, month: int) -> None:
    reading = overlay_from_files(prices, policy, None, DAYS[month])
    assert overlay_from_json(overlay_json(reading)) == reading


def test_two_readings_are_the_same_bytes(prices: Path, policy: Path) -> None:
    first, second = (overlay_json(overlay_from_files(prices, policy, None, AS_OF)) for _ in range(2))
    assert first == second


def test_a_model_is_read_with_its_settings(history: PriceHistory) -> None:
    reading = overlay_for_model(STRATEGIC, ETFS, {"overlay": "yes", "overlay_band": "5%"}, history, AS_OF)
    assert reading is not None
    assert reading.targets == {"us_equity": Decimal("0.65"), "us_bond": Decimal("0.33"), "cash": Decimal("0.02")}


def test_a_model_whose_overlay_is_off_has_no_reading(history: PriceHistory) -> None:
    assert overlay_for_model(STRATEGIC, ETFS, {"overlay": "no"}, history, AS_OF) is None


def test_a_class_without_an_overlay_etf_is_not_tilted(history: PriceHistory) -> None:
    strategic = STRATEGIC | {"us_equity": Decimal("0.5"), "gold": Decimal("0.1")}
    reading = overlay_for_model(strategic, ETFS, {"overlay": "yes"}, history, AS_OF)
    assert reading is not None
    assert reading.targets["gold"] == Decimal("0.1")
    assert "gold" not in reading.votes


def test_a_model_whose_etf_has_no_closes_has_no_vote_for_it(history: PriceHistory) -> None:
    reading = overlay_for_model(STRATEGIC, ETFS | {"us_bond": "AGG"}, {"overlay": "yes"}, history, AS_OF)
    assert reading is not None
    assert reading.votes["us_bond"] == 0
    assert any(warning.startswith("us_bond (AGG): ") for warning in reading.warnings)
