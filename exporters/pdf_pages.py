"""The pages of the client report: cover band, running head and foot, page numbers `Page x of y`."""

from typing import IO

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from exporters.client_report import ClientReport
from exporters.pdf_style import (
    ALERT,
    BOLD,
    BOTTOM,
    CONTENT_WIDTH,
    FONT,
    GREY,
    MARGIN,
    NAVY,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RULE,
    STEEL,
    TOP,
    WHITE,
    drawable,
    markup,
    shortened,
    style,
    width_of,
)

COVER_BAND = 196.0
PAGE_FORM = "page_number_"
NUMBER_ROOM = 80.0
"""Points kept free for the page number at the foot."""


class TotalPages(Flowable):
    """Stands last in the story and writes the number of every page: only here is it known how many there are."""

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Take no room."""
        return (0, 0)

    def draw(self) -> None:
        """Define the form that each page already refers to."""
        canvas = self.canv
        total = canvas.getPageNumber()
        for page in range(1, total + 1):
            canvas.beginForm(f"{PAGE_FORM}{page}", 0, -2, NUMBER_ROOM, 10)
            canvas.setFont(FONT, 7.5)
            canvas.setFillColor(GREY)
            canvas.drawRightString(NUMBER_ROOM, 0, f"Page {page} of {total}")
            canvas.endForm()


class ReportTemplate(BaseDocTemplate):
    """A cover page with a band, then plain pages."""

    def __init__(self, file: IO[bytes], report: ClientReport) -> None:
        title = f"{report.document}: {report.household}"
        super().__init__(
            file,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            title=title,
            author=report.firm,
            subject=f"{report.document}, {report.date}",
            creator="Plimsoll",
            invariant=1,
        )
        self._report = report
        cover = Frame(
            MARGIN,
            BOTTOM,
            CONTENT_WIDTH,
            PAGE_HEIGHT - COVER_BAND - BOTTOM - 14,
            *(0, 0, 0, 0),
        )
        plain = Frame(MARGIN, BOTTOM, CONTENT_WIDTH, PAGE_HEIGHT - TOP - BOTTOM, *(0, 0, 0, 0))
        self.addPageTemplates(
            [
                PageTemplate("cover", [cover], onPage=self._cover, autoNextPageTemplate="plain"),
                PageTemplate("plain", [plain], onPage=self._plain),
            ]
        )

    def _cover(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        report = self._report
        canvas.saveState()
        canvas.setFillColor(NAVY)
        canvas.rect(0, PAGE_HEIGHT - COVER_BAND, PAGE_WIDTH, COVER_BAND, stroke=0, fill=1)
        canvas.setFillColor(STEEL)
        canvas.rect(0, PAGE_HEIGHT - COVER_BAND - 4, PAGE_WIDTH, 4, stroke=0, fill=1)
        canvas.setFillColor(WHITE)
        canvas.setFont(BOLD, 11)
        canvas.drawString(MARGIN, PAGE_HEIGHT - 46, shortened(report.firm, CONTENT_WIDTH * 0.9, 11))
        canvas.setFillColor(STEEL)
        canvas.setFont(FONT, 11)
        canvas.drawString(MARGIN, PAGE_HEIGHT - 74, drawable(report.document))
        name = _fitting_name(report.household)
        _, height = name.wrapOn(canvas, CONTENT_WIDTH, 200)
        name.drawOn(canvas, MARGIN, PAGE_HEIGHT - 82 - height)
        canvas.setFillColor(WHITE)
        canvas.setFont(FONT, 9.5)
        below = [part for part in (report.people, report.model) if part]
        y = PAGE_HEIGHT - 82 - height - 18
        for line in below:
            canvas.drawString(MARGIN, y, shortened(line, CONTENT_WIDTH, 9.5))
            y -= 14
        canvas.drawRightString(PAGE_WIDTH - MARGIN, PAGE_HEIGHT - 74, report.date)
        canvas.restoreState()
        self._labels(canvas, PAGE_HEIGHT - COVER_BAND + 12, STEEL)
        self._foot(canvas)

    def _plain(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        report = self._report
        canvas.saveState()
        canvas.setFont(BOLD, 8)
        canvas.setFillColor(NAVY)
        canvas.drawString(MARGIN, PAGE_HEIGHT - 38, shortened(report.household, CONTENT_WIDTH * 0.5, 8))
        canvas.setFont(FONT, 8)
        canvas.setFillColor(GREY)
        canvas.drawRightString(PAGE_WIDTH - MARGIN, PAGE_HEIGHT - 38, f"{report.document}, {report.date}")
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, PAGE_HEIGHT - 46, PAGE_WIDTH - MARGIN, PAGE_HEIGHT - 46)
        canvas.restoreState()
        self._labels(canvas, PAGE_HEIGHT - 24, ALERT)
        self._foot(canvas)

    def _labels(self, canvas: Canvas, y: float, color: Color) -> None:
        text = "  |  ".join(self._report.labels)
        if not text:
            return
        canvas.saveState()
        canvas.setFont(BOLD, 7.5)
        canvas.setFillColor(color)
        canvas.drawString(MARGIN, y, drawable(text))
        canvas.restoreState()

    def _foot(self, canvas: Canvas) -> None:
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, 42, PAGE_WIDTH - MARGIN, 42)
        canvas.setFont(FONT, 7.5)
        canvas.setFillColor(GREY)
        room = CONTENT_WIDTH - NUMBER_ROOM - 10
        text = f"{shortened(self._report.firm, 150, 7.5)}  |  {self._report.footer}"
        canvas.drawString(MARGIN, 30, shortened(text, room, 7.5))
        canvas.translate(PAGE_WIDTH - MARGIN - NUMBER_ROOM, 30)
        canvas.doForm(f"{PAGE_FORM}{canvas.getPageNumber()}")
        canvas.restoreState()


def _fitting_name(household: str) -> Paragraph:
    """Return the household's name in the largest size that takes at most two lines."""
    text = markup(household)
    for size in (28.0, 22.0, 17.0, 13.0):
        if width_of(drawable(household), size, bold=True) <= CONTENT_WIDTH * (1 if size == 28.0 else 1.9):
            return Paragraph(text, style(size, color=WHITE, bold=True))
    return Paragraph(markup(shortened(household, CONTENT_WIDTH * 1.7, 13)), style(13, color=WHITE, bold=True))
