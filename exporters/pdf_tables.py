"""Tables of the client report: headers repeated on each page, text that wraps, groups and totals."""

from typing import Any

from reportlab.platypus import Flowable, LongTable, Paragraph

from exporters.client_report import Align, Column, KeyFigures, Row, RowStyle, Table
from exporters.pdf_style import (
    BOLD,
    CONTENT_WIDTH,
    FONT,
    GREY,
    INK,
    NAVY,
    PALE,
    RULE,
    drawable,
    limited,
    markup,
    style,
    width_of,
)

SIZE = 8.2
PADDING = 4.0
INDENT = 12.0
GUTTER = 8.0
"""Extra room between figures at the right of a column and text at the left of the next."""
MOST_LINES = 36
"""A cell taller than a page cannot be drawn: text beyond this many lines is shortened, and says so."""

Cell = str | Paragraph
Command = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]


def draw_table(table: Table) -> Flowable:
    """Return a table as wide as the page."""
    widths = _widths(table.columns)
    head: list[Cell] = [
        Paragraph(markup(c.title), style(SIZE, color=NAVY, bold=True, right=c.align is Align.RIGHT))
        for c in table.columns
    ]
    body = [[_cell(table, row, i, widths[i]) for i in range(len(widths))] for row in table.rows]
    drawn = LongTable([head, *body], colWidths=widths, repeatRows=1)
    drawn.setStyle([*_common(table), *_row_commands(table)])
    return drawn


def draw_key_figures(block: KeyFigures) -> Flowable:
    """Return the large figures side by side."""
    count = len(block.figures)
    rows = [
        [Paragraph(markup(f.label), style(8.2, color=GREY)) for f in block.figures],
        [Paragraph(markup(f.value), style(_fitting(f.value, count), color=NAVY, bold=True)) for f in block.figures],
        [Paragraph(markup(f.note), style(7.8, color=GREY)) for f in block.figures],
    ]
    drawn = LongTable(rows, colWidths=[CONTENT_WIDTH / count] * count)
    drawn.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), PALE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 10),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, 0), 10),
            ("TOPPADDING", (0, 1), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -2), 1),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 10),
            ("LINEBEFORE", (1, 0), (-1, -1), 0.5, RULE),
            ("LINEABOVE", (0, 0), (-1, 0), 1.4, NAVY),
        ]
    )
    return drawn


def _fitting(text: str, count: int) -> float:
    room = CONTENT_WIDTH / count - 16
    return next((s for s in (17.0, 15.0, 13.0, 11.0) if width_of(text, s, bold=True) <= room), 9.0)


def _widths(columns: tuple[Column, ...]) -> list[float]:
    whole = sum(column.share for column in columns)
    return [CONTENT_WIDTH * column.share / whole for column in columns]


def _common(table: Table) -> list[Command]:
    commands: list[Command] = [
        ("FONT", (0, 0), (-1, -1), FONT, SIZE, SIZE * 1.36),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 3.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.2),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, NAVY),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
    ]
    for i, column in enumerate(table.columns):
        if column.align is Align.RIGHT:
            commands.append(("ALIGN", (i, 0), (i, -1), "RIGHT"))
        elif i and table.columns[i - 1].align is Align.RIGHT:
            commands.append(("LEFTPADDING", (i, 0), (i, -1), PADDING + GUTTER))
    return commands


def _row_commands(table: Table) -> list[Command]:
    commands: list[Command] = []
    for i, row in enumerate(table.rows, start=1):
        if row.style is RowStyle.GROUP:
            commands += [
                ("SPAN", (0, i), (-1, i)),
                ("BACKGROUND", (0, i), (-1, i), PALE),
                # A group's line never stands alone at the foot of a page.
                ("NOSPLIT", (0, i), (-1, min(i + 1, len(table.rows)))),
            ]
        elif row.style is RowStyle.TOTAL:
            commands += [
                ("FONT", (0, i), (-1, i), BOLD, SIZE, SIZE * 1.36),
                ("LINEABOVE", (0, i), (-1, i), 0.7, NAVY),
            ]
        if row.indent:
            commands.append(("LEFTPADDING", (0, i), (0, i), PADDING + row.indent * INDENT))
    return commands


def _cell(table: Table, row: Row, index: int, width: float) -> Cell:
    """Return short text as it is and long text as a paragraph: paragraphs wrap, but cost much more to draw."""
    text = drawable(row.cells[index])
    bold = row.style is not RowStyle.BODY
    if row.style is RowStyle.GROUP:
        width = CONTENT_WIDTH
    after_figures = index > 0 and table.columns[index - 1].align is Align.RIGHT
    room = width - 2 * PADDING - (row.indent * INDENT if index == 0 else GUTTER if after_figures else 0)
    if "\n" not in text and width_of(text, SIZE, bold=bold) <= room and row.style is not RowStyle.GROUP:
        return text
    right = table.columns[index].align is Align.RIGHT
    look = style(SIZE, color=NAVY if row.style is RowStyle.GROUP else INK, bold=bold, right=right)
    return Paragraph(_two_parts(limited(text, room * MOST_LINES, SIZE)), look)


def _two_parts(text: str) -> str:
    """The first line is what the cell says; further lines are small print under it."""
    first, *rest = text.split("\n")
    if not rest:
        return markup(first)
    small = "<br/>".join(markup(line) for line in rest)
    return f"{markup(first)}<br/><font size='{SIZE - 1.2:.1f}' color='#{GREY.hexval()[2:]}'>{small}</font>"
