"""The overlay page of the client report: what each signal reads, how it votes, and the tilt it leads to."""

from decimal import Decimal

from engine.money import ZERO
from engine.overlay.reading import OverlayReading, SignalReading
from engine.portfolio import CASH_CLASS
from exporters.client_report import (
    Align,
    Block,
    Column,
    Heading,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
    TiltBar,
    TiltChart,
)
from exporters.run_report import HouseholdReport
from exporters.words import class_name, class_phrase, flat, listed, long_date, percent, short_date

TILT_COLUMNS = (
    Column("Asset class", 2.6),
    Column("Vote", 1.2, Align.RIGHT),
    Column("Strategic", 1.1, Align.RIGHT),
    Column("Tilt", 1.1, Align.RIGHT),
    Column("Target", 1.1, Align.RIGHT),
)
SIGNAL_COLUMNS = (
    Column("Asset class", 2.3),
    Column("Signal", 1.8),
    Column("Reading", 2.6),
    Column("Says", 1.1),
    Column("Data as of", 1.3),
)
MOST_SIGNAL_COLUMNS = 3
SIGNAL_NAMES = {
    "sma": "Moving average",
    "momentum": "Momentum",
    "yield_curve": "Yield curve",
    "cape": "Valuation (CAPE)",
    "volatility": "Volatility",
}
SAYS = {1: "Favorable", 0: "No view", -1: "Unfavorable"}


def overlay_section(household: HouseholdReport) -> Section | None:
    """Return the overlay page, None for a household without an overlay."""
    reading = household.overlay
    if reading is None:
        return None
    names = _ordered(household, reading)
    bars = tuple(
        TiltBar(
            class_name(name),
            float(round(household.strategic.get(name, ZERO) * 100, 4)),
            float(round(reading.targets.get(name, ZERO) * 100, 4)),
            percent(reading.targets.get(name, ZERO)),
        )
        for name in names
    )
    blocks: list[Block] = [
        Paragraph(_words(reading)),
        TiltChart(bars),
        Table(TILT_COLUMNS, tuple(_tilt_row(household, reading, name) for name in names)),
        Heading("What each signal reads"),
        _signals(reading, names),
    ]
    blocks += [Note(flat(warning)) for warning in reading.warnings]
    return Section("Your tactical overlay", tuple(blocks), new_page=True)


def _words(reading: OverlayReading) -> str:
    up = [class_phrase(name) for name, tilt in reading.tilts.items() if tilt > 0]
    down = [class_phrase(name) for name, tilt in reading.tilts.items() if tilt < 0]
    text = (
        "Around the strategic mix of your plan, a rule-based overlay leans the targets a little, within fixed "
        f"limits. As of {long_date(reading.as_of)} "
    )
    if up or down:
        moves = [f"{verb} {listed(names)}" for verb, names in (("raises", up), ("lowers", down)) if names]
        text += f"it {listed(moves)}."
    else:
        text += "it makes no change: the targets are the strategic mix."
    if reading.regime:
        text += f" The market regime reads: {flat(reading.regime).replace('_', ' ')}."
    return text


def _ordered(household: HouseholdReport, reading: OverlayReading) -> list[str]:
    names = list(dict.fromkeys([*household.strategic, *reading.targets, *reading.votes]))
    return sorted(names, key=lambda name: name == CASH_CLASS)


def _tilt_row(household: HouseholdReport, reading: OverlayReading, name: str) -> Row:
    vote = reading.votes.get(name)
    return Row(
        (
            class_name(name),
            "-" if vote is None else f"{vote:+.2f}" if vote else "0.00",
            percent(household.strategic.get(name, ZERO)),
            percent(reading.tilts.get(name, ZERO), signed=True),
            percent(reading.targets.get(name, ZERO)),
        )
    )


def _signals(reading: OverlayReading, names: list[str]) -> Block:
    """Return a row for each class with a column for each signal; a row for each signal where columns run out."""
    if not reading.signals:
        return Paragraph("No signal has a reading on this day.")
    rank = {name: i for i, name in enumerate(names)}
    ordered = sorted(reading.signals, key=lambda s: (rank.get(s.asset_class, len(rank)), s.asset_class))
    kinds = list(dict.fromkeys(signal.kind for signal in ordered))
    if len(kinds) > MOST_SIGNAL_COLUMNS:
        return Table(SIGNAL_COLUMNS, tuple(_signal_row(signal) for signal in ordered))
    by_class: dict[str, list[SignalReading]] = {}
    for signal in ordered:
        by_class.setdefault(signal.asset_class, []).append(signal)
    columns = (
        Column("Asset class", 2.1),
        *(Column(signal_name(kind), 2.8) for kind in kinds),
        Column("Data as of", 1.2),
    )
    return Table(columns, tuple(_class_row(name, kinds, signals) for name, signals in by_class.items()))


def _class_row(name: str, kinds: list[str], signals: list[SignalReading]) -> Row:
    said = {s.kind: f"{reading_words(s)}, {_says(s).lower()}" for s in signals}
    oldest = min(s.data_as_of for s in signals)
    return Row((class_name(name), *(said.get(kind, "-") for kind in kinds), short_date(oldest)))


def _signal_row(signal: SignalReading) -> Row:
    return Row(
        (
            class_name(signal.asset_class),
            signal_name(signal.kind),
            reading_words(signal),
            _says(signal),
            short_date(signal.data_as_of),
        )
    )


def _says(signal: SignalReading) -> str:
    return SAYS[(signal.vote > 0) - (signal.vote < 0)]


def signal_name(kind: str) -> str:
    """Return the name of a kind of signal as people say it."""
    return SIGNAL_NAMES.get(kind) or class_name(kind)


def reading_words(signal: SignalReading) -> str:
    """Return a signal's value in its own unit, in words."""
    value: Decimal = signal.value
    match signal.kind:
        case "sma":
            side = "above" if value >= 0 else "below"
            return f"{percent(abs(value))} {side} its average"
        case "momentum":
            return f"{percent(value, signed=True)} over the period"
        case "yield_curve" | "volatility":
            return percent(value, places=2)
        case _:
            return f"{value.normalize():,f}"
