"""The verification suite: every case that ships passes, and nothing that is wrong passes unseen."""

import decimal
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import AppError
from workflow.cli import run
from workflow.verify import KINDS, CaseFile, CaseResult, case_files, run_case, verify
from workflow.verify_tables import Columns, read_table

SUITE = Path(__file__).resolve().parents[2] / "resources" / "verification"
CASES = case_files()
GROUPS = {
    "before_a_trade",
    "carryforwards",
    "chains",
    "funds_and_dividends",
    "gifts_inheritances_transfers",
    "holding_periods",
    "lot_methods",
    "netting",
    "publication_550",
    "rates",
    "regulations",
    "retirement_accounts",
    "splits_and_fractions",
    "spouses_and_accounts",
    "unsettled_points",
    "wash_sales",
}
GOOD = '''title = "Sold at a gain"
story = "Ten shares are sold at a gain."
citation = "IRC 1222"
kind = "ledger"
[input]
trades = """
id, date,       account, registration, symbol, action, quantity, amount
b1, 2024-01-08, Joint,   taxable,      X,      buy,          10, 100.00
s1, 2024-03-08, Joint,   taxable,      X,      sell,          4,  60.00
"""
[expected]
short_term = 20.00
long_term = 0.00
disallowed = 0.00
permanent = 0.00
realized = """
sale, lot, quantity, adjustment,  gain, term
s1,   b1,         4,       0.00, 20.00, short
"""
open_lots = """
lot, quantity, basis, holding_days_carried
b1,         6, 60.00,                    0
"""
'''


@pytest.fixture(autouse=True)
def own_decimal_context() -> Iterator[None]:
    """The command traps floats for the rest of its process; the tests go on in theirs."""
    with decimal.localcontext():
        yield


def outcome_of(text: str | bytes, folder: Path) -> CaseResult:
    file = folder / "group" / "case.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    (result,) = verify(folder)
    return result


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_comes_out_as_worked_by_hand(case: CaseFile) -> None:
    result = run_case(case)
    assert result.differences == (), "\n".join([result.title, *result.differences])


def test_there_are_cases_of_every_group_of_the_rules() -> None:
    groups = Counter(case.group for case in CASES)
    assert len(CASES) >= 100
    assert set(groups) == GROUPS
    assert [group for group, count in groups.items() if count < 5] == []


def test_every_kind_of_case_is_used() -> None:
    assert {tomllib.loads(case.source.read_text(encoding="utf-8"))["kind"] for case in CASES} == set(KINDS)


def test_nothing_in_the_folder_is_passed_over() -> None:
    files = {file.relative_to(SUITE).as_posix() for file in SUITE.rglob("*") if file.is_file()}
    assert files == {f"{case.name}.toml" for case in CASES} | {"FORMAT.md"}


def test_every_case_tells_a_story_and_names_a_source() -> None:
    source = re.compile(
        r"\b(IRC \d|Reg\. 1\.|Rev\. Rul\. \d|Rev\. Proc\. \d|Pub\. \d|Schedule D|Form 8949|Charles Schwab)"
    )
    silent = []
    for case in CASES:
        text = tomllib.loads(case.source.read_text(encoding="utf-8"))
        sentences = len(re.findall(r"[.:](?:\s|$)", text["story"]))
        if not (source.search(text["citation"]) and 1 <= sentences <= 5 and len(text["title"]) <= 100):
            silent.append(case.name)
    assert silent == []


def test_titles_are_told_apart() -> None:
    titles = Counter(tomllib.loads(case.source.read_text(encoding="utf-8"))["title"] for case in CASES)
    assert [title for title, count in titles.items() if count > 1] == []


def test_a_good_case_passes(tmp_path: Path) -> None:
    result = outcome_of(GOOD, tmp_path)
    assert (result.name, result.group, result.title, result.citation) == (
        "group/case",
        "group",
        "Sold at a gain",
        "IRC 1222",
    )
    assert result.passed


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("short_term = 20.00", "short_term = 20.01", "short_term: expected 20.01, got 20.00"),
        ("short_term = 20.00", 'short_term = "none"', "short_term: expected none, got 20.00"),
        ("long_term = 0.00", "long_term = false", "long_term: expected no, got 0.00"),
        ("  gain, term\ns1,   b1,         4,       0.00, 20.00", "gain, term\ns1, b1, 4, 0.00, 19.99",
         "realized row 1, gain: expected 19.99, got 20.00"),
        ("20.00, short", "20.00, long", "realized row 1, term: expected long, got short"),
        ("20.00, short", "twenty, short", "realized row 1, gain: expected twenty, got 20.00"),
        ("b1,         6, 60.00,                    0\n", "",
         "open_lots: got lot b1, quantity 6, basis 60.00, holding_days_carried 0, which is not expected"),
        ("short\n", "short\ns2, b1, 1, 0, 0, short\n",
         "realized: expected sale s2, lot b1, quantity 1, adjustment 0, gain 0, term short, which did not come out"),
        (", basis, holding_days_carried\nb1,         6, 60.00,", ", holding_days_carried\nb1, 6,",
         "open_lots: the table has no column basis"),
        ("20.00, short", "20.00", "realized: row 1 of the table has 5 cells under 6 titles"),
        ("sale, lot, quantity", "sale, lot, sale, quantity", "realized: the table has twice the column sale"),
        ("adjustment,  gain", "adjustment, colour, gain", "realized: the table knows no column colour"),
        ("permanent = 0.00\n", "", "permanent: nothing is expected, got 0.00"),
        ("permanent = 0.00", "permanent = 0.00\nlost = 0.00", "lost: not a figure of a ledger case"),
        ("4,  60.00", "40,  60.00", "problems: nothing is expected, got row 3: more_than_open"),
    ],
)  # fmt: skip
def test_a_wrong_figure_is_a_failure(old: str, new: str, difference: str, tmp_path: Path) -> None:
    result = outcome_of(changed(old, new), tmp_path)
    assert difference in result.differences
    assert not result.passed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title = ", "Invalid value"),
        (b"title = \xff", "decode"),
        ("", "missing required field `title`"),
        (changed('citation = "IRC 1222"\n', ""), "missing required field `citation`"),
        (changed('"IRC 1222"', '" "'), "matching regex"),
        (changed('kind = "ledger"', 'kind = "ledger"\ncolour = "red"'), "unknown field `colour`"),
        (changed("[input]", '[input]\ncolour = "red"'), "unknown field `colour`"),
        (changed("[input]", "[input]\npolicy = { lenient = true }"), "unknown field `lenient`"),
        (changed('kind = "ledger"', 'kind = "novel"'), "'novel' is no kind of case"),
        (changed("symbol, action", "symbol, act"), "the table has no column action"),
        (changed("s1, 2024-03-08, Joint,", "s1, 2024-03-08,"), "row 2 of the table has 7 cells under 8 titles"),
        (GOOD.replace('kind = "ledger"', 'kind = "netting"'), "unknown field `trades`"),
    ],
)
def test_a_malformed_case_is_a_failure(text: str | bytes, reason: str, tmp_path: Path) -> None:
    result = outcome_of(text, tmp_path)
    assert len(result.differences) == 1
    assert reason in result.differences[0]


def test_a_rule_that_breaks_fails_its_case_and_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.verify_kinds.replay", lambda *_, **__: 1 / 0)
    other = tmp_path / "other.toml"
    other.write_text(
        'title = "t"\nstory = "s"\ncitation = "c"\nkind = "holding_period"\n'
        "[input]\nacquired = 2024-02-29\nsold = 2025-03-01\n"
        '[expected]\nfirst_long_term_day = 2025-03-01\nterm = "long"\ndays_to_long_term = 0\n',
        encoding="utf-8",
    )
    (tmp_path / "group").mkdir()
    (tmp_path / "group" / "case.toml").write_text(GOOD, encoding="utf-8")
    broken, fine = verify(tmp_path)
    assert broken.differences == ("the case cannot be run: ZeroDivisionError: division by zero",)
    assert fine.passed


@pytest.mark.parametrize(
    "given",
    ['method = "specific"\nquantity = 5', 'method = "fifo"\nnamed = { a = 5 }', 'method = "fifo"'],
)
def test_a_sale_names_lots_or_says_how_many_shares(given: str, tmp_path: Path) -> None:
    lots = 'lots = """\nlot, acquired, quantity, cost_basis\na, 2024-01-08, 10, 100.00\n"""\n'
    text = 'title = "t"\nstory = "s"\ncitation = "c"\nkind = "lot_method"\n[input]\nprice = 1.00\nsold = 2024-03-08\n'
    result = outcome_of(f"{text}{lots}{given}\n[expected]\ngain = 0.00\n", tmp_path)
    assert "`named`" in result.differences[0]


def test_a_folder_without_cases_says_so(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no cases"):
        verify(tmp_path)
    with pytest.raises(AppError, match="no cases"):
        verify(tmp_path / "nowhere")


def test_an_empty_table_has_no_columns_and_no_rows() -> None:
    assert read_table("\n", Columns(("lot",))) == ((), ())


def test_the_command_prints_each_case_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == f"{len(CASES):,} of {len(CASES):,} cases pass"
    assert "FAIL" not in printed.out
    assert "Bought back 30 days after a loss sale: washed" in printed.out
    assert printed.err == ""


def test_the_command_gives_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["passed"], answer["failed"], len(answer["cases"])) == (len(CASES), 0, len(CASES))
    assert set(answer["cases"][0]) == {"name", "group", "title", "citation", "passed", "differences"}
    assert all(case["citation"] and case["passed"] and case["differences"] == [] for case in answer["cases"])


def test_a_failing_case_ends_the_command_with_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "wrong.toml").write_text(changed("short_term = 20.00", "short_term = 21.00"), encoding="utf-8")
    assert run(["verify", "--cases", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "1 of 2 cases pass"
    assert "FAIL" in printed.out
    assert printed.err == f"{tmp_path.name}/wrong: short_term: expected 21.00, got 20.00\n"
    assert run(["verify", "--cases", str(tmp_path), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["passed"], answer["failed"]) == (1, 1)
    assert answer["cases"][1]["differences"] == ["short_term: expected 21.00, got 20.00"]


def test_a_folder_without_cases_ends_the_command_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", "--cases", str(tmp_path)]) == 2
    assert "no cases" in capsys.readouterr().err


def test_the_format_tells_of_every_kind_in_forty_lines() -> None:
    text = (SUITE / "FORMAT.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 40
    assert [kind for kind in KINDS if f"| {kind} |" not in text] == []
