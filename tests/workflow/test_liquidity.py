"""How much of a day's volume a run trades, over all households together."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.portfolio import Side
from exporters.run_report import HouseholdReport, RunReport
from tests.workflow.conftest import NOW
from workflow import liquidity
from workflow.book import Book
from workflow.cli import run
from workflow.propose import propose
from workflow.runs import run_report

RUN = "R-20261030-001"


@pytest.fixture
def report(sample: Book) -> RunReport:
    """A run of two households that trade the same funds."""
    propose(sample, households=["Castellan-Wu", "Eisenhart-Noor"], as_of=None, now=NOW, by="tester")
    return run_report(sample, RUN)


def with_volume(one: HouseholdReport, symbol: str, adv: str | None) -> HouseholdReport:
    adv_shares = None if adv is None else Decimal(adv)
    securities = tuple(replace(s, adv_shares=adv_shares) if s.symbol == symbol else s for s in one.case.securities)
    return replace(one, case=replace(one.case, securities=securities))


def liquidity_of(path: Path, *options: str) -> int:
    return run(["liquidity", "--db", str(path), "--run", RUN, *options])


def test_orders_of_all_households_add_up(
    report: RunReport, sample_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert liquidity_of(sample_path, "--json") == 0
    found: dict[str, Any] = {one["symbol"]: one for one in json.loads(capsys.readouterr().out)["symbols"]}
    trades = [(one.household, trade) for one in report.households for trade in one.proposal.trades]
    assert set(found) == {trade.symbol for _, trade in trades}
    for symbol, one in found.items():
        own = [(name, trade) for name, trade in trades if trade.symbol == symbol]
        assert one["bought"] == float(sum(trade.quantity for _, trade in own if trade.side is Side.BUY))
        assert one["sold"] == float(sum(trade.quantity for _, trade in own if trade.side is Side.SELL))
        assert one["households"] == len({name for name, _ in own})
    assert max(one["households"] for one in found.values()) == 2


def test_two_households_exceed_together_what_each_keeps_alone(
    report: RunReport, sample: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    quantities = [
        sum(trade.quantity for trade in one.proposal.trades if trade.symbol == "VB") for one in report.households
    ]
    adv = str(max(quantities) * 10)
    thin = replace(report, households=tuple(with_volume(one, "VB", adv) for one in report.households))
    monkeypatch.setattr(liquidity, "run_report", lambda book, run: thin)
    found = liquidity.run_volume(sample, RUN, Decimal("0.10"))
    first = found.symbols[0]
    assert all(quantity <= Decimal("0.10") * Decimal(adv) for quantity in quantities)
    assert (found.over, first.symbol, first.over) == (("VB",), "VB", True)
    assert first.share == round(sum(quantities) / Decimal(adv), 8)
    assert first.days is not None
    assert 1 < first.days <= 2


def test_a_symbol_without_a_volume_comes_last_and_is_named(
    report: RunReport, sample: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = replace(report, households=tuple(with_volume(one, "VB", None) for one in report.households))
    monkeypatch.setattr(liquidity, "run_report", lambda book, run: bare)
    found = liquidity.run_volume(sample, RUN, Decimal("0.10"))
    assert (found.unknown[-1:], found.symbols[-1].share) == (("VB",), None)
    assert "VB" not in found.over


def test_a_run_beyond_the_limit_needs_a_person(
    report: RunReport, sample_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert liquidity_of(sample_path, "--limit", "0.000001%") == 3
    captured = capsys.readouterr()
    assert "orders over all accounts" in captured.out
    assert "of a day's volume: " in captured.err


def test_a_limit_of_nothing_or_another_run_is_told_in_one_line(
    report: RunReport, sample_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert liquidity_of(sample_path, "--limit", "0") == 2
    assert run(["liquidity", "--db", str(sample_path), "--run", "R-1"]) == 2
    assert capsys.readouterr().err.count("\n") == 2
