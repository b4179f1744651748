"""The history of an OFX statement: each element of its list is a trade, an activity, or a problem."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from xml.etree.ElementTree import Element

from engine.money import cents
from engine.portfolio import Action
from engine.problems import Severity
from importers.actions import action_of
from importers.date_grammar import day
from importers.history_rows import CANCELLED, COMPARE, SHORT_SALE, Words, kind_of
from importers.markup import ElementRow, MarkupReading, Value
from importers.number_grammar import Unreadable
from importers.ofx_markup import Tree
from importers.ofx_securities import Securities, Security
from importers.records import AccountRef, ActivityKind, ActivityRecord, Record, TransactionRecord

_DAY_DIGITS = 8
_SHORT = frozenset({"SELLSHORT", "BUYTOCOVER"})
_ONLY_GROUPS = frozenset({"DTSTART", "DTEND"})
_TRADES = {
    "BUYSTOCK": ("INVBUY", Action.BUY),
    "BUYMF": ("INVBUY", Action.BUY),
    "BUYDEBT": ("INVBUY", Action.BUY),
    "BUYOTHER": ("INVBUY", Action.BUY),
    "BUYOPT": ("INVBUY", None),
    "SELLSTOCK": ("INVSELL", Action.SELL),
    "SELLMF": ("INVSELL", Action.SELL),
    "SELLDEBT": ("INVSELL", Action.SELL),
    "SELLOTHER": ("INVSELL", Action.SELL),
    "SELLOPT": ("INVSELL", None),
}
_INCOME = {
    "DIV": ActivityKind.DIVIDEND,
    "INTEREST": ActivityKind.INTEREST,
    "CGLONG": ActivityKind.CAPITAL_GAIN_LONG,
    "CGSHORT": ActivityKind.CAPITAL_GAIN_SHORT,
    "MISC": ActivityKind.OTHER,
}
_BANK = {
    "INT": ActivityKind.INTEREST,
    "DIV": ActivityKind.DIVIDEND,
    "FEE": ActivityKind.FEE,
    "SRVCHG": ActivityKind.FEE,
}
_PAID = frozenset({*_BANK.values(), ActivityKind.TAX_WITHHELD, ActivityKind.CASH_IN_LIEU})
"""What the words of a movement of cash may say; the rest is told by its sign."""
_FIELDS = {
    "date": ("DTTRADE", "DTPOSTED"),
    "memo": ("MEMO", "NAME"),
    "identifier": ("UNIQUEID",),
    "identifier_type": ("UNIQUEIDTYPE",),
    "quantity": ("UNITS",),
    "price": ("UNITPRICE",),
    "amount": ("TOTAL", "TRNAMT"),
    "income": ("INCOMETYPE",),
    "kind": ("TRNTYPE",),
    "withheld": ("WITHHOLDING",),
    "direction": ("TFERACTION",),
    "before": ("OLDUNITS",),
    "after": ("NEWUNITS",),
    "part_from": ("SUBACCTFROM",),
    "part_to": ("SUBACCTTO",),
    "cash_in_lieu": ("FRACCASH",),
    "side": ("SELLTYPE", "BUYTYPE"),
    "reverses": ("REVERSALFITID",),
}


@lru_cache(maxsize=4096)
def day_of(text: str) -> date | Unreadable | None:
    """Read the day of an OFX date, `20110715160000.000[-5:EST]`, in the zone in which it is written.

    The clock time after the eight digits of the day may be of any length; OFX readers disagree on it.
    """
    bare = text.strip().partition("[")[0]
    clock = bare[_DAY_DIGITS:].replace(".", "").replace(":", "")
    if bare[:_DAY_DIGITS].isdigit() and (not clock or clock.isdigit()):
        return day(bare[:_DAY_DIGITS])
    return day(bare)


class History:
    """The transactions of one account."""

    def __init__(
        self, tree: Tree, reading: MarkupReading, securities: Securities, account: AccountRef, today: date
    ) -> None:
        self.tree = tree
        self.reading = reading
        self.securities = securities
        self.account = account
        self.today = today

    def read(self, group: Element) -> None:
        """Read a list of transactions; an element of a kind that OFX does not have is told."""
        for element in group:
            if element.tag in _ONLY_GROUPS:
                continue
            take = _TAKERS.get(element.tag)
            if take is None:
                first, last = self.tree.span(element)
                row = ElementRow(self.reading, first, last, {})
                message = f"the transaction <{element.tag[:30]}> is not understood"
                row.reject("row_not_understood", message)
                row.close()
            else:
                take(self, element, self._row(element))

    def _row(self, element: Element) -> ElementRow:
        """Return the element's values by field, wherever in it they stand; its day is read without the clock."""
        first, last = self.tree.span(element)
        values: dict[str, Value] = {}
        for name, tags in _FIELDS.items():
            found = next((leaf for tag in tags for leaf in element.iter(tag)), None)
            if found is not None:
                values[name] = self.tree.value(found) if len(found) == 0 else Value("", found.tag, first)
        if "date" in values:
            read = day_of(values["date"].text)
            if isinstance(read, date):
                values["date"] = Value(read.isoformat(), values["date"].title, values["date"].line)
        row = ElementRow(self.reading, first, last, values)
        row.account = self.account
        return row

    def _trade(self, element: Element, row: ElementRow) -> None:
        """A buy or sale; of options an activity, because they have no lots with us."""
        _, action = _TRADES[element.tag]
        security = self.securities.of(row)
        when = row.needed_day("date", today=self.today)
        quantity, amount = row.needed("quantity"), row.needed("amount")
        if action is None:
            row.close(self._activity(row, when, ActivityKind.OPTION, security, quantity=quantity, amount=amount))
            return
        told = CANCELLED if row.has("reverses") else SHORT_SALE if row.text("side").upper() in _SHORT else None
        if told:
            row.note(Severity.WARNING, *told, hint=COMPARE)
            row.close(self._activity(row, when, ActivityKind.OTHER, security, quantity=quantity, amount=amount))
            return
        if quantity == 0 and row.ok:
            row.reject("quantity_not_positive", "a trade of 0 shares is no trade", "quantity")
        if action is Action.BUY and action_of(row.text("memo")) is Action.REINVEST:
            action = Action.REINVEST
        row.close(self._traded(row, when, action, security, quantity, amount))

    def _reinvest(self, _element: Element, row: ElementRow) -> None:
        """A reinvestment is income and a purchase in one element: both are kept."""
        security = self.securities.of(row)
        when = row.needed_day("date", today=self.today)
        quantity, amount = row.needed("quantity"), row.needed("amount")
        kind = self._income_kind(row)
        income = self._activity(row, when, kind, security, amount=abs(amount))
        row.close(income, self._traded(row, when, Action.REINVEST, security, quantity, amount))

    def _income(self, _element: Element, row: ElementRow) -> None:
        security = self.securities.of(row)
        when = row.needed_day("date", today=self.today)
        amount, withheld = row.needed("amount"), row.amount("withheld")
        records: list[Record] = [self._activity(row, when, self._income_kind(row), security, amount=amount)]
        if withheld:
            out = -abs(withheld)
            records.append(self._activity(row, when, ActivityKind.TAX_WITHHELD, security, amount=out))
        row.close(*records)

    def _income_kind(self, row: ElementRow) -> ActivityKind:
        said = row.text("income").upper()
        if said not in _INCOME:
            message = f"the kind of income '{said[:20]}' is not known, so it is taken as other"
            row.note(Severity.WARNING, "income_not_known", message, "income")
        return _INCOME.get(said, ActivityKind.OTHER)

    def _expense(self, element: Element, row: ElementRow) -> None:
        kind = ActivityKind.INTEREST if element.tag == "MARGININTEREST" else ActivityKind.FEE
        self._cash(row, kind, "UNIQUEID" if row.has("identifier") else "")

    def _bank(self, _element: Element, row: ElementRow) -> None:
        """Cash in and out: by the code, else by the words, else a deposit or a withdrawal by its sign."""
        kind = _BANK.get(row.text("kind").upper())
        if kind is None:
            sign = row.text("amount").startswith("-")
            said = kind_of(Words("", row.text("memo")), "", None, None)
            kind = said if said in _PAID else ActivityKind.WITHDRAWAL if sign else ActivityKind.DEPOSIT
        self._cash(row, kind)

    def _cash(self, row: ElementRow, kind: ActivityKind, of_security: str = "") -> None:
        security = self.securities.of(row) if of_security else _NO_SECURITY
        when = row.needed_day("date", today=self.today)
        row.close(self._activity(row, when, kind, security, amount=row.needed("amount")))

    def _transfer(self, _element: Element, row: ElementRow) -> None:
        security = self.securities.of(row)
        when = row.needed_day("date", today=self.today)
        units = row.needed("quantity")
        out = row.text("direction").upper() == "OUT" or units < 0
        kind = ActivityKind.TRANSFER_OUT if out else ActivityKind.TRANSFER_IN
        row.close(self._activity(row, when, kind, security, quantity=-abs(units) if out else abs(units)))

    def _journal(self, element: Element, row: ElementRow) -> None:
        """Cash or shares between the cash, margin and short parts of one account, which change neither in sum."""
        security = self.securities.of(row) if element.tag == "JRNLSEC" else _NO_SECURITY
        when = row.needed_day("date", today=self.today)
        moved = row.needed("quantity" if element.tag == "JRNLSEC" else "amount")
        parts = f"{moved:,f} from {row.text('part_from').lower()} to {row.text('part_to').lower()}"
        description = f"{row.text('memo')} ({parts})".strip()
        kind = ActivityKind.JOURNAL
        row.close(ActivityRecord(row.number, self.account, when, kind, security.symbol, description))

    def _split(self, _element: Element, row: ElementRow) -> None:
        security = self.securities.of(row)
        when = row.needed_day("date", today=self.today)
        extra = row.needed("after") - row.needed("before")
        in_lieu = row.amount("cash_in_lieu")
        records: list[Record] = [self._activity(row, when, ActivityKind.SPLIT, security, quantity=extra)]
        if in_lieu:
            records.append(self._activity(row, when, ActivityKind.CASH_IN_LIEU, security, amount=in_lieu))
        row.close(*records)

    def _other(self, element: Element, row: ElementRow) -> None:
        """A return of capital, or an option exercised, assigned or expired."""
        kind = ActivityKind.OPTION if element.tag == "CLOSUREOPT" else ActivityKind.OTHER
        security = self.securities.of(row)
        when = row.needed_day("date", today=self.today)
        quantity, amount = row.amount("quantity"), row.amount("amount")
        row.close(self._activity(row, when, kind, security, quantity=quantity, amount=amount))

    def _traded(
        self, row: ElementRow, when: date, action: Action, security: Security, quantity: Decimal, amount: Decimal
    ) -> TransactionRecord:
        money = cents(abs(amount))
        return TransactionRecord(row.number, self.account, when, action, security.symbol, abs(quantity), money)

    def _activity(
        self,
        row: ElementRow,
        when: date,
        kind: ActivityKind,
        security: Security,
        *,
        quantity: Decimal | None = None,
        amount: Decimal | None = None,
    ) -> ActivityRecord:
        described = row.text("memo") or security.name
        return ActivityRecord(row.number, self.account, when, kind, security.symbol, described, quantity, amount)


_NO_SECURITY = Security("", "", "", has_ticker=False)
_TAKERS: dict[str, Callable[[History, Element, ElementRow], None]] = {
    **dict.fromkeys(_TRADES, History._trade),  # noqa: SLF001 (the class's own table)
    "REINVEST": History._reinvest,  # noqa: SLF001
    "INCOME": History._income,  # noqa: SLF001
    "INVEXPENSE": History._expense,  # noqa: SLF001
    "MARGININTEREST": History._expense,  # noqa: SLF001
    "INVBANKTRAN": History._bank,  # noqa: SLF001
    "TRANSFER": History._transfer,  # noqa: SLF001
    "JRNLFUND": History._journal,  # noqa: SLF001
    "JRNLSEC": History._journal,  # noqa: SLF001
    "SPLIT": History._split,  # noqa: SLF001
    "RETOFCAP": History._other,  # noqa: SLF001
    "CLOSUREOPT": History._other,  # noqa: SLF001
}
