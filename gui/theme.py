"""Light and dark: colours by meaning, read from resources/theme, applied to the whole application at once."""

import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

FONT_FAMILY = "Liberation Sans"
FONT_PIXELS = 13
FONT_FILES = ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf")


class ThemeChoice(StrEnum):
    """What the user asked for; system follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb, named by what they mean."""

    name: str
    dark: bool
    window: str
    base: str
    alternate: str
    text: str
    muted: str
    line: str
    accent: str
    accent_text: str
    accent_soft: str
    rail: str
    rail_text: str
    rail_active: str
    rail_current: str
    positive: str
    positive_soft: str
    negative: str
    negative_soft: str
    warning: str
    warning_soft: str
    selection: str
    selection_text: str
    over: str
    under: str
    before: str
    target: str
    after: str
    band: str

    def colour(self, role: str) -> QColor:
        """Return the colour of a role, e.g. negative."""
        return QColor(getattr(self, role))

    def mix(self, role: str, strength: float) -> QColor:
        """Return the table ground mixed with a role's colour; strength 0 is the ground, 1 the colour."""
        return blend(self.colour("base"), self.colour(role), strength)


def blend(ground: QColor, tint: QColor, part: float) -> QColor:
    """Return `ground` with `part` (0 to 1) of `tint` in it."""
    share = max(0.0, min(1.0, part))
    pairs = ((ground.red(), tint.red()), (ground.green(), tint.green()), (ground.blue(), tint.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


@cache
def load(name: str) -> Theme:
    """Read a theme by name, light or dark."""
    text = files("resources").joinpath("theme", f"{name}.toml").read_text(encoding="utf-8")
    return Theme(**tomllib.loads(text))


class _Current:
    """The theme in force; one per process, like Qt's own application palette."""

    theme: Theme | None = None


def current() -> Theme:
    """Return the theme in force, light until one was applied."""
    return _Current.theme or load("light")


def resolve(choice: ThemeChoice, app: QApplication) -> Theme:
    """Return the theme for what the user asked for."""
    if choice is ThemeChoice.SYSTEM:
        dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return load("dark" if dark else "light")
    return load(choice.value)


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the application: Fusion, the bundled font, palette and style sheet."""
    if _Current.theme is None:
        app.setStyle("Fusion")
        app.setFont(_font())
    _Current.theme = theme
    app.setStyleSheet("")  # Qt takes five times as long to go from one sheet to another as over none
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette for a theme."""
    made = QPalette()
    role = QPalette.ColorRole
    for where, name in (
        (role.Window, "window"), (role.WindowText, "text"), (role.Base, "base"),
        (role.AlternateBase, "alternate"), (role.Text, "text"), (role.Button, "base"),
        (role.ButtonText, "text"), (role.Highlight, "selection"), (role.HighlightedText, "selection_text"),
        (role.ToolTipBase, "base"), (role.ToolTipText, "text"), (role.PlaceholderText, "muted"),
        (role.Link, "accent"), (role.Accent, "accent"), (role.Mid, "line"),
    ):  # fmt: skip
        made.setColor(where, theme.colour(name))
    for where in (role.Text, role.ButtonText, role.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, where, theme.colour("muted"))
    return made


def style_sheet(theme: Theme) -> str:
    """Return the style sheet with the theme's colours put in."""
    text = files("resources").joinpath("theme", "plimsoll.qss").read_text(encoding="utf-8")
    values = {field.name: str(getattr(theme, field.name)) for field in fields(theme)}
    return Template(text).substitute(values, icons=icons_folder().as_posix())


@cache
def icons_folder() -> Path:
    """Return the folder of the icons on disk; Qt's style sheets read files, not packages."""
    with as_file(files("resources").joinpath("icons")) as folder:
        return folder


@cache
def _font() -> QFont:
    for name in FONT_FILES:
        QFontDatabase.addApplicationFontFromData(
            files("resources").joinpath("fonts", name).read_bytes(),
        )
    font = QFont(FONT_FAMILY)
    font.setPixelSize(FONT_PIXELS)
    return font
