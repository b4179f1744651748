"""The research report of an overlay, as a value: what it earned before and after tax, and what to doubt."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from engine.research.after_tax import AfterTax
from engine.research.drawdowns import underwater
from engine.research.metrics import cagr
from engine.research.performance import Performance
from engine.research.tranches import Tranches
from exporters.client_report import (
    Align,
    Block,
    Callout,
    ClientReport,
    Column,
    KeyFigure,
    KeyFigures,
    Line,
    LineChart,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
)

RIGHT = Align.RIGHT


@dataclass(frozen=True, slots=True, eq=False)
class ResearchRun:
    """One mix over the whole time: its equity by day and figures before tax, and in a taxable account and an IRA.

    `inside` and `outside` are its figures before and after the split.
    """

    name: str
    equity: tuple[float, ...]
    figures: Performance
    inside: Performance
    outside: Performance
    taxable: AfterTax | None
    sheltered: AfterTax | None


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """A figure before and after a discount, as fractions a year, and where the discount comes from."""

    what: str
    before: float
    after: float
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class ResearchFacts:
    """All that the report says. `runs` begins with the overlay, then its strategic mix, then others.

    `split` says in words what `split_on`, the first day out of sample, divides.
    """

    firm: str
    made_on: str
    rules: tuple[str, ...]
    days: tuple[date, ...]
    split: str
    split_on: date
    runs: tuple[ResearchRun, ...]
    tranches: Tranches
    discounts: tuple[DiscountRow, ...]
    costs: str
    warnings: tuple[str, ...]


def research_report(facts: ResearchFacts) -> ClientReport:
    """Compose the report."""
    overlay, strategic = facts.runs[0], facts.runs[1]
    return ClientReport(
        document="Research report",
        household=overlay.name,
        people=f"Against {', '.join(run.name for run in facts.runs[1:])}",
        firm=facts.firm,
        date=facts.made_on,
        model=f"{facts.days[0]} to {facts.days[-1]}, {facts.costs}",
        labels=("HYPOTHETICAL",),
        footer="Hypothetical results of rules applied to past prices. Not a forecast, and nobody's account.",
        sections=(
            Section("What it says", tuple(_summary(facts, overlay, strategic))),
            Section("The rules", tuple(Paragraph(line) for line in facts.rules)),
            Section("Growth and drawdowns", tuple(_curves(facts)), new_page=True),
            Section("In and out of sample", tuple(_halves(facts)), new_page=True),
            Section("What to doubt", tuple(_doubts(facts))),
            Section("After tax", tuple(_taxed(facts)), new_page=True),
            Section("Years", tuple(_years(facts))),
        ),
    )


def _summary(facts: ResearchFacts, overlay: ResearchRun, strategic: ResearchRun) -> Iterator[Block]:
    ahead = overlay.figures.cagr - strategic.figures.cagr
    shallower = overlay.figures.max_drawdown - strategic.figures.max_drawdown
    yield KeyFigures(
        (
            KeyFigure("Growth a year", _pct(overlay.figures.cagr), f"{strategic.name} {_pct(strategic.figures.cagr)}"),
            KeyFigure(
                "Deepest drawdown",
                _pct(overlay.figures.max_drawdown),
                f"{strategic.name} {_pct(strategic.figures.max_drawdown)}",
            ),
            KeyFigure(
                "Sharpe ratio", f"{overlay.figures.sharpe:.2f}", f"{strategic.name} {strategic.figures.sharpe:.2f}"
            ),
            KeyFigure("Turnover a year", _pct(overlay.figures.turnover_per_year, 0), "one-way"),
        )
    )
    verdict = "grew faster than" if ahead > 0 else "grew no faster than"
    fell = "and fell less deep" if shallower > 0 else "and did not fall less deep"
    yield Callout(
        "The plain answer",
        f"Before tax the overlay {verdict} its strategic mix ({_pct(ahead, sign=True)} a year) {fell} "
        f"({_pct(overlay.figures.max_drawdown)} against {_pct(strategic.figures.max_drawdown)}). "
        f"{_out_of_sample(facts)} {_after_tax(facts)}{_luck(facts, ahead)}{_others(facts)}",
    )
    yield from _all_mixes(facts)


def _all_mixes(facts: ResearchFacts) -> Iterator[Block]:
    rows = [
        Row(
            (
                run.name,
                _pct(run.figures.cagr),
                _pct(run.figures.volatility),
                f"{run.figures.sharpe:.2f}",
                f"{run.figures.sortino:.2f}",
                _pct(run.figures.max_drawdown),
                _pct(run.figures.turnover_per_year, 0),
                _pct(run.taxable.cagr) if run.taxable else "",
                _pct(run.sheltered.cagr) if run.sheltered else "",
            )
        )
        for run in facts.runs
    ]
    titles = ["Mix", "Growth", "Volatility", "Sharpe", "Sortino", "Drawdown", "Turnover", "Taxable", "IRA"]
    yield Table(_columns(titles, first=0.18), tuple(rows))
    yield Note(
        "A year. Taxable and IRA: growth lot by lot with the optimiser, after the tax of each year; an IRA's differs "
        "from the growth before tax because the optimiser leaves small drifts alone."
    )


def _out_of_sample(facts: ResearchFacts) -> str:
    overlay, strategic = (run.outside.cagr for run in facts.runs[:2])
    word = "faster" if overlay > strategic else "no faster"
    return (
        f"Out of sample, from {facts.split_on} on, it grew {word} ({_pct(overlay)} against {_pct(strategic)} a year)."
    )


def _others(facts: ResearchFacts) -> str:
    """Name what else grew faster than the overlay before tax."""
    ahead = [run for run in facts.runs[2:] if run.figures.cagr > facts.runs[0].figures.cagr]
    return "".join(f" {run.name} grew faster than either ({_pct(run.figures.cagr)} a year)." for run in ahead)


def _luck(facts: ResearchFacts, ahead: float) -> str:
    """Say when a difference is smaller than what the day of the month makes."""
    width = facts.tranches.highest - facts.tranches.lowest
    if abs(ahead) >= width:
        return ""
    return f" The same rules on other days of the month differ by {_pct(width)} a year: the difference may be luck."


def _after_tax(facts: ResearchFacts) -> str:
    overlay, strategic = facts.runs[0].taxable, facts.runs[1].taxable
    if overlay is None or strategic is None:
        return "It was not run after tax."
    behind = overlay.cagr_liquidated - strategic.cagr_liquidated
    word = "ahead of" if behind > 0 else "behind"
    return (
        f"In a taxable account, everything sold at the end, it is {_pct(abs(behind))} a year {word} the strategic mix "
        f"({_pct(overlay.cagr_liquidated)} against {_pct(strategic.cagr_liquidated)})."
    )


def _curves(facts: ResearchFacts) -> Iterator[Block]:
    lines = tuple(Line(run.name, run.equity) for run in facts.runs)
    yield Paragraph("Growth of one dollar before tax, on a scale on which equal growth is equally high.")
    yield LineChart(facts.days, lines, log=True)
    yield Paragraph("How far below its last high each mix was.")
    yield LineChart(facts.days, tuple(Line(run.name, _under(run.equity)) for run in facts.runs), per_cent=True)
    falls = facts.runs[0].figures.drawdowns[:5]
    rows = [
        Row((str(f.peak), str(f.trough), str(f.recovered or "not yet"), _pct(f.depth), f"{f.days_down:,}"))
        for f in falls
    ]
    yield Table(_columns(["High", "Low", "Recovered", "Depth", "Days down"], first=0.2), tuple(rows))
    yield Note(f"The five deepest drawdowns of {facts.runs[0].name}.")


def _under(equity: Sequence[float]) -> tuple[float, ...]:
    return tuple(underwater(np.array(equity)).tolist())


def _halves(facts: ResearchFacts) -> Iterator[Block]:
    yield Paragraph(facts.split)
    titles = ["", "Growth", "Volatility", "Sharpe", "Drawdown", "Taxable", "IRA"]
    for name, after in (("In sample", False), ("Out of sample", True)):
        rows = [_half(run, facts.split_on, after=after) for run in facts.runs]
        yield Table(_columns([name, *titles[1:]], first=0.28), tuple(rows))
    yield Note("A year. Taxable and IRA as above, gains that were not yet sold untaxed.")


def _half(run: ResearchRun, split: date, *, after: bool) -> Row:
    figures = run.outside if after else run.inside
    return Row(
        (
            run.name,
            _pct(figures.cagr),
            _pct(figures.volatility),
            f"{figures.sharpe:.2f}",
            _pct(figures.max_drawdown),
            *(_pct(_growth(taxed, split, after=after)) for taxed in (run.taxable, run.sheltered)),
        )
    )


def _growth(taxed: AfterTax | None, split: date, *, after: bool) -> float:
    """Return the growth a year after tax from the split on, or up to it; NaN without a run after tax."""
    if taxed is None:
        return math.nan
    at = bisect_left(taxed.dates, split)
    rows = slice(at, None) if after else slice(0, at + 1)
    return cagr(taxed.equity[rows], taxed.dates[rows])


def _taxed(facts: ResearchFacts) -> Iterator[Block]:
    yield Paragraph(
        "One account of $1,000,000 for each mix. At each decision the optimiser of the program trades lot by lot, "
        "weighs tax against distance from the targets, harvests losses and minds wash sales; the ledger keeps the lots."
    )
    titles = ["Mix", "Growth", "Sold at end", "Short-term", "Long-term", "Losses", "Dividends", "Tax paid"]
    rows = [
        Row(
            (
                run.name,
                _pct(t.cagr),
                _pct(t.cagr_liquidated),
                *(_dollars(x) for x in (t.short_term, t.long_term, t.harvested, t.dividends, t.tax_paid)),
            )
        )
        for run in facts.runs
        if (t := run.taxable) is not None
    ]
    yield Table(_columns(titles, first=0.2), tuple(rows))
    yield Note(
        "Growth a year; sold at end: as if all were sold and taxed on the last day. Net results of all years; losses "
        "are those that counted. Rates of the top federal bracket with the surtax."
    )


def _years(facts: ResearchFacts) -> Iterator[Block]:
    overlay, strategic = (run.figures.calendar_years for run in facts.runs[:2])
    rows = [
        Row(
            (
                str(year),
                *(_pct(run.figures.calendar_years[year]) for run in facts.runs),
                _pct(overlay[year] - strategic[year], sign=True),
            )
        )
        for year in overlay
    ]
    titles = ["Year", *(run.name for run in facts.runs), f"Ahead of {facts.runs[1].name}"]
    yield Table(_columns(titles, first=0.14), tuple(rows))
    better = sum(overlay[year] > strategic[year] for year in overlay)
    yield Note(f"Before tax. The overlay was ahead of its strategic mix in {better} of {len(overlay)} years.")


def _doubts(facts: ResearchFacts) -> Iterator[Block]:
    band = facts.tranches
    yield Paragraph(
        f"The same rules decided on each of {len(band.cagr)} days of the month grew between {_pct(band.lowest)} and "
        f"{_pct(band.highest)} a year (median {_pct(band.median)}): differences smaller than that are luck of the day."
    )
    rows = [Row((d.what, _pct(d.before), _pct(d.after), d.source)) for d in facts.discounts]
    yield Table(
        (Column("Figure", 0.34), Column("As run", 0.12, RIGHT), Column("Discounted", 0.14, RIGHT), Column("Why", 0.40)),
        tuple(rows),
    )
    yield from (Note(warning) for warning in facts.warnings)


def _columns(titles: Sequence[str], *, first: float) -> tuple[Column, ...]:
    share = (1.0 - first) / (len(titles) - 1)
    return (Column(titles[0], first), *(Column(title, share, RIGHT) for title in titles[1:]))


def _dollars(value: Decimal) -> str:
    return f"{'-' if value < 0 else ''}${abs(float(value)):,.0f}"


def _pct(value: float, places: int = 2, *, sign: bool = False) -> str:
    if math.isnan(value):
        return ""
    return f"{value:+.{places}%}" if sign else f"{value:.{places}%}"
