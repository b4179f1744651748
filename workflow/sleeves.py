"""The sleeves of a run's households: what each class is held through, by the kinds of the office workbook."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.research.sleeves import Sleeve, sleeves
from workflow.book import Book
from workflow.runs import run_report


@dataclass(frozen=True, slots=True)
class HouseholdSleeves:
    """A household's sleeves, the largest first."""

    household: str
    sleeves: tuple[Sleeve, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """What is amiss, class by class."""
        return tuple(f"{one.asset_class}: {finding}" for one in self.sleeves for finding in one.findings)


def run_sleeves(book: Book, run: str, largest: Decimal) -> tuple[HouseholdSleeves, ...]:
    """Return the sleeves of every household of a run. Raises AppError for a run that is not there."""
    return tuple(
        HouseholdSleeves(
            one.household,
            sleeves(
                one.case.targets,
                one.case.buy_list,
                {security.symbol: security.security_type for security in one.securities},
                largest,
            ),
        )
        for one in run_report(book, run).households
    )


def sleeves_document(found: tuple[HouseholdSleeves, ...]) -> dict[str, Any]:
    """Return the sleeves as a JSON document; targets are fractions."""
    return {"households": [{"household": one.household, "sleeves": one.sleeves} for one in found]}
