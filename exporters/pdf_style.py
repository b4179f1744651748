"""The look of the client report: page, fonts, colors, text styles, and text made fit to be drawn."""

import unicodedata
from functools import cache
from importlib.resources import as_file, files
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from exporters.words import UNPRINTABLE

PAGE_WIDTH, PAGE_HEIGHT = LETTER
MARGIN = 54.0
TOP = 66.0
BOTTOM = 58.0
CONTENT_WIDTH = PAGE_WIDTH - 2 * MARGIN

FONT, BOLD = "PlimsollSans", "PlimsollSans-Bold"
FONT_FILES = {FONT: "fonts/LiberationSans-Regular.ttf", BOLD: "fonts/LiberationSans-Bold.ttf"}

NAVY = HexColor(0x1F3A5F)
INK = HexColor(0x22272E)
GREY = HexColor(0x68727E)
RULE = HexColor(0xD5DBE3)
PALE = HexColor(0xEEF2F7)
STEEL = HexColor(0xA9B8CA)
GOLD = HexColor(0xB7832F)
BAND = HexColor(0xF3E7CF)
ALERT = HexColor(0x8A3B00)
ALERT_FILL = HexColor(0xFCEFE3)
WHITE = HexColor(0xFFFFFF)


@cache
def glyphs() -> frozenset[int]:
    """Register the bundled fonts once per process; return the code points that both can draw."""
    known: frozenset[int] | None = None
    for name, path in FONT_FILES.items():
        with as_file(files("resources") / path) as file:
            font = TTFont(name, str(file))
        pdfmetrics.registerFont(font)
        drawn = frozenset(font.face.charToGlyph)
        known = drawn if known is None else known & drawn
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)
    return known or frozenset()


def drawable(text: str) -> str:
    """Return text that the bundled fonts can draw: letters they lack lose their accents, else become `?`."""
    known = glyphs()
    clean = UNPRINTABLE.sub("", text)
    if all(ord(c) in known or c == "\n" for c in clean):
        return clean
    return "".join(c if ord(c) in known or c == "\n" else _nearest(c) for c in clean)


def markup(text: str) -> str:
    """Return text for a paragraph: imported marks are text, never markup; line breaks are kept."""
    return escape(drawable(text)).replace("\n", "<br/>")


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line in points."""
    glyphs()
    return float(pdfmetrics.stringWidth(text, BOLD if bold else FONT, size))


def shortened(text: str, room: float, size: float) -> str:
    """Return a line that fits in `room` points, with an ellipsis where it had to be cut."""
    line = drawable(text)
    if width_of(line, size) <= room:
        return line
    while line and width_of(f"{line.rstrip()}...", size) > room:
        line = line[:-1]
    return f"{line.rstrip()}..."


def limited(text: str, room: float, size: float) -> str:
    """Return text that takes at most `room` points when set on one line, cut with a word that says so."""
    width = width_of(text, size)
    if width <= room:
        return text
    cut = text
    while width > room:
        cut = cut[: int(len(cut) * min(room / width, 0.98))]
        width = width_of(cut, size)
    return f"{cut.rstrip()}... (shortened)"


@cache
def style(  # one factory for all text keeps the report in one hand
    size: float, *, color: Color = INK, bold: bool = False, right: bool = False, after: float = 0, before: float = 0
) -> ParagraphStyle:
    """Return a text style: size in points, color, weight, alignment, space around it in points."""
    glyphs()
    return ParagraphStyle(
        f"{size}{color}{bold}{right}{after}{before}",
        fontName=BOLD if bold else FONT,
        fontSize=size,
        leading=size * 1.36,
        textColor=color,
        spaceAfter=after,
        spaceBefore=before,
        alignment=TA_RIGHT if right else 0,
        splitLongWords=True,
    )


def _nearest(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in plain if ord(c) in glyphs())
    return kept or ("" if unicodedata.combining(character) else "?")
