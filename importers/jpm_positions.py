"""J.P. Morgan self-directed positions: one row for each tax lot, with footnotes below."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.date_grammar import day, day_within
from importers.holdings import checked_price
from importers.instruments import untradable
from importers.lot_rows import days_carried, lot_of
from importers.number_grammar import NULLS
from importers.one_table import OneTable, Opened, no_as_of
from importers.reading import Row
from importers.records import AccountRef, CashRecord, PositionRecord
from importers.table_grammar import Layout, filled, plain

NAME = "jpm_positions"
CUSTODIAN = "jpm"

LAYOUT = Layout(
    columns={
        "account_name": ("account name",),
        "account": ("account number",),
        "asset_class": ("asset class",),
        "description": ("description",),
        "symbol": ("ticker",),
        "cusip": ("cusip",),
        "quantity": ("quantity",),
        "price": ("price",),
        "priced": ("pricing date",),
        "market_value": ("value",),
        "cost_basis": ("cost",),
        "acquired": ("acquisition date",),
        "adjusted": ("adj date",),
        "unit_cost": ("unit cost",),
    },
    required=("account_name", "account", "description", "symbol", "quantity", "price", "acquired", "unit_cost"),
    ignored=frozenset(
        {
            *("account type", "sub account", "asset strategy", "asset strategy detail", "base ccy", "local ccy"),
            *("priceind", "local price", "today's price change", "price change %", "today's value change"),
            *("value change %", "local value", "orig cost (base)", "orig cost (local)", "cost source", "local cost"),
            *("unrealized g/l amt.", "orig. $ gain/loss (base)", "orig. $ gain/loss (local)", "tax term"),
            *("local unrealized g/l amt.", "unrealized gain/loss (%)", "orig. % gain/loss (base)", "acct type"),
            *("orig. % gain/loss (local)", "local unrealized gain/loss (%)", "disallowed loss (base)"),
            *("disallowed loss (local)", "acquisition exchange", "local unit cost", "isin", "sedol"),
        }
    ),
)
TABLE = OneTable(
    NAME,
    "J.P. Morgan positions",
    LAYOUT,
    frozenset({"sub account", "pricing date", "acquisition date", "priceind", "local unit cost"}),
)
_SWEEPS = frozenset({"QACDS", "QDERQ"})
_FOOTNOTES = "footnotes"


class JpmPositions:
    """Lots, the positions that they make up, and the deposit sweep."""

    name = NAME
    title = "J.P. Morgan self-directed positions (tax lots)"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with an acquisition date and a pricing date for each row."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read lots, positions and cash."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.path = path
        self.today = today
        self.prices: set[date] = set()

    def run(self) -> ImportResult:
        reading = self.opened.reading
        self.footnotes(dict(enumerate(self.opened.rows, start=1)))
        TABLE.walk(self.opened, self.row)
        newest = max(self.prices, default=None)
        reading.set_as_of(newest or day_within(self.path.stem), self.today, self.opened.header.row if newest else 0)
        no_as_of(reading, "Download the positions again with the column Pricing Date.")
        return reading.result()

    def footnotes(self, rows: Mapping[int, tuple[str, ...]]) -> None:
        """Mark all from the row FOOTNOTES on as text: it explains letters, and its rows may be long."""
        texts = {number: filled(cells) for number, cells in rows.items()}
        start = next((n for n, said in texts.items() if said and plain(said[0]) == _FOOTNOTES), None)
        if start is not None:
            for number, said in texts.items():
                if number >= start and said:
                    self.opened.reading.mark(number, RowKind.FOOTER)

    def row(self, row: Row) -> None:
        """Read a row: the sweep, or a lot and its share of the position."""
        row.account = AccountRef(CUSTODIAN, row.text("account"), row.text("account_name"))
        if not row.account.number:
            row.reject("no_account", "there is no account number", "account")
        priced = day(row.text("priced"))
        if isinstance(priced, date):
            self.prices.add(priced)
        symbol = row.text("symbol")
        if symbol.upper() in _SWEEPS or (_cash_class(row) and not _dated(row)):
            amount = row.needed("market_value" if row.has("market_value") else "quantity")
            row.close(CashRecord(row.number, row.account, amount, row.text("description")))
            return
        if symbol.casefold() in NULLS:
            row.use("symbol", row.text("cusip"))
        row.symbol = row.clean_symbol()
        position = _position(row)
        if not row.ok:
            row.close()
        elif _dated(row):
            carried = days_carried(row, "acquired", "adjusted", today=self.today)
            row.close(position, lot_of(row, today=self.today, carried=carried))
        else:
            message = f"{position.quantity:,} shares of {row.symbol} have no acquisition date, so no lot"
            row.note(Severity.BLOCKING, "no_acquired", message, "acquired", "Enter the lot in a lots table.")
            row.close(position)


def _cash_class(row: Row) -> bool:
    return plain(row.text("asset_class")).startswith("cash")


def _dated(row: Row) -> bool:
    return row.text("acquired").casefold() not in NULLS


def _position(row: Row) -> PositionRecord:
    """Return the share of a position that a row states."""
    quantity = row.needed("quantity")
    price, value = row.amount("price"), row.amount("market_value")
    why = untradable(row.symbol, row.text("description"))
    if why:
        row.note(Severity.WARNING, "not_tradable", f"{row.symbol} is {why}: kept as a holding, not traded", "symbol")
    elif row.ok:
        price = checked_price(row, quantity, price, value)
    return PositionRecord(
        row=row.number,
        account=row.account,
        symbol=row.symbol,
        description=row.text("description"),
        quantity=quantity,
        price=price,
        market_value=value,
        cost_basis=row.amount("cost_basis"),
        security_type="Option" if why == "an option" else "",
    )
