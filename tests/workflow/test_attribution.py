"""Attribution and frequencies from files: the commands, their JSON, tables and one-line errors."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.research.closes import walks
from workflow.cli import run

HISTORY = walks(("SPY", "EFA", "IEF", "SHY"), 600)
DAYS = ("--start", "2001-06-29", "--end", "2002-03-28")
POLICY: dict[str, Any] = {
    "universe": {"us_equity": "SPY", "intl_equity": "EFA", "us_bond": "IEF"},
    "cash": "SHY",
    "strategic": {"us_equity": 0.4, "intl_equity": 0.2, "us_bond": 0.4},
    "mode": "timing",
    "signals": [{"kind": "sma", "months": 10}],
}
ROWS = """period,class,portfolio_weight,benchmark_weight,portfolio_return,benchmark_return
2024-03-31,us_equity,50%,40%,8%,6%
2024-03-31,us_bond,50%,60%,1%,0%
2024-06-30,us_equity,0.3,0.4,-0.05,-0.10
2024-06-30,us_bond,0.7,0.6,0.02,0.03
"""
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """`call(command, *options, name=text)` writes each text to a file and gives it as the option `--name`."""

    def plimsoll(command: str, *options: str, **files: str) -> tuple[int, str, str]:
        given: list[str] = []
        for name, text in files.items():
            path = tmp_path / f"{name}.csv"
            path.write_text(text, encoding="utf-8")
            given += [f"--{name.replace('_', '-')}", str(path)]
        code = run([command, *given, *options])
        out, err = capsys.readouterr()
        return code, out, err

    return plimsoll


def prices() -> str:
    lines = [",".join(("date", *HISTORY.symbols))]
    lines += [
        f"{day},{','.join(map(repr, row))}" for day, row in zip(HISTORY.dates, HISTORY.closes.tolist(), strict=True)
    ]
    return "\n".join(lines) + "\n"


def backtest(**changes: Any) -> dict[str, str]:
    return {"prices": prices(), "policy": json.dumps(POLICY | changes)}


@pytest.mark.parametrize("excess", ["arithmetic", "geometric"])
def test_attribution_of_a_file_sums_to_the_excess(call: Call, excess: str) -> None:
    code, out, err = call("attribution", "--json", "--excess", excess, rows=ROWS)
    document = json.loads(out)
    assert (code, err) == (0, "")
    portfolio, benchmark = 1.045 * 0.999, 1.024 * 0.978
    expected = portfolio - benchmark if excess == "arithmetic" else portfolio / benchmark - 1
    assert document["excess"] == pytest.approx(expected)
    assert document["total"]["total"] == pytest.approx(expected)
    assert sum(one["total"] for one in document["classes"]) == pytest.approx(expected)
    assert document["periods"][0]["classes"][0]["own"]["allocation"] == pytest.approx(0.1 * (0.06 - 0.024))


def test_attribution_of_a_file_as_a_table(call: Call) -> None:
    code, out, _ = call("attribution", rows=ROWS)
    assert code == 0
    assert "Portfolio 4.40%, benchmark 0.15%, arithmetic excess 4.25% over 2 periods" in out
    assert "US equity" in out
    assert "2024-06-30" in out


BAD_ROWS = (
    ("2024-03-31", "31.03.2024", "row 2, field period. Write it as YYYY-MM-DD"),
    ("50%,40%", "50%,x", "row 2, field benchmark_weight"),
    ("us_bond,50%,60%,1%,0%", "us_equity,50%,60%,1%,0%", "us_equity of 2024-03-31 is in row 2 already"),
    ("us_bond,50%", "us_bond,40%", "The weights of 2024-03-31 sum to 0.900000, not to 1"),
    ("1%,0%", ",0%", "row 3, field portfolio_return. Give it, or a weight of 0"),
    ("8%,6%", "-100%,6%", "-100% is not above -1"),
    ("portfolio_weight", "weight", "The file has no column portfolio_weight"),
    ("0.02,0.03", "0.02,0.03,1", "The row has 7 cells, the header 6"),
)


@pytest.mark.parametrize(("old", "new", "message"), BAD_ROWS)
def test_a_bad_attribution_file_is_told_in_one_line(call: Call, old: str, new: str, message: str) -> None:
    code, out, err = call("attribution", rows=ROWS.replace(old, new, 1))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_several_problems_are_counted(call: Call) -> None:
    _, _, err = call("attribution", rows=ROWS.replace("8%", "a").replace("1%", "b"))
    assert "There is 1 more." in err


def test_without_rows_or_a_policy_there_is_nothing_to_attribute(call: Call) -> None:
    code, _, err = call("attribution")
    assert (code, err.count("\n")) == (2, 1)
    assert "Give --rows with weights and returns, or: Give --prices" in err
    code, _, err = call("attribution", **backtest())
    assert "needs prices, a policy and two days" in err


def test_the_contribution_of_an_overlay_sums_by_class_and_in_each_year(call: Call) -> None:
    code, out, err = call("attribution", "--json", *DAYS, "--lag", "1", "--cost-bp", "5", **backtest())
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert [year["year"] for year in document["years"]] == [2001, 2002]
    for one in (document["total"], *document["years"]):
        assert one["gross"] + one["cost"] == pytest.approx(one["net"])
        assert one["net"] == pytest.approx(one["policy_return"] - one["strategic_return"])
        assert sum(each["net"] for each in one["classes"]) == pytest.approx(one["net"])
        assert one["net_of_tax"] is None


def test_the_contribution_of_an_overlay_as_a_table(call: Call) -> None:
    code, out, _ = call("attribution", *DAYS, **backtest())
    assert code == 0
    assert "The overlay added" in out
    assert "strategic mix" in out


def test_growth_after_tax_from_a_file(call: Call) -> None:
    taxed = "date,policy,strategic\n2001-06-29,100,200\n2001-12-31,103,204\n2002-03-28,104,210\n"
    code, out, _ = call("attribution", "--json", *DAYS, after_tax=taxed, **backtest())
    document = json.loads(out)
    assert code == 0
    assert document["total"]["net_of_tax"] == pytest.approx(0.04 - 0.05)
    assert document["years"][1]["net_of_tax"] == pytest.approx(104 / 103 - 210 / 204)
    code, out, err = call("attribution", *DAYS, after_tax=taxed.replace("2001-06-29", "2001-07-02"), **backtest())
    assert (code, err.count("\n")) == (2, 1)
    assert "do not reach from 2001-06-29" in err


def test_a_policy_with_lots_is_attributed_after_tax(call: Call) -> None:
    days = ("--start", "2001-10-31", "--end", "2002-03-28")
    code, out, err = call("attribution", "--json", *days, "--cost-bp", "2", **backtest(lots=True))
    total = json.loads(out)["total"]
    assert code == 0
    assert total["net_of_tax"] == pytest.approx(total["net"] + total["tax"])
    assert total["tax"] != 0
    assert "no plain closes" in err


def test_frequencies_of_a_policy(call: Call) -> None:
    code, out, err = call("frequency", "--json", *DAYS, "--cost-bp", "5", **backtest())
    lines = json.loads(out)["lines"]
    assert (code, err) == (0, "")
    assert [line["when"] for line in lines] == ["monthly", "quarterly", "annual"]
    assert lines[0]["cost"] > lines[2]["cost"] > 0
    code, out, _ = call("frequency", *DAYS, "--when", "quarterly", "--when", "never", **backtest())
    assert code == 0
    assert "never" in out
    assert "monthly " not in out
    assert "Reset never instead of quarterly: costs 0.00% a year lower" in out


def test_frequencies_of_a_policy_with_lots_are_told_after_tax(call: Call) -> None:
    days = ("--start", "2001-10-31", "--end", "2002-03-28", "--when", "monthly", "--when", "quarterly")
    code, out, _ = call("frequency", "--json", *days, **backtest(lots=True))
    lines = json.loads(out)["lines"]
    assert code == 0
    assert all(line["cagr_after_tax"] is not None for line in lines)
    assert "CAGR after tax" in " ".join(call("frequency", *days, **backtest(lots=True))[1].split())
