"""Problems in data are values that travel to the screen; they are collected, never raised row by row."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How far a problem reaches."""

    INFO = "info"
    """Worth knowing; nothing is held back."""
    WARNING = "warning"
    """Kept and used, but a person should look."""
    BLOCKING = "blocking"
    """What it names is left out of trading until it is put right; the rest goes on."""
    FATAL = "fatal"
    """The file cannot be read; nothing of it is written."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was read: what, where, and what to do.

    `row` is the 1-based physical row (line) in the file or sheet, 0 when the whole file is meant.
    `account` and `symbol` are what the problem blocks, empty when it blocks nothing narrower.
    """

    severity: Severity
    code: str
    message: str
    hint: str = ""
    file: str = ""
    row: int = 0
    field: str = ""
    account: str = ""
    symbol: str = ""

    def line(self) -> str:
        """Return the problem as the one line that a person reads."""
        place = ", ".join(
            part
            for part in (
                self.file,
                f"row {self.row}" if self.row else "",
                f"field {self.field}" if self.field else "",
            )
            if part
        )
        text = f"{place}: {self.message}" if place else self.message
        text = text.rstrip(".")
        return " ".join(f"{text}. {self.hint}".split()) if self.hint else f"{' '.join(text.split())}."
