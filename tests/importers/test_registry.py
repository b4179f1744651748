from pathlib import Path

import pytest

from engine.errors import AppError
from importers.base import Claim, FileHead
from importers.registry import GENERAL, IMPORTERS, LAYOUTS, by_name, recognise, refusal
from tests.importers.telling import FIXTURES, LAYOUT_FOLDERS, fixture_files


def test_each_importer_has_a_name_of_its_own_and_is_found_by_it() -> None:
    assert len({importer.name for importer in IMPORTERS}) == len(IMPORTERS)
    for importer in IMPORTERS:
        assert by_name(importer.name) is importer
        assert importer.title


def test_a_name_that_nobody_has_lists_those_that_are_known() -> None:
    with pytest.raises(AppError) as raised:
        by_name("schwab")
    assert "schwab_lots" in str(raised.value)


@pytest.mark.parametrize("file", fixture_files(*LAYOUT_FOLDERS), ids=lambda file: file.name)
def test_exactly_one_layout_claims_a_custodian_file_and_says_why(file: Path) -> None:
    importer, claims = recognise(file)
    assert importer is not None
    assert [c.importer for c in claims if c.takes] == [file.parent.name]
    assert {c.importer for c in claims} == {i.name for i in LAYOUTS}
    assert all(c.why for c in claims)


def test_spreadsheets_are_asked_only_when_no_layout_takes_the_file() -> None:
    importer, claims = recognise(FIXTURES / "generic_table" / "lots_by_content.csv")
    assert importer is GENERAL[0]
    assert len(claims) == len(IMPORTERS)


def test_a_file_that_two_layouts_take_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(self: object, path: Path, head: FileHead) -> Claim:
        return Claim("schwab_lots", takes=True, why="it could be")

    monkeypatch.setattr(type(by_name("schwab_lots")), "claim", take)
    file = FIXTURES / "schwab_positions" / "one_account_2025.csv"
    importer, claims = recognise(file)
    assert importer is None
    assert "schwab_positions or schwab_lots" in refusal(file, claims).message


def test_what_nobody_understands_says_how_to_go_on(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Jane,\nsee you soon.\n")
    importer, claims = recognise(file)
    assert importer is None
    problem = refusal(file, claims)
    assert "no known layout fits this file" in problem.message
    assert "--map" in problem.hint
