"""The columns of the proposal page's tables, and the rows that join a proposal with what people call things."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from engine.overlay.reading import SignalReading
from engine.portfolio import Lot, Side
from engine.problems import Severity
from engine.rebalance.proposal import LotSale, Suppressed, Trade
from exporters.run_report import HouseholdReport
from exporters.words import account_label
from gui.figures import class_title, count, day, money, percent, price, quantity, signed_percent, words
from gui.table import Align, Column, Tone
from workflow.views import ProposalRow

SIDE_TONES = {Side.BUY: Tone(text="accent", bold=True), Side.SELL: Tone(text="warning", bold=True)}


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A trade with its number and the account as people call it."""

    number: int
    account: str
    trade: Trade
    gain: Decimal | None


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot sold by a trade, with what the case knows about it."""

    number: int
    account: str
    symbol: str
    sale: LotSale
    lot: Lot | None
    held_until: date


@dataclass(frozen=True, slots=True)
class SuppressedRow:
    """A trade that was not made, with the account as people call it."""

    number: int
    account: str
    suppressed: Suppressed


@dataclass(frozen=True, slots=True)
class TiltRow:
    """What the overlay did to one class."""

    asset_class: str
    strategic: Decimal
    vote: Decimal | None
    tilt: Decimal
    target: Decimal


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A sentence about the proposal: a reason, a warning, a problem of the data."""

    number: int
    kind: str
    severity: Severity
    text: str


def account_names(report: HouseholdReport) -> dict[str, str]:
    """Return what people call each account of a case."""
    return {facts.key: account_label(facts) for facts in report.accounts}


def trade_rows(report: HouseholdReport) -> tuple[TradeRow, ...]:
    """Return the trades; the gain is that of their lots where the account is taxed."""
    names = account_names(report)
    rows = []
    for number, trade in enumerate(report.proposal.trades):
        taxed = [sale.gain for sale in trade.lots if sale.term is not None]
        gain = sum(taxed, Decimal(0)) if taxed else None
        rows.append(TradeRow(number, names.get(trade.account, trade.account), trade, gain))
    return tuple(rows)


def lot_rows(report: HouseholdReport, trades: tuple[TradeRow, ...]) -> tuple[LotRow, ...]:
    """Return the lots that these trades sell."""
    lots = {lot.id: lot for lot in report.case.lots}
    sold = [(row, sale) for row in trades for sale in row.trade.lots]
    return tuple(
        LotRow(number, row.account, row.trade.symbol, sale, lots.get(sale.id), report.case.as_of)
        for number, (row, sale) in enumerate(sold)
    )


def suppressed_rows(report: HouseholdReport) -> tuple[SuppressedRow, ...]:
    """Return the trades that were not made."""
    names = account_names(report)
    return tuple(
        SuppressedRow(number, names.get(left.account, left.account), left)
        for number, left in enumerate(report.proposal.suppressed)
    )


def tilt_rows(report: HouseholdReport) -> tuple[TiltRow, ...]:
    """Return what the overlay did to each class of the model."""
    overlay = report.overlay
    if overlay is None:
        return ()
    zero = Decimal(0)
    return tuple(
        TiltRow(key, weight, overlay.votes.get(key), overlay.tilts.get(key, zero), overlay.targets.get(key, weight))
        for key, weight in report.strategic.items()
    )


def note_rows(report: HouseholdReport) -> tuple[NoteRow, ...]:
    """Return what there is to read about the proposal, the gravest first."""
    overlay = report.overlay
    notes = [
        *((problem.severity, "Data", problem.line()) for problem in report.problems),
        *((Severity.WARNING, "Warning", text) for text in report.proposal.warnings),
        *((Severity.WARNING, "Overlay", text) for text in (overlay.warnings if overlay else ())),
        *((Severity.INFO, "Ruleset", text) for text in (report.ruleset.lines if report.ruleset else ())),
        *((Severity.INFO, "Reason", text) for text in report.proposal.reasons),
        *(
            (Severity.INFO, "Do not buy", f"{left.identity_group} until {day(left.until)}: it would wash a loss")
            for left in report.proposal.do_not_buy
        ),
    ]
    order = [Severity.FATAL, Severity.BLOCKING, Severity.WARNING, Severity.INFO]
    notes.sort(key=lambda note: order.index(note[0]))
    return tuple(NoteRow(number, kind, severity, text) for number, (severity, kind, text) in enumerate(notes))


def proposal_columns() -> tuple[Column[ProposalRow], ...]:
    """Return the columns of the run's households."""
    return (
        Column("Household", lambda r: r.household, lambda r: r.household, tip=lambda r: r.note),
        Column("Status", lambda r: r.status, lambda r: r.status.capitalize(), tip=_status_tip,
               colour=_status_tone, width=58),
        Column("Trades", lambda r: r.trades, lambda r: count(r.trades), Align.RIGHT, width=48),
        Column("Tax", lambda r: r.tax_after - r.tax_before,
               lambda r: f"{money(r.tax_before, 0)} → {money(r.tax_after, 0)}", Align.RIGHT, colour=_tax_tone,
               width=124, header_tip="Tax of the year without and with these trades, in dollars; sorts by the change"),
        Column("Harvested", lambda r: r.harvested_loss, lambda r: _or_blank(r.harvested_loss), Align.RIGHT,
               width=74, header_tip="Losses that count, in dollars"),
        Column("Drift", lambda r: abs(r.worst_drift_after),
               lambda r: f"{signed_percent(r.worst_drift_before)} → {signed_percent(r.worst_drift_after)}",
               Align.RIGHT, width=132, header_tip="Largest drift of a class before and after; sorts by after"),
        Column("Gap", lambda r: r.gap, lambda r: money(r.gap), Align.RIGHT, width=46,
               header_tip="At most so many dollars above the proven bound"),
    )  # fmt: skip


def trade_columns() -> tuple[Column[TradeRow], ...]:
    """Return the columns of a household's trades."""
    return (
        Column("Account", lambda r: r.account, lambda r: r.account, tip=lambda r: r.account, width=122),
        Column("Side", lambda r: r.trade.side.value, lambda r: r.trade.side.value.capitalize(),
               colour=lambda r: SIDE_TONES[r.trade.side], width=42),
        Column("Symbol", lambda r: r.trade.symbol, lambda r: r.trade.symbol, width=58),
        Column("Shares", lambda r: r.trade.quantity, lambda r: quantity(r.trade.quantity), Align.RIGHT, width=62),
        Column("Price", lambda r: r.trade.price, lambda r: price(r.trade.price), Align.RIGHT, width=64),
        Column("Amount", lambda r: r.trade.amount, lambda r: money(r.trade.amount), Align.RIGHT, width=88),
        Column("Gain", lambda r: r.gain, lambda r: "" if r.gain is None else money(r.gain), Align.RIGHT,
               colour=lambda r: sign_tone(r.gain), width=84,
               header_tip="Realized gain (+) or loss (-) before wash sales, in dollars; blank where not taxed"),
        Column("Lots", lambda r: len(r.trade.lots), lambda r: count(len(r.trade.lots)) if r.trade.lots else "",
               Align.RIGHT, width=40),
        Column("Reason", lambda r: r.trade.reason, lambda r: r.trade.reason, tip=lambda r: r.trade.reason),
    )  # fmt: skip


def lot_columns() -> tuple[Column[LotRow], ...]:
    """Return the columns of the lots that trades sell."""
    return (
        Column("Lot", lambda r: r.sale.id, lambda r: r.sale.id, tip=lambda r: r.account),
        Column("Symbol", lambda r: r.symbol, lambda r: r.symbol, width=58),
        Column("Acquired", lambda r: r.lot.acquired if r.lot else None,
               lambda r: day(r.lot.acquired if r.lot else None), width=88),
        Column("Days", _days_held, lambda r: count(_days_held(r) or 0), Align.RIGHT, width=50,
               header_tip="Days held, with those a wash sale carried over"),
        Column("Sold", lambda r: r.sale.quantity, lambda r: quantity(r.sale.quantity), Align.RIGHT, width=62),
        Column("Of lot", lambda r: r.lot.quantity if r.lot else None,
               lambda r: quantity(r.lot.quantity if r.lot else None), Align.RIGHT, width=62),
        Column("Basis sold", _basis_sold, lambda r: money(_basis_sold(r)), Align.RIGHT, width=84),
        Column("Gain", lambda r: r.sale.gain, lambda r: money(r.sale.gain), Align.RIGHT,
               colour=lambda r: sign_tone(r.sale.gain) if r.sale.term else None, width=84,
               header_tip="Gain (+) or loss (-) before wash sales, in dollars"),
        Column("Term", lambda r: r.sale.term or "", lambda r: _term_text(r.sale), width=74),
    )  # fmt: skip


def suppressed_columns() -> tuple[Column[SuppressedRow], ...]:
    """Return the columns of the trades that were not made."""
    return (
        Column("Account", lambda r: r.account, lambda r: r.account, width=140),
        Column("Side", lambda r: r.suppressed.side.value, lambda r: r.suppressed.side.value.capitalize(),
               colour=lambda r: SIDE_TONES[r.suppressed.side], width=46),
        Column("Symbol", lambda r: r.suppressed.symbol, lambda r: r.suppressed.symbol, width=62),
        Column("Rule", lambda r: r.suppressed.reason_code, lambda r: words(r.suppressed.reason_code), width=130),
        Column("Blocked until", lambda r: r.suppressed.until,
               lambda r: day(r.suppressed.until) if r.suppressed.until else "", width=92),
        Column("Why it was not done", lambda r: r.suppressed.reason, lambda r: r.suppressed.reason,
               tip=lambda r: r.suppressed.reason),
    )  # fmt: skip


def signal_columns() -> tuple[Column[SignalReading], ...]:
    """Return the columns of the overlay's signals."""
    return (
        Column("Class", lambda r: r.asset_class, lambda r: class_title(r.asset_class)),
        Column("Signal", lambda r: r.kind, lambda r: SIGNALS.get(r.kind, words(r.kind))),
        Column("Value", lambda r: r.value, lambda r: signed_percent(r.value), Align.RIGHT,
               colour=lambda r: sign_tone(r.value), width=80),
        Column("Vote", lambda r: r.vote, lambda r: VOTES[r.vote], colour=lambda r: sign_tone(Decimal(r.vote)),
               width=80),
        Column("Prices of", lambda r: r.data_as_of, lambda r: day(r.data_as_of), width=90),
    )  # fmt: skip


def tilt_columns() -> tuple[Column[TiltRow], ...]:
    """Return the columns of the overlay's tilts."""
    return (
        Column("Class", lambda r: r.asset_class, lambda r: class_title(r.asset_class)),
        Column("Strategic", lambda r: r.strategic, lambda r: percent(r.strategic), Align.RIGHT, width=90),
        Column("Vote", lambda r: r.vote, lambda r: "" if r.vote is None else money(r.vote), Align.RIGHT,
               colour=lambda r: sign_tone(r.vote), width=70, header_tip="Combined vote, from -1 to 1"),
        Column("Tilt", lambda r: r.tilt, lambda r: signed_percent(r.tilt), Align.RIGHT,
               colour=lambda r: sign_tone(r.tilt), width=80),
        Column("Target", lambda r: r.target, lambda r: percent(r.target), Align.RIGHT, width=80),
    )  # fmt: skip


def note_columns() -> tuple[Column[NoteRow], ...]:
    """Return the columns of warnings, reasons and problems."""
    tones = {Severity.INFO: None, Severity.WARNING: Tone(text="warning")}
    return (
        Column("Kind", lambda r: r.kind, lambda r: r.kind,
               colour=lambda r: tones.get(r.severity, Tone(text="negative", bold=True)), width=90),
        Column("What", lambda r: r.text, lambda r: r.text, tip=lambda r: r.text),
    )  # fmt: skip


def sign_tone(amount: Decimal | None) -> Tone | None:
    """Return green for a gain, red for a loss, nothing for zero and where there is no amount."""
    if not amount:
        return None
    return Tone(text="positive" if amount > 0 else "negative")


SIGNALS = {"sma": "Moving average", "momentum": "Momentum"}
VOTES = {1: "Bullish", 0: "None", -1: "Bearish"}


def _or_blank(amount: Decimal) -> str:
    return money(amount, 0) if amount else ""


def _tax_tone(row: ProposalRow) -> Tone | None:
    change = row.tax_after - row.tax_before
    return Tone(text="negative" if change > 0 else "positive") if change else None


def _status_tone(row: ProposalRow) -> Tone | None:
    return {"optimal": Tone(text="positive"), "feasible": Tone(text="warning")}.get(row.status, Tone(text="negative"))


def _status_tip(row: ProposalRow) -> str:
    return f"{row.status.capitalize()}: at most {money(row.gap)} dollars above the proven bound. {row.note}".strip()


def _days_held(row: LotRow) -> int | None:
    if row.lot is None:
        return None
    return (row.held_until - row.lot.acquired + timedelta(days=row.lot.holding_days_carried)).days


def _basis_sold(row: LotRow) -> Decimal | None:
    if row.lot is None or not row.lot.quantity:
        return None
    return row.lot.cost_basis * row.sale.quantity / row.lot.quantity


def _term_text(sale: LotSale) -> str:
    return "not taxed" if sale.term is None else f"{sale.term.value}-term"
