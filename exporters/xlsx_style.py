"""How the cells of the workbook look: number formats by kind, and the named styles made from them."""

from dataclasses import dataclass
from enum import StrEnum

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray

from exporters.sheet import Kind

FONT = "Calibri"
NAVY = "1F3A5F"
RULE = "D5DBE3"
HEADER_FILL = "E6ECF3"
FILL_BY_HAND = "FBF8EC"
WARNING_FILL = "FCE9DA"
WARNING_INK = "8A3B00"
GREY = "5B6672"

MONEY = "#,##0.00;[Red]-#,##0.00"
FORMATS = {
    Kind.TEXT: "@",
    Kind.WRAPPED: "@",
    Kind.BLANK: "General",
    Kind.COUNT: "#,##0",
    Kind.QUANTITY: "#,##0.00######",
    Kind.PRICE: "#,##0.00####",
    Kind.MONEY: MONEY,
    Kind.PERCENT: "0.00%",
    Kind.BASIS_POINTS: "#,##0;[Red]-#,##0",
    Kind.DATE: "yyyy-mm-dd",
    Kind.STAMP: "yyyy-mm-dd hh:mm",
}
WHOLE_QUANTITY = "#,##0"
LEFT_ALIGNED = frozenset({Kind.TEXT, Kind.WRAPPED, Kind.BLANK, Kind.DATE, Kind.STAMP})


class Look(StrEnum):
    """The part a cell plays on its sheet."""

    HEADER = "header"
    BODY = "body"
    TOTAL = "total"
    EMPTY = "empty"
    FIRM = "firm"
    SECTION = "section"
    LABEL = "label"
    WARNING = "warning"


INDENTED = frozenset({Look.HEADER, Look.BODY, Look.TOTAL})


@dataclass(frozen=True, slots=True)
class Dress:
    """Font, fill and border of a look."""

    font: Font
    fill: PatternFill | None = None
    border: Border | None = None


def _line(style: str, color: str) -> Side:
    return Side(style=style, color=color)  # type: ignore[arg-type]  # openpyxl's stub wants a literal


DRESSES = {
    Look.HEADER: Dress(
        Font(name=FONT, size=10, bold=True, color=NAVY),
        PatternFill("solid", fgColor=HEADER_FILL),
        Border(bottom=_line("medium", NAVY)),
    ),
    Look.BODY: Dress(Font(name=FONT, size=10), None, Border(bottom=_line("hair", RULE))),
    Look.TOTAL: Dress(
        Font(name=FONT, size=10, bold=True),
        None,
        Border(top=_line("thin", NAVY), bottom=_line("double", NAVY)),
    ),
    Look.EMPTY: Dress(Font(name=FONT, size=10, italic=True, color=GREY)),
    Look.FIRM: Dress(Font(name=FONT, size=18, bold=True, color=NAVY)),
    Look.SECTION: Dress(Font(name=FONT, size=12, bold=True, color=NAVY)),
    Look.LABEL: Dress(Font(name=FONT, size=10, color=GREY)),
    Look.WARNING: Dress(
        Font(name=FONT, size=11, bold=True, color=WARNING_INK),
        PatternFill("solid", fgColor=WARNING_FILL),
    ),
}


class Wardrobe:
    """The named styles of one workbook, registered when first worn."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._worn: dict[tuple[Look, Kind, bool], StyleArray] = {}

    def style(self, look: Look, kind: Kind, *, whole: bool = False) -> StyleArray:
        """Return the style of a look and a kind for new cells; `whole` quantities show no decimals.

        A cell made with it costs a tenth of one that is given the name of its style later.
        """
        key = (look, kind, whole)
        if key not in self._worn:
            name = f"{look.value} {'whole ' if whole else ''}{kind.value}"
            style = _style(look, kind, name, WHOLE_QUANTITY if whole else FORMATS[kind])
            self._book.add_named_style(style)
            self._worn[key] = style.as_tuple()
        return self._worn[key]


def _style(look: Look, kind: Kind, name: str, number_format: str) -> NamedStyle:
    dress = DRESSES[look]
    fill = dress.fill
    if kind is Kind.BLANK and look is Look.BODY:
        fill = PatternFill("solid", fgColor=FILL_BY_HAND)
    style = NamedStyle(name=name, font=dress.font, number_format=number_format, alignment=_align(look, kind))
    if fill is not None:
        style.fill = fill
    if dress.border is not None:
        style.border = dress.border
    return style


def _align(look: Look, kind: Kind) -> Alignment:
    # The indent keeps text off the figures of the column to its left.
    left = kind in LEFT_ALIGNED
    across, indent = ("left", 1) if left and look in INDENTED else ("left" if left else "right", 0)
    if look is Look.HEADER:
        return Alignment(horizontal=across, vertical="bottom", wrap_text=True, indent=indent)
    return Alignment(horizontal=across, vertical="center", wrap_text=kind is Kind.WRAPPED, indent=indent)
