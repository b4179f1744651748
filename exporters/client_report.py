"""The client report as a value, before anything is drawn: sections of paragraphs, figures, charts and tables.

Tests read this value; `client_report_pdf` draws it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Align(StrEnum):
    """How a column of a table stands."""

    LEFT = "left"
    RIGHT = "right"


class RowStyle(StrEnum):
    """The part a row plays in a table."""

    BODY = "body"
    GROUP = "group"
    """A line over the rows of a group; its first cell runs over the whole width."""
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Small print under a table or chart."""

    text: str


@dataclass(frozen=True, slots=True)
class Callout:
    """A box that must not be overlooked."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One large figure: what it is, the figure, one line on it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """A row of large figures."""

    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: title, share of the width, alignment."""

    title: str
    share: float
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. `indent` moves the first cell right, one step each."""

    cells: tuple[str, ...]
    style: RowStyle = RowStyle.BODY
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table that may run over pages; its headers are repeated."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ClassBar:
    """One asset class of the allocation chart, in per cent of the portfolio. `text` is its figure at the right."""

    name: str
    before: float
    target: float
    after: float
    band: float
    text: str


@dataclass(frozen=True, slots=True)
class AllocationChart:
    """Bars of each class before and after, with its target and band."""

    bars: tuple[ClassBar, ...]


@dataclass(frozen=True, slots=True)
class GainBar:
    """A result of the year in dollars, before and after the proposal."""

    name: str
    before: float
    after: float
    text: str


@dataclass(frozen=True, slots=True)
class GainChart:
    """Bars of gains and losses around zero."""

    bars: tuple[GainBar, ...]


@dataclass(frozen=True, slots=True)
class TiltBar:
    """One asset class of the overlay, in per cent: its strategic weight and its target."""

    name: str
    strategic: float
    target: float
    text: str


@dataclass(frozen=True, slots=True)
class TiltChart:
    """Arrows from the strategic weight of each class to its target."""

    bars: tuple[TiltBar, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart over time: a value a day, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over the same days. `per_cent` shows values as such; `log` makes equal growth equally high."""

    days: tuple[date, ...]
    lines: tuple[Line, ...]
    per_cent: bool = False
    log: bool = False


Block = Paragraph | Heading | Note | Callout | KeyFigures | Table | AllocationChart | GainChart | TiltChart | LineChart


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under one title; `new_page` starts it on a fresh page."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class ClientReport:
    """One household's report. `labels` stand at the head of every page; `footer` at its foot."""

    document: str
    household: str
    people: str
    firm: str
    date: str
    model: str
    labels: tuple[str, ...]
    footer: str
    sections: tuple[Section, ...]


def as_text(report: ClientReport) -> str:
    """Return everything a reader of the report reads, line by line."""
    lines = [report.document, report.household, report.people, report.firm, report.date, report.model]
    lines += [f"[{label}]" for label in report.labels]
    for section in report.sections:
        lines += ["", f"## {section.title}{' (new page)' if section.new_page else ''}"]
        for block in section.blocks:
            lines.extend(_block_lines(block))
    return "\n".join([*lines, "", f"[{report.footer}]", ""])


def _block_lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text) | Note(text):
            yield text
        case Heading(text):
            yield f"### {text}"
        case Callout(title, text):
            yield f"! {title}: {text}"
        case KeyFigures(figures):
            yield from (f"{f.label}: {f.value} ({f.note})" for f in figures)
        case Table(columns, rows):
            yield " | ".join(column.title for column in columns)
            for row in rows:
                mark = {RowStyle.GROUP: "> ", RowStyle.TOTAL: "= "}.get(row.style, "")
                yield "  " * row.indent + mark + " | ".join(row.cells)
        case AllocationChart(bars):
            for bar in bars:
                mark = f"target {bar.target} +/- {bar.band}"
                yield f"chart {bar.name}: {bar.before} -> {bar.after}, {mark}, {bar.text}"
        case GainChart(gains):
            yield from (f"chart {gain.name}: {gain.before} -> {gain.after}, {gain.text}" for gain in gains)
        case TiltChart(tilts):
            yield from (f"chart {tilt.name}: {tilt.strategic} -> {tilt.target}, {tilt.text}" for tilt in tilts)
        case LineChart(days, lines):
            span = f"{days[0]} to {days[-1]}"
            yield from (f"chart {line.name}: {line.values[0]} to {line.values[-1]}, {span}" for line in lines)
