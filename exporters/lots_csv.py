"""The generic lot file: the shares of each lot that each sale closes."""

from exporters.csv_text import account_number, guarded, number, table
from exporters.order_lines import LotLine, OrderLine, RunOrders

HEADER = (
    "order_id",
    "account_number",
    "symbol",
    "cusip",
    "lot_id",
    "custodian_lot_id",
    "open_date",
    "term",
    "lot_qty",
    "sell_qty",
    "unit_cost",
    "cost_basis",
    "est_proceeds",
    "est_gain",
    "wash_risk",
)


def lots_csv(run: RunOrders) -> str:
    """Return the lot instructions of a run. `custodian_lot_id` is empty: custodians go by the open date."""
    return table(HEADER, (_row(order, lot) for order in run.orders for lot in order.lots))


def _row(order: OrderLine, lot: LotLine) -> tuple[str, ...]:
    return (
        lot.order_id,
        account_number(order.account.number),
        guarded(order.security.symbol),
        guarded(order.security.cusip),
        guarded(lot.lot_id),
        "",
        lot.acquired.isoformat(),
        lot.term.value if lot.term else "",
        number(lot.lot_quantity),
        number(lot.quantity),
        number(lot.unit_cost),
        number(lot.cost_basis, 2),
        number(lot.proceeds, 2),
        number(lot.gain, 2),
        lot.wash.value,
    )
