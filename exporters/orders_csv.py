"""The generic order file: one line per order, for one custodian or for all.

`solicited` is always N: the adviser places the orders, the custodian recommends nothing. The reinvestment
columns are empty: the account's own setting stands.
"""

from exporters.csv_text import account_number, guarded, number, table
from exporters.order_lines import CURRENCY, TIME_IN_FORCE, OrderLine, RunOrders
from exporters.order_terms import AT_MARKET, OrderTerms
from exporters.run_report import ApprovalLine, RunReport, RunState
from exporters.words import shares, stamp

HEADER = (
    "batch_id",
    "order_id",
    "block_id",
    "custodian",
    "account_number",
    "account_type",
    "side",
    "quantity_type",
    "quantity",
    "symbol",
    "cusip",
    "security_type",
    "order_type",
    "limit_price",
    "time_in_force",
    "currency",
    "lot_method",
    "vsp_lots",
    "solicited",
    "discretionary",
    "reinvest_div",
    "reinvest_cg",
    "est_price",
    "est_amount",
    "est_st_gain",
    "est_lt_gain",
    "wash_sale_flag",
    "rationale",
    "approved_by",
    "approved_at",
    "notes",
)
SYNTHETIC_NOTE = "Synthetic sample data: do not send."
UNAPPROVED_NOTE = "Not approved: do not send."
CONSENT_NOTE = "Not discretionary: client consent needed."


def orders_csv(report: RunReport, run: RunOrders, custodian: str | None = None) -> str:
    """Return the order file of one custodian, of all where none is named."""
    approval = approval_of(report)
    wanted = [order for order in run.orders if custodian in (None, order.account.custodian)]
    return table(HEADER, (_row(report, order, approval, run.terms) for order in wanted))


def approval_of(report: RunReport) -> ApprovalLine | None:
    """Return the last approval of the run, None while there is none."""
    given = [line for line in report.approvals if line.to_state is RunState.APPROVED]
    return given[-1] if given else None


def notes_of(report: RunReport, order: OrderLine, terms: OrderTerms = AT_MARKET) -> str:
    """Return what a trader must know of an order before it is sent."""
    notes = [SYNTHETIC_NOTE] if report.synthetic else []
    if approval_of(report) is None:
        notes.append(UNAPPROVED_NOTE)
    if not order.account.discretionary:
        notes.append(CONSENT_NOTE)
    if order.closes_position:
        notes.append("Closes the position.")
    return " ".join(filter(None, (*notes, terms.hours_of(order.security.security_type))))


def versus_purchase(order: OrderLine) -> str:
    """Return the lots to sell as `120 VSP 02/28/2023; ...` (versus purchase), empty for buys."""
    return "; ".join(f"{shares(lot.quantity).replace(',', '')} VSP {lot.acquired:%m/%d/%Y}" for lot in order.lots)


def _row(report: RunReport, order: OrderLine, approval: ApprovalLine | None, terms: OrderTerms) -> tuple[str, ...]:
    account, security = order.account, order.security
    limit = terms.limit_of(order.side, order.price, security.security_type)
    return (
        report.run,
        order.order_id,
        order.block_id,
        guarded(account.custodian),
        account_number(account.number),
        account.registration,
        order.side.value.upper(),
        "S",
        number(order.quantity),
        guarded(security.symbol),
        guarded(security.cusip),
        guarded(security.security_type),
        terms.type_of(security.security_type).value,
        "" if limit is None else number(limit),
        TIME_IN_FORCE,
        CURRENCY,
        order.lot_method.value,
        versus_purchase(order),
        "N",
        "Y" if account.discretionary else "N",
        "",
        "",
        number(order.price),
        number(order.amount, 2),
        number(order.short_term_gain, 2),
        number(order.long_term_gain, 2),
        order.wash.value,
        guarded(order.reason),
        guarded(approval.by) if approval else "",
        stamp(approval.at) if approval else "",
        notes_of(report, order, terms),
    )
