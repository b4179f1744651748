"""What a custodian's own lot method does to the tax of an order."""

from datetime import date
from decimal import Decimal

import pytest

from engine.portfolio import Lot, LotMethod
from engine.tax.method_estimate import Character, method_estimate
from tests.builders import tax

D = Decimal
SOLD = date(2025, 6, 30)
LOTS = [
    Lot("OLD", "J", "X", date(2020, 1, 6), D(100), D(5000)),
    Lot("DEAR", "J", "X", date(2025, 1, 6), D(100), D(12000)),
]


@pytest.mark.parametrize(
    ("method", "by_method", "rest", "difference", "same"),
    [
        (LotMethod.FIFO, Character(D(0), D(5000)), Character(), "1930", False),
        (LotMethod.FIFO, Character(D(0), D(5000)), Character(D(10_000), D(0)), "2006", False),
        (LotMethod.HIFO, Character(D(-2000), D(0)), None, "0", True),
        (LotMethod.LIFO, Character(D(-2000), D(0)), None, "0", True),
        (LotMethod.AVERAGE_COST, Character(D(0), D(1500)), None, "1097", False),
    ],
)
def test_the_method_and_the_lots_chosen_are_taxed_on_top_of_the_rest(
    method: LotMethod, by_method: Character, rest: Character | None, difference: str, same: bool
) -> None:
    """Chosen: 2,000 short-term loss, worth 37 % against ordinary income, or 40.8 % against short-term gains."""
    found = method_estimate(LOTS, {"DEAR": D(100)}, method, price=D(100), sold=SOLD, tax=tax(), rest=rest)
    assert found.chosen == Character(D(-2000), D(0))
    assert found.by_method == by_method
    assert (found.difference, found.same_lots) == (D(difference), same)
