"""Samples of custodian and price files: every row is accounted for, and what they state of themselves is told."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from importers.base import ImportResult, RowKind
from importers.loading import Source, load
from importers.records import CashRecord, LotRecord, MacroRecord, PositionRecord, PriceRecord, RealizedRecord
from importers.registry import recognise
from tests.importers.telling import TODAY

D = Decimal

SAMPLES = {
    # file: importer, records by kind
    "etrade/PortfolioDownload_lots.csv": ("etrade_positions", {PositionRecord: 1, LotRecord: 2}),
    "etrade/RealizedGains.csv": ("etrade_realized", {RealizedRecord: 2}),
    "merrill/Holdings_09232026.csv": ("merrill_holdings", {PositionRecord: 1, CashRecord: 1}),
    "merrill/PortfolioSummary_09232026.csv": ("merrill_summary", {CashRecord: 1}),
    "pershing/netx360_holdings_by_assets_DERIVED.xlsx": ("pershing_holdings", {PositionRecord: 10, CashRecord: 7}),
    "prices/SPY.csv": ("prices_yfinance", {PriceRecord: 196}),
    "prices/fred_sp500.csv": ("prices_fred", {MacroRecord: 386}),
}


def read(file: Path) -> ImportResult:
    importer, claims = recognise(file)
    assert importer is not None, claims
    return importer.read(file, today=TODAY)


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
def test_every_row_of_a_sample_is_accounted_for(shared_folder: Path, name: str) -> None:
    file = shared_folder / "samples" / name
    result = read(file)
    source = load(file)
    assert isinstance(source, Source)
    assert len(result.rows) == sum(len(grid.rows) for grid in source.grids)
    assert RowKind.PROBLEM not in result.rows
    assert (result.importer, dict(Counter(map(type, result.records)))) == SAMPLES[name]


@pytest.mark.shared
def test_the_totals_of_the_samples_are_met(shared_folder: Path) -> None:
    for name in SAMPLES:
        result = read(shared_folder / "samples" / name)
        assert "total_differs" not in {p.code for p in result.problems}
        assert all(abs(total.difference) < D("0.02") for total in result.totals)


@pytest.mark.shared
def test_prices_whose_file_names_no_symbol_are_asked_about(shared_folder: Path, tmp_path: Path) -> None:
    file = shared_folder / "samples/prices/tiingo_daily.csv"
    result = read(file)
    assert [p.code for p in result.problems] == ["which_symbol"]
    named = tmp_path / "QEQT.csv"
    named.write_bytes(file.read_bytes())
    assert len(read(named).records) == 3


@pytest.mark.shared
def test_cash_of_a_merrill_account_is_whole_in_the_summary(shared_folder: Path) -> None:
    folder = shared_folder / "samples/merrill"
    cash = [r for r in read(folder / "PortfolioSummary_09232026.csv").records if isinstance(r, CashRecord)]
    assert [(line.amount, line.cash_only) for line in cash] == [(D("158.60"), True)]
