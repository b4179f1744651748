from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.overlay.reading import SignalReading
from engine.portfolio import Side, TaxPosition
from engine.problems import Problem, Severity
from engine.rebalance.proposal import TaxOutcome
from exporters.client_overlay import overlay_section, reading_words, signal_name
from exporters.client_pages import client_report, left_out_report
from exporters.client_report import Callout, ClientReport, RowStyle, Section, Table, as_text
from exporters.client_report_pdf import draw_report
from exporters.client_tax import tax_section, tax_sentence, trail_section
from exporters.client_trades import not_done_section, points_section, trades_section
from exporters.disclosures import wording
from exporters.run_report import HouseholdReport
from tests.conftest import Golden
from tests.exporters.builders import ackerman, castellano, impossible, lindqvist, sample_run
from tests.exporters.reading import page_count

D = Decimal
STORIES = {
    "ackerman": ackerman,
    "castellano": castellano,
    "lindqvist": lindqvist,
    "impossible": impossible,
}


def compose(household: HouseholdReport) -> ClientReport:
    return client_report(sample_run(household), household)


def words_of(section: Section | None) -> str:
    assert section is not None
    report = replace(compose(castellano()), sections=(section,))
    return as_text(report)


def titles(report: ClientReport) -> list[str]:
    return [section.title for section in report.sections]


def with_tax(outcome: TaxOutcome) -> HouseholdReport:
    household = ackerman()
    return replace(household, proposal=replace(household.proposal, tax=outcome))


def with_deferred(amount: str) -> HouseholdReport:
    household = ackerman()
    breakdown = replace(household.proposal.breakdown, deferred=D(amount))
    return replace(household, proposal=replace(household.proposal, breakdown=breakdown))


@pytest.mark.parametrize("name", sorted(STORIES))
def test_report_reads_as_it_did(name: str, golden: Golden) -> None:
    golden(f"exporters/report_{name}.txt", as_text(compose(STORIES[name]())))


def test_sections_follow_the_order_of_a_conversation() -> None:
    assert titles(compose(ackerman())) == [
        "At a glance",
        "Your allocation",
        "Your taxes this year",
        "Proposed trades",
        "What we did not do, and why",
        "Your tactical overlay",
        "Appendix: how the tax figures are worked out",
        "Important information",
    ]


def test_sections_with_nothing_to_say_are_left_out() -> None:
    assert {"Your tactical overlay", "Appendix: how the tax figures are worked out", "Points to check"}.isdisjoint(
        titles(compose(castellano()))
    )


def test_every_row_of_every_table_fills_its_columns() -> None:
    for build in STORIES.values():
        for section in compose(build()).sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    assert {len(row.cells) for row in block.rows} == {len(block.columns)}


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("5000", "4000", "The proposal lowers your estimated tax on gains for 2026 by $1,000."),
        ("5000", "6500.6", "The proposal raises your estimated tax on gains for 2026 by $1,501."),
        ("5000", "5000.4", "The proposal does not change your estimated tax for 2026."),
        ("-500", "-1254", "The proposal lowers your estimated tax on gains for 2026 by $754."),
    ],
)
def test_tax_is_said_in_one_sentence(before: str, after: str, sentence: str) -> None:
    outcome = TaxOutcome(D(before), D(after), D(-1), D(-1), D(1), D(0))
    assert tax_sentence(with_tax(outcome)) == sentence


def test_a_harvest_is_said_to_defer_and_a_gain_not_to_be_taxed_again() -> None:
    assert "about $153 of tax, in today's dollars, may come due" in words_of(tax_section(with_deferred("153.47")))
    assert "that would have come due later is no longer owed" in words_of(tax_section(with_deferred("-80")))
    neither = words_of(tax_section(with_deferred("0.2")))
    assert "deferred" not in neither
    assert "come due later" not in neither


def test_disallowed_losses_are_explained() -> None:
    outcome = TaxOutcome(D(0), D(0), D(-5), D(0), D(5), D("157.4"))
    assert "Losses of $157 do not count now" in words_of(tax_section(with_tax(outcome)))


@pytest.mark.parametrize(
    ("limit", "words"),
    [("25000", "$5,964 of it is left after the proposal"), ("15000", "it is exceeded by $4,037")],
)
def test_gains_budget_is_stated(limit: str, words: str) -> None:
    household = ackerman()
    policy = replace(household.case.policy, max_net_gain=D(limit))
    assert words in words_of(tax_section(replace(household, case=replace(household.case, policy=policy))))


def test_without_a_gains_budget_none_is_mentioned() -> None:
    household = ackerman()
    policy = replace(household.case.policy, max_net_gain=None)
    assert "limit on net gains" not in words_of(
        tax_section(replace(household, case=replace(household.case, policy=policy)))
    )


def test_losses_carried_in_appear_only_where_there_are_any() -> None:
    assert "Long-term losses from earlier years | -$1,200" in words_of(tax_section(ackerman()))
    assert "earlier years" not in words_of(tax_section(castellano()))


def test_no_trades_says_why_in_the_words_of_the_proposal() -> None:
    report = as_text(compose(castellano()))
    assert "No trades are proposed." in report
    assert "Every asset class is inside the inner half of its band" in report
    assert "stays as it is" in report


def test_no_trades_and_no_reason_still_says_why() -> None:
    household = castellano()
    bare = replace(household, proposal=replace(household.proposal, reasons=()))
    assert "no trade is worth its cost" in as_text(compose(bare))


def test_staying_invested_is_said_only_where_the_class_is_bought_back() -> None:
    words = "while your money stays invested in similar funds"
    assert words in as_text(compose(ackerman()))
    household = ackerman()
    sales = tuple(t for t in household.proposal.trades if t.side is Side.SELL)
    out = replace(household, proposal=replace(household.proposal, trades=sales))
    assert words not in as_text(compose(out))


def test_infeasible_household_is_told_on_the_cover() -> None:
    cover = compose(impossible()).sections[0]
    callouts = [block for block in cover.blocks if isinstance(block, Callout)]
    assert [c.title for c in callouts] == ["No trades are proposed: your instructions cannot all be met"]
    assert "must raise $59,500" in callouts[0].text


def test_withdrawal_is_taken_off_the_portfolio() -> None:
    text = as_text(compose(impossible()))
    assert "To be paid out to you |  |  | -$60,000" in text
    assert "Portfolio value: $31,932" in text


def test_account_numbers_are_masked_everywhere() -> None:
    for build in STORIES.values():
        household = build()
        text = as_text(compose(household))
        assert not [a.number for a in household.accounts if a.number in text]
    assert "Joint account (ending 2345)" in as_text(compose(ackerman()))


def test_trades_are_grouped_by_account_with_totals_that_match() -> None:
    table = next(b for b in trades_section(ackerman()).blocks if isinstance(b, Table))
    assert [row.cells[0] for row in table.rows if row.style is RowStyle.GROUP] == [
        "Joint account (ending 2345), Taxable, Schwab",
        "Rollover IRA (ending 0917), Traditional IRA, Fidelity",
        "Roth IRA (ending 7120), Roth IRA, Schwab",
    ]
    totals = {row.cells[0]: row.cells for row in table.rows if row.style is RowStyle.TOTAL}
    assert totals["Total sold"] == ("Total sold", "", "$166,773.55", "-$1,534.65", "")
    assert totals["Total bought"][2] == "$154,885.19"


def test_accounts_without_discretion_ask_for_consent() -> None:
    assert "These trades are placed only once you agree: Family trust (ending 0007)." in words_of(
        trades_section(lindqvist())
    )
    assert "consent" not in words_of(trades_section(ackerman()))


def test_a_trade_without_a_reason_says_so() -> None:
    household = ackerman()
    trades = tuple(replace(t, reason="") for t in household.proposal.trades)
    bare = replace(household, proposal=replace(household.proposal, trades=trades))
    assert words_of(trades_section(bare)).count("No reason is on record.") == 6


def test_what_was_not_done_shows_the_day_it_ends() -> None:
    text = words_of(not_done_section(ackerman()))
    assert "Joint account (ending 2345) | Sell VNQ | You asked us to keep this holding. | " in text
    assert "| Feb 11, 2027" in text


def test_do_not_buy_list_names_funds_last_day_and_substitutes() -> None:
    text = words_of(not_done_section(ackerman()))
    expected = (
        "Vanguard FTSE Developed Markets ETF | Nov 29, 2026 | 2,410 shares sold at a loss in this proposal | IEFA"
    )
    assert expected in text
    assert "90 shares sold at a loss on October 9, 2026 | -" in text


def test_points_to_check_leave_out_what_is_only_worth_knowing() -> None:
    household = lindqvist()
    note = Problem(Severity.INFO, "note", "Read from the 2026 layout.")
    text = words_of(points_section(replace(household, problems=(*household.problems, note))))
    assert "Family trust (ending 0007), VB | Import the lot details again." in text
    assert "One reinvested share of VEA" in text
    assert "2026 layout" not in text
    assert points_section(castellano()) is None


def test_overlay_page_says_which_way_it_leans() -> None:
    text = words_of(overlay_section(ackerman()))
    assert "As of September 30, 2026 it raises US equity and lowers US bonds." in text
    assert "US equity | +1.00 | 34.0% | +4.0% | 38.0%" in text
    assert "The month-end close of em_equity is 3 days old." in text


def test_signals_of_a_class_stand_in_one_row_until_columns_run_out() -> None:
    household = ackerman()
    assert household.overlay is not None
    text = words_of(overlay_section(household))
    assert "US equity | 6.1% above its average, favorable | +18.4% over the period, favorable | Sep 30, 2026" in text
    kinds = ("sma", "momentum", "yield_curve", "cape")
    signals = tuple(SignalReading(kind, "us_equity", D(1), 0, date(2026, 9, 30)) for kind in kinds)
    many = replace(household, overlay=replace(household.overlay, signals=signals))
    assert "US equity | Yield curve | 100.00% | No view | Sep 30, 2026" in words_of(overlay_section(many))


def test_household_that_was_left_out_is_told_that_nothing_happens_and_why() -> None:
    run = sample_run()
    report = left_out_report(run, run.skipped[0])
    text = as_text(report)
    assert "could not be reviewed on this day: The price of GSG is 9 days old." in text
    assert "Nothing is bought or sold." in text
    assert report.labels == ("Synthetic sample data: no real client, account or order",)
    assert page_count(draw_report(report)) == 2


def test_overlay_that_does_nothing_says_so() -> None:
    household = ackerman()
    assert household.overlay is not None
    flat = replace(household.overlay, tilts={}, signals=(), regime="", warnings=())
    text = words_of(overlay_section(replace(household, overlay=flat)))
    assert "it makes no change: the targets are the strategic mix." in text
    assert "No signal has a reading on this day." in text


@pytest.mark.parametrize(
    ("kind", "value", "name", "words"),
    [
        ("sma", "-0.0127", "Moving average", "1.3% below its average"),
        ("sma", "0", "Moving average", "0.0% above its average"),
        ("momentum", "0.1841", "Momentum", "+18.4% over the period"),
        ("yield_curve", "-0.0043", "Yield curve", "-0.43%"),
        ("cape", "31.50", "Valuation (CAPE)", "31.5"),
        ("credit_spread", "2.25", "Credit spread", "2.25"),
    ],
)
def test_signals_read_in_their_own_unit(kind: str, value: str, name: str, words: str) -> None:
    assert signal_name(kind) == name
    assert reading_words(SignalReading(kind, "us_equity", D(value), 1, date(2026, 9, 30))) == words


def test_trail_is_indented_by_depth_and_ends_in_rules() -> None:
    section = trail_section(ackerman())
    assert section is not None
    table = next(b for b in section.blocks if isinstance(b, Table))
    assert [row.indent for row in table.rows][:4] == [0, 1, 2, 2]
    assert table.rows[0].cells == ("Estimated tax on gains after the proposal", "$4,245.09", "Schedule D, line 16")
    assert {row.cells[1] for row in table.rows} >= {"40.80%", "2,410 shares"}


@pytest.mark.parametrize(
    ("synthetic", "approved", "labels"),
    [
        (True, True, ("Synthetic sample data: no real client, account or order",)),
        (False, True, ()),
        (False, False, ("Draft: not yet approved",)),
    ],
)
def test_labels_say_what_the_report_must_not_be_taken_for(
    *, synthetic: bool, approved: bool, labels: tuple[str, ...]
) -> None:
    run = replace(sample_run(castellano()), synthetic=synthetic)
    run = run if approved else replace(run, approvals=())
    report = client_report(run, castellano())
    assert report.labels == labels
    assert ("Synthetic sample data" in as_text(report)) == synthetic
    assert ("Not yet approved" in as_text(report)) == (not approved)


def test_disclosures_cover_what_regulators_and_clients_ask_for() -> None:
    text = " ".join(d.title + " " + d.text for d in wording().fitting({"overlay", "synthetic", "draft"})).lower()
    for words in ("not tax advice", "custodian", "past performance", "hypothetical", "wash", "loss of principal"):
        assert words in text
    assert len(wording().fitting(())) < len(wording().fitting({"overlay"})) < len(wording().disclosures)


def test_people_without_names_and_accounts_without_numbers_are_no_gap() -> None:
    household = castellano()
    bare = replace(
        household,
        household=" ",
        people=(),
        model="",
        accounts=(replace(household.accounts[0], name="", number="", title=""),),
    )
    report = compose(bare)
    assert report.household == "Household"
    assert "Taxable | Taxable | Fidelity" in as_text(report)


def test_tax_rates_are_the_households_own() -> None:
    household = castellano()
    tax = TaxPosition(D("0.35"), D("0.15"), D("0.30"), ordinary_loss_limit=D(1500))
    text = words_of(tax_section(replace(household, case=replace(household.case, tax=tax))))
    assert "Estimated at 35.0% on short-term and 15.0% on long-term gains" in text
    assert "up to $1,500 of loss a year" in text
