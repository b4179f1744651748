"""The command that shows what classes are held through."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exporters.run_report import RunReport
from tests.workflow.conftest import NOW
from workflow import sleeves
from workflow.book import Book
from workflow.cli import run
from workflow.propose import propose
from workflow.runs import run_report

RUN = "R-20261030-001"


@pytest.fixture
def report(sample: Book) -> RunReport:
    """A run of one household."""
    propose(sample, households=["Castellan-Wu"], as_of=None, now=NOW, by="tester")
    return run_report(sample, RUN)


def test_the_sample_office_holds_its_classes_through_funds(
    report: RunReport, sample_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sleeves", "--db", str(sample_path), "--run", RUN, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["households"]
    assert one["household"] == "Castellan-Wu"
    assert {each["kind"] for each in one["sleeves"]} == {"funds"}
    targets = {name: float(weight) for name, weight in report.households[0].case.targets.items() if name != "cash"}
    assert {each["asset_class"]: each["target"] for each in one["sleeves"]} == pytest.approx(targets)
    assert run(["sleeves", "--db", str(sample_path), "--run", RUN]) == 0
    assert "held through" in capsys.readouterr().out


def test_a_stock_for_a_large_sleeve_needs_a_person(
    report: RunReport, sample_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = report.households[0]
    stocks = replace(own, securities=tuple(replace(each, security_type="stock") for each in own.securities))
    monkeypatch.setattr(sleeves, "run_report", lambda *_args: replace(report, households=(stocks,)))
    assert run(["sleeves", "--db", str(sample_path), "--run", RUN]) == 3
    assert "Castellan-Wu: us_equity: " in capsys.readouterr().err
    assert run(["sleeves", "--db", str(sample_path), "--run", RUN, "--largest", "100%"]) == 0
