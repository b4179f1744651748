"""E*TRADE G&L Expanded (with and without the wash-sale columns): a summary row, then one row for each closed lot."""

from datetime import date
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.etrade_accounts import CUSTODIAN
from importers.file_names import account_in_name
from importers.lot_rows import add_realized
from importers.one_table import OneTable, Opened
from importers.reading import Row
from importers.table_grammar import Layout, plain

NAME = "etrade_gains_expanded"

LAYOUT = Layout(
    columns={
        "record_type": ("record type",),
        "symbol": ("symbol",),
        "quantity": ("quantity", "qty.", "qty"),
        "acquired": ("date acquired",),
        "cost_basis": ("adjusted cost basis",),
        "sold": ("date sold",),
        "proceeds": ("total proceeds",),
        "gain": ("adjusted gain/loss",),
        "plain_gain": ("gain/loss",),
        "disallowed": ("deferred loss",),
        "term": ("capital gains status", "term"),
    },
    required=("record_type", "symbol", "quantity", "acquired", "cost_basis", "sold", "proceeds"),
    ignored=frozenset(
        {
            *("plan type", "acquisition cost", "acquisition cost per share", "ordinary income recognized"),
            *("ordinary income recognized per share", "adjusted cost basis per share", "proceeds per share"),
            *("gain/loss (wash sale toggle = on)", "date acquired (wash sale toggle = on)"),
            *("adjusted gain (loss) per share", "wash sale adjusted capital gains status"),
            *("total wash sale adjustment amount", "wash sale adjustment amount per share"),
            *("total wash sale adjusted cost basis", "wash sale adjusted cost basis per share"),
            *("total wash sale adjusted gain/loss", "wash sale adjusted gain/loss per share", "order type"),
            *("covered status", "qualified plan?", "qualified plan", "disposition type", "type", "grant date"),
            *("grant date fmv", "discount amount", "purchase date", "purchase date fair mkt. value"),
            *("purchase price", "grant number", "83(b) election", "vest date", "vest date fmv", "exercise date"),
            *("exercise date fmv", "grant price", "order number"),
        }
    ),
)
TABLE = OneTable(
    NAME,
    "E*TRADE G&L Expanded",
    LAYOUT,
    frozenset({"record type", "adjusted cost basis", "total proceeds", "acquisition cost", "plan type"}),
)


class EtradeGainsExpanded:
    """Closed lots with the basis that ordinary income of a stock plan is added to."""

    name = NAME
    title = "E*TRADE gains and losses (expanded)"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files whose header has record types and adjusted basis."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closed lots; the first row is the sum of them."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.today = today
        self.account = account_in_name(CUSTODIAN, path.stem)
        if not self.account.number:
            message = f"the file names no account; its lots are kept under the name '{path.stem}'"
            hint = "Put the end of the account number into the file's name, such as 'G&L_Expanded -2203.xlsx'."
            opened.reading.note(Problem(Severity.WARNING, "no_account", message, hint))
        self.sums = {"quantity": ZERO, "proceeds": ZERO, "gain": ZERO}
        self.summary: Row | None = None

    def run(self) -> ImportResult:
        TABLE.walk(self.opened, self.row)
        if self.summary is not None:
            for name, found in self.sums.items():
                field = "plain_gain" if name == "gain" and not self.opened.header.has("gain") else name
                stated = self.summary.amount(field)
                if stated is not None:
                    total = Total(self.summary.number, f"{name} of all lots", stated, found)
                    self.opened.reading.check_total(total, Severity.WARNING, self.account.number)
        return self.opened.reading.result(empty=Severity.INFO)

    def row(self, row: Row) -> None:
        """Read a row: the summary or a closed lot."""
        row.account = self.account
        kind = plain(row.text("record_type"))
        if kind == "summary":
            self.summary = row
            self.opened.reading.mark(row.number, RowKind.TOTAL)
            return
        row.symbol = row.clean_symbol()
        if kind != "sell":
            message = f"'{row.text('record_type')[:30]}' is not a kind of row we know"
            row.reject("record_type", message, "record_type", "Only rows of the type Sell are read.")
            row.close()
            return
        quantity = row.amount("quantity") or ZERO
        lot = add_realized(row, today=self.today)
        self.sums["quantity"] += quantity
        self.sums["proceeds"] += lot.proceeds
        self.sums["gain"] += lot.gain
