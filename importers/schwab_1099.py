"""Charles Schwab Form 1099 as CSV, `XXXX-X123 (1).CSV`: several tax forms below each other, recognised and refused."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.loading import load
from importers.reading import Reading, refused
from importers.table_grammar import HEADER_WITHIN, filled
from importers.tax_1099b import TABLE as TAX_LOTS

NAME = "schwab_1099"
_FORM = re.compile(r"\b(?:form )?1099[- ]?(?:div|int|b|composite|misc|oid)\b|\bform 1099\b", re.IGNORECASE)
_IN_NAME = re.compile(r"X{4}-?X\d{3}(?: \(\d+\))?", re.IGNORECASE)
_NEEDED_FORMS = 2
"""Forms named in a file whose own name is not Schwab's, so that a note about one form is not taken for a 1099."""


class Schwab1099:
    """Tax forms for a return; what an adviser needs of them stands in the realized gains and the transactions."""

    name = NAME
    title = "Charles Schwab Form 1099"

    def claim(self, path: Path, head: FileHead) -> Claim:
        """Take files that are headed by tax forms and are no list of lots."""
        rows = head.first_rows()
        forms = _forms(rows)
        named = _IN_NAME.fullmatch(path.stem) is not None
        if forms and TAX_LOTS.find(rows) is None and (named or len(forms) >= _NEEDED_FORMS):
            return Claim(NAME, takes=True, why="it names tax forms as a Schwab Form 1099 does")
        return Claim(NAME, takes=False, why="it does not name the tax forms of a Schwab Form 1099")

    def read(self, path: Path, *, today: date) -> ImportResult:  # noqa: ARG002 (no date of the file is read)
        """Refuse the file, with the one to take instead; its boxes are sums of a year."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        reading = Reading(NAME, path.name, rows)
        for at, cells in enumerate(rows, start=1):
            if reading.is_open(at):
                reading.mark(at, RowKind.TITLE if _forms((cells,)) else RowKind.TOTAL)
        message = "this is a Schwab Form 1099, for the tax return: it has neither holdings nor dated lots to import"
        hint = "Download Realized Gain/Loss (lot details) and Transactions instead."
        reading.note(Problem(Severity.FATAL, "tax_form", message, hint))
        return reading.result(empty=None)


def _forms(rows: Sequence[Sequence[str]]) -> set[str]:
    """Return the tax forms that stand alone in rows, or as first cells, near the top."""
    first = (said[0] for cells in rows[:HEADER_WITHIN] if (said := filled(cells)))
    return {found[0].casefold() for text in first if (found := _FORM.search(text))}
