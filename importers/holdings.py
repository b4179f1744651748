"""One holding of one account, as every positions file has it: quantity, price, value, basis, and their checks."""

from decimal import Decimal

from engine.money import ZERO
from engine.problems import Severity
from importers.instruments import cusip_problem, isin_problem, untradable
from importers.reading import Row
from importers.records import PositionRecord

_CENTS = Decimal("0.02")
_HALF_PRICE_DIGIT = Decimal("0.5")
LARGEST_QUANTITY = Decimal(10) ** 10
"""Shares; more than this is a column read wrongly."""


def add_position(row: Row, *, security_type: str | None = None) -> tuple[Decimal, Decimal | None]:
    """Read the position of a row, close the row, and return its market value and basis for the totals.

    The value is 0 and the basis None where the row does not say. `row.account` must be set.
    """
    row.symbol = row.clean_symbol()
    kind = row.text("security_type").strip("-") if security_type is None else security_type
    description = row.text("description")
    if not row.symbol:
        row.reject("no_symbol", f"there is no symbol for '{description[:40]}'", "symbol")
    why = untradable(row.symbol, description, kind)
    quantity = row.needed("quantity")
    if abs(quantity) >= LARGEST_QUANTITY:
        row.reject("quantity_too_large", f"quantity {quantity:,} is out of range", "quantity")
    price, value, basis = row.amount("price"), row.amount("market_value"), row.amount("cost_basis")
    if why:
        message = f"{row.symbol} is {why}: kept as a holding, not traded"
        row.note(Severity.WARNING, "not_tradable", message, "symbol")
        kind = "Option" if why == "an option" else kind
    elif row.ok:
        price = checked_price(row, quantity, price, value)
    row.close(
        PositionRecord(
            row=row.number,
            account=row.account,
            symbol=row.symbol,
            description=description,
            quantity=quantity,
            price=price,
            market_value=value,
            cost_basis=basis,
            security_type=kind,
            cusip=identified(row) if why != "an option" else "",
        )
    )
    return (ZERO if value is None else value), basis


def identified(row: Row) -> str:
    """Return the CUSIP of a row, from its ISIN where it has none; a check digit that is wrong is a problem of the row.

    The row stays: its symbol says what it is. Which of the two is right has to be decided by a person.
    """
    cusip, isin = (row.text(name).strip("'-").upper() for name in ("cusip", "isin"))
    hint = f"Check {row.symbol} at the custodian; put its right CUSIP on the sheet Securities of the office workbook."
    for name, text, wrong in (("cusip", cusip, cusip_problem(cusip)), ("isin", isin, isin_problem(isin))):
        if text and wrong:
            message = f"{row.symbol}: {name.upper()} {text} {wrong}; the row is kept by its symbol"
            row.note(Severity.WARNING, "check_digit", message, name, hint)
    inside = isin[2:11] if isin[:2] in {"US", "CA"} and not isin_problem(isin) else ""
    if cusip and inside and cusip != inside:
        message = f"{row.symbol}: CUSIP {cusip} and ISIN {isin} name two securities"
        row.note(Severity.WARNING, "check_digit", message, "isin", hint)
    return cusip or inside


def checked_price(row: Row, quantity: Decimal, price: Decimal | None, value: Decimal | None) -> Decimal | None:
    """Return the price if it can be used; say what is odd about quantity, price and value."""
    if quantity < 0:
        message = f"{row.symbol} is held short ({quantity:,} shares); short positions are not traded"
        row.note(Severity.BLOCKING, "short_position", message, "quantity")
    if price is None:
        if row.has("price"):
            row.note(Severity.WARNING, "no_price", f"{row.symbol} has no price", "price")
        return None
    if price == 0 and not value:
        message = f"{row.symbol} is carried at a price of 0"
        row.note(Severity.BLOCKING, "no_value", message, "price", "Give its price in a price table.")
        return None
    if price <= 0:
        hint = "Download the file again, or correct the row."
        row.reject("price_not_positive", f"the price of {row.symbol} is {price}", "price", hint)
        return None
    if value is not None and abs(quantity * price - value) > rounding(quantity, price):
        message = f"{row.symbol}: quantity times price is {quantity * price:,.2f}, market value says {value:,.2f}"
        row.note(Severity.WARNING, "value_differs", message, "market_value")
    return price


def rounding(quantity: Decimal, price: Decimal) -> Decimal:
    """Return by how many dollars quantity times a rounded price may miss a value rounded to the cent."""
    exponent = price.as_tuple().exponent
    digit = Decimal(1).scaleb(exponent) if isinstance(exponent, int) else ZERO
    return abs(quantity) * min(digit, Decimal("0.01")) * _HALF_PRICE_DIGIT + _CENTS
