"""The gate, break-even assets and capacity from files: the commands, their JSON, tables and one-line errors."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.workflow.test_attribution import DAYS, backtest, call

Call = Callable[..., tuple[int, str, str]]
__all__ = ["call"]
ACCOUNTS = """account,registration,value,ticket_charge,gain_share
T1,taxable,"$100,000",,5%
I1,traditional_ira,100000,,
R1,Roth_IRA,10000,2,
"""
OPTIONS = ("--expected-gain", "0.9%", "--turnover", "80%", "--cost-bp", "5", "--orders", "24", "--firm-cost", "0.06%")
RATES = ("--short-share", "25%", "--short-rate", "40%", "--long-rate", "20%")
ETFS = "symbol,adv,trade,volatility\nSPY,30e9,10%,1%\nVNQ,400e6,5%,1.2%\nDBC,20e6,4%,1.1%\n"


def test_the_gate_judges_each_account(call: Call) -> None:
    code, out, err = call("cost-benefit", "--json", *OPTIONS, *RATES, accounts=ACCOUNTS)
    found = json.loads(out)["accounts"]
    assert (code, err) == (0, "")
    assert [one["verdict"] for one in found] == ["costs_exceed_gain", "worthwhile", "marginal"]
    assert [one["costs"] for one in found] == pytest.approx([0.0114, 0.0014, 0.0062])
    assert [one["net_dollars"] for one in found] == pytest.approx([-240, 760, 28])
    assert found[2]["reason"] == "expected gain 0.90%, costs 0.62% a year: under 1.00% and over 0.50%"
    assert found[0]["trail"]["inputs"][1]["inputs"][2]["value"] == pytest.approx(0.01)


def test_the_gate_as_a_table_with_other_lines(call: Call) -> None:
    code, out, _ = call("cost-benefit", *OPTIONS, *RATES, "--costs-above", "0.7%", accounts=ACCOUNTS)
    assert code == 0
    assert "Marginal: a gain under 1.00% with costs over 0.70%" in out
    assert "marginal" not in out
    assert "costs exceed gain" in out


BAD_ACCOUNTS = (
    ("B1,trust,1000,,", "field registration", '"trust" is none of taxable'),
    ("B1,taxable,0,,", "field value", "0 is not above 0"),
    ("B1,taxable,,,", "field value", "The cell is empty"),
    ("B1,taxable,1000,-1,", "field ticket_charge", "-1 is below 0"),
    ("T1,taxable,1000,,", "field account", "Account T1 is in row 2 already"),
)


@pytest.mark.parametrize(("line", "field", "message"), BAD_ACCOUNTS)
def test_an_account_that_cannot_be_read_is_left_out_and_named(call: Call, line: str, field: str, message: str) -> None:
    code, out, err = call("cost-benefit", "--json", *OPTIONS, accounts=f"{ACCOUNTS}{line}\n")
    assert (code, err.count("\n")) == (3, 1)
    assert f"accounts.csv, row 5, {field}: {message}" in err
    assert len(json.loads(out)["accounts"]) == 3


def a_case(**changes: Any) -> str:
    account = {"owner": "client", "cash": 1000, "cash_reserve": 0}
    lot = {"symbol": "VTI", "acquired": "2020-01-02", "quantity": 90, "cost_basis": 4500}
    case = {
        "schema": "plimsoll.case/1",
        "as_of": "2026-10-30",
        "tax": {"short_term_rate": 0.4, "long_term_rate": 0.2, "ordinary_rate": 0.37},
        "securities": [{"symbol": "VTI", "asset_class": "us_equity", "price": 100, "half_spread_bp": 3}],
        "accounts": [
            account | {"id": "T", "registration": "taxable"},
            account | {"id": "I", "registration": "traditional_ira", "ticket_charge": 5},
            account | {"id": "E", "registration": "roth_ira", "cash": 0},
        ],
        "lots": [lot | {"id": "1", "account": "T"}, lot | {"id": "2", "account": "I"}],
    }
    return json.dumps(case | changes)


def test_a_case_brings_its_own_values_gains_spreads_and_rates(call: Call) -> None:
    """Value 10,000, half of 9,000 is gain; spread 3 bp and 2 bp more; all of the gain short-term at 40 %."""
    options = ("--expected-gain", "2%", "--turnover", "50%", "--cost-bp", "2", "--orders", "10")
    code, out, _ = call("cost-benefit", "--json", *options, case=a_case())
    taxable, ira = json.loads(out)["accounts"]
    assert code == 0
    assert (taxable["value"], ira["value"]) == (10_000, 10_000)
    assert (taxable["trading"], taxable["tickets"]) == pytest.approx((0.0005, 0.0))
    assert taxable["tax"] == pytest.approx(0.5 * 0.5 * 0.4)
    assert (ira["tax"], ira["tickets"]) == pytest.approx((0.0, 0.005))


def test_a_case_whose_accounts_are_empty_is_told(call: Call) -> None:
    code, _, err = call("cost-benefit", *OPTIONS, case=a_case(accounts=[], lots=[]))
    assert (code, err.count("\n")) == (2, 1)
    assert "accounts hold nothing" in err


def test_either_accounts_or_a_case_is_given(call: Call) -> None:
    for files in ({}, {"accounts": ACCOUNTS, "case": a_case()}):
        code, _, err = call("cost-benefit", *OPTIONS, **files)
        assert (code, err.count("\n")) == (2, 1)
        assert "Give either --accounts or --case" in err


FIRM = ("--fixed-cost", "30,000", "--gain", "0.8%", "--cost", "0.2%")


def test_break_even_assets_with_their_formula(call: Call) -> None:
    code, out, err = call("break-even", *FIRM, "--assets", "50,000,000")
    assert (code, err) == (0, "")
    assert "Break-even assets: 5,000,000 dollars." in out
    assert "break-even assets = fixed cost / margin: 5,000,000 dollars" in out
    assert "left a year = margin * assets - fixed cost: 270,000 dollars" in out


@pytest.mark.parametrize(
    ("gain_of", "expected"), [("gross", 5e6), ("net_of_trading", 3.75e6), ("net_of_all", 3488372.09)]
)
def test_break_even_assets_by_what_the_gain_is_after(call: Call, gain_of: str, expected: float) -> None:
    code, out, _ = call("break-even", "--json", *FIRM, "--gain-of", gain_of, "--assets", "50000000")
    assert (code, json.loads(out)["break_even_assets"]) == (0, expected)


def test_break_even_says_where_no_size_is_enough_and_where_figures_do_not_fit(call: Call) -> None:
    assert "No assets are enough" in call("break-even", "--fixed-cost", "1", "--gain", "0.1%", "--cost", "0.2%")[1]
    code, _, err = call("break-even", *FIRM, "--gain-of", "net_of_all")
    assert (code, err.count("\n")) == (2, 1)
    assert "needs the assets" in err
    code, _, err = call("break-even", "--fixed-cost", "1", "--gain", "much")
    assert (code, err.count("\n")) == (2, 1)
    assert "'much' is no fraction" in err


def test_capacity_of_an_etf_file(call: Call) -> None:
    code, out, err = call("capacity", "--json", "--sizes", "10000000,100000000", etfs=ETFS)
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert (document["binding"], document["assets"]) == ("DBC", pytest.approx(50e6))
    assert [size["over"] for size in document["sizes"]] == [[], ["DBC"]]
    assert document["sizes"][1]["trades"][2]["impact_bp"] == pytest.approx(110 * 0.2**0.5)


def test_capacity_as_a_table_with_another_limit_and_law(call: Call) -> None:
    code, out, _ = call("capacity", "--limit", "0.2", "--days", "2", "--law", "three_fifths", etfs=ETFS)
    assert code == 0
    assert "Capacity: 200,000,000 dollars; beyond, DBC trades more than 20% of a day's volume over 2 days" in out
    assert "three fifths law" in out


def test_capacity_from_what_a_backtest_traded(call: Call) -> None:
    adv = "symbol,adv\nSPY,30e9\nEFA,1e9\nIEF,5e8\nSHY,1e8\n"
    code, out, _ = call("capacity", "--json", *DAYS, "--sizes", "1000000", etfs=adv, **backtest())
    document = json.loads(out)
    assert code == 0
    largest = {one["symbol"]: one["trade"] for one in document["etfs"]}
    assert document["assets"] == pytest.approx(
        min(0.1 * a / largest[s] for s, a in (("SPY", 30e9), ("EFA", 1e9), ("IEF", 5e8), ("SHY", 1e8)) if largest[s])
    )
    assert document["sizes"][0]["impact_bp"] is not None
    usual = json.loads(call("capacity", "--json", *DAYS, "--quantile", "0.5", etfs=adv, **backtest())[1])
    assert usual["assets"] is None or usual["assets"] >= document["assets"]


BAD_ETFS = (
    ("symbol,adv\nSPY,30e9\n", (), "row 2, field trade. Give it, or --prices"),
    ("symbol,adv,trade\nSPY,0,1%\n", (), "0 is not above 0"),
    ("symbol,adv,trade\nSPY,1,1%\nSPY,1,1%\n", (), "SPY has two rows"),
    ("symbol,volume\nSPY,1\n", (), "The file has no column adv"),
    (ETFS, ("--start", "2020-01-01"), "needs prices, a policy and two days"),
)


@pytest.mark.parametrize(("etfs", "options", "message"), BAD_ETFS)
def test_a_bad_etf_file_is_told_in_one_line(call: Call, etfs: str, options: tuple[str, ...], message: str) -> None:
    code, out, err = call("capacity", *options, etfs=etfs)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_an_etf_that_the_policy_trades_needs_a_row(call: Call) -> None:
    code, _, err = call("capacity", *DAYS, etfs="symbol,adv\nSPY,30e9\n", **backtest())
    assert (code, err.count("\n")) == (2, 1)
    assert "without a row in the ETF file" in err
