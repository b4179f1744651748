"""The first screen: counters that filter, totals of the office, and every household with its drift by class."""

from datetime import date

from db import store
from engine.money import ZERO
from engine.portfolio import CASH_CLASS
from workflow.book import Book
from workflow.household_day import household_days
from workflow.households import household_row
from workflow.views import Dashboard, HouseholdRow, Tile

TILES = (
    ("out_of_band", "Out of band", "An asset class is outside its band"),
    ("high_cash", "High cash", "Cash is above its target and band"),
    ("needs_cash", "Needs cash", "An account holds less than its reserve and what it must pay out"),
    ("harvest", "Harvest", "A lot's loss is over the policy's harvest thresholds"),
    ("wash", "Wash windows", "A loss sale or purchase of the last 30 days limits trading"),
    ("ripening", "Turning long-term", "A short-term gain turns long-term within 30 days"),
    ("problems", "Data problems", "Something in the data needs a person"),
)


def dashboard(book: Book, *, today: date) -> Dashboard:
    """Return the dashboard on the day of the newest prices."""
    with book.reading() as session:
        prices = store.prices_as_of(session, today)
        rows = tuple(household_row(one) for one in household_days(session, None, prices or today))
    return Dashboard(
        as_of=prices,
        prices_as_of=prices,
        value=sum((r.value for r in rows), ZERO),
        taxable_value=sum((r.taxable_value for r in rows), ZERO),
        ytd_short_term=sum((r.ytd_short_term for r in rows), ZERO),
        ytd_long_term=sum((r.ytd_long_term for r in rows), ZERO),
        tiles=tuple(Tile(key, title, sum(1 for r in rows if key in r.tags), tip) for key, title, tip in TILES),
        classes=_classes(rows),
        households=rows,
    )


def _classes(rows: tuple[HouseholdRow, ...]) -> tuple[str, ...]:
    """Every class that a household holds or targets, cash last."""
    names = dict.fromkeys(name for row in rows for name in row.drift)
    names.pop(CASH_CLASS, None)
    return (*names, CASH_CLASS)
