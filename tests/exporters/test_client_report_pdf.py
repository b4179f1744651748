from dataclasses import replace
from decimal import Decimal

import pytest

from engine.portfolio import Side
from engine.rebalance.proposal import Suppressed
from exporters.client_pages import client_report
from exporters.client_report import AllocationChart, ClassBar, GainBar, GainChart, TiltBar, TiltChart
from exporters.client_report_pdf import client_report_pdf
from exporters.pdf_charts import allocation_drawing, axis_ticks, gain_drawing, tilt_drawing
from exporters.pdf_style import CONTENT_WIDTH, drawable, markup, shortened, width_of
from exporters.run_report import HouseholdReport
from tests.exporters.builders import ackerman, castellano, crowded, impossible, lindqvist, sample_run
from tests.exporters.reading import page_count, pdf_text

D = Decimal


def draw(household: HouseholdReport) -> bytes:
    return client_report_pdf(sample_run(household), household)


@pytest.mark.parametrize(
    ("build", "pages"), [(ackerman, 8), (castellano, 4), (lindqvist, 5), (impossible, 4), (crowded, 14)]
)
def test_reports_have_as_many_pages_as_they_need(build: object, pages: int) -> None:
    assert callable(build)
    assert page_count(draw(build())) == pages


def test_same_report_gives_the_same_bytes() -> None:
    assert draw(ackerman()) == draw(ackerman())


def test_every_page_says_which_it_is_and_whose() -> None:
    pages = pdf_text(draw(ackerman()))
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert "Ackerman-Whitfield Family" in text
        assert "Synthetic sample data: no real client, account or order" in text
        assert "Estimates, not tax advice" in text


def test_the_text_of_the_report_is_in_the_file() -> None:
    household = ackerman()
    found = " ".join(" ".join(pdf_text(draw(household))).split())
    report = client_report(sample_run(household), household)
    for section in report.sections:
        assert section.title in found
    for words in ("Sell 2,410 VEA", "$126,079.15", "Schedule D, line 16", "Nov 29, 2026", "Past performance"):
        assert words in found


def test_long_tables_repeat_their_headers_on_every_page() -> None:
    pages = pdf_text(draw(crowded(60)))
    with_trades = [text for text in pages if "Quarterstone" in text and "Gain or loss" in text]
    assert len(with_trades) >= 4
    assert all("Why" in text for text in with_trades)


@pytest.mark.parametrize(
    "name",
    [
        "X" * 300,
        "The Very Long Name of a Household " * 12,
        "<b>Bold</b> & Sons <para>",
        "Nguyễn Dvořák Ærø Łódź",
        "山田 太郎",
        "Family \U0001f600 and\x07 co",
        "A\nB\tC",
    ],
)
def test_names_of_any_kind_are_drawn(name: str) -> None:
    household = ackerman()
    accounts = tuple(replace(a, name=name, custodian=name) for a in household.accounts)
    securities = tuple(replace(s, name=name) for s in household.securities)
    odd = replace(household, household=name, people=(name, name), accounts=accounts, securities=securities)
    content = client_report_pdf(replace(sample_run(odd), firm=name), odd)
    assert page_count(content) >= 8


def test_a_reason_longer_than_a_page_does_not_stop_the_report() -> None:
    household = ackerman()
    endless = Suppressed("A1", "VTI", Side.SELL, "locked", "because " * 4000, None)
    trades = tuple(replace(t, reason="W" * 20000) for t in household.proposal.trades)
    proposal = replace(household.proposal, trades=trades, suppressed=(endless,))
    found = "".join(pdf_text(draw(replace(household, proposal=proposal))))
    assert found.count("(shortened)") == 7
    stuck = impossible()
    told = replace(stuck, proposal=replace(stuck.proposal, reasons=("why " * 6000,)))
    assert "(shortened)" in "".join(pdf_text(draw(told)))


def test_household_without_classes_lots_or_accounts_is_drawn() -> None:
    household = castellano()
    case = replace(household.case, lots=(), accounts=(), targets={})
    empty = replace(
        household, case=case, accounts=(), proposal=replace(household.proposal, classes=(), cash=(), reasons=())
    )
    assert page_count(draw(empty)) >= 3


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("Ærø Łódź Dvořák", "Ærø Łódź Dvořák"), ("山", "?"), ("a\x00b", "ab"), ("line\nline", "line\nline"), ("ﬁ", "ﬁ")],
)
def test_letters_the_font_lacks_are_replaced(text: str, drawn: str) -> None:
    assert drawable(text) == drawn


def test_marks_in_imported_text_are_text() -> None:
    assert markup("<b>&\nx") == "&lt;b&gt;&amp;<br/>x"


def test_shortened_text_fits() -> None:
    assert shortened("short", 100, 8) == "short"
    cut = shortened("a long line that has no room " * 4, 100, 8)
    assert cut.endswith("...")
    assert width_of(cut, 8) <= 100
    assert shortened("wide", 1, 8) == "..."


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 47.3), (-4200.0, 0.0), (-1e7, 3.0), (0.0, 1.0), (5.0, 5.0), (0.0, 0.004)]
)
def test_axes_cover_their_values_in_few_round_steps(low: float, high: float) -> None:
    ticks = axis_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 9
    assert ticks == sorted(set(ticks))


def test_charts_stay_within_the_page_whatever_they_show() -> None:
    odd = (
        ClassBar("A class with a very long name that goes on and on", -20.0, 0.0, 283.2, 4.0, "283.2%"),
        *(ClassBar(f"Class {i}", 1.0, 1.0, 1.0, 0.0, "1.0%") for i in range(60)),
    )
    drawings = (
        allocation_drawing(AllocationChart(odd)),
        gain_drawing(GainChart((GainBar("Short-term", 0.0, 0.0, "$0"),))),
        gain_drawing(GainChart((GainBar("Short-term", -9e6, 4.0, "$4"),))),
        tilt_drawing(TiltChart((TiltBar("US equity", 40.0, 40.0, "40.0%"), TiltBar("Cash", 0.0, 0.1, "0.1%")))),
        tilt_drawing(TiltChart(())),
    )
    for drawing in drawings:
        left, bottom, right, top = drawing.getBounds()
        assert left >= -1
        assert bottom >= -1
        assert right <= CONTENT_WIDTH + 1
        assert top <= drawing.height + 1
        assert drawing.height < 600
