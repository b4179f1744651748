import pytest

from engine.errors import AppError
from engine.problems import Problem, Severity


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            Problem(Severity.BLOCKING, "no_basis", "lot L1 has no basis.", "Enter it.", "a.csv", 7, "Cost Basis"),
            "a.csv, row 7, field Cost Basis: lot L1 has no basis. Enter it.",
        ),
        (Problem(Severity.FATAL, "empty", "the file is empty", file="a.csv"), "a.csv: the file is empty."),
        (Problem(Severity.INFO, "note", "no  price\nfor XYZ"), "no price for XYZ."),
        (Problem(Severity.WARNING, "note", "old price", "Import prices."), "old price. Import prices."),
    ],
)
def test_a_problem_is_one_line_with_its_place_and_what_to_do(problem: Problem, line: str) -> None:
    assert problem.line() == line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (AppError("no such file", detail="a.csv", hint="Check the name."), "no such file: a.csv. Check the name."),
        (AppError("no plan was found."), "no plan was found"),
        (AppError("bad case", detail="lots[0]:\n  negative"), "bad case: lots[0]: negative"),
        (AppError("bad case", hint="Correct it."), "bad case. Correct it."),
    ],
)  # fmt: skip
def test_an_error_prints_as_one_line(error: AppError, line: str) -> None:
    assert str(error) == line
    assert "\n" not in str(error)
