"""The tax rates that ship, the firm's own in their place, and the command that shows the rates of a return."""

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from engine.errors import AppError
from engine.tax.rates import NO_STATE, FilingStatus
from workflow.cli import run
from workflow.tax_rates import all_states, federal_year, known_years, state_rates

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "tax_rates"
YEARS = (2023, 2024, 2025, 2026)
SINGLE, JOINT = FilingStatus.SINGLE, FilingStatus.MARRIED_JOINT
SEPARATE, HEAD = FilingStatus.MARRIED_SEPARATE, FilingStatus.HEAD_OF_HOUSEHOLD

PRINTED = [
    (2023, SINGLE, "1100 5147 16290 37104 52832 174238.25"),
    (2023, JOINT, "2200 10294 32580 74208 105664 186601.50"),
    (2023, SEPARATE, "1100 5147 16290 37104 52832 93300.75"),
    (2023, HEAD, "1570 6868 14678 35498 51226 172623.50"),
    (2024, SINGLE, "1160 5426 17168.50 39110.50 55678.50 183647.25"),
    (2024, JOINT, "2320 10852 34337 78221 111357 196669.50"),
    (2024, SEPARATE, "1160 5426 17168.50 39110.50 55678.50 98334.75"),
    (2024, HEAD, "1655 7241 15469 37417 53977 181954.50"),
    (2025, SINGLE, "1192.50 5578.50 17651 40199 57231 188769.75"),
    (2025, JOINT, "2385 11157 35302 80398 114462 202154.50"),
    (2025, SEPARATE, "1192.50 5578.50 17651 40199 57231 101077.25"),
    (2025, HEAD, "1700 7442 15912 38460 55484 187031.50"),
    (2026, SINGLE, "1240 5800 17966 41024 58448 192979.25"),
    (2026, JOINT, "2480 11600 35932 82048 116896 206583.50"),
    (2026, SEPARATE, "1240 5800 17966 41024 58448 103291.75"),
    (2026, HEAD, "1770 7740 16155 39207 56631 191171"),
]
"""The tax at the end of each bracket, as printed in the tables of the revenue procedures."""


@pytest.mark.parametrize(("year", "status", "printed"), PRINTED)
def test_the_tax_at_the_end_of_each_bracket_is_the_printed_one(year: int, status: FilingStatus, printed: str) -> None:
    ordinary = federal_year(year).of(status).ordinary
    assert [ordinary.tax(top) for top in ordinary.tops] == [Decimal(tax) for tax in printed.split()]


@pytest.mark.parametrize("year", YEARS)
def test_the_statuses_agree_with_one_another(year: int) -> None:
    single, joint, separate, head = (federal_year(year).of(one) for one in (SINGLE, JOINT, SEPARATE, HEAD))
    assert [2 * top for top in single.ordinary.tops[:5]] == list(joint.ordinary.tops[:5])
    assert [2 * top for top in separate.ordinary.tops] == list(joint.ordinary.tops)
    assert 2 * single.long_term.tops[0] == 2 * separate.long_term.tops[0] == joint.long_term.tops[0]
    assert 0 <= joint.long_term.tops[1] - 2 * separate.long_term.tops[1] <= 50
    assert 2 * single.deduction() == 2 * separate.deduction() == joint.deduction()
    assert abs(head.deduction() - single.deduction() * 3 / 2) <= 25
    assert single.deduction(1) - single.deduction() == head.deduction(1) - head.deduction()
    assert joint.deduction(1) - joint.deduction() == separate.deduction(1) - separate.deduction()
    assert [one.investment_threshold.amount for one in (single, joint, separate, head)] == [
        200_000,
        250_000,
        125_000,
        200_000,
    ]
    assert [one.loss_limit.amount for one in (single, joint, separate, head)] == [3_000, 3_000, 1_500, 3_000]
    assert single.investment_rate == Decimal("0.038")


def test_every_figure_is_above_that_of_the_year_before() -> None:
    for status in (SINGLE, JOINT, SEPARATE, HEAD):
        figures = [
            (*rates.ordinary.tops, *rates.long_term.tops, rates.deduction(), rates.additional_deduction.amount)
            for rates in (federal_year(year).of(status) for year in YEARS)
        ]
        for before, after in pairwise(figures):
            assert all(low < high < low * Decimal("1.15") for low, high in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("year", "long_term", "deduction", "additional"),
    [
        (2023, "44625 492300 89250 553850 44625 276900 59750 523050", "13850 27700 13850 20800", "1850 1500"),
        (2024, "47025 518900 94050 583750 47025 291850 63000 551350", "14600 29200 14600 21900", "1950 1550"),
        (2025, "48350 533400 96700 600050 48350 300000 64750 566700", "15750 31500 15750 23625", "2000 1600"),
        (2026, "49450 545500 98900 613700 49450 306850 66200 579600", "16100 32200 16100 24150", "2050 1650"),
    ],
)
def test_thresholds_and_deductions_are_the_published_ones(
    year: int, long_term: str, deduction: str, additional: str
) -> None:
    rates = [federal_year(year).of(status) for status in (SINGLE, JOINT, SEPARATE, HEAD)]
    assert [int(top) for one in rates for top in one.long_term.tops] == [int(top) for top in long_term.split()]
    assert [int(one.deduction()) for one in rates] == [int(one) for one in deduction.split()]
    assert [int(one.additional_deduction.amount) for one in rates[:2]] == [int(one) for one in additional.split()]


def test_every_block_names_its_source() -> None:
    procedures = {2023: "2022-38", 2024: "2023-34", 2025: "2024-40", 2026: "2025-32"}
    for year, procedure in procedures.items():
        rates = federal_year(year).of(FilingStatus.SURVIVING_SPOUSE)
        for source in (rates.ordinary.source, rates.long_term.source, rates.standard_deduction.source):
            assert f"Rev. Proc. {procedure}" in source
        assert "IRC 1411" in rates.investment_threshold.source
        assert "IRC 1211(b)" in rates.loss_limit.source
    assert "P.L. 119-21" in federal_year(2025).of(SINGLE).standard_deduction.source


def test_there_are_fifty_states_and_the_district() -> None:
    states = all_states()
    assert len(states) == 51
    assert all(state.name and state.source for state in states.values())
    assert {code for code, state in states.items() if state.long_term_rate > state.short_term_rate} == {"WA", "MD"}
    assert states["WA"].long_term_exempt == 278_000
    assert {code for code, state in states.items() if not state.ordinary_rate} == {
        *("AK", "FL", "NV", "NH", "SD", "TN", "TX", "WA", "WY")
    }  # fmt: skip


def test_a_state_is_found_by_its_letters_in_either_case() -> None:
    assert state_rates("ca").name == "California"
    assert state_rates("") is NO_STATE
    with pytest.raises(AppError, match="no state 'ZZ'"):
        state_rates("ZZ")


def test_the_firms_own_files_stand_in_place_of_those_that_ship(tmp_path: Path) -> None:
    own = (SHIPPED / "2026.toml").read_text(encoding="utf-8").replace("year = 2026", "year = 2027")
    (tmp_path / "2027.toml").write_text(own, encoding="utf-8")
    assert known_years(tmp_path) == (*YEARS, 2027)
    assert known_years() == YEARS
    assert federal_year(2027, tmp_path).of(SINGLE).year == 2027
    assert federal_year(2024, tmp_path).of(SINGLE).deduction() == 14_600
    assert state_rates("WI", tmp_path) == state_rates("WI")
    table = (SHIPPED / "states.csv").read_text(encoding="utf-8").replace("WI,Wisconsin,0.0765", "WI,Wisconsin,0.05")
    (tmp_path / "states.csv").write_text(table, encoding="utf-8")
    assert state_rates("WI", tmp_path).ordinary_rate == Decimal("0.05")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("year = 2026", "year = 2025", "2026.toml, year: 2025"),
        ("rate              = 0.038", "rate = 3.8", "net_investment_income.rate: 3.8 is no fraction"),
        ("[0.00, 0.15, 0.20]", "[0.00, 15, 0.20]", "long_term.rates: 15 is no fraction"),
        ("[0.00, 0.15, 0.20]", "[0.00, 0.20]", "long_term.single: 2 amounts for 2 rates"),
        ("[12_400, 50_400,", "[50_400, 12_400,", "ordinary.single: the amounts must rise"),
        ("= 24_150", "= -24_150", "standard_deduction.head_of_household: -24150 is no amount"),
        ("= 24_150", "= nan", "standard_deduction.head_of_household: NaN is no amount"),
        ("[12_400, 50_400,", "[nan, 50_400,", "ordinary.single: the amounts must rise"),
        ("rate              = 0.038", "rate = inf", "net_investment_income.rate: Infinity is no fraction"),
        ("= 24_150", '= "a lot"', "$.standard_deduction.head_of_household"),
        ("[loss_limit]", "[loss_limits]", "unknown field `loss_limits`"),
        ("year = 2026", "year = ", "Invalid value"),
    ],
)
def test_a_fault_in_the_firms_own_file_is_named(old: str, new: str, told: str, tmp_path: Path) -> None:
    text = (SHIPPED / "2026.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "2026.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AppError) as caught:
        federal_year(2026, tmp_path)
    assert told in str(caught.value)
    assert "2026.toml" in str(caught.value)


TITLES = "code,name,ordinary_rate,short_term_rate,long_term_rate,long_term_exempt,year,note\n"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "expected code,name"),
        ("code,name\n", "expected code,name"),
        (f"# ours\n{TITLES}CA,California,0.1,0.1,0.1,0,2026\n", "line 3: 7 cells under 8 titles"),
        (f"{TITLES}CA,California,0.1,0.1,5%,0,2026,x\n", "line 2, long_term_rate: '5%'"),
        (f"{TITLES}CA,California,5,0.1,0.1,0,2026,x\n", "line 2, ordinary_rate: '5'"),
        (f"{TITLES}CA,California,0.1,0.1,0.1,-1,2026,x\n", "line 2, long_term_exempt: '-1'"),
        (f"{TITLES}CA,California,0.1,NaN,0.1,0,2026,x\n", "line 2, short_term_rate: 'NaN'"),
        (f"{TITLES}CA,California,0,0,0,0,2026,x\nca,California,0,0,0,0,2026,x\n", "line 3: CA"),
    ],
)
def test_a_fault_in_the_table_of_states_is_named(table: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "states.csv").write_text(table, encoding="utf-8")
    with pytest.raises(AppError) as caught:
        all_states(tmp_path)
    assert told in str(caught.value)
    assert "states.csv" in str(caught.value)


def test_a_folder_or_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no such folder"):
        federal_year(2026, tmp_path / "nowhere")
    (tmp_path / "2026.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(AppError, match="cannot be read"):
        federal_year(2026, tmp_path)
    with pytest.raises(AppError, match="no federal rates of 2020"):
        federal_year(2020)


ASKED = ["rates", "--filing-status", "single", "--income", "190,000", "--year", "2026"]


def test_the_command_shows_steps_and_where_each_rate_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--state", "wi", "--long-gains", "$20,000"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Tax year 2026, single, Wisconsin" in printed.out
    assert "long-term gains 15% to 20%" in printed.out
    assert "Rate on the next dollar of short-term gain: 35.45%" in printed.out
    assert "  Net investment income tax: 3.8% (IRC 1411(a)(1)" in printed.out
    assert "    Modified adjusted gross income: 210,000\n" in printed.out
    assert "Not counted: alternative minimum tax" in printed.out


def test_the_command_gives_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rates"] == {
        "short_term_rate": 0.24,
        "long_term_rate": 0.15,
        "ordinary_rate": 0.24,
        "ordinary_loss_limit": 3000,
    }
    assert answer["steps"]["long_term"][0] == {
        "from": 0,
        "to": 10000,
        "rate": 0.15,
        "change": "",
        "federal": 0.15,
        "net_investment": 0,
        "state": 0,
    }
    assert answer["steps"]["long_term"][-1]["to"] is None
    assert [trail["label"] for trail in answer["trails"]][2] == "Rate that a deducted loss saves"
    assert (answer["year"], answer["filing_status"], answer["state"]) == (2026, "single", "")
    assert answer["income"]["deduction"] == 16100


def test_the_command_says_what_further_gains_and_losses_are_worth(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [*ASKED, "--gains-short", "12000"]
    assert run(asked) == 0
    sentence = (
        "Of further long-term loss: the first $12,000.00 offset short-term gains at 27.8%, "
        "the next $3,000.00 deducted from ordinary income at 24%, the rest carried to later years at 12%."
    )
    assert sentence in " ".join(capsys.readouterr().out.split())
    assert run([*asked, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    losses = [(step["from"], step["to"], step["rate"]) for step in answer["loss_steps"]["short_term"]]
    assert losses == [(0, 2000, 0.278), (2000, 15000, 0.24), (15000, None, 0)]
    values = {value["kind"]: value for value in answer["marginal_values"]}
    assert list(values) == ["short_term_gain", "long_term_gain", "short_term_loss", "long_term_loss"]
    assert values["short_term_loss"]["steps"][1] == {
        "from": 12000,
        "to": 15000,
        "rate": 0.24,
        "use": "deducted from ordinary income",
    }
    assert values["long_term_gain"]["trail"]["source"] == "Schedule D; IRC 1211(b), 1212(b), 1222"


def test_the_deduction_is_standard_with_its_additions_or_typed(capsys: pytest.CaptureFixture[str]) -> None:
    deductions = []
    for more in (["--aged-or-blind", "1"], ["--deduction", "30000.50"]):
        assert run([*ASKED, *more, "--json"]) == 0
        deductions.append(json.loads(capsys.readouterr().out)["income"]["deduction"])
    assert deductions == [18150, 30000.5]


def test_the_command_takes_the_firms_own_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "states.csv").write_text(f"{TITLES}OW,Our own,0.01,0.02,0.03,0,2026,ours\n", encoding="utf-8")
    assert run([*ASKED, "--state", "OW", "--rates", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rates"]["short_term_rate"] == 0.26


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--income", "much"], "'much' is no amount of dollars"),
        (["--income", "NaN"], "'NaN' is no amount of dollars"),
        (["--year", "2020"], "no federal rates of 2020"),
        (["--state", "ZZ"], "no state 'ZZ'"),
        (["--filing-status", "trust"], "'trust' is not one of 'single'"),
    ],
)
def test_the_command_says_what_it_cannot_use(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*ASKED, *arguments]) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.err.count("\n") == 1
