"""What a sheet and a column of the office workbook are, and the words that their drop-downs offer."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What may stand in a cell."""

    TEXT = "text"
    CHOICE = "choice"
    MONEY = "money"
    """Dollars."""
    PERCENT = "percent"
    """Shown as a percentage, held as a fraction of one."""
    BP = "basis points"
    NUMBER = "number"
    INTEGER = "whole number"
    DATE = "date"
    YES_NO = "yes or no"
    SYMBOLS = "symbols, separated by commas"
    RATES = "rates by class and registration"
    CODE = "letters"


@dataclass(frozen=True, slots=True)
class OfficeColumn:
    """One column of a sheet.

    `default` is what an empty cell means (empty = none); `refers_to` names the sheet whose first column holds
    the allowed values. A `rare` column is left out of a workbook that is written with rows of which none fills it.
    """

    title: str
    field: str
    kind: Kind
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    default: str = ""
    refers_to: str = ""
    rare: bool = False


@dataclass(frozen=True, slots=True)
class OfficeSheet:
    """One sheet. Columns are found by title, so their order is free and further columns are tolerated."""

    title: str
    what: str
    columns: tuple[OfficeColumn, ...]

    def column(self, field: str) -> OfficeColumn:
        """Return the column that fills `field`; KeyError when there is none."""
        for column in self.columns:
            if column.field == field:
                return column
        raise KeyError(field)


EXPLAINED = "Explained: "
"""How the grey row of explanations under each header begins; the reader skips a row that begins so."""

ROLES = ("client", "spouse", "child", "trust", "other")
RESTRICTION_KINDS = ("do_not_buy", "do_not_sell", "lock")
FILING_STATUSES = (
    "single",
    "married_joint",
    "married_separate",
    "head_of_household",
    "surviving_spouse",
    "trust",
)
SECURITY_TYPES = ("etf", "stock", "fund", "bond", "other")
YES_NO = ("yes", "no")
