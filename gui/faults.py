"""What nobody caught: it is logged and told to the user. The book itself is safe on disk."""

import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from engine.errors import AppError
from gui.ask import Ask
from gui.errors import log


class Faults(QObject):
    """Takes every exception that reaches the top, from whichever thread, to the user on the main thread."""

    caught = Signal(object)

    def __init__(self, ask: Ask, log_file: Path, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._ask = ask
        self._log_file = log_file
        self._now = now
        self._showing = False
        self.caught.connect(self.show_error)

    def install(self) -> None:
        """Become the hook for what nobody caught."""
        sys.excepthook = self._from_main
        threading.excepthook = self._from_thread

    def show_error(self, error: BaseException) -> None:
        """Tell the user: what to do where it can be fixed, else the dialog with details."""
        if isinstance(error, AppError):
            self._ask.problem(error)
            return
        log(self._log_file, error, self._now())
        if self._showing:  # one at a time; the rest is in the log
            return
        self._showing = True
        try:
            self._ask.bug(error, self._log_file)
        finally:
            self._showing = False

    def _from_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.caught.emit(error)

    def _from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.caught.emit(args.exc_value)
