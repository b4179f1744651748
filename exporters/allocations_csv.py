"""The generic allocation file: each account's part of each block, stated before the trade."""

from exporters.csv_text import account_number, guarded, number, table
from exporters.order_lines import ALLOCATION_METHOD, Allocation, RunOrders

HEADER = ("block_id", "account_number", "side", "symbol", "quantity", "alloc_pct", "method")


def allocations_csv(run: RunOrders) -> str:
    """Return the allocations of a run; `alloc_pct` is per cent and sums to 100 in each block."""
    return table(HEADER, (_row(part) for part in run.allocations))


def _row(part: Allocation) -> tuple[str, ...]:
    order = part.order
    return (
        part.block_id,
        account_number(order.account.number),
        order.side.value.upper(),
        guarded(order.security.symbol),
        number(part.quantity),
        number(part.share, 4),
        ALLOCATION_METHOD,
    )
