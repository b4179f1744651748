"""Draws the client report as a PDF: Letter pages, vector charts, the same bytes for the same report."""

import io
from collections.abc import Iterator

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, PageBreak, Paragraph, Spacer
from reportlab.platypus import Table as PlainTable

from exporters import client_report as content
from exporters.client_pages import client_report, left_out_report
from exporters.pdf_charts import allocation_drawing, gain_drawing, tilt_drawing
from exporters.pdf_line_chart import line_drawing
from exporters.pdf_pages import ReportTemplate, TotalPages
from exporters.pdf_style import ALERT, ALERT_FILL, CONTENT_WIDTH, GREY, INK, NAVY, drawable, limited, markup, style
from exporters.pdf_tables import MOST_LINES, draw_key_figures, draw_table
from exporters.run_report import HouseholdReport, RunReport, Skipped

ROOM_FOR_A_HEADING = 70.0
ROOM_FOR_A_TABLE = 130.0
"""Points: what would start with less room below it starts on the next page."""


def client_report_pdf(report: RunReport, household: HouseholdReport) -> bytes:
    """Return one household's report as the bytes of a PDF."""
    return draw_report(client_report(report, household))


def left_out_report_pdf(report: RunReport, skipped: Skipped) -> bytes:
    """Return the report of a household that was left out of the run as the bytes of a PDF."""
    return draw_report(left_out_report(report, skipped))


def draw_report(report: content.ClientReport) -> bytes:
    """Draw a report that has been composed."""
    story: list[Flowable] = []
    for number, section in enumerate(report.sections):
        story.extend(_section(section, first=number == 0))
    story.append(TotalPages())
    out = io.BytesIO()
    ReportTemplate(out, report).build(story)
    return out.getvalue()


def _section(section: content.Section, *, first: bool) -> Iterator[Flowable]:
    if section.new_page:
        yield PageBreak()
    elif not first:
        yield Spacer(1, 16)
        yield CondPageBreak(ROOM_FOR_A_HEADING + _room_below(section.blocks))
    yield Paragraph(markup(section.title), style(15, color=NAVY, bold=True, after=7))
    for i, block in enumerate(section.blocks):
        if isinstance(block, content.Heading):
            yield CondPageBreak(_room_below(section.blocks[i + 1 :]))
        yield from _block(block)


def _room_below(blocks: tuple[content.Block, ...]) -> float:
    """Return the room that a heading wants below it: more before a table, so that some rows follow it."""
    table = any(isinstance(block, content.Table) for block in blocks[:2])
    return ROOM_FOR_A_TABLE if table else ROOM_FOR_A_HEADING


def _block(block: content.Block) -> Iterator[Flowable]:
    match block:
        case content.Paragraph(text):
            yield Paragraph(markup(text), style(9.4, color=INK, after=6))
        case content.Heading(text):
            yield Paragraph(markup(text), style(10.5, color=NAVY, bold=True, after=4, before=10))
        case content.Note(text):
            yield Paragraph(markup(text), style(7.6, color=GREY, after=6, before=5))
        case content.Callout(title, text):
            yield _callout(title, text)
        case content.KeyFigures():
            yield draw_key_figures(block)
            yield Spacer(1, 12)
        case content.Table():
            yield draw_table(block)
            yield Spacer(1, 6)
        case content.AllocationChart():
            yield KeepTogether([allocation_drawing(block), Spacer(1, 8)])
        case content.GainChart():
            yield KeepTogether([gain_drawing(block), Spacer(1, 8)])
        case content.TiltChart():
            yield KeepTogether([tilt_drawing(block), Spacer(1, 8)])
        case content.LineChart():
            yield KeepTogether([line_drawing(block), Spacer(1, 8)])


def _callout(title: str, text: str) -> Flowable:
    words = [
        [Paragraph(markup(title), style(9.6, color=ALERT, bold=True))],
        [Paragraph(markup(limited(drawable(text), CONTENT_WIDTH * MOST_LINES, 9.2)), style(9.2, color=INK))],
    ]
    box = PlainTable(words, colWidths=[CONTENT_WIDTH], spaceBefore=6, spaceAfter=10)
    box.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), ALERT_FILL),
            ("LINEBEFORE", (0, 0), (0, -1), 3, ALERT),
            ("LEFTPADDING", (0, 0), (-1, -1), 12),
            ("RIGHTPADDING", (0, 0), (-1, -1), 12),
            ("TOPPADDING", (0, 0), (-1, 0), 8),
            ("TOPPADDING", (0, 1), (-1, 1), 2),
            ("BOTTOMPADDING", (0, 1), (-1, 1), 9),
        ]
    )
    return box
