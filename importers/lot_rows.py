"""One tax lot, open or closed, as every list of lots has it: dates, quantity, basis, proceeds, and their checks."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import Term
from engine.problems import Severity
from engine.tax.holding_period import term
from importers.date_grammar import PLACEHOLDERS
from importers.number_grammar import number
from importers.reading import Row
from importers.records import LotRecord, RealizedRecord

_ROUNDED = Decimal("0.02")
"""Dollars by which a gain may miss proceeds minus basis, each of them rounded."""


def lot_of(row: Row, *, today: date, carried: int = 0, lot_id: str = "") -> LotRecord:
    """Read an open lot; what is wrong with it is noted. `row.account` and `row.symbol` must be set.

    The basis is that of the lot, or the unit cost times the quantity where only that is given.
    """
    if not row.symbol:
        row.reject("no_symbol", "there is no symbol", "symbol")
    acquired = row.needed_day("acquired", today=today)
    if acquired in PLACEHOLDERS:
        message = f"the date {acquired} is a placeholder: the true date is not known"
        row.reject("placeholder_date", message, "acquired", "Enter the lot with its date in a lots table.")
    quantity = row.needed("quantity")
    if quantity <= 0 and row.ok:
        row.reject("quantity_not_positive", f"a lot of {quantity:,} shares is not an open lot", "quantity")
    if row.text("cost_basis") or not row.has("unit_cost"):
        basis = row.needed("cost_basis")
    else:
        basis = cents(row.needed("unit_cost") * quantity)
    if basis < 0:
        row.reject("basis_negative", f"cost basis {basis:,} is negative", "cost_basis")
    value = row.amount("market_value")
    return LotRecord(row.number, row.account, row.symbol, acquired, quantity, basis, value, lot_id, carried)


def add_lot(row: Row, *, today: date, carried: int = 0, lot_id: str = "") -> LotRecord:
    """Read an open lot as `lot_of` does, close the row, and return the lot for the sums of its table."""
    lot = lot_of(row, today=today, carried=carried, lot_id=lot_id)
    row.close(lot)
    return lot


def use_basis_of_gain(row: Row) -> None:
    """Take value minus gain for the basis where there is no column for it: exact to the cent, unlike unit costs."""
    value, gain = number(row.text("market_value")), number(row.text("gain"))
    if not row.has("cost_basis") and isinstance(value, Decimal) and isinstance(gain, Decimal):
        row.use("cost_basis", f"{value - gain:f}")


def days_carried(row: Row, acquired: str, adjusted: str, *, today: date) -> int:
    """Return by how many days the adjusted date is before the day of purchase, as after a wash sale."""
    bought, counted = row.day(acquired, today=today), row.day(adjusted, today=today)
    if bought is None or counted is None or counted >= bought:
        return 0
    return (bought - counted) // timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClosedLot:
    """The figures of a closed lot as its row states them."""

    proceeds: Decimal
    cost_basis: Decimal
    gain: Decimal
    disallowed: Decimal


def _check_term(row: Row, acquired: date | None, sold: date) -> None:
    """Tell where the file's term is not that of its dates.

    Inherited lots are long-term from the first day (IRC 1223(9)); a wash sale adds the days of the lot before it
    (IRC 1223(3)).
    """
    said = next((one for one in Term if row.text("term").casefold().startswith(one.value[:1])), None)
    if said is None or acquired is None or acquired in PLACEHOLDERS or acquired > sold or not row.ok:
        return
    dated = term(acquired, sold)
    if said is not dated:
        message = f"{row.symbol}: by its dates the sale is {dated}-term, the file says {said}-term; the dates count"
        hint = "Inherited lots and lots after a wash sale have an earlier day: ask the custodian for it."
        row.note(Severity.WARNING, "term_differs", message, "term", hint)


def add_realized(row: Row, *, today: date, quantity: Decimal | None = None) -> ClosedLot:
    """Read a closed lot, close the row, and return its figures. `row.account` and `row.symbol` must be set.

    The gain that is kept is proceeds minus basis, before the loss that a wash sale disallows; the stated gain may
    be either. `quantity` stands for the column where there is none. An unknown day of purchase is kept as None.
    """
    if not row.symbol:
        row.reject("no_symbol", "there is no symbol", "symbol")
    acquired = row.day("acquired", today=today)
    sold = row.needed_day("sold", today=today)
    shares = abs(row.needed("quantity") if quantity is None else quantity)
    if shares == 0 and row.ok:
        row.reject("quantity_not_positive", "a sale of 0 shares is no sale", "quantity")
    proceeds, basis = row.needed("proceeds"), row.needed("cost_basis")
    disallowed = abs(row.amount("disallowed") or ZERO)
    gain = cents(proceeds) - cents(basis)
    stated = row.amount("gain")
    if stated is not None and row.ok and min(abs(stated - gain), abs(stated - gain - disallowed)) > _ROUNDED:
        message = f"{row.symbol}: proceeds minus basis is {gain:,.2f}, the gain says {stated:,.2f}"
        row.note(Severity.WARNING, "gain_differs", message, "gain")
    _check_term(row, acquired, sold)
    if acquired is not None and acquired > sold and row.ok:
        row.note(Severity.INFO, "sold_before_bought", f"{row.symbol} was sold short on {sold}", "sold")
    row.close(
        RealizedRecord(
            row=row.number,
            account=row.account,
            symbol=row.symbol,
            acquired=None if acquired in PLACEHOLDERS else acquired,
            sold=sold,
            quantity=shares,
            proceeds=cents(proceeds),
            cost_basis=cents(basis),
            gain=gain,
            disallowed=disallowed,
        )
    )
    return ClosedLot(proceeds, basis, gain if stated is None else stated, disallowed)
