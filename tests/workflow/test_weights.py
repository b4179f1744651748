"""`plimsoll weights` as a user meets it: a table, JSON and nothing else, one clear line for what cannot be used."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from engine.errors import AppError
from engine.overlay.allocation import AllocationMethod
from engine.overlay.allocation_mean_variance import MixLimits, Objective
from engine.overlay.covariance import CovarianceEstimate
from workflow.cli_weights import weights_command
from workflow.covariance_file import figures_from_text, read_covariance, read_figures
from workflow.weights import Ask, weigh

TABLE = "symbol,STK,BND,GLD\nSTK,0.04,0.001,0.002\nBND,0.001,0.0025,0.0005\nGLD,0.002,0.0005,0.0225\n"
MEANS = "symbol,mean\nBND,0.02\nSTK,0.06\nGLD,0.03\n"
SYMBOLS = ("STK", "BND", "GLD")

app = typer.Typer()
app.command()(weights_command)


def written(folder: Path, text: str, name: str = "cov.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return written(tmp_path, TABLE)


@pytest.fixture
def means(tmp_path: Path) -> Path:
    return written(tmp_path, MEANS, "mu.csv")


def run(*arguments: object) -> int:
    """Run the command alone; the exit code that `plimsoll` would end with."""
    code: int | None = app([str(argument) for argument in arguments], standalone_mode=False)
    return code or 0


def answered(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert run(*arguments, "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found: dict[str, Any] = json.loads(captured.out)
    return found


@pytest.mark.parametrize("method", AllocationMethod)
def test_every_method_answers_with_weights_and_risk_contributions_by_symbol(
    method: AllocationMethod, table: Path, means: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    budget = ("--budget", "STK=1,BND=2,GLD=1") if method is AllocationMethod.RISK_BUDGET else ()
    found = answered(capsys, "--method", method, "--covariance", table, "--mean", means, *budget)
    assert found["method"] == method
    assert set(found["expected_returns"]) == set(SYMBOLS)
    assert set(found["weights"]) == set(found["risk_contributions"]) == set(SYMBOLS)
    assert sum(found["weights"].values()) == pytest.approx(1)
    assert sum(found["risk_contributions"].values()) == pytest.approx(found["volatility"])


def test_without_json_it_is_a_table_with_the_share_of_risk_of_each(
    table: Path, means: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--method", "erc", "--covariance", table, "--mean", means) == 0
    shown = capsys.readouterr().out
    assert "share of risk" in shown
    assert shown.count("33.33%") == 3
    assert "Expected return" in shown


def test_a_budget_reads_the_same_as_text_as_a_list_and_as_a_file(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "GLD,20%\nSTK,30%\nBND,50%\n", "budget.csv")
    asked = ("--method", "risk_budget", "--covariance", table, "--budget")
    found = [answered(capsys, *asked, budget) for budget in ("BND=5, STK=3, GLD=2", "3,5,2", file)]
    assert found[0]["weights"] == pytest.approx(found[1]["weights"])
    assert found[0]["weights"] == pytest.approx(found[2]["weights"])
    shares = {name: part / found[0]["volatility"] for name, part in found[0]["risk_contributions"].items()}
    assert shares == pytest.approx({"STK": 0.3, "BND": 0.5, "GLD": 0.2})


def test_rows_may_stand_in_another_order_than_columns(tmp_path: Path, table: Path) -> None:
    header, *rows = TABLE.splitlines()
    turned = read_covariance(written(tmp_path, "\n".join((header, *reversed(rows))), "turned.csv"))
    assert (turned.matrix == read_covariance(table).matrix).all()
    assert turned.symbols == SYMBOLS


BAD_TABLES = {
    "the file is empty: {0}": "",
    "the header names no symbol: {0}, row 1": "symbol\n",
    "STK stands twice in the header: {0}, row 1, column 4": TABLE.replace("GLD\n", "STK\n", 1),
    "the header has a column without a symbol: {0}, row 1, column 3": TABLE.replace(",BND,", ",,", 1),
    "XYZ is no symbol of the header: {0}, row 4, column 1": TABLE.replace("\nGLD", "\nXYZ"),
    "BND stands twice, first in row 3: {0}, row 4, column 1": TABLE.replace("\nGLD", "\nBND"),
    "there is no row for GLD: {0}": TABLE.rpartition("GLD")[0],
    "'x' is not a number: {0}, row 2, column 3 (BND)": TABLE.replace("STK,0.04,0.001", "STK,0.04,x"),
    "'nan' is not a finite number: {0}, row 4, column 4 (GLD)": TABLE.replace("0.0225", "nan"),
    "there is no number: {0}, row 4, column 4 (GLD)": TABLE.replace(",0.0225", ""),
    "the covariance is not symmetric: 0.001 for STK with BND, 0.002 for BND with STK: {0}, row 2, column 3": (
        TABLE.replace("BND,0.001", "BND,0.002")
    ),
    "the variance of BND is not above 0: {0}, row 3, column 3": TABLE.replace("0.0025", "0"),
    "the covariance is not positive definite: its correlations have an eigenvalue of -1: {0}": (
        "symbol,STK,BND\nSTK,0.04,0.08\nBND,0.08,0.04\n"
    ),
}


@pytest.mark.parametrize(("line", "text"), BAD_TABLES.items())
def test_what_is_wrong_in_a_covariance_is_named_with_its_place(tmp_path: Path, line: str, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(AppError) as caught:
        read_covariance(path)
    assert str(caught.value).startswith(line.format(path).rstrip("."))


def test_two_symbols_that_move_as_one_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "s,STK,ALS,BND\nSTK,0.04,0.04,0.001\nALS,0.04,0.04,0.001\nBND,0.001,0.001,0.0025\n")
    with pytest.raises(AppError, match=r"STK and ALS are the most alike \(correlation 1.000000\)"):
        read_covariance(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("symbol,mean\nSTK,0.1\nBND,0.2\n", "there is no row for GLD"),
        ("symbol,mean\nSTK,0.1\nBND,0.2\nGLD,?\n", "'?' is not a number: {0}, row 4, column 2 (GLD)"),
        ("STK,0.1\nBND,0.2\nXYZ,1\n", "XYZ is no symbol of the covariance: {0}, row 3, column 1"),
    ],
)
def test_what_is_wrong_in_a_file_of_figures_is_named_with_its_place(tmp_path: Path, text: str, line: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(AppError) as caught:
        read_figures(path, SYMBOLS)
    assert str(caught.value).startswith(line.format(path))


@pytest.mark.parametrize("text", ["1,2", "STK=1,BND=2", "STK=1,STK=2,GLD=3", "STK=1,BND=2,GLD=x", "STK=1,2,GLD=3"])
def test_a_budget_that_does_not_fit_the_symbols_is_refused(text: str) -> None:
    with pytest.raises(AppError, match="--budget"):
        figures_from_text(text, SYMBOLS, "--budget")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--method", "max_sharpe"), "max_sharpe needs --mean"),
        (("--method", "risk_budget"), "risk_budget needs --budget"),
        (("--method", "risk_budget", "--budget", "1,0,1"), "the risk budget of BND is not above 0"),
        (("--method", "erc", "--budget", "1,1,1"), "erc takes no --budget, risk_budget does"),
    ],
)
def test_options_that_do_not_go_with_the_method_are_refused(table: Path, arguments: tuple[str, ...], line: str) -> None:
    with pytest.raises(AppError, match=line):
        run("--covariance", table, *arguments)


def closes(folder: Path, *, step: int = 1) -> Path:
    """Write 60 closes of three symbols, `step` days apart, the first of BND missing."""
    rng = np.random.default_rng(3)
    growth = np.cumprod(1 + rng.multivariate_normal((0.01, 0.004, 0.006), np.diag([4e-4, 4e-5, 2e-4]), 60), axis=0)
    days = [date(2020, 1, 1) + timedelta(days=step * row) for row in range(60)]
    lines = [f"{day},{','.join(f'{100 * close:.6f}' for close in row)}" for day, row in zip(days, growth, strict=True)]
    first = lines[0].split(",")
    lines[0] = ",".join((*first[:2], "", first[3]))
    return written(folder, "\n".join(("date,STK,BND,GLD", *lines)), "prices.csv")


@pytest.mark.parametrize(("step", "per_year"), [(1, 252), (7, 52), (30, 12)])
def test_a_covariance_is_estimated_from_prices_and_the_note_says_from_which(
    tmp_path: Path, step: int, per_year: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answered(capsys, "--method", "erc", "--prices", closes(tmp_path, step=step))
    first, last = date(2020, 1, 1) + timedelta(days=step), date(2020, 1, 1) + timedelta(days=59 * step)
    assert found["notes"][0] == (
        f"58 returns from {first} to {last}, {per_year} a year, covariance ledoit_wolf; "
        "1 day without a close of every symbol left out"
    )
    assert sum(found["weights"].values()) == pytest.approx(1)


def test_days_and_columns_that_are_not_asked_for_are_not_read(tmp_path: Path) -> None:
    prices = closes(tmp_path)
    found = weigh(
        Ask(
            AllocationMethod.ERC,
            prices=prices,
            symbols=("STK", "GLD"),
            start=date(2020, 1, 11),
            end=date(2020, 1, 30),
            estimate=CovarianceEstimate.SAMPLE,
        )
    )
    assert found.symbols == ("STK", "GLD")
    assert found.notes[0].startswith("19 returns from 2020-01-11 to 2020-01-30")


def test_without_means_those_of_the_prices_are_drawn_together(tmp_path: Path) -> None:
    found = weigh(Ask(AllocationMethod.MAX_SHARPE, prices=closes(tmp_path)))
    assert "of the way to" in found.notes[1]
    assert found.weights.sum() == pytest.approx(1)


def test_views_tilt_the_strategic_mix_toward_what_they_favor(table: Path) -> None:
    ask = Ask(AllocationMethod.MAX_SHARPE, table, strategic="STK=60%,BND=30%,GLD=10%", risk_free=0.01)
    plain = weigh(ask)
    assert plain.weights == pytest.approx([0.6, 0.3, 0.1])
    for text, symbol in (("GLD=10%@50%", 2), ("BND-STK=1%", 1), ("GLD - BND = 0.05 @ 0.9", 2)):
        tilted = weigh(replace(ask, views=(text,)))
        assert tilted.weights[symbol] > plain.weights[symbol]
        assert "and views:" in tilted.notes[0]


def test_a_symbol_with_a_dash_is_told_from_a_comparison(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE.replace("GLD", "A-B"))
    found = weigh(Ask(AllocationMethod.ERC, path, strategic="0.5,0.4,0.1", views=("A-B=3%", "A-B-STK=1%")))
    assert found.notes[0].endswith("A-B returns 3.00%; A-B beats STK by 1.00%")


def test_a_target_volatility_scales_the_weights_and_shows_the_leverage(
    table: Path, means: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--method", "erc", "--covariance", table, "--mean", means, "--risk-free", "0.02")
    plain = answered(capsys, *asked)
    target = 1.2 * plain["volatility"]
    scaled = answered(capsys, *asked, "--target-volatility", target, "--leverage-cap", 1.5)
    assert scaled["volatility"] == pytest.approx(target)
    assert scaled["leverage"]["gross_exposure"] == pytest.approx(1.2)
    assert scaled["leverage"]["headroom"] == pytest.approx(0.3)
    assert scaled["leverage"]["financing_cost"] == pytest.approx(0.2 * 0.02)
    assert scaled["expected_return"] == pytest.approx(1.2 * plain["expected_return"] - 0.2 * 0.02)
    assert run(*asked, "--target-volatility", target) == 0
    assert "The cap holds volatility at" in capsys.readouterr().out


def test_a_cap_goes_to_the_solver_of_mixes_under_limits(
    table: Path, means: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def solved(objective: Objective, _covariance: object, *, mean: object, limits: MixLimits) -> object:
        asked.extend((objective, np.asarray(mean).tolist(), limits))
        return np.array([0.5, 0.5, 0.0])

    monkeypatch.setattr("workflow.weights.mean_variance", solved)
    found = weigh(Ask(AllocationMethod.MAX_SHARPE, table, mean=means, cap=0.5, risk_free=0.01))
    assert asked == [Objective.BEST_SHARPE, [0.06, 0.02, 0.03], MixLimits(caps=(0.5,) * 3, risk_free=0.01)]
    assert found.weights.tolist() == [0.5, 0.5, 0.0]


def test_a_view_on_one_symbol_is_a_return_and_not_one_over_cash(table: Path) -> None:
    ask = Ask(AllocationMethod.ERC, table, strategic="0.6,0.3,0.1", views=("GLD=4%@100%",), risk_free=0.03)
    found = weigh(ask)
    assert found.expected_returns is not None
    assert found.expected_returns[2] == pytest.approx(0.04)
    assert "GLD returns 4.00%" in found.notes[0]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"covariance": None}, "give either --covariance or --prices"),
        ({"prices": Path("p.csv")}, "give either --covariance or --prices"),
        ({"mean": Path("m.csv"), "strategic": "1,0,0"}, "give either --mean or --strategic with --view"),
        ({"views": ("STK=1%",)}, "--view needs --strategic"),
        ({"cap": 0.5}, "erc takes no --cap, min_variance and max_sharpe do"),
        ({"cap": 0.3, "method": AllocationMethod.MIN_VARIANCE}, "no mix sums to 1: floors sum to 0, caps to 0.9"),
        ({"strategic": "1,1,1"}, "strategic weights sum to 1, not 3"),
        ({"strategic": "STK=1"}, "--strategic does not name each symbol of the covariance once"),
        ({"strategic": "1,0,0", "views": ("STK",)}, "'STK' is no view"),
        ({"strategic": "1,0,0", "views": ("STK=1%@x",)}, "'STK=1%@x' is no view"),
        ({"strategic": "1,0,0", "views": ("STK-XYZ=1%",)}, "'STK-XYZ=1%' is no view on symbols of the covariance"),
        ({"strategic": "1,0,0", "views": ("STK=1%@2",)}, "the confidence of the view"),
        ({"target_volatility": 0.0}, "target volatility and cap are above 0"),
    ],
)
def test_what_does_not_go_together_is_refused(table: Path, changes: dict[str, Any], line: str) -> None:
    with pytest.raises(AppError) as caught:
        weigh(replace(Ask(AllocationMethod.ERC, table), **changes))
    assert str(caught.value).startswith(line)


def test_prices_that_do_not_do_are_refused(tmp_path: Path) -> None:
    prices = closes(tmp_path)
    with pytest.raises(AppError, match="the price file has no column for XYZ"):
        weigh(Ask(AllocationMethod.ERC, prices=prices, symbols=("STK", "XYZ")))
    with pytest.raises(AppError, match="fewer than three days have a close of every symbol"):
        weigh(Ask(AllocationMethod.ERC, prices=prices, start=date(2030, 1, 1)))
    bad = written(tmp_path, "date,STK\n2020-01-01,10\n2020-01-02,-3\n", "bad.csv")
    with pytest.raises(AppError, match=r"bad\.csv.*row 3|row 3"):
        weigh(Ask(AllocationMethod.ERC, prices=bad))


def test_the_allocation_library_is_not_loaded_to_weigh() -> None:
    script = "import sys, workflow.cli_weights\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "workflow.cli_weights" in loaded
    assert not {"skfolio", "scipy", "sklearn", "cvxpy", "pandas", "sqlalchemy"} & set(loaded)


@pytest.mark.shared
def test_the_command_gives_the_weights_of_the_reference(
    shared_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_folder / "reference"
    known = json.loads((folder / "optimizer_weights_etf8.json").read_text(encoding="utf-8"))
    names = ("--covariance", folder / "cov_etf8_daily_2008_2022.csv", "--mean", folder / "mu_etf8_daily_2008_2022.csv")
    found = answered(capsys, "--method", "max_sharpe", *names)
    answer = known["sets"]["etf8_daily_2008_2022"]
    assert found["weights"] == pytest.approx(answer["weights"]["max_sharpe_long_only_rf0"], abs=1e-11)
    expected = answer["portfolio"]["max_sharpe_long_only_rf0"]
    assert found["volatility"] == pytest.approx(expected["vol"], abs=1e-12)
    assert found["expected_return"] == pytest.approx(expected["mu"], abs=1e-12)
