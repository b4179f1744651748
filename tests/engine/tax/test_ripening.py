"""Lots that turn long-term: which, when, and what waiting saves."""

from datetime import date
from decimal import Decimal

from engine.portfolio import Account, Lot, Registration
from engine.tax.ripening import ripening_lots
from tests.builders import tax

D = Decimal
TODAY = date(2025, 6, 30)
ACCOUNTS = (Account("J", "c", Registration.TAXABLE, D(0)), Account("IRA", "c", Registration.TRADITIONAL_IRA, D(0)))
LOTS = (
    Lot("SOON", "J", "X", date(2024, 7, 10), D(10), D(500)),
    Lot("CARRIED", "J", "X", date(2025, 6, 10), D(10), D(1500), holding_days_carried=340),
    Lot("LATE", "J", "Z", date(2025, 3, 3), D(10), D(500)),
    Lot("LONG", "J", "X", date(2024, 6, 29), D(10), D(500)),
    Lot("SHELTERED", "IRA", "X", date(2024, 7, 10), D(10), D(500)),
)


def test_short_term_lots_come_with_their_day_and_what_waiting_saves() -> None:
    carried, soon, late = ripening_lots(LOTS, ACCOUNTS, {"X": D(100)}, TODAY, tax=tax())
    assert (carried.lot, carried.day, carried.days) == ("CARRIED", date(2025, 7, 6), 6)
    assert (soon.day, soon.days, soon.gain, soon.saved) == (date(2025, 7, 11), 11, D(500), D("85.00"))
    assert (late.lot, late.gain, late.saved) == ("LATE", None, D(0))
    assert (carried.gain, carried.saved) == (D(-500), D(0))


def test_only_lots_within_the_days_asked_for_are_shown_and_without_rates_nothing_is_saved() -> None:
    rows = ripening_lots(LOTS, ACCOUNTS, {"X": D(100)}, TODAY, within=11)
    assert [(r.lot, r.saved) for r in rows][-1] == ("SOON", D(0))
    assert "LATE" not in {r.lot for r in rows}
