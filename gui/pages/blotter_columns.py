"""The columns of the blotter's tables."""

from decimal import Decimal

from engine.money import ZERO
from exporters.order_lines import Block, OrderLine
from exporters.run_report import ApprovalLine, RunState, Skipped
from exporters.words import account_label
from gui.figures import count, day, dollars, moment, money, price, quantity
from gui.pages.proposal_columns import SIDE_TONES, sign_tone
from gui.runs import OPEN_STATES
from gui.table import Align, Column, Tone
from workflow.views import RunSummary

STATES = tuple(RunState)


def run_columns() -> tuple[Column[RunSummary], ...]:
    """Return the columns of the list of runs."""
    return (
        Column("Run", lambda r: r.run, lambda r: r.run, width=150),
        Column("State", lambda r: STATES.index(r.state), lambda r: r.state.value, colour=_state_tone, width=100),
        Column("As of", lambda r: r.as_of, lambda r: day(r.as_of), width=96),
        Column("Made", lambda r: r.created_at, lambda r: moment(r.created_at), width=140),
        Column("Households", lambda r: len(r.rows), lambda r: count(len(r.rows)), Align.RIGHT, width=90),
        Column("Left out", lambda r: len(r.skipped), lambda r: count(len(r.skipped)), Align.RIGHT, width=80),
        Column("Trades", _trades, lambda r: count(_trades(r)), Align.RIGHT, width=80),
        Column("Buys", _bought, lambda r: dollars(_bought(r)),
               Align.RIGHT, width=110),
        Column("Sells", _sold, lambda r: dollars(_sold(r)),
               Align.RIGHT, width=110),
        Column("Harvested", _harvested, lambda r: dollars(_harvested(r)), Align.RIGHT),
    )  # fmt: skip


def order_columns() -> tuple[Column[OrderLine], ...]:
    """Return the columns of a run's orders."""
    return (
        Column("Order", lambda r: r.order_id, lambda r: r.order_id, width=156),
        Column("Household", lambda r: r.household, lambda r: r.household, width=126),
        Column("Custodian", lambda r: r.account.custodian, lambda r: r.account.custodian, width=84),
        Column("Account", lambda r: account_label(r.account), lambda r: account_label(r.account),
               tip=lambda r: r.account.number, width=164),
        Column("Side", lambda r: r.side.value, lambda r: r.side.value.capitalize(),
               colour=lambda r: SIDE_TONES[r.side], width=44),
        Column("Symbol", lambda r: r.security.symbol, lambda r: r.security.symbol, tip=lambda r: r.security.name,
               width=62),
        Column("Shares", lambda r: r.quantity, lambda r: quantity(r.quantity), Align.RIGHT, width=62),
        Column("Price", lambda r: r.price, lambda r: price(r.price), Align.RIGHT, width=70),
        Column("Amount", lambda r: r.amount, lambda r: money(r.amount), Align.RIGHT, width=94),
        Column("Gain", lambda r: r.gain, lambda r: "" if r.gain is None else money(r.gain), Align.RIGHT,
               colour=lambda r: sign_tone(r.gain), width=88,
               header_tip="Estimated gain (+) or loss (-), in dollars; blank where not taxed"),
        Column("Block", lambda r: r.block_id, lambda r: r.block_id, width=162),
        Column("Reason", lambda r: r.reason, lambda r: r.reason, tip=lambda r: r.reason),
    )  # fmt: skip


def block_columns() -> tuple[Column[Block], ...]:
    """Return the columns of the blocks: orders of several accounts placed together."""
    return (
        Column("Block", lambda r: r.block_id, lambda r: r.block_id, width=150),
        Column("Custodian", lambda r: r.custodian, lambda r: r.custodian, width=110),
        Column("Side", lambda r: r.side.value, lambda r: r.side.value.capitalize(),
               colour=lambda r: SIDE_TONES[r.side], width=60),
        Column("Symbol", lambda r: r.security.symbol, lambda r: r.security.symbol, width=80),
        Column("Security", lambda r: r.security.name, lambda r: r.security.name),
        Column("Accounts", lambda r: r.accounts, lambda r: count(r.accounts), Align.RIGHT, width=80),
        Column("Shares", lambda r: r.quantity, lambda r: quantity(r.quantity), Align.RIGHT, width=100),
        Column("Amount", lambda r: r.amount, lambda r: money(r.amount), Align.RIGHT, width=130),
    )  # fmt: skip


def approval_columns() -> tuple[Column[ApprovalLine], ...]:
    """Return the columns of who moved the run from state to state."""
    return (
        Column("When", lambda r: r.at, lambda r: moment(r.at), width=150),
        Column("Who", lambda r: r.by, lambda r: r.by, width=160),
        Column("From", lambda r: STATES.index(r.from_state), lambda r: r.from_state.value, width=100),
        Column("To", lambda r: STATES.index(r.to_state), lambda r: r.to_state.value, width=100),
        Column("Reason", lambda r: r.reason, lambda r: r.reason, tip=lambda r: r.reason),
    )  # fmt: skip


def skipped_columns() -> tuple[Column[Skipped], ...]:
    """Return the columns of the households left out."""
    return (
        Column("Household", lambda r: r.household, lambda r: r.household, width=200),
        Column("Why it was left out", lambda r: r.why, lambda r: r.why, tip=lambda r: r.why),
    )  # fmt: skip


def matches(order: OrderLine, typed: str) -> bool:
    """Whether an order has these letters (in lower case) in what names it."""
    names = (order.household, order.account.custodian, account_label(order.account), order.side.value,
             order.security.symbol, order.security.name, order.order_id, order.reason)  # fmt: skip
    return any(typed in name.casefold() for name in names)


def _trades(run: RunSummary) -> int:
    return sum(row.trades for row in run.rows)


def _bought(run: RunSummary) -> Decimal:
    return sum((row.buys for row in run.rows), ZERO)


def _sold(run: RunSummary) -> Decimal:
    return sum((row.sells for row in run.rows), ZERO)


def _harvested(run: RunSummary) -> Decimal:
    return sum((row.harvested_loss for row in run.rows), ZERO)


def _state_tone(run: RunSummary) -> Tone:
    return Tone(text="warning" if run.state in OPEN_STATES else "positive", bold=True)
