"""The sheets of the blotter that are about orders: Orders, Lots sold, Blocks, Allocations."""

from datetime import UTC, datetime

from exporters.order_lines import (
    ALLOCATION_METHOD,
    TIME_IN_FORCE,
    Allocation,
    Block,
    OrderLine,
    RunOrders,
)
from exporters.order_terms import OrderTerms
from exporters.orders_csv import approval_of, notes_of
from exporters.run_report import RunReport
from exporters.sheet import Column, Kind, Sheet, Value
from exporters.words import class_name, custodian_name, registration_name

# The last group of columns is the order memorandum that Rule 204-2(a)(3) of the Advisers Act asks for:
# terms, changes, who recommended, who placed, account, date of entry, broker or bank, discretion.
ORDER_COLUMNS = (
    Column("Order", Kind.TEXT, 18),
    Column("Household", Kind.WRAPPED, 28),
    Column("Custodian", Kind.TEXT, 12),
    Column("Account", Kind.TEXT, 14),
    Column("Side", Kind.TEXT, 7),
    Column("Symbol", Kind.TEXT, 10),
    Column("Quantity", Kind.QUANTITY, 12),
    Column("Est. price", Kind.PRICE, 11),
    Column("Est. amount", Kind.MONEY, 15, summed=True),
    Column("Est. short-term gain", Kind.MONEY, 13, summed=True),
    Column("Est. long-term gain", Kind.MONEY, 13, summed=True),
    Column("Wash sale", Kind.TEXT, 10),
    Column("Reason", Kind.WRAPPED, 52),
    Column("Block", Kind.TEXT, 19),
    Column("Registration", Kind.TEXT, 17),
    Column("Account name", Kind.WRAPPED, 24),
    Column("Owner", Kind.WRAPPED, 22),
    Column("Security", Kind.WRAPPED, 34),
    Column("CUSIP", Kind.TEXT, 12),
    Column("Security type", Kind.TEXT, 14),
    Column("Est. trading cost", Kind.MONEY, 12, summed=True),
    Column("Reason code", Kind.TEXT, 24),
    Column("Terms", Kind.WRAPPED, 32),
    Column("Lot method", Kind.TEXT, 15),
    Column("Discretionary", Kind.TEXT, 14),
    Column("Recommended by", Kind.TEXT, 17),
    Column("Approved by", Kind.TEXT, 17),
    Column("Approved at (UTC)", Kind.STAMP, 17),
    Column("Broker or bank", Kind.TEXT, 15),
    Column("Placed by", Kind.BLANK, 15),
    Column("Entered at", Kind.BLANK, 15),
    Column("Changed or cancelled", Kind.BLANK, 18),
    Column("Notes", Kind.WRAPPED, 32),
)
ORDER_BREAKS = (13, 22)
LOT_COLUMNS = (
    Column("Order", Kind.TEXT, 19),
    Column("Household", Kind.WRAPPED, 28),
    Column("Custodian", Kind.TEXT, 12),
    Column("Account", Kind.TEXT, 14),
    Column("Symbol", Kind.TEXT, 9),
    Column("Lot", Kind.TEXT, 18),
    Column("Acquired", Kind.DATE, 12),
    Column("Term", Kind.TEXT, 8),
    Column("Lot quantity", Kind.QUANTITY, 13),
    Column("Sold", Kind.QUANTITY, 12),
    Column("Unit cost", Kind.PRICE, 12),
    Column("Basis sold", Kind.MONEY, 15, summed=True),
    Column("Est. proceeds", Kind.MONEY, 15, summed=True),
    Column("Est. gain", Kind.MONEY, 14, summed=True),
    Column("Wash sale", Kind.TEXT, 10),
)
BLOCK_COLUMNS = (
    Column("Block", Kind.TEXT, 20),
    Column("Custodian", Kind.TEXT, 14),
    Column("Side", Kind.TEXT, 8),
    Column("Symbol", Kind.TEXT, 10),
    Column("Security", Kind.WRAPPED, 40),
    Column("Quantity", Kind.QUANTITY, 14),
    Column("Est. amount", Kind.MONEY, 16, summed=True),
    Column("Accounts", Kind.COUNT, 10),
    Column("Allocation", Kind.TEXT, 28),
    Column("Average price filled", Kind.BLANK, 14),
    Column("Deviation from allocation and why", Kind.BLANK, 34),
)
ALLOCATION_COLUMNS = (
    Column("Block", Kind.TEXT, 20),
    Column("Order", Kind.TEXT, 20),
    Column("Household", Kind.WRAPPED, 28),
    Column("Custodian", Kind.TEXT, 14),
    Column("Account", Kind.TEXT, 15),
    Column("Side", Kind.TEXT, 8),
    Column("Symbol", Kind.TEXT, 10),
    Column("Quantity", Kind.QUANTITY, 14),
    Column("Share of block", Kind.PERCENT, 13),
    Column("Est. amount", Kind.MONEY, 16, summed=True),
    Column("Method", Kind.TEXT, 28),
)


def order_sheets(report: RunReport, run: RunOrders) -> tuple[Sheet, ...]:
    """Return Orders, Lots sold, Blocks and Allocations of a run."""
    lots = tuple(row for order in run.orders for row in _lot_rows(order))
    return (
        Sheet(
            "Orders",
            ORDER_COLUMNS,
            tuple(_order_row(report, order, run.terms) for order in run.orders),
            "No orders in this run.",
            breaks=ORDER_BREAKS,
        ),
        Sheet("Lots sold", LOT_COLUMNS, lots, "No lots are sold in this run."),
        Sheet(
            "Blocks",
            BLOCK_COLUMNS,
            tuple(_block_row(block) for block in run.blocks),
            "No blocks: no two accounts at one custodian trade the same symbol on the same side.",
        ),
        Sheet(
            "Allocations",
            ALLOCATION_COLUMNS,
            tuple(_allocation_row(part) for part in run.allocations),
            "No allocations: there are no blocks.",
        ),
    )


def utc(at: datetime) -> datetime:
    """Return an aware instant as UTC without its zone: spreadsheets know no zones."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _order_row(report: RunReport, order: OrderLine, terms: OrderTerms) -> tuple[Value, ...]:
    account, security = order.account, order.security
    approval = approval_of(report)
    return (
        order.order_id,
        order.household,
        custodian_name(account.custodian),
        account.number,
        order.side.value.capitalize(),
        security.symbol,
        order.quantity,
        order.price,
        order.amount,
        order.short_term_gain,
        order.long_term_gain,
        order.wash.value,
        order.reason,
        order.block_id or None,
        registration_name(account.registration),
        account.name,
        account.owner,
        security.name,
        security.cusip or None,
        class_name(security.security_type) or None,
        order.cost,
        order.reason_code,
        _instruction(order, terms),
        order.lot_method.value or None,
        "Yes" if account.discretionary else "No",
        report.created_by,
        approval.by if approval else None,
        utc(approval.at) if approval else None,
        custodian_name(account.custodian),
        None,
        None,
        None,
        notes_of(report, order, terms) or None,
    )


def _instruction(order: OrderLine, terms: OrderTerms) -> str:
    # The quantity has its own column as a number; here it is part of the instruction, in words.
    verb = order.side.value.capitalize()
    kind = terms.type_of(order.security.security_type).value.lower()
    limit = terms.limit_of(order.side, order.price, order.security.security_type)
    how = kind if limit is None else f"{kind} {limit:f}"
    return f"{verb} {order.quantity:f} {order.security.symbol}, {how}, {TIME_IN_FORCE.lower()}"


def _lot_rows(order: OrderLine) -> tuple[tuple[Value, ...], ...]:
    return tuple(
        (
            lot.order_id,
            order.household,
            custodian_name(order.account.custodian),
            order.account.number,
            order.security.symbol,
            lot.lot_id,
            lot.acquired,
            lot.term.value if lot.term else None,
            lot.lot_quantity,
            lot.quantity,
            lot.unit_cost,
            lot.cost_basis,
            lot.proceeds,
            lot.gain,
            lot.wash.value,
        )
        for lot in order.lots
    )


def _block_row(block: Block) -> tuple[Value, ...]:
    return (
        block.block_id,
        custodian_name(block.custodian),
        block.side.value.capitalize(),
        block.security.symbol,
        block.security.name,
        block.quantity,
        block.amount,
        block.accounts,
        ALLOCATION_METHOD,
        None,
        None,
    )


def _allocation_row(part: Allocation) -> tuple[Value, ...]:
    order = part.order
    return (
        part.block_id,
        order.order_id,
        order.household,
        custodian_name(order.account.custodian),
        order.account.number,
        order.side.value.capitalize(),
        order.security.symbol,
        part.quantity,
        part.share / 100,
        order.amount,
        ALLOCATION_METHOD,
    )
