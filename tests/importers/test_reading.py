"""One pass over a file: every row once, silence never."""

from decimal import Decimal

import pytest

from engine.problems import Severity
from importers.base import RowKind, Total
from importers.reading import Reading

ROWS = (("title",), (), ("Symbol", "Quantity"), ("QAAA", "1"), ("who", "knows"))


def test_a_row_that_nobody_marked_becomes_a_problem() -> None:
    reading = Reading("x", "file.csv", ROWS)
    reading.mark(1, RowKind.TITLE)
    reading.mark(3, RowKind.HEADER)
    reading.mark(4, RowKind.RECORD)
    result = reading.result()
    assert result.rows == (RowKind.TITLE, RowKind.BLANK, RowKind.HEADER, RowKind.RECORD, RowKind.PROBLEM)
    assert [(p.row, p.code) for p in result.problems] == [(5, "row_not_understood")]
    assert "who | knows" in result.problems[0].message


def test_a_row_marked_twice_is_a_bug() -> None:
    reading = Reading("x", "file.csv", ROWS)
    reading.mark(1, RowKind.TITLE)
    with pytest.raises(RuntimeError, match="twice"):
        reading.mark(1, RowKind.RECORD)


@pytest.mark.parametrize(
    ("found", "said"),
    [("100.00", None), ("100.004", None), ("100.01", "+0.01"), ("99.99", "-0.01"), ("1100", "+1,000.00")],
)
def test_a_total_is_checked_to_the_cent(found: str, said: str | None) -> None:
    reading = Reading("x", "file.csv", ROWS)
    reading.check_total(Total(5, "market value", Decimal(100), Decimal(found)), Severity.BLOCKING)
    told = [p.message for p in reading.result(empty=None).problems if p.code == "total_differs"]
    assert [message.rpartition(" of ")[2] for message in told] == ([said] if said else [])
