"""Morgan Stanley Online holdings: accounts of a login in one sheet, legal text below the total."""

from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult
from importers.date_grammar import day, day_within
from importers.holdings import add_position
from importers.number_grammar import NULLS
from importers.one_table import OneTable, Opened, Sums, is_total, no_as_of
from importers.reading import Row
from importers.records import AccountRef, CashRecord
from importers.table_grammar import Layout, filled, plain

NAME = "morgan_stanley_holdings"
CUSTODIAN = "morgan_stanley"

LAYOUT = Layout(
    columns={
        "account": ("account number",),
        "description": ("name",),
        "institution": ("institution",),
        "security_type": ("product type",),
        "symbol": ("symbol",),
        "cusip": ("cusip",),
        "price": ("last ($)",),
        "priced": ("as of",),
        "quantity": ("quantity",),
        "market_value": ("market value ($)",),
        "cost_basis": ("adjusted cost ($)", "total cost ($)"),
    },
    required=("account", "security_type", "symbol", "price", "quantity", "market_value"),
    ignored=frozenset(
        {
            *("open order", "today's change (%)", "today's change ($)", "total cost ($)", "unrealized gain/loss (%)"),
            *("unrealized gain/loss ($)", "accrued interest", "pays dividend flag", "dividend per share ($)"),
            *("current yield (%)", "maturity date", "% of portfolio", "coupon rate (%)", "moody's rating"),
            *("cumulative cash distributions ($)", "est. annual income ($)", "net value inc/dec (%)"),
            *("net value inc/dec ($)", "price change (%)", "price change ($)", "prior close - market value ($)"),
            *("prior close - last ($)", "prior close - as of", "s&p rating", "purchases ($)", "ex-dividend date"),
        }
    ),
)
TABLE = OneTable(
    NAME,
    "Morgan Stanley holdings",
    LAYOUT,
    frozenset({"product type", "last ($)", "adjusted cost ($)", "open order", "market value ($)"}),
)
_CASH = "cash, mmf and bdp"


class MorganStanleyHoldings:
    """Positions and cash, checked against the total row."""

    name = NAME
    title = "Morgan Stanley holdings"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with product types and prices headed Last ($)."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read positions and cash."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.reading = opened.reading
        self.path = path
        self.today = today
        self.sums = Sums("market_value")
        self.prices: set[date] = set()

    def run(self) -> ImportResult:
        TABLE.walk(self.opened, self.row)
        self.date()
        return self.reading.result()

    def date(self) -> None:
        """Take the day above the table, else the newest day of a price, else the day in the file's name."""
        above = ((n, " ".join(filled(c))) for n, c in enumerate(self.opened.rows[: self.opened.header.row - 1], 1))
        said = next(((number, found) for number, text in above if (found := day_within(text))), None)
        if said is not None:
            self.reading.set_as_of(said[1], self.today, said[0])
        elif self.prices:
            self.reading.set_as_of(max(self.prices), self.today, self.opened.header.row)
        else:
            self.reading.set_as_of(day_within(self.path.stem), self.today, 0)
        no_as_of(self.reading, "Keep the rows above the header as Morgan Stanley writes them.")

    def row(self, row: Row) -> None:
        """Read a row: the total, cash or a position."""
        first = row.text("account") or row.text("description")
        if is_total(first) or plain(first).startswith("total "):
            self.sums.check(self.reading, row, "all positions", Severity.BLOCKING)
            return
        row.account = AccountRef(CUSTODIAN, row.text("account"))
        if not row.account.number:
            row.reject("no_account", "there is no account number", "account")
        if plain(row.text("security_type")) == _CASH:
            amount = row.needed("market_value")
            self.sums.add("market_value", amount)
            row.close(CashRecord(row.number, row.account, amount, row.text("description")))
            return
        priced = day(row.text("priced"))
        if isinstance(priced, date):
            self.prices.add(priced)
        if row.text("symbol").casefold() in NULLS:
            row.use("symbol", row.text("cusip").strip("-"))
        value, _ = add_position(row)
        self.sums.add("market_value", value)
