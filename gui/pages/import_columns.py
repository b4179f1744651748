"""The columns of the import page's tables."""

from dataclasses import dataclass
from pathlib import Path

from engine.problems import Problem, Severity
from gui.figures import count, day, money, words
from gui.table import Align, Column, Tone
from importers.base import RowKind, Total
from workflow.views import FileOutcome

_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.BLOCKING: 2, Severity.FATAL: 3}
_TONES = {
    Severity.INFO: Tone(text="muted"),
    Severity.WARNING: Tone(text="warning"),
    Severity.BLOCKING: Tone(text="negative"),
    Severity.FATAL: Tone(text="negative", bold=True),
}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as chosen, and what became of it."""

    path: Path
    outcome: FileOutcome


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A figure that a file states about itself."""

    number: int
    file: str
    total: Total


def file_columns() -> tuple[Column[FileRow], ...]:
    """Return the columns of the list of files."""
    return (
        Column("File", lambda r: r.path.name, lambda r: r.path.name, tip=lambda r: str(r.path), width=330),
        Column("Format", lambda r: r.outcome.title, _format_text, tip=_claims_tip,
               colour=lambda r: None if r.outcome.importer else Tone(text="negative", bold=True), width=200),
        Column("As of", lambda r: r.outcome.as_of, lambda r: day(r.outcome.as_of), width=90),
        Column("Records", lambda r: sum(r.outcome.records.values()), _records_text, tip=_records_text),
        Column("Rows", lambda r: sum(r.outcome.rows.values()), lambda r: count(sum(r.outcome.rows.values())),
               Align.RIGHT, tip=_rows_tip, width=64),
        Column("Totals", _total_rank, _totals_text, colour=_totals_tone, width=92,
               header_tip="Whether the rows add up to the file's own totals, to the cent"),
        Column("Problems", _problem_rank, _problems_text, colour=_problems_tone, width=130),
        Column("Before", lambda r: r.outcome.already_imported,
               lambda r: "imported before" if r.outcome.already_imported else "new", width=110),
    )  # fmt: skip


def problem_columns() -> tuple[Column[tuple[int, Problem]], ...]:
    """Return the columns of the list of problems; each row is its number and the problem."""
    return (
        Column("Severity", lambda r: _RANK[r[1].severity], lambda r: r[1].severity.value.capitalize(),
               colour=lambda r: _TONES[r[1].severity], width=78),
        Column("File", lambda r: r[1].file, lambda r: Path(r[1].file).name, width=170),
        Column("Row", lambda r: r[1].row or None, lambda r: count(r[1].row) if r[1].row else "", Align.RIGHT,
               width=54),
        Column("Field", lambda r: r[1].field, lambda r: r[1].field, width=104),
        Column("Account", lambda r: r[1].account, lambda r: r[1].account, width=110),
        Column("Symbol", lambda r: r[1].symbol, lambda r: r[1].symbol, width=68),
        Column("What is wrong", lambda r: r[1].message, lambda r: r[1].message, tip=lambda r: r[1].line()),
        Column("What to do", lambda r: r[1].hint, lambda r: r[1].hint, tip=lambda r: r[1].hint),
    )  # fmt: skip


def total_columns() -> tuple[Column[TotalRow], ...]:
    """Return the columns of the totals that files state about themselves."""
    return (
        Column("File", lambda r: r.file, lambda r: Path(r.file).name, width=250),
        Column("Row", lambda r: r.total.row, lambda r: count(r.total.row), Align.RIGHT, width=60),
        Column("What", lambda r: r.total.what, lambda r: r.total.what),
        Column("Stated", lambda r: r.total.stated, lambda r: money(r.total.stated), Align.RIGHT, width=130),
        Column("Found", lambda r: r.total.found, lambda r: money(r.total.found), Align.RIGHT, width=130),
        Column("Difference", lambda r: abs(r.total.difference), lambda r: money(r.total.difference), Align.RIGHT,
               colour=lambda r: Tone(text="negative", bold=True) if r.total.difference else None, width=110),
    )  # fmt: skip


def row_kind_columns() -> tuple[Column[FileRow], ...]:
    """Return the columns that account for every physical row of each file."""
    return (
        Column("File", lambda r: r.path.name, lambda r: r.path.name),
        *(_kind_column(kind) for kind in RowKind),
        Column("All rows", lambda r: sum(r.outcome.rows.values()), lambda r: count(sum(r.outcome.rows.values())),
               Align.RIGHT, width=90),
    )  # fmt: skip


def change_columns() -> tuple[Column[tuple[str, int]], ...]:
    """Return the columns of what an import changes in the book."""
    return (
        Column("What", lambda r: r[0], lambda r: r[0].capitalize(), width=320),
        Column("Rows", lambda r: r[1], lambda r: count(r[1]), Align.RIGHT, width=100),
    )


def _kind_column(kind: RowKind) -> Column[FileRow]:
    def tone(row: FileRow) -> Tone | None:
        return Tone(text="negative") if kind is RowKind.PROBLEM and row.outcome.rows.get(kind) else None

    return Column(
        words(kind.value), lambda r: r.outcome.rows.get(kind, 0), lambda r: count(r.outcome.rows.get(kind, 0)),
        Align.RIGHT, colour=tone, width=90,
    )  # fmt: skip


def _format_text(row: FileRow) -> str:
    return row.outcome.title or row.outcome.importer or "not recognized"


def _claims_tip(row: FileRow) -> str:
    return "\n".join(f"{claim.importer}: {claim.why}".lstrip(": ") for claim in row.outcome.claims)


def _records_text(row: FileRow) -> str:
    return ", ".join(f"{count(number)} {kind}" for kind, number in row.outcome.records.items() if number)


def _rows_tip(row: FileRow) -> str:
    return ", ".join(f"{count(number)} {kind.value}" for kind, number in row.outcome.rows.items() if number)


def _total_rank(row: FileRow) -> int:
    totals = row.outcome.totals
    return -1 if not totals else sum(1 for total in totals if total.difference)


def _totals_text(row: FileRow) -> str:
    wrong = _total_rank(row)
    if wrong < 0:
        return "none stated"
    return f"{count(wrong)} off" if wrong else f"{count(len(row.outcome.totals))} agree"


def _totals_tone(row: FileRow) -> Tone | None:
    wrong = _total_rank(row)
    if wrong < 0:
        return Tone(text="muted")
    return Tone(text="negative", bold=True) if wrong else Tone(text="positive")


def _worst(row: FileRow) -> Severity | None:
    return max((problem.severity for problem in row.outcome.problems), key=_RANK.__getitem__, default=None)


def _problem_rank(row: FileRow) -> tuple[int, int]:
    worst = _worst(row)
    return (-1 if worst is None else _RANK[worst], len(row.outcome.problems))


def _problems_text(row: FileRow) -> str:
    worst = _worst(row)
    return "none" if worst is None else f"{count(len(row.outcome.problems))}, worst {worst.value}"


def _problems_tone(row: FileRow) -> Tone:
    worst = _worst(row)
    return Tone(text="muted") if worst is None else _TONES[worst]
