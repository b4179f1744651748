"""The harvest screen of the sample office and of case files; and the command `harvest`."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from sqlalchemy.orm import Session

from db.store.keys import account_key
from engine.errors import AppError
from engine.portfolio import Action, HistoryRow, PlanKind
from engine.rebalance.case import Case
from engine.rebalance.harvest import harvest_screen
from engine.rebalance.harvest_types import HarvestResult, PassedOver
from engine.rebalance.ripening_cost import RipeningVerdict
from engine.tax.pretrade_types import WashState
from tests.books import proposed_book, sample_book
from tests.builders import account, case, lot, security
from tests.workflow.conftest import NOW
from workflow.book import Book, open_book
from workflow.case_file import encode
from workflow.cli_harvest import harvest_command
from workflow.harvest_screen import HouseholdHarvest, OfficeHarvest, screen_cases, screen_office

D = Decimal
TODAY = date(2026, 10, 30)

app = typer.Typer()
app.command()(harvest_command)


def run(*arguments: object) -> int:
    code: int | None = app([str(argument) for argument in arguments], standalone_mode=False)
    return code or 0


def screened(book: Book, names: Sequence[str] | None = None) -> OfficeHarvest:
    return screen_office(book, households=names, as_of=None, today=NOW.date())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> OfficeHarvest:
    path = tmp_path_factory.mktemp("harvest") / "sample.plimsoll"
    path.write_bytes(sample_book(tmp_path_factory).read_bytes())
    book = open_book(path, now=NOW)
    try:
        return screened(book)
    finally:
        book.close()


def by_name(office: OfficeHarvest) -> dict[str, HouseholdHarvest]:
    return {one.household: one for one in office.households}


def small() -> Case:
    lots = [lot("L1", "AAA", "100", "12000", date(2023, 1, 9))]
    funds = [security("AAA"), security("BBB")]
    return case(funds, [account()], lots, targets={"us_equity": "1"}, buy_list={"us_equity": ("BBB",)})


def test_every_household_is_screened_or_named(office: OfficeHarvest) -> None:
    assert len(office.households) == 11
    (missed,) = office.not_screened
    assert missed.household == "Grantham-Silva"
    assert missed.why.startswith("The last price of NQZS is of 2026-09-18.")
    assert {one.as_of for one in office.households} == {TODAY}


def test_a_loss_is_worth_what_the_years_gains_leave_for_it(office: OfficeHarvest) -> None:
    """2,150 at 40.8 %, 18,400 at 23.8 %, 42 at 37 % of 20,592 dollars; a tenth of it for the lower basis."""
    one = by_name(office)["Almeida-Frost"]
    (row,) = one.harvest.harvested
    assert row.after is not None
    saved = D(2150) * D("0.408") + D(18_400) * D("0.238") + D(42) * D("0.37")
    assert (row.symbol, row.loss, row.after.tax_saved) == ("VXUS", D(20_592), round(saved, 2))
    assert row.after.worth == round(saved, 2) - D("2059.20") - row.after.trading_cost


def test_replacements_of_other_indexes_are_ranked_over_the_price_history(office: OfficeHarvest) -> None:
    (found,) = by_name(office)["Almeida-Frost"].harvest.replacements
    assert (found.first, found.second, found.swap_back) == ("VEU", "IXUS", date(2026, 11, 30))
    assert found.ranked_by == "Ranked by tracking difference, then correlation, over 753 returns."
    assert all(c.likeness and c.likeness.correlation and c.likeness.correlation > 0.99 for c in found.candidates)


def test_a_reinvestment_in_a_roth_blocks_with_its_day(office: OfficeHarvest) -> None:
    (row,) = by_name(office)["Bexley-Marsh"].harvest.lots
    assert (row.order, row.passed, row.until) == (None, PassedOver.IRA_PURCHASE, date(2026, 11, 14))
    assert row.wash is not None
    assert (row.wash.state, row.wash.disallowed_shares) == (WashState.IRA_RISK, D("2.041"))


def test_a_reinvested_share_takes_its_part_of_the_loss_alone(office: OfficeHarvest) -> None:
    (row,) = by_name(office)["Lindqvist-Moreau"].harvest.harvested
    assert row.wash is not None
    assert row.after is not None
    assert row.wash.state is WashState.EXACT
    assert row.after.counted == row.loss - row.wash.disallowed < row.loss


def test_a_reinvestment_to_come_is_told_where_it_would_wash_what_is_harvested(
    sample: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of many lots of VXUS is harvested; every account has reinvested it monthly."""

    def monthly(_session: Session, accounts: Collection[int], *_days: date) -> dict[int, list[HistoryRow]]:
        days = [date(2026, month, 9) for month in range(5, 11)]
        return {
            one: [HistoryRow(account_key(one), "VXUS", day, Action.REINVEST, D(2), D(150)) for day in days]
            for one in accounts
        }

    monkeypatch.setattr("workflow.harvest_screen.trades_of", monthly)
    (one,) = screened(sample, ["Almeida-Frost"]).households
    kept = {lot.account for lot in one.harvest.harvested}  # other lots of it stay there
    assert {risk.expected.account for risk in one.risks} == set(one.accounts) >= kept
    assert {(risk.expected.day, risk.shares) for risk in one.risks} == {(date(2026, 11, 9), D(2))}
    assert {risk.at_risk for risk in one.risks} == {D("25.74")}


def test_what_must_not_be_sold_and_lots_that_do_not_add_up_are_named(office: OfficeHarvest) -> None:
    found = by_name(office)
    assert {r.passed for r in found["Fairweather-Oduya"].harvest.lots} == {PassedOver.DO_NOT_SELL}
    assert {r.passed for r in found["Hollis-Brandt"].harvest.lots} == {PassedOver.LOTS_UNSOUND}
    assert [gap.serious for gap in found["Hollis-Brandt"].gaps].count(True) == 1


def test_the_sums_of_the_office_are_those_of_its_households(office: OfficeHarvest) -> None:
    assert office.loss == sum(r.loss for one in office.households for r in one.harvest.harvested)
    assert office.worth == sum(r.after.worth for one in office.households for r in one.harvest.harvested if r.after)


def test_a_sale_that_the_newest_run_suppressed_for_ripening_is_marked(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path / "proposed.plimsoll"
    path.write_bytes(proposed_book(tmp_path_factory).read_bytes())
    book = open_book(path, now=NOW)
    try:
        (row,) = by_name(screened(book, ["Castellan-Wu"]))["Castellan-Wu"].ripening
    finally:
        book.close()
    assert (row.symbol, row.day, row.days) == ("ITOT", date(2026, 11, 19), 20)
    assert (row.held_back, row.planned, row.verdict) == (True, True, RipeningVerdict.WAIT)
    assert row.saves > row.drift > 0


def test_without_a_run_the_lot_is_held_back_and_no_sale_is_planned(sample: Book) -> None:
    (row,) = by_name(screened(sample, ["Castellan-Wu"]))["Castellan-Wu"].ripening
    assert (row.held_back, row.planned) == (True, False)


def test_a_bug_in_one_household_is_told_and_stops_no_other(sample: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_on_one(one: Case, **options: object) -> HarvestResult:
        if any(x.symbol == "VXUS" for x in one.lots):
            raise ZeroDivisionError("a made-up fault")
        return harvest_screen(one, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("workflow.harvest_screen.harvest_screen", fails_on_one)
    found = screened(sample, ["Almeida-Frost", "Bexley-Marsh"])
    assert [one.household for one in found.households] == ["Bexley-Marsh"]
    assert found.not_screened[0].why == "the screen failed (ZeroDivisionError: a made-up fault). Please report it"


def test_a_name_that_the_book_does_not_have_is_an_error(sample: Book) -> None:
    with pytest.raises(AppError, match="there is no household Nobody"):
        screened(sample, ["Nobody"])


def test_cases_are_screened_by_their_buy_lists_and_one_with_faults_is_named() -> None:
    broken = replace(small(), targets={"us_equity": D(-1)})
    found = screen_cases([("good", small()), ("broken", broken)])
    (one,) = found.households
    assert (one.household, one.harvest.replacements[0].first) == ("good", "BBB")
    assert [missed.household for missed in found.not_screened] == ["broken"]


def test_the_kind_of_plan_of_a_case_does_not_hide_its_losses() -> None:
    one = small()
    found = screen_cases([("quiet", replace(one, policy=replace(one.policy, plan=PlanKind.NOTHING)))])
    assert len(found.households[0].harvest.harvested) == 1


def test_the_command_prints_tables_totals_and_whom_it_left_out(
    sample: Book, sample_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample.close()
    assert run("--db", sample_path, "--as-of", TODAY) == 3
    said = capsys.readouterr()
    for words in (
        "To harvest, in this order",
        "VXUS 2026-01-27 short",
        "Replacements",
        "At a loss, passed over",
        "IJR, lots unknown",
        "Gains turning long-term",
        "Households",
        "In all: $33,022.00 of loss",
    ):
        assert words in said.out
    assert "not screened: Grantham-Silva" in said.err


def test_the_command_gives_one_json_document(
    sample: Book, sample_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample.close()
    assert run("--db", sample_path, "--as-of", TODAY, "--household", "Almeida-Frost", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (one,) = found["households"]
    assert one["harvest"]["lots"][0]["after"]["worth"] == found["worth"] == 3165.16
    assert one["harvest"]["replacements"][0]["swap_back"] == "2026-11-30"


def test_the_command_takes_case_files_and_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "small.json"
    path.write_bytes(encode(small()))
    assert run(path, "--schedule", "none", "--break-even", "0.25", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["households"][0]["harvest"]["lots"]
    assert row["passed"] == "break_even"
    path.write_bytes(encode(replace(small(), targets={"us_equity": D(-1)})))
    assert run(path) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a book with --db, or case files"),
        (["--db", "nowhere.plimsoll"], "there is no book"),
        (["x.json", "--schedule", "1,2"], "12 months, not 2"),
        (["x.json", "--break-even", "lots"], "not a number"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], words: str) -> None:
    with pytest.raises(AppError) as caught:
        run(*arguments)
    assert words in str(caught.value)
