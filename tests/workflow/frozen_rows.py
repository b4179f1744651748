"""Rows of a household of three accounts, made from records without a book: one taxable, one Roth, one of the spouse."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from engine.portfolio import Registration
from importers import records as r
from tests.workflow.import_desk import DAY, ROTH, TAXABLE
from workflow.reconciliation_rows import (
    AccountRow,
    ActivityRow,
    BookRows,
    Earlier,
    LotRow,
    PositionRow,
    PriceRow,
    RealizedRow,
    TradeRow,
)

D = Decimal
OLD = date(2026, 9, 30)
SPOUSE = r.AccountRef("schwab", "12345555")
IDS = {TAXABLE: 1, ROTH: 2, SPOUSE: 3}


def account(number: int, cash: str = "500") -> AccountRow:
    registration = Registration.ROTH_IRA if number == 2 else Registration.TAXABLE
    owner = "John" if number == 3 else "Jane"
    return AccountRow(number, "Abbott", f"account {number}", owner, registration, D(cash), DAY, DAY)


def rows_of(
    *records: r.Record,
    earlier: Earlier | None = None,
    cash: str = "500",
    groups: Mapping[str, str] | None = None,
) -> BookRows:
    """Return the rows that these records would become; `earlier` and `cash` are of the first account."""
    numbered = list(enumerate(records, start=1))
    return BookRows(
        accounts=(account(1, cash), account(2), account(3)),
        positions=tuple(
            PositionRow(IDS[x.account], x.symbol, x.quantity, x.price, x.market_value, x.cost_basis, DAY)
            for x in records
            if isinstance(x, r.PositionRecord)
        ),
        lots=tuple(
            LotRow(n, IDS[x.account], x.symbol, x.acquired, x.quantity, x.cost_basis, DAY)
            for n, x in numbered
            if isinstance(x, r.LotRecord)
        ),
        trades=tuple(
            TradeRow(n, IDS[x.account], x.symbol, x.date, x.action, x.quantity, x.amount)
            for n, x in numbered
            if isinstance(x, r.TransactionRecord)
        ),
        activity=tuple(
            ActivityRow(n, IDS[x.account], x.symbol, x.date, x.kind, x.quantity, x.amount)
            for n, x in numbered
            if isinstance(x, r.ActivityRecord)
        ),
        realized=tuple(_realized(n, x) for n, x in numbered if isinstance(x, r.RealizedRecord)),
        prices=tuple(PriceRow(x.symbol, x.date, x.close, x.adjusted) for x in records if isinstance(x, r.PriceRecord)),
        earlier={1: earlier} if earlier else {},
        groups=dict(groups or {}),
    )


def _realized(number: int, x: r.RealizedRecord) -> RealizedRow:
    figures = (x.quantity, x.proceeds, x.cost_basis, x.gain, x.disallowed)
    return RealizedRow(number, IDS[x.account], x.symbol, x.acquired, x.sold, *figures)
