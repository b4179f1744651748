"""Merrill holdings: all accounts of a login in one table; the cash balance is in a file of its own."""

from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult
from importers.holdings import add_position
from importers.lot_rows import use_basis_of_gain
from importers.number_grammar import NULLS
from importers.one_table import OneTable, no_as_of, take_day
from importers.reading import Reading, Row
from importers.records import AccountRef, CashRecord
from importers.table_grammar import Layout

NAME = "merrill_holdings"
CUSTODIAN = "merrill"

LAYOUT = Layout(
    columns={
        "as_of": ("cob date",),
        "symbol": ("symbol",),
        "cusip": ("cusip #",),
        "description": ("security description",),
        "nickname": ("account nickname",),
        "registration": ("account registration",),
        "account": ("account #",),
        "quantity": ("quantity",),
        "price": ("price ($)",),
        "market_value": ("value ($)",),
        "gain": ("unrealized gain/loss ($)",),
    },
    required=("as_of", "symbol", "description", "account", "quantity", "price", "market_value"),
    ignored=frozenset(
        {
            *("security #", "unrealized gain/loss (%)", "accrued interest ($)"),
            *("cumulative investment return ($)", "cumulative investment return (%)"),
        }
    ),
)
TABLE = OneTable(
    NAME,
    "Merrill holdings",
    LAYOUT,
    frozenset({"cob date", "security #", "cusip #", "cumulative investment return ($)"}),
)
_SWEEPS = frozenset({"IIAXX", "ML BANK DEPOSIT PROGRAM"})


class MerrillHoldings:
    """Positions, and the bank deposits that stand among them. Their basis is value minus gain; there are no totals."""

    name = NAME
    title = "Merrill holdings"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with a close-of-business date for each security."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read positions and deposits."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        reading = opened.reading

        def take(row: Row) -> None:
            _row(reading, row, today)

        TABLE.walk(opened, take)
        message = "the cash balance of Merrill accounts is not in this file"
        hint = "Import the PortfolioSummary file of the same day with it."
        reading.note(Problem(Severity.INFO, "cash_elsewhere", message, hint))
        no_as_of(reading, "Download the holdings again with the column COB Date.")
        return reading.result()


def account_of(row: Row) -> AccountRef:
    """Return the account of a row, named by nickname, else by registration."""
    nickname = row.text("nickname")
    name = row.text("registration") if nickname.casefold() in NULLS else nickname
    account = AccountRef(CUSTODIAN, row.text("account"), name)
    if not account.number:
        row.reject("no_account", "there is no account number", "account")
    return account


def _row(reading: Reading, row: Row, today: date) -> None:
    """Read a row: a deposit or a position. A security without a symbol goes by its CUSIP."""
    row.account = account_of(row)
    take_day(reading, row, today)
    symbol, cusip = row.text("symbol"), row.text("cusip")
    nameless = symbol.casefold() in NULLS
    if symbol.upper() in _SWEEPS or (nameless and cusip.casefold() in NULLS):
        amount = row.needed("market_value")
        row.close(CashRecord(row.number, row.account, amount, row.text("description")))
        return
    if nameless:
        row.use("symbol", cusip)
    use_basis_of_gain(row)
    add_position(row, security_type="")
