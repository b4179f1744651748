import re
from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.icons import icon, pixmap
from gui.theme import FONT_FAMILY, Theme, ThemeChoice

THEMES = [theme.load("light"), theme.load("dark")]
ICONS = sorted(path.stem for path in theme.icons_folder().glob("*.svg"))


def luminance(colour: QColor) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [part / 255 for part in (colour.red(), colour.green(), colour.blue())]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


READ = [
    *product(("text", "muted", "accent", "positive", "negative", "warning"), ("base", "alternate", "window")),
    ("rail_text", "rail"), ("rail_active", "rail_current"), ("accent_text", "accent"),
    ("selection_text", "selection"), ("positive", "positive_soft"), ("negative", "negative_soft"),
    ("warning", "warning_soft"), ("accent", "accent_soft"),
]  # fmt: skip


@pytest.mark.parametrize("colours", THEMES, ids=lambda t: t.name)
@pytest.mark.parametrize(("text", "ground"), READ)
def test_text_can_be_read_on_its_ground(colours: Theme, text: str, ground: str) -> None:
    assert contrast(colours.colour(text), colours.colour(ground)) >= 4.5


@pytest.mark.parametrize("colours", THEMES, ids=lambda t: t.name)
@pytest.mark.parametrize("role", ["over", "under"])
def test_a_figure_can_be_read_on_the_strongest_cell_of_the_heat_map(colours: Theme, role: str) -> None:
    assert contrast(colours.colour("text"), colours.mix(role, 0.62)) >= 4.5


@pytest.mark.parametrize("colours", THEMES, ids=lambda t: t.name)
def test_the_style_sheet_knows_every_colour_it_names(colours: Theme) -> None:
    sheet = theme.style_sheet(colours)
    assert "$" not in sheet.split("*/", 1)[1]
    assert colours.accent in sheet
    for path in re.findall(r'url\("([^"]+)"\)', sheet):
        assert path.endswith("chevron.svg")


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_draws_something_in_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    colour = "#7f8c9a" if name == "chevron" else "#c01020"
    image = pixmap(name, colour).toImage()
    drawn = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    opaque = [point for point in drawn if point.alpha() == 255]
    assert opaque
    assert all(abs(point.red() - QColor(colour).red()) <= 2 for point in opaque)


def test_an_icon_has_its_own_colour_when_its_button_is_on(qapp: QApplication) -> None:
    made = icon("dashboard", "#112233", "#ffffff")
    off = made.pixmap(22, 22).toImage()
    on = made.pixmap(22, 22, state=made.State.On).toImage()
    assert off != on


def test_applying_a_theme_dresses_the_application_in_the_bundled_font(qapp: QApplication) -> None:
    theme.apply(qapp, theme.load("dark"))
    assert theme.current().dark
    assert qapp.palette().color(QPalette.ColorRole.Base) == theme.current().colour("base")
    assert QFontInfo(qapp.font()).family() == FONT_FAMILY
    theme.apply(qapp, theme.load("light"))
    assert not theme.current().dark


def test_the_choice_of_theme_decides_and_the_desktop_where_nothing_is_chosen(qapp: QApplication) -> None:
    dark = qapp.styleHints().colorScheme() is Qt.ColorScheme.Dark
    assert theme.resolve(ThemeChoice.DARK, qapp).name == "dark"
    assert theme.resolve(ThemeChoice.LIGHT, qapp).name == "light"
    assert theme.resolve(ThemeChoice.SYSTEM, qapp).dark is dark


def test_mixing_stays_between_the_two_colours() -> None:
    black, white = QColor("#000000"), QColor("#ffffff")
    assert theme.blend(black, white, 0.5).red() == 128
    assert theme.blend(black, white, 7) == white
    assert theme.blend(black, white, -1) == black
