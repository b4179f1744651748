"""The page on import formats names tests and fixtures that exist, and every format that there is."""

import re
from pathlib import Path

import pytest

from importers.registry import IMPORTERS
from tests.importers.telling import FIXTURES

HERE = Path(__file__).parent
PAGE = (HERE.parent.parent / "docs" / "import-formats.md").read_text(encoding="utf-8")
TRAPS = [line for line in PAGE.partition("## Traps")[2].splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("line", TRAPS)
def test_what_is_said_to_hold_a_trap_is_there(line: str) -> None:
    held = re.findall(r"`([^`]+)`", line.rpartition(" | ")[2])
    assert held
    for name in held:
        file, _, test = name.partition("::")
        if test:
            assert re.search(rf"^def {test}\(", (HERE / file).read_text(encoding="utf-8"), re.MULTILINE), name
        else:
            assert (FIXTURES / file).is_file(), name


def test_each_format_of_the_page_is_one_that_there_is() -> None:
    table = PAGE.partition("## Formats")[2].partition("## Traps")[0]
    first = (line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `"))
    named = {name for cell in first for name in re.findall(r"`(\w+)`", cell)}
    assert named <= {importer.name for importer in IMPORTERS}
    assert len(named) >= 47
