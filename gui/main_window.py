"""The window: a rail with the pages, the pages, a status line, and every command with its key."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.command_palette import CommandPalette, Entry
from gui.desk import Desk
from gui.figures import plural
from gui.icons import application_icon, icon
from gui.pages.blotter import BlotterPage
from gui.pages.dashboard import DashboardPage
from gui.pages.import_files import ImportPage
from gui.pages.page import Page
from gui.pages.proposal import ProposalPage
from gui.pages.welcome import WelcomePage
from gui.pieces import Line
from gui.progress_line import ProgressLine
from gui.runs import Runs
from gui.theme import ThemeChoice

PAGES: tuple[type[Page], ...] = (DashboardPage, ImportPage, ProposalPage, BlotterPage)
"""The rail, top to bottom. A new page is one module and one name here."""

SIZE = QSize(1440, 900)
NO_BOOK = "No book is open"


class MainWindow(QMainWindow):
    """One window, one book."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.runs = Runs(desk)
        self.welcome = WelcomePage(desk)
        self.pages = tuple(kind(desk, self.runs) for kind in PAGES)
        self.stack = QStackedWidget()
        self.rail_buttons = QButtonGroup(self)
        self.actions_by_name: dict[str, QAction] = {}
        self.where = Line()
        self.setWindowIcon(application_icon())
        self._lay_out()
        self._add_commands()
        self._restore_place()
        desk.book_opened.connect(self._book_opened)
        self.runs.proposed.connect(partial(self.go, ProposalPage))
        self.runs.exported.connect(self._exported)
        self.runs.changed.connect(self._enable)
        self._book_opened()

    def page(self, kind: type[Page]) -> Page:
        """Return the page of a kind."""
        return next(page for page in self.pages if isinstance(page, kind))

    def current_page(self) -> Page | None:
        """Return the page that is shown, None on the welcome page."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    def go(self, kind: type[Page]) -> None:
        """Show a page."""
        if self.desk.book is not None:
            page = self.page(kind)
            self.stack.setCurrentWidget(page)
            self.rail_buttons.button(self.pages.index(page)).setChecked(True)
            self._enable()

    def confirm(self) -> None:
        """Do what the page's main button does: import what is previewed, else approve the run."""
        page = self.current_page()
        if isinstance(page, ImportPage):
            page.commit()
        elif page is not None:
            self.runs.approve()

    def import_files(self) -> None:
        """Go to the import page and choose files."""
        self.go(ImportPage)
        page = self.page(ImportPage)
        if isinstance(page, ImportPage):
            page.choose()

    def propose(self) -> None:
        """Propose for what is selected on the dashboard."""
        page = self.page(DashboardPage)
        if isinstance(page, DashboardPage):
            page.propose()

    def set_theme(self, choice: ThemeChoice) -> None:
        """Dress the whole program light or dark, and remember it."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self.desk.settings.remember_theme(choice)
            theme.apply(app, theme.resolve(choice, app))

    def toggle_theme(self) -> None:
        """Change between light and dark."""
        self.set_theme(ThemeChoice.LIGHT if theme.current().dark else ThemeChoice.DARK)

    def open_palette(self) -> CommandPalette:
        """Open the command palette over the window."""
        palette = CommandPalette(self.entries(), self)
        palette.open()
        return palette

    def entries(self) -> tuple[Entry, ...]:
        """Return everything the command palette offers now."""
        found = [
            Entry(name, "Command", action.shortcut().toString(), action.trigger)
            for name, action in self.actions_by_name.items()
            if action.isEnabled() and name != "Command palette"
        ]
        for page in self.pages if self.desk.book is not None else ():
            found += [
                Entry(title, page.TITLE, "", partial(self._go_to, page, place))
                for place, title in page.places().items()
            ]
        return tuple(found)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons again when the theme changed."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._dress()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop work under way and remember the window's place."""
        self.desk.settings.remember_geometry(self.saveGeometry())
        self.desk.close()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self.rail = QWidget()
        self.rail.setObjectName("rail")
        self._rail_layout = QVBoxLayout(self.rail)
        self._rail_layout.setContentsMargins(6, 10, 6, 10)
        self._rail_layout.setSpacing(4)
        for number, page in enumerate(self.pages):
            self._rail_layout.addWidget(self._rail_button(number, page))
        self._rail_layout.addStretch(1)
        self.theme_button = QToolButton()
        self.theme_button.setObjectName("theme")
        self.theme_button.setToolTip("Light or dark  (Ctrl+Shift+L)")
        self.theme_button.setAccessibleName("Light or dark")
        self.theme_button.setIconSize(QSize(20, 20))
        self.theme_button.clicked.connect(self.toggle_theme)
        self._rail_layout.addWidget(self.theme_button)
        self.stack.addWidget(self.welcome)
        for page in self.pages:
            self.stack.addWidget(page)
        body = QWidget()
        line = QHBoxLayout(body)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addWidget(self.stack, 1)
        self.setCentralWidget(body)
        self.progress_line = ProgressLine(self.desk.jobs)
        self.statusBar().addWidget(self.where, 1)
        self.statusBar().addPermanentWidget(self.progress_line)
        self.statusBar().setSizeGripEnabled(False)
        self._dress()

    def _rail_button(self, number: int, page: Page) -> QToolButton:
        made = QToolButton()
        made.setText(page.TITLE)
        made.setToolTip(f"{page.TIP}  (Ctrl+{number + 1})")
        made.setCheckable(True)
        made.setIconSize(QSize(24, 24))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.clicked.connect(partial(self.go, type(page)))
        self.rail_buttons.addButton(made, number)
        return made

    def _add_commands(self) -> None:
        book, go, work, view = (self.menuBar().addMenu(title) for title in ("&Book", "&Go", "&Work", "&View"))
        self._command(book, "Open the demo office", "", self.welcome.open_demo)
        self._command(book, "Start a book…", "Ctrl+N", self.welcome.start_own)
        self._command(book, "Open a book…", "Ctrl+O", self.welcome.open_book)
        self._command(book, "Close the book", "Ctrl+W", self.desk.close_book)
        book.addSeparator()
        self._command(book, "Quit", "Ctrl+Q", self.close)
        for number, page in enumerate(self.pages):
            self._command(go, page.TITLE, f"Ctrl+{number + 1}", partial(self.go, type(page)))
        self._command(work, "Import files…", "Ctrl+I", self.import_files)
        self._command(work, "Propose for the selected households", "Ctrl+P", self.propose)
        self._command(work, "Approve", "Ctrl+Return", self.confirm)
        self._command(work, "Export…", "Ctrl+E", self.runs.export)
        self._command(view, "Command palette", "Ctrl+K", self.open_palette)
        self._command(view, "Refresh", "F5", self.refresh)
        self._command(view, "Light or dark", "Ctrl+Shift+L", self.toggle_theme)

    def _command(self, menu: QMenu, name: str, key: str, run: Callable[[], object]) -> None:
        action = QAction(name, self)
        if key:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda: run())  # noqa: PLW0108 - without the checked state that Qt sends
        menu.addAction(action)
        self.actions_by_name[name] = action

    def refresh(self) -> None:
        """Read again what every page shows."""
        for page in self.pages:
            page.refresh()

    def _enable(self) -> None:
        has_book = self.desk.book is not None
        self.rail.setVisible(has_book)
        needing = ("Close the book", "Import files…", "Propose for the selected households", "Refresh")
        for name in (*needing, *(page.TITLE for page in self.pages)):
            self.actions_by_name[name].setEnabled(has_book)
        confirming = isinstance(self.current_page(), ImportPage) or self.runs.can_approve
        self.actions_by_name["Approve"].setEnabled(has_book and confirming)
        self.actions_by_name["Export…"].setEnabled(has_book and self.runs.can_export)

    def _book_opened(self) -> None:
        book = self.desk.book
        self.where.setText(book.where if book else NO_BOOK)
        self.setWindowTitle(f"{book.where} – Plimsoll" if book else "Plimsoll")
        if book is None:
            self.welcome.show_recent()
            self.stack.setCurrentWidget(self.welcome)
            checked = self.rail_buttons.checkedButton()
            if checked is not None:
                self.rail_buttons.setExclusive(False)
                checked.setChecked(False)
                self.rail_buttons.setExclusive(True)
        else:
            self.go(DashboardPage)
        self._enable()

    def _exported(self, paths: tuple[object, ...]) -> None:
        folder = self.desk.settings.folder("export")
        for page in self.pages:
            if isinstance(page, ProposalPage | BlotterPage):
                page.banner.say(f"Exported {plural(len(paths), 'file')} to {folder}.", "positive")

    def _go_to(self, page: Page, place: str) -> None:
        self.go(type(page))
        page.go_to(place)

    def _dress(self) -> None:
        colours = theme.current()
        for number, page in enumerate(self.pages):
            self.rail_buttons.button(number).setIcon(icon(page.ICON, colours.rail_text, colours.rail_active, 24))
        name = "sun" if colours.dark else "moon"
        self.theme_button.setIcon(icon(name, colours.rail_text, size=20))
        self.welcome.dress()

    def _restore_place(self) -> None:
        self.resize(SIZE)
        geometry = self.desk.settings.geometry
        if geometry is not None:
            self.restoreGeometry(geometry)
