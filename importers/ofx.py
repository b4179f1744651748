"""OFX and QFX investment statements: positions, cash and history of one or more accounts, from any custodian.

A statement has no lots and no cost. Each element of the lists of positions and transactions is one record or one
problem; the lines of the document are accounted for as `importers.markup` says. Days are those the file writes; its
clock time and zone, `160000.000[-5:EST]`, are not used. Cash that stands both as a balance and as a money market
fund is taken once. Source: OFX 2.2 specification, section 13 (investments).
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult
from importers.custodians import OTHER, custodian_key
from importers.holdings import add_position
from importers.instruments import money_fund
from importers.loading import load
from importers.markup import ElementRow, MarkupReading, Value
from importers.ofx_markup import Tree, parse
from importers.ofx_securities import Securities
from importers.ofx_transactions import History, day_of
from importers.reading import refused
from importers.records import AccountRef, CashRecord

NAME = "ofx"
_UNREADABLE = "Download the statement again; if it stays so, ask the custodian for a CSV file."
_POSITION = {
    "identifier": ("INVPOS", "SECID", "UNIQUEID"),
    "identifier_type": ("INVPOS", "SECID", "UNIQUEIDTYPE"),
    "side": ("INVPOS", "POSTYPE"),
    "quantity": ("INVPOS", "UNITS"),
    "price": ("INVPOS", "UNITPRICE"),
    "market_value": ("INVPOS", "MKTVAL"),
}
_NOT_READ = {
    "INVOOLIST": "open orders are not imported",
    "INV401KBAL": "balances of a retirement plan's sources are not imported",
    "BANKMSGSRSV1": "bank statements are not imported",
    "CREDITCARDMSGSRSV1": "credit card statements are not imported",
}


class Ofx:
    """Every investment statement in the file, each with its own account and day."""

    name = NAME
    title = "OFX or QFX investment statement"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take every OFX document; one without an investment statement is refused when read."""
        if head.kind == "ofx":
            return Claim(NAME, takes=True, why="it is an OFX document")
        return Claim(NAME, takes=False, why="it is no OFX document")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read all statements; a document that cannot be read even when mended is one fatal problem."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        if source.kind != "ofx":
            return refused(NAME, path, Problem(Severity.FATAL, "not_ofx", "the file is no OFX document"))
        lines = source.grids[0].rows
        tree = parse([cells[0] for cells in lines])
        if isinstance(tree, str):
            problem = Problem(Severity.FATAL, "not_readable", f"the document {tree}", _UNREADABLE)
            return refused(NAME, path, problem)
        statements = list(tree.root.iter("INVSTMTRS"))
        if not statements:
            return refused(NAME, path, _no_statement(tree))
        reading = MarkupReading(NAME, path.name, lines)
        if tree.mended:
            message = f"the markup was mended: {'; '.join(tree.mended)}"
            reading.tell(Severity.INFO, "markup_mended", message, "Compare the records with the custodian's screen.")
        securities = Securities(tree, reading)
        for statement in statements:
            _Statement(tree, statement, reading, securities, today).read()
        for tag, said in _NOT_READ.items():
            for element in tree.root.iter(tag):
                reading.tell(Severity.INFO, "not_imported", said, row=tree.span(element)[0])
        return reading.close()


def _no_statement(tree: Tree) -> Problem:
    """Return why a document has nothing for us: it is of another kind, or the custodian refused the download."""
    codes = [tree.value(status, "MESSAGE").text for status in tree.root.iter("STATUS") if _failed(tree, status)]
    if codes:
        message = f"the custodian's system answered with an error: {codes[0][:80] or 'no reason given'}"
        return Problem(Severity.FATAL, "no_statement", message, "Download the statement again.")
    message = "there is no investment statement in it"
    return Problem(Severity.FATAL, "no_statement", message, "Download the statement of an investment account.")


def _failed(tree: Tree, status: Element) -> bool:
    return tree.value(status, "SEVERITY").text.upper() == "ERROR"


class _Statement:
    """One statement: its account and day, then positions, cash and history."""

    def __init__(
        self, tree: Tree, statement: Element, reading: MarkupReading, securities: Securities, today: date
    ) -> None:
        self.tree = tree
        self.statement = statement
        self.reading = reading
        self.securities = securities
        self.today = today
        self.account = self._account()
        self.funds: list[tuple[int, Decimal]] = []

    def read(self) -> None:
        self._date()
        currency = self.tree.value(self.statement, "CURDEF")
        if currency.text.upper() not in {"", "USD"}:
            message = f"the statement is in {currency.text[:10]}, not in dollars"
            self.reading.tell(Severity.FATAL, "not_dollars", message, row=currency.line)
        for group in self.statement.iter("INVPOSLIST"):
            for element in group:
                self._position(element)
        self._cash()
        history = History(self.tree, self.reading, self.securities, self.account, self.today)
        for group in self.statement.iter("INVTRANLIST"):
            history.read(group)

    def _account(self) -> AccountRef:
        """Return the account; the custodian is the broker's domain, or the institution that signed."""
        number = self.tree.value(self.statement, "INVACCTFROM", "ACCTID")
        broker = self.tree.value(self.statement, "INVACCTFROM", "BROKERID").text
        org = next((self.tree.value(fi, "ORG").text for fi in self.tree.root.iter("FI")), "")
        name = broker.casefold().removeprefix("www.")
        name = name.rpartition(".")[0] if "." in name else org if not name or name.isdigit() else name
        if not number.text:
            message = "the statement does not name its account"
            self.reading.tell(Severity.FATAL, "no_account", message, "Download it again.", row=number.line)
        return AccountRef(custodian_key(name.removesuffix(".com")) if name else OTHER, number.text)

    def _date(self) -> None:
        stated = self.tree.value(self.statement, "DTASOF")
        as_of = day_of(stated.text)
        if not isinstance(as_of, date):
            message = "the statement does not say of which day it is"
            self.reading.tell(Severity.WARNING, "no_as_of", message, "Download it again.", row=stated.line)
            return
        before = self.reading.as_of
        if before is not None and before != as_of:
            message = f"statements of several days are in the file: {before} and {as_of}; the later is kept"
            self.reading.tell(Severity.WARNING, "several_days", message, row=stated.line)
        self.reading.set_as_of(max(as_of, before or as_of), self.today, stated.line)

    def _position(self, element: Element) -> None:
        values = {name: self.tree.value(element, *path) for name, path in _POSITION.items()}
        row = ElementRow(self.reading, *self.tree.span(element), values)
        row.account = self.account
        security = self.securities.of(row, element.tag)
        line = values["identifier"].line
        whole = values | {
            "symbol": Value(security.symbol, "UNIQUEID", line),
            "description": Value(security.name, "SECNAME", line),
            "quantity": _short(values["quantity"], values["side"].text),
        }
        held = ElementRow(self.reading, *self.tree.span(element), whole)
        held.account, held.ok = self.account, row.ok
        amount = held.amount("market_value")
        fund = element.tag != "POSOPT" and money_fund(security.symbol, security.name)
        if fund and held.ok and amount is not None and held.amount("price") in {None, Decimal(1)}:
            held.symbol = security.symbol
            self.funds.append((held.number, amount))
            described = f"{security.symbol} {security.name}".strip()
            held.close(CashRecord(held.number, self.account, amount, described))
        else:
            add_position(held, security_type=security.kind)

    def _cash(self) -> None:
        """Take the balance, unless a money market fund of the positions is the same cash."""
        for element in self.statement.iter("INVBAL"):
            values = {
                "amount": self.tree.value(element, "AVAILCASH"),
                "margin": self.tree.value(element, "MARGINBALANCE"),
            }
            row = ElementRow(self.reading, *self.tree.span(element), values)
            row.account = self.account
            amount = row.needed("amount")
            funds = sum((held for _, held in self.funds), ZERO)
            if self.funds and row.ok and amount == funds:
                message = f"the cash balance of {amount:,.2f} is the money market fund, which is taken once"
                row.note(Severity.INFO, "cash_stated_twice", message, "amount")
                row.close()
            else:
                if self.funds and row.ok and amount:
                    message = f"cash of {amount:,.2f} stands beside a money market fund of {funds:,.2f}: both are taken"
                    hint = "Compare with the custodian's screen: the fund may be part of the balance."
                    row.note(Severity.WARNING, "cash_unclear", message, "amount", hint)
                row.close(CashRecord(row.number, self.account, amount, "Cash balance"))
            margin = row.amount("margin")
            if margin is not None and margin < 0:
                message = f"the account owes {-margin:,.2f} on margin, which is not taken off the cash"
                row.note(Severity.WARNING, "margin_debt", message, "margin")


def _short(quantity: Value, side: str) -> Value:
    """Return the quantity with a minus sign where the position is short and the file gives it without."""
    if side.strip().upper() == "SHORT" and not quantity.text.startswith("-"):
        return Value(f"-{quantity.text.lstrip('+')}", quantity.title, quantity.line)
    return quantity
