import re
import tomllib
from pathlib import Path

import pytest

from installer.bootstrap import GROUPS, SETS, UNHASHED, exact_pins, pinned

TOP = Path(__file__).resolve().parent.parent.parent
EVERY = sorted({name for files in SETS.values() for name in files})
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


def normal(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found.group(0)).lower()


def entries(name: str) -> list[str]:
    return pinned((TOP / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EVERY)
def test_every_entry_is_one_version_with_its_hashes(name: str) -> None:
    for entry in entries(name):
        first, *hashes = entry.replace("\\\n", "\n").strip().splitlines()
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", first.strip())
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line.strip()) for line in hashes)


@pytest.mark.parametrize("name", EVERY)
def test_no_set_names_a_host(name: str) -> None:
    assert "://" not in (TOP / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("which", ["dev", "learned"])
def test_no_entry_stands_in_two_files_of_a_set(which: str) -> None:
    listed = [entry for name in SETS[which] for entry in entries(name)]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("which", SETS)
def test_a_set_holds_what_the_project_asks_for(which: str) -> None:
    listed = {normal(entry) for name in SETS[which] for entry in entries(name)}
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    for group in GROUPS[which]:
        asked += [line for line in PROJECT["dependency-groups"][group] if isinstance(line, str)]
    assert {normal(line) for line in asked} <= listed


@pytest.mark.parametrize("extra", UNHASHED)
def test_what_has_no_hashes_is_pinned_exactly_and_in_no_file(extra: str) -> None:
    assert len(exact_pins(extra, UNHASHED[extra])) == 1
    assert UNHASHED[extra] not in {normal(entry) for name in EVERY for entry in entries(name)}
