"""The history in a Flex query: trades, closed lots, cash transactions, transfers and corporate actions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import Action
from engine.problems import Severity
from importers.base import RowKind
from importers.history_rows import COMPARE, SHORT_SALE, Words, kind_of
from importers.ibkr_flex_document import Days, FlexElement
from importers.ibkr_layouts import is_short
from importers.ibkr_movements import action_kind
from importers.ibkr_sections import dollars
from importers.markup import ElementRow, MarkupReading
from importers.records import AccountRef, ActivityKind, ActivityRecord, RealizedRecord, TransactionRecord

_FIELDS = {
    "symbol": ("symbol",),
    "description": ("actionDescription", "description"),
    "currency": ("currency",),
    "date": ("tradeDate", "dateTime", "date", "settleDate", "reportDate"),
    "quantity": ("quantity",),
    "amount": ("netCash",),
    "proceeds": ("proceeds",),
    "fee": ("ibCommission",),
    "taxes": ("taxes",),
    "cost_basis": ("cost",),
    "gain": ("fifoPnlRealized",),
    "acquired": ("openDateTime",),
    "side": ("buySell",),
    "codes": ("notes", "code"),
}
_MOVED = _FIELDS | {
    "date": ("dateTime", "date", "settleDate", "reportDate"),
    "amount": ("amount", "cashTransfer"),
}
_ACTED = _FIELDS | {"date": ("dateTime", "reportDate"), "amount": ("proceeds", "amount")}
_SHARES = frozenset({"", "STK", "FUND", "BOND", "BILL"})
_OPTIONS = frozenset({"OPT", "FOP", "FSOPT", "FSFOP", "WAR", "IOPT"})
_KINDS = {"STK": "Stock", "FUND": "Mutual fund", "BOND": "Bond", "BILL": "Treasury"}
_CASH = {
    "deposits/withdrawals": ActivityKind.DEPOSIT,
    "deposits & withdrawals": ActivityKind.DEPOSIT,
    "dividends": ActivityKind.DIVIDEND,
    "payment in lieu of dividends": ActivityKind.DIVIDEND,
    "withholding tax": ActivityKind.TAX_WITHHELD,
    "871(m) withholding": ActivityKind.TAX_WITHHELD,
    "advisor fees": ActivityKind.FEE,
    "other fees": ActivityKind.FEE,
    "commission adjustments": ActivityKind.FEE,
}
_REINVESTED = "R"
"""The code of a reinvested dividend (IBKR Reporting Guide, codes)."""
_SPLITS = frozenset({"FS", "RS", "FI"})
_Taker = Callable[[FlexElement, AccountRef], None]


def kind_of_security(element: FlexElement) -> str:
    """Return the type of security in the words that tell what is traded and what is only held."""
    asset = element.text("assetCategory").upper()
    return "Option" if asset in _OPTIONS else _KINDS.get(asset, asset)


class FlexHistory:
    """Reads the elements of the history, the parts where their sums stand beside them."""

    def __init__(self, reading: MarkupReading, days: Days, elements: tuple[FlexElement, ...], today: date) -> None:
        self.reading = reading
        self.days = days
        self.today = today
        self.executions = any(e.tag == "Trade" and not _is_order(e) for e in elements)
        self.details = any(e.tag == "CashTransaction" and not _is_sum(e) for e in elements)

    def takers(self) -> dict[str, _Taker]:
        """Return the reader of each element."""
        return {
            "Trade": self._trade,
            "Order": self._trade,
            "Lot": self._closed_lot,
            "CashTransaction": self._paid,
            "Transfer": self._transfer,
            "CorporateAction": self._action,
        }

    def _row(self, element: FlexElement, account: AccountRef, fields: dict[str, tuple[str, ...]]) -> ElementRow:
        row = self.days.row(self.reading, element, fields)
        row.account = account
        row.symbol = row.clean_symbol()
        return row

    def _trade(self, element: FlexElement, account: AccountRef) -> None:
        """An execution; orders are sums of them, unless the query asks for orders only."""
        if self.executions and (element.tag == "Order" or _is_order(element)):
            self.reading.mark(element.first, RowKind.TOTAL)
            return
        row = self._row(element, account, _FIELDS)
        when = row.needed_day("date", today=self.today)
        asset = element.text("assetCategory").upper()
        if asset in _SHARES:
            self._shares(row, when, element.text("openCloseIndicator").upper())
            return
        quantity, paid = row.needed("quantity"), _paid_for(row)
        kind = ActivityKind.OPTION if asset in _OPTIONS else ActivityKind.OTHER
        said = f"{element.text('buySell')} {quantity:,f} {row.symbol}".strip()
        moved = cents(paid) if element.text("currency").upper() in {"", "USD"} else None
        held = quantity if kind is ActivityKind.OPTION else None
        row.close(ActivityRecord(row.number, account, when, kind, row.symbol, said, held, moved))

    def _shares(self, row: ElementRow, when: date, opens: str) -> None:
        """A trade in shares; one that was cancelled, or cancels another, is told and held back, and so is a short one.

        `opens` is O for a trade that opened a position, C for one that closed it, with both where it did both.
        """
        quantity, side = row.needed("quantity"), row.text("side").upper()
        paid = _paid_for(row)
        if "CA" in side:
            row.reject("cancelled_trade", f"the trade in {row.symbol} is a cancellation", "side", "Check it by hand.")
        if quantity == 0 and row.ok:
            row.reject("quantity_not_positive", "a trade of 0 shares is no trade", "quantity")
        sells = side.startswith("S") or (not side and quantity < 0)
        dollars(row)
        if is_short(opens, sells=sells):
            row.note(Severity.WARNING, *SHORT_SALE, hint=COMPARE)
            said = f"{side} {quantity:,f} {row.symbol}".strip()
            kind = ActivityKind.OTHER
            row.close(ActivityRecord(row.number, row.account, when, kind, row.symbol, said, quantity, cents(paid)))
            return
        reinvests = not sells and _REINVESTED in row.text("codes").replace(",", ";").split(";")
        action = Action.SELL if sells else Action.REINVEST if reinvests else Action.BUY
        money = cents(abs(paid))
        row.close(TransactionRecord(row.number, row.account, when, action, row.symbol, abs(quantity), money))

    def _closed_lot(self, element: FlexElement, account: AccountRef) -> None:
        """A lot that a trade closed: its proceeds are its cost and its gain."""
        row = self._row(element, account, _FIELDS)
        acquired, sold = row.day("acquired", today=self.today), row.needed_day("date", today=self.today)
        quantity, basis, gain = abs(row.needed("quantity")), abs(row.needed("cost_basis")), row.needed("gain")
        dollars(row)
        proceeds, basis = cents(basis + gain), cents(basis)
        made = proceeds - basis
        row.close(RealizedRecord(row.number, account, row.symbol, acquired, sold, quantity, proceeds, basis, made))

    def _paid(self, element: FlexElement, account: AccountRef) -> None:
        if self.details and _is_sum(element):
            self.reading.mark(element.first, RowKind.TOTAL)
            return
        row = self._row(element, account, _MOVED)
        when, amount = row.needed_day("date", today=self.today), row.needed("amount")
        said, description = element.text("type"), row.text("description")
        kind = _CASH.get(said.casefold()) or kind_of(Words(said, description), "", None, amount)
        if kind is ActivityKind.DEPOSIT and amount < 0:
            kind = ActivityKind.WITHDRAWAL
        elif kind is ActivityKind.DIVIDEND and "return of capital" in description.casefold():
            kind = ActivityKind.OTHER
        elif kind is ActivityKind.OTHER:
            message = f"the type of cash transaction '{said[:40]}' is not known, so it is taken as other"
            row.note(Severity.WARNING, "type_not_known", message)
        dollars(row)
        row.close(ActivityRecord(row.number, account, when, kind, row.symbol, f"{said}: {description}", None, amount))

    def _transfer(self, element: FlexElement, account: AccountRef) -> None:
        row = self._row(element, account, _MOVED)
        when, quantity, amount = row.needed_day("date", today=self.today), row.amount("quantity"), row.amount("amount")
        out = element.text("direction").upper() == "OUT"
        kind = ActivityKind.TRANSFER_OUT if out else ActivityKind.TRANSFER_IN
        symbol = "" if row.symbol in {"--", "-"} else row.symbol
        held = None if quantity is None or not symbol else -abs(quantity) if out else abs(quantity)
        said = " ".join(filter(None, (element.text("type"), element.text("direction"), row.text("description"))))
        dollars(row)
        row.close(ActivityRecord(row.number, account, when, kind, symbol, said, held, amount or None))

    def _action(self, element: FlexElement, account: AccountRef) -> None:
        """A corporate action; `quantity` is the change of the shares."""
        row = self._row(element, account, _ACTED)
        when, quantity, amount = row.needed_day("date", today=self.today), row.amount("quantity"), row.amount("amount")
        description = row.text("description")
        kind = ActivityKind.SPLIT if element.text("type").upper() in _SPLITS else action_kind(description)
        dollars(row)
        row.close(ActivityRecord(row.number, account, when, kind, row.symbol, description, quantity, amount or None))


def _paid_for(row: ElementRow) -> Decimal:
    """Return the cash of a trade: net where the query has it, else proceeds with commission and taxes."""
    if row.text("amount"):
        return row.needed("amount")
    return row.needed("proceeds") + (row.amount("fee") or ZERO) + (row.amount("taxes") or ZERO)


def _is_order(element: FlexElement) -> bool:
    return element.text("levelOfDetail").upper() == "ORDER"


def _is_sum(element: FlexElement) -> bool:
    return element.text("levelOfDetail").upper() == "SUMMARY"
