"""The verification suite: worked tax cases that ship as text, run by the engine, compared to the cent."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

import msgspec

from engine.errors import AppError
from workflow.verify_kinds import TRADE_KINDS, Figure, Figures
from workflow.verify_rate_kinds import RATE_KINDS
from workflow.verify_rule_kinds import RULE_KINDS
from workflow.verify_tables import Columns, read_table
from workflow.verify_year_kinds import YEAR_KINDS

KINDS = {**TRADE_KINDS, **RULE_KINDS, **YEAR_KINDS, **RATE_KINDS}
HINT = "resources/verification/FORMAT.md says how a case is written."
Text = Annotated[str, msgspec.Meta(pattern=r"\S")]


class CaseText(msgspec.Struct, forbid_unknown_fields=True):
    """What a case file holds. `working` is the arithmetic behind the expected figures, where the story has none."""

    title: Text
    story: Text
    kind: Text
    citation: Text
    input: dict[str, Any]
    expected: dict[str, Any]
    working: str = ""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case came out; `differences` are sentences for people, none when it passed."""

    name: str
    group: str
    title: str
    citation: str
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every figure came out as expected."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file of the suite: its name without the ending, the folder it stands in, and its text."""

    name: str
    group: str
    source: Traversable


def case_files(folder: Path | None = None) -> tuple[CaseFile, ...]:
    """Return the cases of `folder` and of the folders in it, by group and name; None = those that ship.

    Raises AppError when there is no case.
    """
    top: Traversable = folder or files("resources") / "verification"
    parts = list(top.iterdir()) if top.is_dir() else []
    found = [
        CaseFile(f"{group.name}/{file.name.removesuffix('.toml')}", group.name, file)
        for group in (top, *(part for part in parts if part.is_dir()))
        for file in (parts if group is top else group.iterdir())
        if file.name.endswith(".toml")
    ]
    if not found:
        raise AppError("there are no cases", detail=str(top), hint=HINT)
    return tuple(sorted(found, key=lambda case: case.name))


def verify(folder: Path | None = None) -> tuple[CaseResult, ...]:
    """Run every case; one that cannot be read has failed. Raises AppError when the folder holds no case."""
    return tuple(run_case(case) for case in case_files(folder))


def run_case(case: CaseFile) -> CaseResult:
    """Return how one case came out. Whatever a case does, it has failed and the others are run."""
    raw: dict[str, Any] = {}
    try:
        raw = tomllib.loads(case.source.read_text(encoding="utf-8"), parse_float=Decimal)
        differences = tuple(_differences(msgspec.convert(raw, CaseText)))
    except (AppError, ValueError, OSError) as error:
        differences = (f"the case cannot be run: {error}",)
    except Exception as error:  # noqa: BLE001 - a bug in one rule must not hide the other cases
        differences = (f"the case cannot be run: {type(error).__name__}: {error}",)
    return CaseResult(case.name, case.group, str(raw.get("title", "")), str(raw.get("citation", "")), differences)


def _differences(text: CaseText) -> Iterator[str]:
    kind = KINDS.get(text.kind)
    if kind is None:
        yield f"{text.kind!r} is no kind of case; the kinds are {', '.join(sorted(KINDS))}"
        return
    got = kind.figures(text.input)
    yield from (f"{key}: not a figure of a {text.kind} case" for key in text.expected if key not in got)
    for key, value in got.items():
        if key not in text.expected:
            yield f"{key}: nothing is expected, got {_in_words(value)}"
        elif isinstance(value, tuple):
            yield from _table_differences(key, text.expected[key], value, kind.columns[key])
        else:
            yield from _figure_differences(key, text.expected[key], value)


def _figure_differences(place: str, expected: object, got: Figure) -> Iterator[str]:
    """Compare one figure; a cell of a table is text and is read as what it stands for."""
    try:
        wanted = _read_as(got, expected)
    except (ValueError, InvalidOperation):
        wanted = expected
    if wanted != got or isinstance(wanted, bool) is not isinstance(got, bool):
        yield f"{place}: expected {_in_words(wanted)}, got {_in_words(got)}"


def _read_as(like: Figure, text: object) -> object:
    if not isinstance(text, str) or isinstance(like, str):
        return text
    return date.fromisoformat(text) if isinstance(like, date) else Decimal(text)


def _table_differences(key: str, expected: object, got: Sequence[Figures], columns: Columns) -> Iterator[str]:
    """Compare a table row by row in the columns that the case states; some columns it must state."""
    try:
        titles, rows = read_table(str(expected), columns)
    except ValueError as error:
        yield f"{key}: {error}"
        return
    for number, (wanted, found) in enumerate(zip(rows, got, strict=False), 1):
        for name in titles:
            yield from _figure_differences(f"{key} row {number}, {name}", wanted[name], found[name])
    yield from (f"{key}: expected {_in_words(row)}, which did not come out" for row in rows[len(got) :])
    for row in got[len(rows) :]:
        shown = {name: row[name] for name in titles or columns.must}
        yield f"{key}: got {_in_words(shown)}, which is not expected"


def _in_words(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_words(part)}" for name, part in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "; ".join(_in_words(part) for part in value) or "nothing"
    return str(value)
