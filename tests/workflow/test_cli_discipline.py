"""The discipline on the command line: overrides, adherence, days that are typed in, verdicts; errors are one line."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from db import audit_log
from engine.overlay.freeze import policy_sha256
from engine.portfolio import Action
from importers import records as r
from tests.workflow import import_desk as d
from tests.workflow.import_desk import Desk
from tests.workflow.test_strategy import AT, CORE, DANA, POLICY
from workflow import cli_book, cli_override, cli_strategy
from workflow.approve import approve
from workflow.cli import run
from workflow.override_log import decisions_of, policy_prices
from workflow.propose import propose
from workflow.runs import run_report
from workflow.strategy import sign_policy

D = Decimal
LATER = datetime(2024, 6, 28, 21, tzinfo=UTC)
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    raw = {"universe": POLICY.universe, "strategic": {"us_equity": 0.6, "us_bond": 0.4}, "name": CORE}
    path.write_text(json.dumps(raw | {"signals": [{"kind": "sma", "months": 3}]}), encoding="utf-8")
    return path


@pytest.fixture
def call(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """`call(*words, now=...)` runs a command on the book at a moment of the clock."""

    def calling(*words: str, now: datetime = LATER) -> tuple[int, str, str]:
        for module in (cli_strategy, cli_override, cli_book):
            monkeypatch.setattr(module, "clock", lambda: now)
        code = run([*words, "--db", desk.book.where])
        return code, *capsys.readouterr()

    return calling


@pytest.fixture
def signed(desk: Desk) -> Desk:
    sign_policy(desk.book, POLICY, DANA, now=AT)
    return desk


ADD = ("override", "add", "--strategy", CORE, "--class", "us_equity", "--tilt", "0.05", "--by", "Lee")
WHY = ("--reason", "election", "--expires", "2024-07-31")


def test_an_override_is_logged_listed_with_its_cost_and_ended(signed: Desk, call: Call, two_funds: Path) -> None:
    spring = datetime(2024, 3, 1, 21, tzinfo=UTC)
    code, out, err = call(*ADD, *WHY, "--prices", str(two_funds), now=spring)
    assert (code, out) == (0, "Override 1: us_equity +5.0% until 2024-07-31.\n")
    assert "caution: us_equity (AAA) has risen" in err
    code, out, _ = call("override", "list", "--strategy", CORE, "--prices", str(two_funds), "--json")
    (row,) = json.loads(out)
    assert (code, row["state"], row["override"]["author"]) == (0, "active", "Lee")
    assert row["effect"]["effect"] < 0
    _, out, _ = call("override", "list", "--strategy", CORE, "--prices", str(two_funds))
    assert "Together -" in out
    assert "election" in out
    code, out, _ = call("override", "close", "--number", "1", "--by", "Lee")
    assert (code, out) == (0, "Override 1 of us_equity ends 2024-06-28.\n")
    assert signed.book.where


ERRORS: tuple[tuple[Sequence[str], str], ...] = (
    ((*ADD, *WHY[2:]), "The override cannot be logged: reason: an override needs one"),
    ((*ADD, *WHY[:2]), "An override needs --strategy, --class, --tilt, --reason and --expires"),
    ((*ADD, "--reason", "x", "--expires", "2024-01-31"), "expires: 2024-01-31 is not after 2024-06-28"),
    ((*ADD, "--reason", "x", "--expires", "2026-01-31"), "more than a year away: change the rules instead"),
    ((*ADD[:5], "gold", *ADD[6:], *WHY), f"{CORE} has no class 'gold'"),
    (("override", "close"), "The number of the override is needed"),
    (("override", "close", "--number", "7"), "there is no override 7"),
    (("override", "list", "--prices", "p.csv"), "--prices needs the strategy whose ETFs they are of"),
    (("adherence", "--strategy", CORE), "Adherence needs --strategy, --prices and --done. Or --book"),
    (("adherence", "--book", "--done", "x.csv"), "--book reads runs and trades from the book"),
    (("adherence", "--book"), "No orders were approved by 2024-06-28"),
    (("adherence", "--book", "--strategy", CORE), f"No orders of {CORE} were approved by 2024-06-28"),
    (("adherence", "--strategy", CORE, "--prices", "none.csv", "--done", "none.csv"), "none.csv"),
    ((*ADD, *WHY, "--today", "2025-01-01"), "--today 2025-01-01 has not come yet"),
)


@pytest.mark.parametrize(("words", "expected"), ERRORS, ids=[each[1][:40] for each in ERRORS])
def test_an_error_is_one_line_and_the_exit_code_says_that_nothing_was_done(
    signed: Desk, call: Call, words: Sequence[str], expected: str
) -> None:
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert expected in err
    assert len(err.splitlines()) == 1
    with signed.book.reading() as session:
        assert [entry.action for entry in audit_log.entries(session)] == ["sign strategy"]


def test_a_day_before_the_last_one_in_the_log_needs_a_reason_that_is_logged(signed: Desk, call: Call) -> None:
    early = ("--today", "2024-01-05")
    for words in ((*ADD, *WHY, *early), ("strategy", "paper", CORE, "--reason", "x", *early)):
        code, _, err = call(*words)
        assert code == 2
        assert "--today 2024-01-05 is before 2024-01-08, the last day in the book's log" in err
        assert len(err.splitlines()) == 1
    code, _, _ = call(*ADD, *WHY, *early, "--backdate-reason", "was decided at the meeting of that day")
    assert code == 0
    with signed.book.reading() as session:
        details = audit_log.entries(session, newest=1)[0].details
    assert (details["made"], details["backdated"]) == ("2024-01-05", "was decided at the meeting of that day")
    assert call(*ADD[:5], "us_bond", *ADD[6:], *WHY, "--today", "2024-06-28")[0] == 0


def test_fewer_months_and_a_short_cool_off_need_a_reason(desk: Desk, call: Call, policy: Path) -> None:
    sign = ("strategy", "sign", "--policy", str(policy), "--by", "Dana", "--cool-off-days", "0")
    code, _, err = call(*sign)
    assert (code, len(err.splitlines())) == (2, 1)
    assert "A cool-off of 0 days is below 90" in err
    assert call(*sign, "--override-reason", "pilot")[0] == 0
    code, _, err = call("strategy", "live", CORE, "--paper-months", "0")
    assert code == 2
    assert "its time on paper is set to 0 months, not 6; its out-of-sample gate was not run" in err
    code, out, _ = call("strategy", "live", CORE, "--paper-months", "0", "--override-reason", "ran elsewhere")
    assert code == 0
    assert "overridden: its time on paper is set to 0 months, not 6" in out
    assert desk.book.where


def test_a_verdict_names_the_policy_that_was_judged_and_is_refused_for_another(
    signed: Desk, call: Call, policy: Path, two_funds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ("--start", "2023-06-30", "--end", "2024-06-28", "--samples", "100")
    judge = ["honesty", "--prices", str(two_funds), "--policy", str(policy), *days, "--json"]
    assert run(judge) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["policy_sha256"] == policy_sha256(POLICY)
    assert document["data_as_of"] == "2024-06-28"
    assert document["program_version"]
    verdict = tmp_path / "verdict.json"
    verdict.write_text(json.dumps(document | {"policy_sha256": "0" * 64}), encoding="utf-8")
    live = ("strategy", "live", CORE, "--gate", str(verdict), "--override-reason", "never mind")
    code, _, err = call(*live)
    assert (code, len(err.splitlines())) == (2, 1)
    assert "The verdict is of another policy: SHA-256 000000000000" in err
    verdict.write_text(json.dumps(document), encoding="utf-8")
    assert call(*live)[0] == 0
    with signed.book.reading() as session:
        assert audit_log.entries(session, newest=1)[0].details["verdict_data_as_of"] == "2024-06-28"


def test_adherence_is_scored_from_a_file_of_what_was_done(
    signed: Desk, call: Call, two_funds: Path, tmp_path: Path
) -> None:
    decided = {
        day: targets for day, targets in decisions_of(policy_prices(POLICY, two_funds), LATER.date()) if day > AT.date()
    }
    lines = ["decided,done_on,asset_class,target"]
    for number, (day, targets) in enumerate(decided.items()):
        late = 3 if number else 10
        lines += [f"{day},{day + timedelta(days=late)},{name},{weight}" for name, weight in targets.items()]
    done = tmp_path / "done.csv"
    done.write_text("\n".join(lines), encoding="utf-8")
    asked = ("adherence", "--strategy", CORE, "--prices", str(two_funds), "--done", str(done))
    code, out, _ = call(*asked)
    assert code == 0
    assert "100.0% of 6 decisions were carried out as the rules said, 83.3% on time; 7 days late in all." in out
    assert "Process score 96 of 100" in out
    _, out, _ = call(*asked, "--json", "--days-allowed", "10")
    assert json.loads(out)["on_time_share"] == 1
    assert signed.book.where


@pytest.fixture
def traded(desk: Desk) -> Desk:
    """A household whose run was approved on Monday, October 26, 2026, before anything of it was traded."""
    closes = [d.price(symbol, 26, "10", "10") for symbol in ("VTI", "ITOT", "BND")]
    start = (
        d.position(d.TAXABLE, "VTI", "400"),
        d.cash(d.TAXABLE, "6000"),
        d.lot(d.TAXABLE, "VTI", "400", basis="3000"),
    )
    desk.take(desk.file("office", *d.OFFICE, *start, d.position(d.ROTH, "BND", "4"), d.cash(d.ROTH, "200"), *closes))
    monday = datetime(2026, 10, 26, 20, tzinfo=UTC)
    made = propose(desk.book, households=None, as_of=monday.date(), now=monday, by="Dana")
    assert made.skipped == ()
    approve(desk.book, made.run, by="Dana", reason="", now=monday)
    return desk


def bought(desk: Desk, name: str, symbol: str, quantity: Decimal, day: int) -> None:
    value = quantity * 10
    row = r.TransactionRecord(7, d.TAXABLE, date(2026, 10, day), Action.BUY, symbol, quantity, value)
    desk.take(desk.file(name, row))


def test_adherence_reads_from_the_book_what_was_approved_and_what_was_done(traded: Desk, call: Call) -> None:
    now = datetime(2026, 10, 30, 22, tzinfo=UTC)
    proposal = run_report(traded.book, "R-20261026-001").households[0].proposal
    buys = {trade.symbol: trade.quantity for trade in proposal.trades if trade.account == "A1"}
    assert set(buys) == {"BND", "VTI"}
    book = ("adherence", "--book", "--days-allowed", "1")
    code, out, _ = call(*book, now=now)
    assert code == 0
    assert "not known: the trades imported do not reach so far" in out
    bought(traded, "first", "BND", buys["BND"], 29)
    bought(traded, "second", "ITOT", D(3), 30)
    code, out, _ = call(*book, "--json", now=now)
    (household,) = json.loads(out)["households"]
    assert (code, household["household"]) == (0, "Abbott")
    told = {each["order"]["symbol"]: (each["carried"], each["late_days"]) for each in household["records"]}
    assert {symbol: told[symbol] for symbol in buys} == {"BND": ("late", 2), "VTI": ("skipped", 0)}
    assert [(each["symbol"], each["quantity"]) for each in household["unasked"]] == [("ITOT", 3)]
    _, out, _ = call(*book, now=now)
    assert "done 2026-10-29, 2 days late" in out
    assert "approved 2026-10-26, never done" in out
    assert "buy 3 ITOT in A1 on 2026-10-30 was not proposed" in out


def test_a_run_that_was_never_approved_is_named(traded: Desk, call: Call) -> None:
    now = datetime(2026, 10, 30, 22, tzinfo=UTC)
    propose(traded.book, households=None, as_of=date(2026, 10, 26), now=now, by="Dana")
    _, out, _ = call("adherence", "--book", now=now)
    assert "run R-20261026-002 of 2026-10-26 was proposed and not approved" in out
