"""Lists of lots from two wash-sale calculators: sold lots with their adjustment, and lots that are still held.

Columns are those of adlr/wash-sale-calculator and bbreslauer/wash-sale-tracker (GitHub).
"""

from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult
from importers.custodians import OTHER
from importers.file_names import account_in_name
from importers.lot_rows import add_lot, add_realized, days_carried
from importers.number_grammar import NULLS
from importers.one_table import OneTable
from importers.reading import Row
from importers.records import AccountRef
from importers.table_grammar import Layout
from importers.tax_1099b import no_account

NAME = "tax_1099b_wash_sales"

LAYOUT = Layout(
    columns={
        "quantity": ("num shares", "cnt"),
        "symbol": ("symbol", "sym"),
        "acquired": ("buy date", "buydate"),
        "counted": ("adjusted buy date",),
        "plain_basis": ("basis",),
        "cost_basis": ("adjusted basis", "basis"),
        "sold": ("sell date", "selldate"),
        "proceeds": ("proceeds",),
        "code": ("adjustment code", "adjcode"),
        "disallowed": ("adjustment", "adj"),
    },
    required=("quantity", "symbol", "acquired", "cost_basis", "sold", "proceeds", "code", "disallowed"),
    ignored=frozenset(
        {
            *("description", "desc", "form position", "formposition", "buy lot", "buylot"),
            *("is replacement", "isreplacement", "replacement for", "loss processed"),
        }
    ),
)
TABLE = OneTable(
    NAME,
    "a wash-sale calculator's list",
    LAYOUT,
    frozenset(
        {
            *("adjustment code", "form position", "buy lot", "is replacement", "loss processed"),
            *("adjcode", "formposition", "buylot", "isreplacement"),
        }
    ),
)
_WASH_SALE = "W"


class Tax1099bWashSales:
    """Closed lots, and open lots where there is no date of sale."""

    name = NAME
    title = "Wash-sale calculator list (lots)"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with an adjustment code and the number of the bought lot."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read closed and open lots."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        account = account_in_name(OTHER, path.stem)
        if not account.number:
            opened.reading.note(no_account(account.name))

        def take(row: Row) -> None:
            _row(row, account, today)

        TABLE.walk(opened, take)
        return opened.reading.result(empty=Severity.INFO)


def _row(row: Row, account: AccountRef, today: date) -> None:
    """Read one lot. The adjusted basis counts where there is one; the code W is a wash sale (Form 8949, column f)."""
    row.account = account
    row.symbol = row.clean_symbol()
    if row.text("cost_basis").casefold() in NULLS:
        row.use("cost_basis", row.text("plain_basis"))
    if row.text("sold").casefold() in NULLS:
        carried = days_carried(row, "acquired", "counted", today=today) if row.has("counted") else 0
        add_lot(row, today=today, carried=carried)
        return
    code = row.text("code").upper()
    if _WASH_SALE not in code:
        if row.amount("disallowed"):
            message = f"the adjustment of {row.text('disallowed')} has the code '{code}', not W: it is not counted"
            row.note(Severity.WARNING, "other_adjustment", message, "code")
        row.use("disallowed", "")
    add_realized(row, today=today)
