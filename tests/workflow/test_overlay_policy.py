"""Policies from files and from office settings."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.errors import AppError
from engine.overlay.policy import Combine, Mode, OverlayPolicy, RebalanceSetting, SignalKind, SignalSetting, When
from importers.office_investments import POLICIES
from workflow.overlay_policy import SETTINGS, overlay_policy, policy_from_json

FULL: dict[str, Any] = {
    "universe": {"us_equity": "SPY", "us_bond": "IEF"},
    "cash": "SHY",
    "strategic": {"us_equity": 0.6, "us_bond": 0.4},
    "mode": "overlay",
    "signals": [{"kind": "sma", "months": 10}, {"kind": "momentum", "months": 12, "skip": 1}],
    "combine": "vote",
    "quorum": 0.5,
    "hysteresis": 0.0,
    "overlay_band": 0.10,
    "class_cap": 0.70,
    "max_turnover_quarter": 0.20,
    "rebalance": {"when": "monthly", "band_absolute": None, "band_relative": None},
    "risk_on": ["SPY", "EFA"],
    "risk_off": "AGG",
    "hurdle": "BIL",
}
STRATEGIC = {"us_equity": Decimal("0.6"), "us_bond": Decimal("0.38"), "cash": Decimal("0.02")}
ETFS = {"us_equity": "VTI", "us_bond": "BND", "cash": ""}


def written(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_every_key_of_a_policy_file_is_read(tmp_path: Path) -> None:
    assert policy_from_json(written(tmp_path, FULL)) == OverlayPolicy(
        universe={"us_equity": "SPY", "us_bond": "IEF"},
        cash="SHY",
        strategic={"us_equity": Decimal("0.6"), "us_bond": Decimal("0.4")},
        mode=Mode.OVERLAY,
        signals=(SignalSetting(SignalKind.SMA, 10), SignalSetting(SignalKind.MOMENTUM, 12, 1)),
        combine=Combine.VOTE,
        quorum=Decimal("0.5"),
        hysteresis=Decimal(0),
        overlay_band=Decimal("0.1"),
        class_cap=Decimal("0.7"),
        max_turnover_quarter=Decimal("0.2"),
        rebalance=RebalanceSetting(When.MONTHLY),
        risk_on=("SPY", "EFA"),
        risk_off="AGG",
        hurdle="BIL",
    )


def test_what_a_policy_file_leaves_out_has_its_usual_value(tmp_path: Path) -> None:
    short = {key: FULL[key] for key in ("universe", "strategic", "signals")}
    policy = policy_from_json(written(tmp_path, short))
    assert (policy.mode, policy.overlay_band, policy.class_cap) == (Mode.OVERLAY, Decimal("0.10"), None)
    limits = policy_from_json(written(tmp_path, {**short, "class_cap": None, "max_turnover_quarter": None}))
    assert limits == policy


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"overlay_bnad": 0.1}, "overlay_bnad: there is no such key; did you mean overlay_band?"),
        ({"xyzzy": 1}, "xyzzy: there is no such key"),
        ({"rebalance": {"wen": "daily"}}, "rebalance.wen: there is no such key; did you mean when?"),
        ({"signals": [{"kind": "sma", "month": 3}]}, "signals[0].month: there is no such key; did you mean months?"),
        ({"overlay_band": "0.1"}, 'overlay_band: "0.1" is not a number'),
        ({"class_cap": True}, "class_cap: true is not a number"),
        ({"strategic": {"us_equity": "x", "us_bond": 1}}, 'strategic.us_equity: "x" is not a number'),
        ({"universe": {"us_equity": 7}}, "universe.us_equity: 7 is not text"),
        ({"risk_on": ["SPY", 5]}, "risk_on[1]: 5 is not text"),
        ({"mode": "static | timing"}, "Invalid enum value 'static | timing' - at `mode`"),
        ({"signals": [{"kind": "macd"}]}, "Invalid enum value 'macd' - at `signals[0].kind`"),
        ({"signals": [{"kind": "sma", "months": 2.5}]}, "Expected `int | null`, got `float` - at `signals[0].months`"),
        ({"signals": [{"months": 3}]}, "Object missing required field `kind` - at `signals[0]`"),
        ({"signals": "sma"}, "Expected `array`, got `str` - at `signals`"),
        ({"strategic": [1]}, "Expected `object`, got `array` - at `strategic`"),
        ({"rebalance": 1}, "Expected `object`, got `int` - at `rebalance`"),
        ({"strategic": {"us_equity": 0.6, "us_bond": 0.3}}, "strategic: the weights sum to 0.9, not to 1"),
        ({"quorum": 0, "class_cap": 40}, "and 1; class_cap: 40 is not between 0 and 1: "),
        ({"mode": "risk_parity"}, "Mode risk_parity is not available yet in this version"),
        ({"signals": [{"kind": "crossover", "months": 3, "fast": 3}]}, "signals[0].fast: 3 is not between 1 and 2"),
    ],
)
def test_a_fault_in_a_policy_file_is_one_line_with_the_path_of_the_field(
    tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    with pytest.raises(AppError) as caught:
        policy_from_json(written(tmp_path, FULL | changes))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "[1]", "3", '{"universe": NaN}', "\u00ff", "%PDF-1.7"])
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(AppError, match="The policy file cannot be used") as caught:
        policy_from_json(path)
    assert caught.value.detail == str(path)


def test_bytes_that_are_no_text_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    with pytest.raises(AppError, match="there is no such file"):
        policy_from_json(path)
    path.write_bytes(b'{"name": "\xff\xfe"}')
    with pytest.raises(AppError, match="cannot be used"):
        policy_from_json(path)


def test_the_policy_has_a_schema() -> None:
    properties = msgspec.json.schema(OverlayPolicy)["$defs"]["OverlayPolicy"]["properties"]
    assert set(FULL) <= set(properties)


def test_settings_that_are_left_out_have_their_usual_values() -> None:
    assert overlay_policy(STRATEGIC, ETFS, {"overlay": "yes", "overlay_band": " "}) == OverlayPolicy(
        universe={"us_equity": "VTI", "us_bond": "BND"},
        strategic=STRATEGIC,
        signals=(SignalSetting(SignalKind.SMA, 10), SignalSetting(SignalKind.MOMENTUM, 12, 1)),
        hysteresis=Decimal("0.01"),
        max_turnover_quarter=Decimal("0.20"),
    )


def test_every_setting_is_read() -> None:
    settings = {
        "overlay": "Yes",
        "overlay_band": "5%",
        "overlay_signals": "SMA:6, momentum, momentum:6",
        "overlay_quorum": "0.75",
        "overlay_hysteresis": "2.5 %",
        "overlay_max_turnover_quarter": "No limit",
        "class_cap": "0.65",
        "band_relative": "0.20",
    }
    assert overlay_policy(STRATEGIC, ETFS, settings) == OverlayPolicy(
        universe={"us_equity": "VTI", "us_bond": "BND"},
        strategic=STRATEGIC,
        signals=(
            SignalSetting(SignalKind.SMA, 6),
            SignalSetting(SignalKind.MOMENTUM),
            SignalSetting(SignalKind.MOMENTUM, 6, 0),
        ),
        quorum=Decimal("0.75"),
        hysteresis=Decimal("0.025"),
        overlay_band=Decimal("0.05"),
        class_cap=Decimal("0.65"),
        max_turnover_quarter=None,
    )


@pytest.mark.parametrize("settings", [{}, {"overlay": ""}, {"overlay": "No"}, {"overlay": "false"}])
def test_an_overlay_that_is_off_has_no_policy(settings: dict[str, str]) -> None:
    assert overlay_policy(STRATEGIC, ETFS, settings) is None


def test_a_model_without_any_overlay_etf_has_no_policy() -> None:
    assert overlay_policy(STRATEGIC, {}, {"overlay": "yes"}) is None


def test_a_class_without_an_etf_is_in_the_policy_but_not_read() -> None:
    policy = overlay_policy(STRATEGIC, {"us_bond": "BND"}, {"overlay": "yes"})
    assert policy is not None
    assert (policy.voted_classes(), policy.strategic) == (("us_bond",), STRATEGIC)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"overlay": "perhaps"}, 'The setting overlay cannot be read: "perhaps"'),
        ({"overlay_band": "ten"}, 'The setting overlay_band cannot be read: "ten"'),
        ({"overlay_band": "10"}, "overlay_band: 10 is not between 0 and 1"),
        ({"class_cap": "nan"}, "class_cap: NaN is not between 0 and 1"),
        ({"overlay_signals": "sma-10"}, 'The setting overlay_signals cannot be read: "sma-10"'),
        ({"overlay_signals": "macd:3"}, 'The setting overlay_signals cannot be read: "macd:3"'),
        ({"overlay_signals": "view"}, "Signal view is not available in an office policy"),
        ({"overlay_signals": "momentum:6-6"}, "signals[0].skip: 6 is not between 0 and 5"),
        ({"overlay_signals": "sma:10,"}, "cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(settings: dict[str, str], expected: str) -> None:
    with pytest.raises(AppError) as caught:
        overlay_policy(STRATEGIC, ETFS, {"overlay": "yes", **settings}, name="Standard")
    assert expected in str(caught.value)
    assert caught.value.detail in {"policy Standard", "signals[0].kind"}


def test_the_usual_settings_are_those_that_the_office_workbook_names() -> None:
    defaults = {column.field: column.default for column in POLICIES.columns if column.field in SETTINGS}
    assert defaults == SETTINGS | {"class_cap": ""}
