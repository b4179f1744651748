"""The wash calendar of the sample office and of small books: rows, gaps, plans; and the command `wash`."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typer

from engine.errors import AppError
from engine.portfolio import Side
from engine.rebalance.proposal import LotSale, Trade
from engine.tax.do_not_buy import LossSource
from engine.tax.pretrade_types import WashState
from tests.builders import AS_OF, account, case, lot, security
from tests.workflow.conftest import NOW
from workflow.book import Book
from workflow.cli_wash import wash_command
from workflow.wash_watch import HouseholdWash, plan_wash, wash_watch

D = Decimal
TODAY = date(2026, 10, 30)

app = typer.Typer()
app.command()(wash_command)


def run(*arguments: object) -> int:
    code: int | None = app([str(argument) for argument in arguments], standalone_mode=False)
    return code or 0


@pytest.fixture
def watched(sample: Book) -> dict[str, HouseholdWash]:
    return {one.household: one for one in wash_watch(sample, households=None, as_of=None, today=NOW.date())}


def test_every_household_is_watched_also_one_that_cannot_be_traded(watched: dict[str, HouseholdWash]) -> None:
    assert len(watched) == 12
    assert {one.as_of for one in watched.values()} == {TODAY}
    assert "Grantham-Silva" in watched


def test_a_dividend_reinvested_in_a_roth_takes_its_share_of_the_loss_for_good(
    watched: dict[str, HouseholdWash],
) -> None:
    one = watched["Bexley-Marsh"]
    (purchase,) = one.no_loss_sales
    assert (purchase.bought, purchase.until, purchase.permanent) == (date(2026, 10, 15), date(2026, 11, 14), True)
    (loss,) = one.losses
    assert (loss.state, loss.disallowed_shares, loss.free_from) == (
        WashState.IRA_RISK,
        D("2.041"),
        date(2026, 11, 15),
    )
    assert D(0) < loss.permanent == loss.disallowed < loss.loss


def test_a_loss_taken_this_month_is_on_the_do_not_buy_list(watched: dict[str, HouseholdWash]) -> None:
    rows = [row for one in watched.values() for row in one.no_purchases]
    assert [(r.sold, r.until, r.shares) for r in rows] == [(date(2026, 10, 19), date(2026, 11, 18), D(150))]
    assert rows[0].source is LossSource.MADE


def test_monthly_reinvestments_are_expected_again(watched: dict[str, HouseholdWash]) -> None:
    rows = watched["Almeida-Frost"].reinvestments
    assert [(r.symbol, r.day) for r in rows] == [("BND", date(2026, 11, 5)), ("SCHP", date(2026, 11, 6))]


def test_a_lot_about_to_turn_long_term_shows_its_day(watched: dict[str, HouseholdWash]) -> None:
    (row,) = watched["Castellan-Wu"].ripening
    assert (row.symbol, row.acquired, row.day, row.days) == ("ITOT", date(2025, 11, 18), date(2026, 11, 19), 20)
    assert row.saved > 0


def test_lots_that_do_not_add_up_are_not_evaluated_and_leave_a_gap(watched: dict[str, HouseholdWash]) -> None:
    one = watched["Hollis-Brandt"]
    assert [loss.state for loss in one.losses] == [WashState.NOT_EVALUATED]
    assert [one.accounts[gap.account] for gap in one.gaps if gap.serious] == ["schwab ...841"]


def test_later_the_holdings_are_stale_and_a_household_can_be_asked_for_alone(sample: Book) -> None:
    (one,) = wash_watch(sample, households=["Bexley-Marsh"], as_of=date(2026, 11, 9), today=TODAY, within=1)
    assert {gap.serious for gap in one.gaps} == {True}
    assert all("are of 2026-10-30" in gap.what for gap in one.gaps)
    (same,) = wash_watch(sample, households=["Bexley-Marsh"], as_of=date(2026, 11, 6), today=TODAY)
    assert not any(gap.serious for gap in same.gaps)
    with pytest.raises(AppError, match="there is no household Nobody"):
        wash_watch(sample, households=["Nobody"], as_of=None, today=TODAY)


def test_a_plan_is_judged_with_its_own_purchases() -> None:
    stock, twin, other = (security(n, identity_group=g) for n, g in (("STK", "G"), ("TWN", "G"), ("OTH", None)))
    lots = [lot("L1", "STK", "100", "12000", date(2024, 1, 8)), lot("L2", "OTH", "5", "100", date(2024, 1, 8))]
    held = case([stock, twin, other], [account()], lots)
    sold = LotSale("L1", D(100), D(-2000), None)
    trades = [
        Trade("A1", "STK", Side.SELL, D(100), D(100), D(10_000), (sold,), "why", "harvest_loss"),
        Trade("A1", "TWN", Side.BUY, D(40), D(100), D(4_000), (), "why", "harvest_replacement"),
    ]
    found = plan_wash(held, trades)
    (outcome,) = found.sales
    assert (outcome.state, outcome.disallowed, outcome.replacements[0].proposed) == (WashState.RELATED, D(800), True)
    assert [(r.source, r.sold, r.shares) for r in found.no_purchases] == [(LossSource.PROPOSED, AS_OF, D(100))]
    assert found.risks == ()


def test_the_command_prints_tables_and_what_is_not_covered(
    sample: Book, sample_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample.close()
    assert run("--db", sample_path, "--as-of", TODAY) == 0
    text = capsys.readouterr().out
    for words in (
        "Do not buy in any account",
        "Do not sell at a loss",
        "If the lots at a loss were sold today",
        "Reinvestments expected in the next 30 days",
        "Lots turning long-term",
        "Not covered: no activity of schwab ...841",
        "Note: no activity of schwab ...101",
    ):
        assert words in text


def test_json_is_one_document(sample: Book, sample_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample.close()
    assert run("--db", sample_path, "--household", "Bexley-Marsh", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["losses"][0]["state"] == "ira_risk"


def test_a_book_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="there is no book"):
        run("--db", tmp_path / "nowhere.plimsoll")
