"""What can be wrong with a row before anything is replayed: each fault is named, no good row is lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from engine.money import ZERO
from engine.problems import Problem, Severity
from engine.tax.ledger.lots import SHARE_UNIT, whole_cents
from engine.tax.ledger.rows import SELL, SPLIT, LedgerRow

BEYOND = Decimal(10) ** 15
"""Quantities and amounts of this size and above are faults."""

Fault = tuple[str, str, str, str]
"""Code, field, message, hint."""


def problem_of(row: LedgerRow, file: str, fault: Fault, severity: Severity = Severity.BLOCKING) -> Problem:
    """Return a fault of a row as a problem; a blocking one says that the row took no part."""
    code, name, message, hint = fault
    return Problem(severity, code, message, hint, file, row.row, name, row.account, row.symbol)


@dataclass(slots=True)
class RowCheck:
    """Goes over the rows once. `today` None = no row is in the future."""

    file: str = ""
    today: date | None = None
    problems: list[Problem] = field(default_factory=list)
    _ids: dict[str, LedgerRow] = field(default_factory=dict)
    _accounts: dict[str, LedgerRow] = field(default_factory=dict)
    _groups: dict[str, LedgerRow] = field(default_factory=dict)
    _rounded: list[LedgerRow] = field(default_factory=list)

    def good(self, rows: Iterable[LedgerRow]) -> tuple[LedgerRow, ...]:
        """Return the rows without a fault, in cents and the smallest fractions of a share; collect the problems."""
        kept = tuple([self._rounded_row(row) for row in rows if self._is_plainly_good(row) or self._is_good(row)])
        if self._rounded:
            text = f"{len(self._rounded):,} row(s) have fractions of a cent or of 0.00000001 share and were rounded"
            fault = ("rounded", "", f"{text}, this one first", "")
            self.problems.append(problem_of(self._rounded[0], self.file, fault, Severity.INFO))
        return kept

    def _is_plainly_good(self, row: LedgerRow) -> bool:
        """Whether a row names no lots and has no fault, told in one look; the others are looked at closely."""
        name, account, symbol, group = row.id, row.account, row.symbol, row.identity_group
        if not (name and account and symbol) or row.lots or row.acquired:
            return False
        return (
            self._ids.setdefault(name, row) is row
            and self._accounts.setdefault(account, row).registration is row.registration
            and (not group or self._groups.setdefault(symbol, row).identity_group == group)
            and _within(row.quantity, SHARE_UNIT)
            and _within(row.amount, ZERO)
            and (self.today is None or row.date <= self.today)
        )

    def _is_good(self, row: LedgerRow) -> bool:
        faults = self._identity_faults(row) + _figure_faults(row) + self._date_faults(row)
        if row.lots or row.acquired:
            faults += _lot_faults(row)
        self.problems += [problem_of(row, self.file, fault) for fault in faults]
        return not faults

    def _identity_faults(self, row: LedgerRow) -> list[Fault]:
        faults: list[Fault] = []
        if not (row.id and row.account and row.symbol):
            named = {"id": row.id, "account": row.account, "symbol": row.symbol}
            faults += [("missing", name, f"the row has no {name}", "") for name, value in named.items() if not value]
        first = self._ids.setdefault(row.id, row)
        if first is not row and row.id:
            text = f"id {row.id} is in row {first.row} already"
            faults.append(("duplicate_id", "id", text, "Give each row an id of its own."))
        first = self._accounts.setdefault(row.account, row)
        if first.registration is not row.registration:
            text = f"account {row.account} is {row.registration} here and {first.registration} in row {first.row}"
            faults.append(("registration_differs", "registration", text, "Write the same in all rows of the account."))
        if row.identity_group:
            first = self._groups.setdefault(row.symbol, row)
            if first.identity_group != row.identity_group:
                text = f"{row.symbol} is in {row.identity_group} here, in {first.identity_group} in row {first.row}"
                faults.append(("identity_group_differs", "identity_group", text, "Write the same group in all rows."))
        return faults

    def _date_faults(self, row: LedgerRow) -> list[Fault]:
        faults: list[Fault] = []
        if self.today is not None and row.date > self.today:
            text = f"{row.date} is in the future (today is {self.today})"
            faults.append(("future_date", "date", text, "Correct the date, or leave out later rows with --as-of."))
        if row.acquired is not None and row.acquired > row.date:
            text = f"acquired on {row.acquired}, after the row's own date {row.date}"
            faults.append(("acquired_after_arrival", "lots", text, "The date is the day of arrival."))
        return faults

    def _rounded_row(self, row: LedgerRow) -> LedgerRow:
        amount = whole_cents(row.amount)
        quantity = row.quantity if row.action is SPLIT else row.quantity.quantize(SHARE_UNIT)
        if amount == row.amount and quantity == row.quantity:
            return row
        self._rounded.append(row)
        return replace(row, amount=amount, quantity=quantity)


def _figure_faults(row: LedgerRow) -> list[Fault]:
    faults: list[Fault] = []
    if not _within(row.quantity, SHARE_UNIT):
        what = "new shares for each old one" if row.action is SPLIT else "shares"
        hint = "Quantities are above zero; the action says which way they go."
        faults.append(("bad_quantity", "quantity", f"{row.quantity} {what} is no quantity", hint))
    if not _within(row.amount, ZERO):
        hint = "Amounts are not below zero; the action says which way they go."
        faults.append(("bad_amount", "amount", f"{row.amount} is no amount", hint))
    return faults


def _within(figure: Decimal, least: Decimal) -> bool:
    return figure.is_finite() and least <= figure < BEYOND


def _lot_faults(row: LedgerRow) -> list[Fault]:
    faults: list[Fault] = []
    if row.acquired is not None and not row.action.may_be_acquired_earlier:
        text = f"a {row.action} has no day acquired of its own"
        faults.append(("bad_lots", "lots", text, "Leave the field empty."))
    if row.lots and row.action is not SELL:
        return [*faults, ("bad_lots", "lots", f"a {row.action} names no lots", "Only a sell does.")]
    for named in row.lots:
        if not _within(named.quantity, SHARE_UNIT):
            text = f"{named.quantity} shares of lot {named.lot} is no quantity"
            return [*faults, ("bad_lots", "lots", text, "")]
    total = sum((named.quantity for named in row.lots), ZERO)
    if row.lots and total != row.quantity:
        text = f"the lots named add up to {total:,f} shares, the sale is of {row.quantity:,f}"
        hint = "Name lots for all shares of the sale, or none for first in, first out."
        faults.append(("lots_do_not_add_up", "lots", text, hint))
    return faults
