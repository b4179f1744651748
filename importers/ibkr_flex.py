"""Interactive Brokers Flex query XML: positions and lots, cash, trades and closed lots, movements of all accounts.

Attributes are chosen by whoever made the query and new ones appear without notice, so each is read by its name and
unknown ones are left alone. Where sums stand beside what they sum, only the parts are taken. The lines of the
document are accounted for as `importers.markup` says. Source: IBKR Reporting Guide, Flex Queries.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO, cents
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.holdings import add_position
from importers.ibkr_flex_document import Days, FlexElement, elements_of
from importers.ibkr_flex_history import FlexHistory, kind_of_security
from importers.ibkr_sections import dollars
from importers.loading import load
from importers.lot_rows import add_lot, days_carried
from importers.markup import MarkupReading
from importers.number_grammar import number
from importers.reading import SHARE_DUST, refused
from importers.records import AccountRef, CashRecord, PositionRecord

NAME = "ibkr_flex"
_POSITION = {
    "symbol": ("symbol",),
    "description": ("description",),
    "currency": ("currency",),
    "quantity": ("position", "quantity"),
    "price": ("markPrice",),
    "market_value": ("positionValue",),
    "cost_basis": ("costBasisMoney",),
    "acquired": ("openDateTime",),
    "held_since": ("holdingPeriodDateTime",),
}
_GROUPS = frozenset({"FlexQueryResponse", "FlexStatements", "FlexStatement", "AccountInformation"})
_SUMS = frozenset({"SymbolSummary", "AssetSummary"})
_Key = tuple[str, str]


class IbkrFlex:
    """Every statement in the file, each with its own account."""

    name = NAME
    title = "Interactive Brokers Flex query (XML)"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take every Flex query document."""
        if head.kind == "flex":
            return Claim(NAME, takes=True, why="it is a Flex query document")
        return Claim(NAME, takes=False, why="it is no Flex query document")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read all statements; a document that is not well formed is one fatal problem."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        if source.kind != "flex":
            return refused(NAME, path, Problem(Severity.FATAL, "not_flex", "the file is no Flex query document"))
        lines = source.grids[0].rows
        elements = elements_of([cells[0] for cells in lines])
        if isinstance(elements, str):
            hint = "Run the Flex query again and download its XML."
            return refused(NAME, path, Problem(Severity.FATAL, "not_readable", f"the document {elements}", hint))
        return _Pass(MarkupReading(NAME, path.name, lines), elements, today).run()


class _Pass:
    """One walk down the elements."""

    def __init__(self, reading: MarkupReading, elements: tuple[FlexElement, ...], today: date) -> None:
        self.reading = reading
        self.elements = elements
        self.today = today
        self.days = Days(elements)
        self.stated: dict[_Key, tuple[int, Decimal]] = {}
        self.lots: dict[_Key, Decimal] = {}
        self.only_lots: dict[_Key, list[FlexElement]] = {}
        self.left: Counter[str] = Counter()
        summed = (e for e in elements if e.tag == "OpenPosition" and not _is_lot(e))
        self.has_sum = frozenset((e.text("accountId") or e.statement, e.text("symbol")) for e in summed)

    def run(self) -> ImportResult:
        self._dates()
        history = FlexHistory(self.reading, self.days, self.elements, self.today)
        takers: dict[str, Callable[[FlexElement, AccountRef], None]] = {
            "OpenPosition": self._position,
            "CashReportCurrency": self._cash,
        }
        takers |= history.takers()
        for element in self.elements:
            take = takers.get(element.tag)
            if take is not None:
                number_of = element.text("accountId") or element.statement
                account = AccountRef("ibkr", number_of, element.text("acctAlias"))
                if not number_of:
                    message = "the element names no account"
                    self.reading.tell(Severity.FATAL, "no_account", message, row=element.first)
                take(element, account)
            elif element.tag in _SUMS:
                self.reading.mark(element.first, RowKind.TOTAL)
            elif element.attributes and element.tag not in _GROUPS:
                self.left[element.tag] += 1
        self._positions_of_lots()
        self._compare()
        for tag, count in sorted(self.left.items()):
            message = f"{count:,} elements <{tag[:40]}> are not read"
            self.reading.tell(Severity.INFO, "elements_left_out", message)
        return self.reading.close()

    def _dates(self) -> None:
        """Take the last day of the statements as the day of the file."""
        for element in self.elements:
            if element.tag != "FlexStatement":
                continue
            ends = self.days.day(element.text("toDate")) or self.days.day(element.text("whenGenerated"))
            before = self.reading.as_of
            if ends is not None and before is not None and before != ends:
                message = f"statements of several days are in the file: {before} and {ends}; the later is kept"
                self.reading.tell(Severity.WARNING, "several_days", message, row=element.first)
            if ends is not None:
                self.reading.set_as_of(max(ends, before or ends), self.today, element.first)
        if self.reading.as_of is None:
            hint = "Run the Flex query again with its period."
            self.reading.tell(Severity.WARNING, "no_as_of", "the file does not say of which day it is", hint)
        if self.days.ambiguous:
            message = "days and months cannot be told apart in the dates of this file; months are read first"
            hint = "Choose the date format yyyy-MM-dd in the Flex query."
            self.reading.tell(Severity.WARNING, "dates_ambiguous", message, hint)

    def _position(self, element: FlexElement, account: AccountRef) -> None:
        """A position, or one of its lots; lots without the position above them are the position."""
        row = self.days.row(self.reading, element, _POSITION)
        row.account = account
        row.symbol = row.clean_symbol()
        key = (account.number, row.symbol)
        quantity = number(row.text("quantity"))
        if not dollars(row):
            row.close()
        elif _is_lot(element):
            if (account.number, element.text("symbol")) not in self.has_sum:
                self.only_lots.setdefault(key, []).append(element)
            carried = days_carried(row, "acquired", "held_since", today=self.today)
            lot = add_lot(row, today=self.today, carried=carried, lot_id=element.text("originatingTransactionID"))
            self.lots[key] = self.lots.get(key, ZERO) + lot.quantity
        else:
            if isinstance(quantity, Decimal):
                self.stated[key] = (element.first, quantity)
            add_position(row, security_type=kind_of_security(element))

    def _positions_of_lots(self) -> None:
        """Add up the lots of a position that has no element of its own."""
        for (account, symbol), lots in self.only_lots.items():
            rows = [self.days.row(self.reading, lot, _POSITION) for lot in lots]
            figures = {
                name: [value for row in rows if isinstance(value := number(row.text(name)), Decimal)]
                for name in ("quantity", "price", "market_value", "cost_basis")
            }
            if len(figures["quantity"]) < len(rows):
                continue
            whole = {name: sum(found, ZERO) if len(found) == len(rows) else None for name, found in figures.items()}
            price = figures["price"][0] if figures["price"] else None
            owner = AccountRef("ibkr", account, lots[0].text("acctAlias"))
            kind, said = kind_of_security(lots[0]), lots[0].text("description")
            total, value, basis = whole["quantity"] or ZERO, whole["market_value"], whole["cost_basis"]
            self.reading.records.append(
                PositionRecord(lots[0].first, owner, symbol, said, total, price, value, basis, kind)
            )

    def _compare(self) -> None:
        """Compare the lots with the positions that are given."""
        for key, found in self.lots.items():
            if key in self.stated:
                row, stated = self.stated[key]
                total = Total(row, f"quantity of the lots of {key[1]}", stated, found)
                self.reading.check_total(total, Severity.BLOCKING, key[0], key[1], within=SHARE_DUST)

    def _cash(self, element: FlexElement, account: AccountRef) -> None:
        """The cash in dollars; that of all currencies is a sum, and that in another is told."""
        currency = element.text("currency").upper()
        if currency == "BASE_SUMMARY":
            self.reading.mark(element.first, RowKind.TOTAL)
            return
        row = self.days.row(self.reading, element, {"amount": ("endingCash",)})
        row.account = account
        amount = cents(row.needed("amount"))
        if currency in {"", "USD"}:
            row.close(CashRecord(element.first, account, amount, "Ending cash"))
            return
        if amount:
            message = f"cash of {amount:,.2f} {currency[:10]} is not in dollars and not imported"
            row.note(Severity.WARNING, "not_dollars", message, "amount")
        row.close()


def _is_lot(element: FlexElement) -> bool:
    return element.text("levelOfDetail").upper() == "LOT"
