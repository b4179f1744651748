"""One row of a trade history: a buy, sell or reinvestment, or what else moved cash or shares, by its words."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from engine.money import ZERO, cents
from engine.portfolio import Action
from engine.problems import Severity
from importers.actions import Meaning, action_of, one_meaning
from importers.instruments import untradable
from importers.number_grammar import NULLS
from importers.reading import Row
from importers.records import ActivityKind, ActivityRecord, TransactionRecord

_OPTION = re.compile(
    r"\bto (?:open|close)\b|\boptions?\b|\bexpire|\bexpiration|\bassign|\bexercis|^(?:call|put)\b", re.IGNORECASE
)
_CONTRACT = re.compile(r"(?:call|put)\s+[A-Z.]{1,6}\s+\d", re.IGNORECASE)
CANCELLED = ("cancelled_trade", "the row takes back a trade that stands in the history: it is kept as other activity")
SHORT_SALE = ("short_sale", "a short sale, or what covers one, closes and opens no lot: it is kept as other activity")
"""Code and message of trades that lots do not come from or go to."""
_SHORT = re.compile(
    r"\bshort (?:sale|cover)\b|\bto cover\b|^\W*(?:sell|sold) short\b(?![ -]+(?:term|dur|mat))", re.IGNORECASE
)
_CANCEL = re.compile(r"\bcancel|\bcxl\b", re.IGNORECASE)
COMPARE = "Compare the lots of the security with the custodian's."
_KINDS = tuple(
    (re.compile(words, re.IGNORECASE), kind)
    for words, kind in (
        (r"foreign tax|tax withh|withh.*tax|non-?resident tax|backup withh", ActivityKind.TAX_WITHHELD),
        (r"in lieu", ActivityKind.CASH_IN_LIEU),
        (r"(?:short.?term|\bst) cap", ActivityKind.CAPITAL_GAIN_SHORT),
        (r"cap(?:ital)?\.? ?gain|\blt cap|long.?term gain", ActivityKind.CAPITAL_GAIN_LONG),
        (r"dividend|\bdiv\b", ActivityKind.DIVIDEND),
        (r"interest|\bint\b", ActivityKind.INTEREST),
        (r"\bsplit", ActivityKind.SPLIT),
        (r"merger|reorg|tender|spin|exchange(?! traded)|acquisition|name change|conversion", ActivityKind.MERGER),
        (r"\bfees?\b|advisory|commission|\bcharge", ActivityKind.FEE),
        (r"journal|sweep|adjust|redemption", ActivityKind.JOURNAL),
    )
)
"""The first that fits. A capital gain without a term is long: funds pay out short ones as ordinary dividends
(Instructions for Form 1099-DIV, box 2a)."""
_MOVED = re.compile(r"transfer|acat|deliver|receiv|wire|ach\b|\beft\b", re.IGNORECASE)
_PAID_IN = re.compile(r"deposit|contribution|credit|funds received|funding receipt", re.IGNORECASE)
_PAID_OUT = re.compile(r"withdraw|distribution|check|payment|debit|disburse", re.IGNORECASE)
_QUALIFIED = re.compile(r"(?<!non-)(?<!non )(?<!un)\bqual(?:ified| div)", re.IGNORECASE)
_NOT_QUALIFIED = re.compile(r"\bnon[- ]qual", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What a row says it did: the activity, what stands beside it, and the kind of security where told."""

    activity: str
    description: str
    security_type: str = ""

    def is_option(self, symbol: str) -> bool:
        """Whether the row is about an option, which moves no shares of its underlying by itself."""
        return _is_contract(self, symbol) or _OPTION.search(self.activity) is not None

    def is_contract(self, symbol: str) -> bool:
        """Whether what is traded is an option; not so of shares that an assigned one delivered."""
        return _is_contract(self, symbol)

    def no_trade(self) -> tuple[str, str] | None:
        """Return code and message for a trade that was taken back or made short, None for any other row."""
        if _CANCEL.search(self.activity):
            return CANCELLED
        return SHORT_SALE if self.security_type.casefold() == "short" or _SHORT.search(self.activity) else None


@lru_cache(maxsize=16_384)
def _is_contract(words: Words, symbol: str) -> bool:
    """Judge a symbol and its words once: a history says the same many times."""
    said = untradable(symbol, words.description, words.security_type) == "an option"
    said = said or _CONTRACT.match(words.description.strip()) is not None
    return said or "optn" in words.security_type.casefold()


def symbol_of(row: Row, name: str = "symbol") -> str:
    """Return the symbol of a row, empty where the file writes `--` for none."""
    return "" if row.text(name).casefold() in NULLS else row.clean_symbol(name)


def trade_of(words: Words, symbol: str, quantity: Decimal | None) -> Action | None:
    """Return what a row did to the shares of a lot; None when it is no trade, or a cancelled, short or option one."""
    if words.is_option(symbol) or words.no_trade():
        return None
    action = action_of(words.activity)
    return None if action is Action.REINVEST and not quantity else action


def kind_of(words: Words, symbol: str, quantity: Decimal | None, amount: Decimal | None) -> ActivityKind:
    """Return what kind of activity a row is that is no trade, by its activity.

    The description counts only where there is no symbol: else it is a name, and funds are named after dividends.
    """
    if words.is_option(symbol):
        return ActivityKind.OPTION
    for text in (words.activity, "" if symbol else words.description):
        found = next((kind for pattern, kind in _KINDS if pattern.search(text)), None)
        if found is not None:
            return found
        inward = (amount or quantity or ZERO) > 0
        if _PAID_IN.search(text) and inward:
            return ActivityKind.DEPOSIT
        if _PAID_OUT.search(text) and not inward:
            return ActivityKind.WITHDRAWAL
        if _MOVED.search(text):
            return ActivityKind.TRANSFER_IN if inward else ActivityKind.TRANSFER_OUT
    return ActivityKind.OTHER


@dataclass(frozen=True, slots=True)
class _Event:
    """Day, shares and dollars of a row, read once so that what is wrong with them is told once."""

    when: date
    quantity: Decimal | None
    amount: Decimal | None


def _event(row: Row, today: date) -> _Event:
    row.symbol = symbol_of(row)
    return _Event(row.needed_day("date", today=today), row.amount("quantity"), row.amount("amount"))


def add_history(row: Row, words: Words, *, today: date, pays_itself: bool = False) -> Action | None:
    """Read a row of history, close it, and return its side if it is a trade. `row.account` must be set.

    With `pays_itself` a reinvestment stands for the dividend too, as where the file has no row for that.
    """
    event = _event(row, today)
    action = trade_of(words, row.symbol, event.quantity)
    if action is None:
        told = None if words.is_option(row.symbol) else words.no_trade()
        if told and action_of(words.activity):
            row.note(Severity.WARNING, told[0], told[1], "activity", COMPARE)
        _add_activity(row, words, kind_of(words, row.symbol, event.quantity, event.amount), event)
    else:
        _add_trade(row, words, action, event, pays_itself=pays_itself)
    return action


def add_known(row: Row, words: Words, meaning: Meaning | None, *, today: date) -> Action | None:
    """Read a row of history whose word the custodian defines, close it, and return its side if it is a trade.

    A word without a meaning is kept as other activity and named in an INFO problem. `row.account` must be set.
    """
    event = _event(row, today)
    told = None if words.is_contract(row.symbol) else words.no_trade()
    if told and (meaning is None or isinstance(meaning, Action)):
        row.note(Severity.WARNING, told[0], told[1], "activity", COMPARE)
        meaning = ActivityKind.OTHER
    elif meaning is None:
        message = f"the action '{words.activity[:60]}' is not known: kept as other activity"
        row.note(Severity.INFO, "unknown_action", message, "activity")
        meaning = ActivityKind.OTHER
    one = one_meaning(meaning, event.amount or event.quantity)
    if isinstance(one, ActivityKind):
        _add_activity(row, words, one, event)
    elif words.is_contract(row.symbol):
        _add_activity(row, words, ActivityKind.OPTION, event)
    elif one is Action.REINVEST and not event.quantity and (event.amount or ZERO) > 0:
        _add_activity(row, words, ActivityKind.DIVIDEND, event)
    elif event.amount and (event.amount > 0) != (one is Action.SELL):
        message = f"{event.amount:+,} is no amount of a {one}: the row may take one back, and is kept as other activity"
        row.note(Severity.WARNING, "reversed_trade", message, "amount", COMPARE)
        _add_activity(row, words, ActivityKind.OTHER, event)
    else:
        _add_trade(row, words, one, event)
        return one
    return None


def _add_activity(row: Row, words: Words, kind: ActivityKind, event: _Event) -> None:
    qualified: bool | None = None
    if kind is ActivityKind.DIVIDEND and _NOT_QUALIFIED.search(words.activity):
        qualified = False
    elif kind is ActivityKind.DIVIDEND and _QUALIFIED.search(words.activity):
        qualified = True
    said = " ".join(f"{words.activity} {words.description}".split())
    row.close(
        ActivityRecord(
            row.number,
            row.account,
            event.when,
            kind,
            row.symbol,
            said,
            event.quantity,
            event.amount,
            qualified=qualified,
        )
    )


def _add_trade(row: Row, words: Words, action: Action, event: _Event, *, pays_itself: bool = False) -> None:
    if not row.symbol:
        row.reject("no_symbol", "there is no symbol", "symbol")
    if event.quantity is None and row.ok:
        row.needed("quantity")
    shares = abs(event.quantity or ZERO)
    if shares == 0 and row.ok:
        row.reject("quantity_not_positive", "a trade of 0 shares is no trade", "quantity")
    paid = cents(row.needed("price") * shares) if event.amount is None and row.ok else abs(event.amount or ZERO)
    trade = TransactionRecord(row.number, row.account, event.when, action, row.symbol, shares, paid)
    if pays_itself and action is Action.REINVEST:
        kind = kind_of(words, row.symbol, None, paid)
        said = f"{words.activity} (the payment)"
        row.close(ActivityRecord(row.number, row.account, event.when, kind, row.symbol, said, None, paid), trade)
    else:
        row.close(trade)
