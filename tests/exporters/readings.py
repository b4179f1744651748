"""What the overlay and the tax figures of the synthetic households say."""

from datetime import date
from decimal import Decimal

from engine.overlay.reading import OverlayReading, SignalReading
from engine.rebalance.proposal import Proposal
from engine.trail import Trail
from tests.exporters.office import STRATEGIC, TARGETS, TAX

D = Decimal


def overlay_reading() -> OverlayReading:
    readings = {
        "us_equity": ("0.0612", 1, "0.1841", 1),
        "intl_equity": ("-0.0127", -1, "0.0233", 1),
        "em_equity": ("-0.0310", -1, "-0.0405", -1),
        "us_bond": ("-0.0051", -1, "-0.0112", -1),
    }
    signals = tuple(
        signal
        for name, (sma, sma_vote, momentum, momentum_vote) in readings.items()
        for signal in (
            SignalReading("sma", name, D(sma), sma_vote, date(2026, 9, 30)),
            SignalReading("momentum", name, D(momentum), momentum_vote, date(2026, 9, 30)),
        )
    )
    return OverlayReading(
        as_of=date(2026, 9, 30),
        signals=signals,
        votes={"us_equity": D(1), "intl_equity": D(0), "em_equity": D(-1), "us_bond": D(-1)},
        regime="growth",
        tilts={name: TARGETS[name] - STRATEGIC[name] for name in TARGETS},
        targets=TARGETS,
        warnings=("The month-end close of em_equity is 3 days old.",),
    )


def tax_trail(proposal: Proposal) -> tuple[Trail, ...]:
    tax = proposal.tax
    short = Trail(
        "Net short-term result of the year",
        TAX.ytd_short_term + tax.short_term,
        (
            Trail("Realized so far this year, short-term", TAX.ytd_short_term),
            Trail("This proposal, short-term", tax.short_term, source="IRC 1222"),
        ),
        source="Schedule D, line 7",
    )
    long = Trail(
        "Net long-term result of the year",
        TAX.ytd_long_term - TAX.carryforward_long_term + tax.long_term,
        (
            Trail("Realized so far this year, long-term", TAX.ytd_long_term),
            Trail("Long-term loss carried from earlier years", -TAX.carryforward_long_term, source="IRC 1212(b)"),
            Trail("This proposal, long-term", tax.long_term, source="IRC 1222"),
        ),
        source="Schedule D, line 15",
    )
    return (
        Trail(
            "Estimated tax on gains after the proposal",
            tax.after,
            (
                short,
                long,
                Trail("Short-term rate", TAX.short_term_rate, unit="fraction", source="IRC 1(h), 1411"),
                Trail("Long-term rate", TAX.long_term_rate, unit="fraction", source="IRC 1(h), 1411"),
            ),
            source="Schedule D, line 16",
        ),
        Trail("Shares sold at a loss", D(2410), unit="shares"),
    )
