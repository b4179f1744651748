"""Interactive Brokers activity statement CSV: positions with lots, cash, trades with closed lots, and cash movements.

Where executions stand below their order, the order is their sum and only the executions are trades; closed lots
stand below the trade that closed them. The totals of positions and of cash movements are compared, and the lots
with their positions.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO, cents
from engine.portfolio import Action
from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult, RowKind, Total
from importers.history_rows import CANCELLED, COMPARE, SHORT_SALE
from importers.holdings import add_position
from importers.ibkr_layouts import LAYOUTS, is_cancelled, is_short
from importers.ibkr_movements import Movements
from importers.ibkr_sections import Sections, dollars, has_section, signature
from importers.loading import load
from importers.lot_rows import add_lot
from importers.number_grammar import number
from importers.reading import SHARE_DUST, Reading, Row, refused
from importers.records import ActivityKind, ActivityRecord, CashRecord, RealizedRecord, TransactionRecord
from importers.table_grammar import plain

NAME = "ibkr_statement"
_POSITIONS, _TRADES, _CASH = "open positions", "trades", "cash report"
_STATEMENT = "statement"
_SHARES = frozenset({"stocks", "etfs", "funds", "mutual funds", "stocks - held with interactive brokers"})
_KIND = {"bonds": "Bond", "treasury bills": "Treasury", "equity and index options": "Option", "options": "Option"}


class IbkrStatement:
    """Everything in the statement that is in dollars; sections that are summaries of others are told and left out."""

    name = NAME
    title = "Interactive Brokers activity statement"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take statements that are no transaction history; whole statements are longer than their head."""
        rows = head.first_rows()
        if not has_section(rows, _STATEMENT) or has_section(rows, "transaction history"):
            return Claim(NAME, takes=False, why="it does not begin as an activity statement")
        titles = {plain(cells[3]) for cells in rows if len(cells) > 3 and plain(cells[2]) == "title"}
        if "activity statement" in titles:
            return Claim(NAME, takes=True, why="it is titled Activity Statement")
        known = [name for name in LAYOUTS if has_section(rows, name)]
        if any(signature(rows, name, LAYOUTS[name]) for name in known):
            return Claim(NAME, takes=True, why=f"it has the sections {', '.join(known)}")
        if known:
            return Claim(NAME, takes=False, why=f"{NEARLY}: {', '.join(LAYOUTS[known[0]].missing(rows))}")
        return Claim(NAME, takes=False, why="it has no section of an activity statement")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read all known sections."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        if not any(signature(rows, name, layout) for name, layout in LAYOUTS.items()):
            message = "no section of an activity statement has the columns that are known"
            hint = "Export the statement again as CSV, with positions, trades and cash."
            return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, hint))
        reading = Reading(NAME, path.name, rows)
        return _Pass(reading, Sections(reading, rows, today), today).run()


class _Pass:
    """One walk down the statement."""

    def __init__(self, reading: Reading, sections: Sections, today: date) -> None:
        self.reading = reading
        self.sections = sections
        self.today = today
        self.executions = any(
            len(cells) > 2 and plain(cells[0]) == _TRADES and plain(cells[2]) == "trade" for cells in sections.rows
        )
        self.sold: date | None = None
        self.held: dict[tuple[str, str], tuple[int, Decimal]] = {}
        self.lots: dict[tuple[str, str], Decimal] = {}

    def run(self) -> ImportResult:
        self.sections.set_as_of()
        if not self.sections.account.number:
            message = "the file does not name its account"
            hint = "Keep the section Account Information."
            self.reading.note(Problem(Severity.FATAL, "no_account", message, hint))
        movements = Movements(self.today)
        takers = {_POSITIONS: self.position, _TRADES: self.trade, _CASH: self.cash} | movements.takers()
        self.sections.walk(LAYOUTS, takers)
        for (who, symbol), found in self.lots.items():
            row, stated = self.held.get((who, symbol), (0, ZERO))
            total = Total(row, f"quantity of the lots of {symbol}", stated, found)
            self.reading.check_total(total, Severity.BLOCKING, who, symbol, within=SHARE_DUST)
        return self.reading.result(empty=Severity.WARNING)

    def position(self, row: Row) -> None:
        """A position, or one of its lots."""
        row.symbol = row.clean_symbol()
        key = (row.account.number, row.symbol)
        if not dollars(row):
            row.close()
        elif plain(row.text("discriminator")) == "lot":
            self.lots[key] = self.lots.get(key, ZERO) + add_lot(row, today=self.today).quantity
        else:
            quantity = number(row.text("quantity"))
            if isinstance(quantity, Decimal):
                self.held[key] = (row.number, quantity)
            add_position(row, security_type=_kind(row))

    def trade(self, row: Row) -> None:
        """An execution or order, or a lot that the trade above it closed."""
        discriminator = plain(row.text("discriminator"))
        row.symbol = row.clean_symbol()
        if discriminator == "order" and self.executions:
            self.reading.mark(row.number, RowKind.TOTAL)
        elif discriminator in {"closedlot", "closed lot"}:
            self.closed_lot(row)
        else:
            self.execution(row)

    def execution(self, row: Row) -> None:
        """Shares bought or sold; forex moves cash between currencies, and options have no lots with us."""
        when = row.needed_day("date", today=self.today)
        self.sold = when if row.ok else None
        asset = plain(row.text("asset"))
        quantity, proceeds = row.needed("quantity"), row.needed("proceeds")
        fee = row.amount("fee") or ZERO
        paid = cents(proceeds + fee)
        if asset == "forex" or (asset not in _SHARES and asset not in _KIND):
            said = f"{asset}: {quantity:,f} {row.symbol}"
            kind, account = ActivityKind.OTHER, row.account
            moved = paid if plain(row.text("currency")) == "usd" else None
            row.close(ActivityRecord(row.number, account, when, kind, row.symbol, said, None, moved))
            return
        if not dollars(row):
            row.close()
        elif _KIND.get(asset) == "Option":
            kind, account = ActivityKind.OPTION, row.account
            row.close(ActivityRecord(row.number, account, when, kind, row.symbol, "option trade", quantity, paid))
        else:
            _shares(row, when, quantity, paid)

    def closed_lot(self, row: Row) -> None:
        """A lot with its own day, its basis and its gain; the day of the sale is that of the trade above."""
        acquired = row.needed_day("date", today=self.today)
        quantity, basis, gain = abs(row.needed("quantity")), abs(row.needed("basis")), row.needed("realized")
        if self.sold is None:
            row.reject("no_sale", "no trade that can be read stands above the closed lot")
        if not dollars(row) or self.sold is None:
            row.close()
            return
        proceeds, basis = cents(basis + gain), cents(basis)
        account, symbol = row.account, row.symbol
        row.close(
            RealizedRecord(
                row.number, account, symbol, acquired, self.sold, quantity, proceeds, basis, proceeds - basis
            )
        )

    def cash(self, row: Row) -> None:
        """The ending cash in dollars; other lines of the report are how it came about."""
        if plain(row.text("item")) != "ending cash":
            self.reading.mark(row.number, RowKind.TOTAL)
            return
        currency = plain(row.text("currency"))
        if currency == "base currency summary":
            self.reading.mark(row.number, RowKind.TOTAL)
            return
        amount = cents(row.needed("total"))
        if currency != "usd" and row.ok:
            if amount:
                message = f"cash of {amount:,.2f} {currency.upper()[:10]} is not in dollars and not imported"
                row.note(Severity.WARNING, "not_dollars", message, "currency")
            row.close()
            return
        row.close(CashRecord(row.number, row.account, amount, "Ending cash"))


def _shares(row: Row, when: date, quantity: Decimal, paid: Decimal) -> None:
    """A trade in shares; one that was cancelled or made short is told, and kept as other activity."""
    told = _no_trade(row.text("codes"), sells=quantity < 0)
    if told:
        row.note(Severity.WARNING, *told, "codes", COMPARE)
        kind, account = ActivityKind.OTHER, row.account
        row.close(ActivityRecord(row.number, account, when, kind, row.symbol, told[0], quantity, paid))
        return
    if quantity == 0 and row.ok:
        row.reject("quantity_not_positive", "a trade of 0 shares is no trade", "quantity")
    action = Action.BUY if quantity > 0 else Action.SELL
    row.close(TransactionRecord(row.number, row.account, when, action, row.symbol, abs(quantity), abs(paid)))


def _no_trade(codes: str, *, sells: bool) -> tuple[str, str] | None:
    """Return code and message for a trade that was cancelled or made short."""
    if is_cancelled(codes):
        return CANCELLED
    return SHORT_SALE if is_short(codes, sells=sells) else None


def _kind(row: Row) -> str:
    """Return the type of security in the words that tell what is traded and what is only held."""
    asset = plain(row.text("asset"))
    return _KIND.get(asset, "Stock" if asset in _SHARES else row.text("asset"))
