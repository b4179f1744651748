"""Case and proposal files: strict, with the path of the bad field; the same bytes each time."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import AppError
from engine.portfolio import LotMethod
from engine.rebalance.case import Case
from engine.rebalance.solve import solve
from tests.builders import random_case
from workflow.case_file import decode_case, decode_proposal, encode, json_schema, read_bytes, sha256, unknown_keys

BAD = [
    (b"", "the file is empty"),
    (b"  \n", "the file is empty"),
    (b"%PDF-1.7", "not a case file"),
    (b"\xff\xfe\x00\x01", "not a"),
    (b"[]", "not a case file"),
    (b'{"schema": "plimsoll.case/2"}', r"`\$.schema`"),
    (b'{"schema": "plimsoll.case/1", "as_of": "30 June"}', r"`\$.as_of`"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_a_bad_case_is_one_line_with_its_place(content: bytes, message: str) -> None:
    with pytest.raises(AppError, match=message) as error:
        decode_case(content, "x.json")
    assert "\n" not in str(error.value)
    assert "x.json" in str(error.value)


def test_a_case_goes_to_text_and_back_unchanged() -> None:
    case = random_case(1)
    assert decode_case(encode(case), "x") == case
    assert encode(decode_case(encode(case), "x")) == encode(case)


def test_a_proposal_goes_to_text_and_back_unchanged() -> None:
    case = random_case(8)
    proposal = solve(case, case_sha256=sha256(encode(case)))
    assert decode_proposal(encode(proposal), "x") == proposal


def test_a_lot_method_is_optional_and_one_of_those_known() -> None:
    case = random_case(1)
    assert {a.lot_method for a in case.accounts} == {None}
    chosen = replace(case, accounts=(replace(case.accounts[0], lot_method=LotMethod.FIFO), *case.accounts[1:]))
    content = encode(chosen)
    assert decode_case(content, "x") == chosen
    without = content.replace(b'"lot_method": null', b'"min_trade": 0')
    assert decode_case(without, "x").accounts[1].lot_method is None
    with pytest.raises(AppError, match=r"accounts\[0\]\.lot_method"):
        decode_case(content.replace(b'"fifo"', b'"oldest"'), "x")


def test_a_misspelt_key_is_named_not_swallowed() -> None:
    content = encode(random_case(1)).replace(b'"cash_reserve"', b'"cash_reserv"', 1)
    assert unknown_keys(content) == ("accounts[0].cash_reserv",)
    assert unknown_keys(encode(random_case(1))) == ()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"no such file.*nowhere\.json"):
        read_bytes(tmp_path / "nowhere.json")


def test_the_schema_names_every_part_of_a_case() -> None:
    text = json_schema(Case).decode()
    assert all(f'"{key}"' in text for key in ("tax", "securities", "accounts", "lots", "history", "targets", "policy"))
