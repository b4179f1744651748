"""The sample office: the generator makes what ships, the files agree with one another and say what they are."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from resources.demo_office.__main__ import main
from resources.demo_office.calendar import trading_days
from resources.demo_office.plans import read_plans, read_toml
from resources.demo_office.prices import Market, make_market
from resources.demo_office.securities import AS_OF, BUY_LISTS, BY_SYMBOL, PAPERS, STALE_DAY
from resources.demo_office.stories import SampleHousehold, make_household

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
MOST_BYTES = 2_500_000


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market()


@pytest.fixture(scope="module")
def households(market: Market) -> list[SampleHousehold]:
    return [make_household(plan, market) for plan in read_plans()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    assert main([str(out)]) == 0
    return out


def cells(workbook: Path) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(workbook)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_the_generator_makes_what_ships(made: Path) -> None:
    assert sorted(f.name for f in made.iterdir()) == sorted(f.name for f in DEMO.iterdir())
    for file in made.iterdir():
        ships = DEMO / file.name
        if file.suffix == ".xlsx":
            assert cells(file) == cells(ships), file.name
        else:
            assert file.read_bytes() == ships.read_bytes(), file.name


def test_two_runs_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    for file in made.iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes(), file.name


def test_wrong_usage_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("file", sorted(DEMO.iterdir()), ids=lambda f: f.name)
def test_every_file_says_that_it_is_synthetic(file: Path) -> None:
    if file.suffix == ".xlsx":
        first_rows = [row for rows in cells(file).values() for row in rows[:3]]
        assert any("SYNTHETIC" in str(cell) for row in first_rows for cell in row)
        assert "SYNTHETIC" in str(load_workbook(file).properties.title)
    else:
        assert "SYNTHETIC" in "".join(file.read_text(encoding="utf-8").splitlines()[:3])


def test_the_files_stay_small() -> None:
    assert sum(file.stat().st_size for file in DEMO.iterdir()) < MOST_BYTES


def test_the_office_has_the_size_that_its_page_states(households: list[SampleHousehold]) -> None:
    assert len(households) == 12
    accounts = [a for h in households for a in h.plan.accounts]
    assert len(accounts) == 35
    assert {a.custodian for a in accounts} == {"schwab", "fidelity", "other"}
    assert {a.registration for a in accounts} == {"taxable", "traditional_ira", "roth_ira", "hsa"}
    assert 1_400 <= sum(len(p.lots) for h in households for p in h.positions) <= 1_600
    for household in households:
        assert len(household.plan.accounts) <= 5
        assert len({p.symbol for p in household.positions}) <= 25


def test_prices_cover_six_years_of_trading_days(market: Market) -> None:
    assert (market.days[0], market.days[-1]) == (date(2020, 10, 30), AS_OF)
    assert len(market.days) == 1508
    assert sum(not p.is_stock for p in PAPERS) >= 20
    assert sum(p.is_stock for p in PAPERS) == 15
    for symbol in market.closes:
        assert all(price is None or price > 0 for price in market.closes[symbol])
        assert market.closes[symbol][-1] == market.adjusted[symbol][-1]


def test_one_stock_has_no_price_after_its_last_day(market: Market) -> None:
    for day, close in zip(market.days, market.closes["NQZS"], strict=True):
        assert (close is None) == (day > STALE_DAY)


def test_total_return_is_above_price_return_where_a_fund_pays_out(market: Market) -> None:
    for paper in PAPERS:
        first, last = market.closes[paper.symbol][0], market.last(paper.symbol)
        start = market.adjusted[paper.symbol][0]
        assert first is not None
        assert start is not None
        pays = not paper.is_stock and paper.asset_class != "commodities"
        assert (last / start > last / first) == pays


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2022, 6, 20), False),  # Juneteenth, observed on Monday
        (date(2021, 6, 18), True),  # before it was a holiday of the exchange
        (date(2021, 12, 31), True),  # New Year's Day 2022 is a Saturday: not observed
        (date(2023, 1, 2), False),  # New Year's Day on a Sunday
        (date(2024, 3, 29), False),  # Good Friday
        (date(2025, 4, 18), False),
        (date(2026, 7, 3), False),  # Independence Day, observed on Friday
        (date(2025, 11, 27), False),
        (date(2026, 1, 19), False),
        (date(2026, 10, 31), False),
    ],
)
def test_the_calendar_follows_the_exchange(day: date, is_open: bool) -> None:
    assert (day in trading_days(day, day)) == is_open


def test_positions_carry_the_close_of_the_day(households: list[SampleHousehold], market: Market) -> None:
    for household in households:
        for position in household.positions:
            stale = position.symbol == "NQZS"
            assert position.price == (None if stale else market.closes[position.symbol][-1])


def test_lots_add_up_to_the_position_but_for_the_one_of_the_story(households: list[SampleHousehold]) -> None:
    gaps = {
        (h.plan.name, p.symbol): p.shares - sum(lot.shares for lot in p.lots)
        for h in households
        for p in h.positions
        if p.shares != sum(lot.shares for lot in p.lots)
    }
    assert gaps == {("Hollis-Brandt", "IJR"): 20}


def test_a_lot_costs_what_its_shares_closed_at_on_its_day(households: list[SampleHousehold], market: Market) -> None:
    for household in households:
        for lot in (lot for p in household.positions for lot in p.lots):
            close = market.close(lot.symbol, lot.acquired)
            assert abs(lot.cost_basis - lot.shares * close) <= Decimal("0.005")


def test_only_the_lots_of_a_story_can_be_harvested(households: list[SampleHousehold], market: Market) -> None:
    for household in households:
        told = {(t.symbol, t.day) for a in household.plan.accounts for t in a.lots}
        for lot in (lot for p in household.positions for lot in p.lots):
            gain = lot.shares * market.last(lot.symbol) - lot.cost_basis
            assert gain > 0 or not lot.account.is_taxable or (lot.symbol, lot.acquired) in told, lot.id


def test_models_add_up_and_buy_lists_offer_another_identity_group() -> None:
    for model, classes in read_toml("office.toml")["models"].items():
        assert sum(row["weight"] for row in classes.values()) == 1, model
    for symbols in BUY_LISTS.values():
        assert len({BY_SYMBOL[symbol].group for symbol in symbols}) >= 2


def test_schwab_totals_are_the_sums_of_their_rows() -> None:
    (file,) = DEMO.glob("All-Accounts-Positions-*.csv")
    found, totals = Decimal(0), 0
    for row in csv.reader(StringIO(file.read_text(encoding="utf-8"))):
        if row and row[0] == "Positions Total":
            assert found == Decimal(row[6].replace("$", "").replace(",", ""))
            found, totals = Decimal(0), totals + 1
        elif len(row) > 6 and row[6].startswith("$"):
            found += Decimal(row[6].replace("$", "").replace(",", ""))
    assert totals == 17
