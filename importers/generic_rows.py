"""Rows of a mapped spreadsheet: holdings, lots and transactions."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from engine.money import ZERO, cents
from engine.portfolio import Action
from engine.problems import Problem, Severity
from importers.actions import action_of
from importers.base import RowKind, Total
from importers.column_content import is_total_row
from importers.column_map import ColumnMap, TableKind
from importers.custodians import custodian_key
from importers.date_grammar import PLACEHOLDERS, day
from importers.holdings import add_position, identified
from importers.lot_columns import MONEY_PLACES, NOTHING, SHARE_PLACES
from importers.number_grammar import number
from importers.plain_lots import PlainLots
from importers.reading import HALF_CENT, SHARE_DUST, Reading, Row
from importers.records import AccountRef, CashRecord, LotRecord, TransactionRecord
from importers.table_grammar import Header, filled, plain

_CASH = frozenset({"cash", "usd", "$cash", "cash & cash investments", "us dollar", "$$cash", "cash balance"})
_TOTAL = re.compile(r"(?:grand |sub-?|sub |account |positions )?totals?:?(?: (?:for|of) .*)?")
_SYMBOL = re.compile(r"[A-Z]{1,5}(?:[./][A-Z])?")
_SUMMED = ("quantity", "market_value", "cost_basis", "amount")
_PACKED, _PACKED_PLACES = ("quantity", "cost_basis", "market_value"), (SHARE_PLACES, MONEY_PLACES, MONEY_PLACES)
PACKED_FROM = 5_000
"""Rows from which on the plain lots of a table are kept in columns."""


def _is_total(cells: Sequence[str]) -> bool:
    """Whether the first cell that says something says that the row is a total."""
    first = cells[0]
    return _says_total(first if first and not first.isspace() else next(cell for cell in cells if cell.strip()))


@lru_cache(maxsize=4096)
def _says_total(cell: str) -> bool:
    return _TOTAL.fullmatch(plain(cell)) is not None


class TableRows:
    """One walk down a mapped table, with sums for its total row."""

    def __init__(self, reading: Reading, columns: ColumnMap, header: Header, today: date) -> None:
        self.reading = reading
        self.columns = columns
        self.header = header
        self.today = today
        self.whole = dict.fromkeys(_SUMMED, ZERO)
        self.part = dict.fromkeys(_SUMMED, ZERO)
        self.packed_sums = [0, 0, 0]
        self.rows_in_part = 0
        self.lots: dict[tuple[AccountRef, str], int] = {}
        self.take = {
            TableKind.HOLDINGS: self.holding,
            TableKind.LOTS: self.lot,
            TableKind.TRANSACTIONS: self.transaction,
        }[columns.kind or TableKind.HOLDINGS]

    def read(self, rows: Sequence[Sequence[str]], as_of: date | None) -> None:
        """Read every row under the header of a table that is of the day `as_of`, if it says so."""
        if self.columns.kind is not TableKind.TRANSACTIONS:
            self.reading.set_as_of(as_of, self.today, 0)
        plain_lots = PlainLots(self.columns, self.header, self.today)
        packed = self.reading.pack() if plain_lots.usable and len(rows) >= PACKED_FROM else None
        for at, cells in enumerate(islice(rows, self.header.row, None), start=self.header.row + 1):
            if not self.reading.is_open(at):
                continue
            if packed is not None and not _is_total(cells):
                figures = plain_lots.add(packed, at, cells)
                if figures is not None:
                    self.plain_lot(at, figures)
                    continue
            said = filled(cells)
            if _is_total(said) or is_total_row(cells, self.header.positions.get("symbol")):
                self.total(Row(self.reading, self.header, at, cells), grand="grand" in plain(said[0]))
            elif len(said) == 1 and len(self.header.titles) > 2 and not self.is_figure(said[0]):
                self.reading.mark(at, RowKind.FOOTER)
            elif self.is_header_again(rows[self.header.row - 1], cells):
                self.reading.mark(at, RowKind.HEADER)
            else:
                self.row(Row(self.reading, self.header, at, cells))
        if self.columns.kind is TableKind.HOLDINGS and self.reading.as_of is None:
            self.no_as_of()

    @staticmethod
    def is_figure(cell: str) -> bool:
        """Whether a cell that stands alone is a number or a symbol, so that its row is a broken record, not text."""
        return isinstance(number(cell), Decimal) or _SYMBOL.fullmatch(cell) is not None

    @staticmethod
    def is_header_again(header: Sequence[str], cells: Sequence[str]) -> bool:
        """Whether the header is repeated, as page breaks of reports do."""
        return [plain(cell) for cell in filled(cells)] == [plain(cell) for cell in filled(header)]

    def row(self, row: Row) -> None:
        """Read one row: its account, then what the kind of table has in it."""
        text = row.text("account") or self.columns.account
        custodian = custodian_key(row.text("custodian") or self.columns.custodian)
        row.account = AccountRef(custodian, text, row.text("account_name"))
        row.symbol = row.clean_symbol() or self.columns.symbol
        if not text:
            row.reject("no_account", "there is no account number", "account")
        for name in _SUMMED:
            value = number(row.text(name))
            if isinstance(value, Decimal):
                self.part[name] += value
                self.whole[name] += value
        self.rows_in_part += 1
        self.take(row)

    def holding(self, row: Row) -> None:
        """Read a holding or the cash of an account."""
        as_of = day(row.text("as_of"))
        if isinstance(as_of, date) and as_of != self.reading.as_of:
            self.reading.set_as_of(as_of, self.today, row.number)
        if row.symbol.casefold() in _CASH:
            value = row.amount("market_value")
            amount = row.needed("quantity") if value is None else value
            row.close(CashRecord(row.number, row.account, amount, row.text("description")))
        else:
            add_position(row)

    def lot(self, row: Row) -> None:
        """Read an open lot."""
        if not row.symbol:
            row.reject("no_symbol", "there is no symbol", "symbol")
        acquired = row.needed_day("acquired", today=self.today)
        if acquired in PLACEHOLDERS:
            message = f"the date {acquired} is a placeholder: the true date is not known"
            row.reject("placeholder_date", message, "acquired", "Enter the date on which the lot was bought.")
        quantity = row.needed("quantity")
        if quantity <= 0 and row.ok:
            row.reject("quantity_not_positive", f"a lot of {quantity:,} shares is not an open lot", "quantity")
        basis = self.basis(row, quantity)
        if basis < 0:
            row.reject("basis_negative", f"cost basis {basis:,} is negative", "cost_basis")
        carried = row.amount("holding_days_carried") or ZERO
        if carried < 0 or carried != int(carried):
            row.reject("not_days", f"{carried} is not a number of days", "holding_days_carried")
        lot_id = row.text("lot_id")
        self.only_once(row, lot_id)
        row.close(
            LotRecord(
                row=row.number,
                account=row.account,
                symbol=row.symbol,
                acquired=acquired,
                quantity=quantity,
                cost_basis=basis,
                market_value=row.amount("market_value"),
                lot_id=lot_id,
                holding_days_carried=int(carried),
                cusip=identified(row),
            )
        )

    def plain_lot(self, at: int, figures: tuple[int, int, int]) -> None:
        """Account for a row whose lot was packed, and add up its figures."""
        for place, figure in enumerate(figures):
            if figure != NOTHING:
                self.packed_sums[place] += figure
        self.rows_in_part += 1
        self.reading.mark(at, RowKind.RECORD)

    def unpack_sums(self) -> None:
        """Add the sums of packed lots to the others."""
        for name, places, figure in zip(_PACKED, _PACKED_PLACES, self.packed_sums, strict=True):
            if figure:
                value = Decimal(figure).scaleb(-places)
                self.part[name] += value
                self.whole[name] += value
        self.packed_sums = [0, 0, 0]

    def basis(self, row: Row, quantity: Decimal) -> Decimal:
        """Return the basis of the whole lot, from the basis of a share where only that is given."""
        if self.header.has("cost_basis") and (row.text("cost_basis") or not self.header.has("unit_cost")):
            return row.needed("cost_basis")
        return cents(row.needed("unit_cost") * quantity)

    def only_once(self, row: Row, lot_id: str) -> None:
        """Refuse a second lot of one id in one account."""
        if not lot_id:
            return
        first = self.lots.setdefault((row.account, lot_id), row.number)
        if first != row.number:
            message = f"lot {lot_id} already stands in row {first}"
            row.reject("same_lot_id", message, "lot_id", "Give each lot its own id, or leave the ids out.")

    def transaction(self, row: Row) -> None:
        """Read a buy, sell or reinvestment; what moves no shares is told and left."""
        said = row.text("action")
        action = action_of(said)
        shares = row.amount("quantity")
        if row.ok and (action is None or (action is Action.REINVEST and not shares)):
            row.ok = False
            message = f"'{said[:40]}' moves no shares: not needed for tax lots"
            row.note(Severity.INFO, "not_a_trade", message, "action")
        if not row.ok or action is None:
            row.close()
            return
        if not row.symbol:
            row.reject("no_symbol", "there is no symbol", "symbol")
        when = row.needed_day("date", today=self.today)
        quantity = abs(row.needed("quantity"))
        if quantity == 0 and row.ok:
            row.reject("quantity_not_positive", "a trade of 0 shares is no trade", "quantity")
        amount = row.amount("amount")
        paid = cents(row.needed("price") * quantity) if amount is None else abs(amount)
        lost = abs(row.amount("loss_quantity") or ZERO)
        if lost > quantity:
            row.reject("loss_quantity", f"{lost:,} shares at a loss are more than {quantity:,}", "loss_quantity")
        account, symbol, lot_id = row.account, row.symbol, row.text("lot_id")
        row.close(TransactionRecord(row.number, account, when, action, symbol, quantity, paid, lost, lot_id))

    def total(self, row: Row, *, grand: bool) -> None:
        """Compare a total row with the rows since the last one, a grand total (or one under one) with all."""
        self.unpack_sums()
        sums = self.whole if grand or self.rows_in_part == 0 else self.part
        for name in _SUMMED:
            stated = row.amount(name)
            if stated is None or not self.header.has(name):
                continue
            within = SHARE_DUST if name == "quantity" else HALF_CENT
            total = Total(row.number, f"{name.replace('_', ' ')} of the table", stated, sums[name])
            self.reading.check_total(total, Severity.WARNING, within=within)
        self.reading.mark(row.number, RowKind.TOTAL)
        self.part = dict.fromkeys(_SUMMED, ZERO)
        self.rows_in_part = 0

    def no_as_of(self) -> None:
        """Tell that a table of holdings does not say of which day it is."""
        message = "neither the table nor the file's name says of which day the holdings are"
        hint = "Put the date in the file's name, such as holdings-2026-01-31.xlsx, or as_of in the column map."
        self.reading.note(Problem(Severity.WARNING, "no_as_of", message, hint))
