"""The research report on made-up closes: what it says, that it is drawn, and its one-line errors."""

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from exporters.client_report import Line, LineChart, as_text
from exporters.pdf_line_chart import _Scale, line_drawing
from exporters.research_report import ResearchFacts, research_report
from tests.engine.research.closes import walks
from workflow.cli import run
from workflow.research_report import ResearchAsk, default_policy, research_facts, research_pdf

ETFS = ("SPY", "EFA", "AGG", "GLD", "VNQ", "SHY")
HISTORY = walks(ETFS, 900, seed=3)
START, END, SPLIT = date(2001, 3, 30), HISTORY.dates[-1], date(2002, 6, 3)


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    rows = zip(HISTORY.dates, HISTORY.closes.tolist(), strict=True)
    lines = [",".join(("date", *ETFS)), *(f"{day},{','.join(map(repr, row))}" for day, row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def facts(prices: Path) -> ResearchFacts:
    ask = ResearchAsk(prices, START, END, closes=prices, split=SPLIT)
    return research_facts(ask, made_on=date(2026, 10, 30))


def test_the_report_holds_the_overlay_its_mix_and_sixty_forty(facts: ResearchFacts) -> None:
    assert [one.name for one in facts.runs] == ["Default overlay", "Strategic mix", "60/40"]
    for one in facts.runs:
        assert one.taxable is not None
        assert one.sheltered is not None
        assert one.sheltered.tax_paid == 0
        assert len(one.equity) == len(facts.days)
    assert len(facts.tranches.cagr) == 21


def test_the_two_halves_make_the_whole(facts: ResearchFacts) -> None:
    for one in facts.runs:
        assert one.inside.growth * one.outside.growth == pytest.approx(one.figures.growth)


def test_the_report_says_plainly_who_won_and_what_to_doubt(facts: ResearchFacts) -> None:
    text = as_text(research_report(facts))
    overlay, strategic = facts.runs[0].figures, facts.runs[1].figures
    won = "grew faster than" if overlay.cagr > strategic.cagr else "grew no faster than"
    assert f"Before tax the overlay {won} its strategic mix" in text
    assert "58 % less after publication" in text
    assert "21 days of the month" in text
    assert "HYPOTHETICAL" in text
    gain = [d for d in facts.discounts if d.what.startswith("Ahead")]
    assert all(d.after <= d.before for d in gain)


def test_a_difference_within_the_luck_of_the_day_is_called_that(facts: ResearchFacts) -> None:
    wide = tuple(np.linspace(-0.5, 0.5, 21))
    lucky = replace(facts, tranches=replace(facts.tranches, cagr=wide))
    assert "the difference may be luck" in as_text(research_report(lucky))


def test_the_pdf_is_drawn_with_every_section(facts: ResearchFacts) -> None:
    content = research_pdf(facts)
    assert content == research_pdf(facts)
    pages = PdfReader(io.BytesIO(content)).pages
    text = "\n".join(page.extract_text() for page in pages)
    for title in ("What it says", "The rules", "Growth and drawdowns", "After tax", "Years", "What to doubt"):
        assert title in text


def test_the_report_has_growth_in_and_out_of_sample_before_and_after_tax(facts: ResearchFacts) -> None:
    text = as_text(research_report(facts))
    assert f"Out of sample, from {SPLIT} on, it grew" in text
    overlay = facts.runs[0]
    assert overlay.taxable is not None
    years = [(day - overlay.taxable.dates[0]).days / 365.25 for day in (SPLIT, END)]
    at = overlay.taxable.dates.index(SPLIT)
    inside = overlay.taxable.equity[at] ** (1 / years[0]) - 1
    outside = (overlay.taxable.equity[-1] / overlay.taxable.equity[at]) ** (1 / (years[1] - years[0])) - 1
    assert f"{inside:.2%}" in text
    assert f"{outside:.2%}" in text
    assert "all sold and taxed on the last day" in text


def test_what_grew_faster_than_the_overlay_is_named(facts: ResearchFacts) -> None:
    own, mix, other = facts.runs
    fast = replace(other, figures=replace(other.figures, cagr=own.figures.cagr + 0.01))
    assert "60/40 grew faster than either" in as_text(research_report(replace(facts, runs=(own, mix, fast))))
    slow = replace(other, figures=replace(other.figures, cagr=own.figures.cagr - 0.01))
    assert "60/40 grew faster" not in as_text(research_report(replace(facts, runs=(own, mix, slow))))


def test_a_long_line_keeps_its_lowest_and_highest_day() -> None:
    days = tuple(date(2000, 1, 1) + timedelta(days=i) for i in range(5000))
    values = [1.0] * 5000
    values[2503], values[3507] = 0.5, 2.0
    points = _Scale(LineChart(days, (Line("one", tuple(values)),)), 0.5, 2.0).points(tuple(values))
    heights = points[1::2]
    assert len(heights) < 1300
    assert sum(height < heights[0] for height in heights) == 1
    assert sum(height > heights[0] for height in heights) == 1


def test_a_line_chart_of_one_level_is_drawn(facts: ResearchFacts) -> None:
    flat = LineChart(facts.days[:3], (Line("flat", (1.0, None, 1.0)),), log=True)
    assert len(line_drawing(flat).contents) > 2


def test_the_command_writes_the_report(prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.pdf"
    days = ["--start", str(START), "--end", str(END), "--split", str(SPLIT)]
    assert run(["research", "report", "--prices", str(prices), *days, "-o", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    told = capsys.readouterr().out
    assert "Default overlay: " in told
    assert run(["research", "nonsense", "--prices", str(prices), *days]) == 2
    assert "there is no research 'nonsense'" in capsys.readouterr().err
    assert run(["research", "report", "--prices", str(prices), *days[:4], "-o", str(out), "--split", "1999-01-01"]) == 2
    assert "is not inside the backtest" in capsys.readouterr().err


def test_a_class_without_an_etf_is_named() -> None:
    with pytest.raises(Exception, match="has no ETF for real_estate"):
        default_policy(frozenset({"SPY", "EFA", "AGG", "GLD"}))
