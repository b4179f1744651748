"""The life of a strategy in a book: signed, frozen, on paper, live, overridden, followed or not."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from db import audit_log
from db.store import discipline as kept
from engine.errors import AppError
from engine.overlay.adherence import Followed
from engine.overlay.freeze import canonical_json, policy_sha256
from engine.overlay.override_effect import OverrideState, TiltOverride
from engine.overlay.policy import Mode, OverlayPolicy, SignalKind, SignalSetting
from engine.research.gate import Check, CheckName, Outcome, Verdict
from importers.records import MacroRecord
from tests.workflow.import_desk import Desk
from workflow import cli_strategy
from workflow.adherence import AdherenceAsk, adherence_report
from workflow.book import Book
from workflow.cli import run
from workflow.override_log import (
    add_override,
    close_override,
    decisions_of,
    guarded,
    list_overrides,
    policy_prices,
)
from workflow.paper_mode import GateVerdict, LiveAsk, back_to_paper, go_live, verdict_from_json
from workflow.strategy import (
    Signing,
    card,
    list_strategies,
    load_version,
    policy_changes,
    sign_policy,
    signed_policy,
    version_changes,
    write_card,
)

D = Decimal
AT = datetime(2024, 1, 8, 21, tzinfo=UTC)
CORE = "Core"
POLICY = OverlayPolicy(
    universe={"us_equity": "AAA", "us_bond": "BBB"},
    strategic={"us_equity": D("0.6"), "us_bond": D("0.4")},
    signals=(SignalSetting(SignalKind.SMA, 3),),
    name=CORE,
)
SMALLER = replace(POLICY, overlay_band=D("0.05"))
DANA = Signing("Dana", "smaller tilts")
SHA = policy_sha256(POLICY)
PASSED = GateVerdict(Verdict((Check(CheckName.BEATS_MIX, Outcome.PASSED, "it beats its mix"),)), SHA)
FAILED = GateVerdict(Verdict((Check(CheckName.BEATS_MIX, Outcome.FAILED, "it does not beat its mix"),)), SHA)


@pytest.fixture
def book(desk: Desk) -> Book:
    sign_policy(desk.book, POLICY, DANA, now=AT)
    return desk.book


def later(days: int) -> datetime:
    return AT + timedelta(days=days)


def actions(book: Book) -> list[str]:
    with book.reading() as session:
        assert audit_log.verify(session) is None
        return [entry.action for entry in audit_log.entries(session)]


def test_a_signed_policy_comes_back_as_it_was_signed_and_starts_on_paper(book: Book) -> None:
    found = load_version(book, CORE)
    assert canonical_json(signed_policy(found)) == found.policy
    assert [move.mode for move in found.moves] == ["paper"]
    assert actions(book) == ["sign strategy"]


def test_the_rules_are_frozen_until_they_have_cooled_off(book: Book) -> None:
    with pytest.raises(AppError, match=r"frozen: version 1 was signed on 2024-01-08 and cools off until 2024-04-07"):
        sign_policy(book, SMALLER, DANA, now=later(89))
    signed = sign_policy(book, SMALLER, DANA, now=later(90))
    assert signed.signature.version == 2
    assert [each.sentence for each in signed.changes] == ["overlay band from 0.1 to 0.05"]


def test_a_cool_off_can_be_overridden_with_a_reason_that_is_logged(book: Book) -> None:
    sign_policy(book, SMALLER, replace(DANA, over_cool_off="committee"), now=later(1))
    with book.reading() as session:
        assert audit_log.entries(session)[0].details["over_cool_off"] == "committee"


def test_the_same_rules_are_not_signed_twice_and_a_change_needs_a_reason(book: Book) -> None:
    with pytest.raises(AppError, match="nothing to sign"):
        sign_policy(book, POLICY, DANA, now=later(100))
    with pytest.raises(AppError, match="needs its reason"):
        sign_policy(book, SMALLER, Signing("Dana"), now=later(100))


def test_versions_are_compared_with_each_other_and_with_a_file(book: Book) -> None:
    assert policy_changes(book, CORE, POLICY) == ()
    sign_policy(book, SMALLER, DANA, now=later(100))
    assert [each.path for each in version_changes(book, CORE, 1, 2)] == ["overlay_band"]
    assert card(book, CORE).changes == version_changes(book, CORE, 1, 2)
    with pytest.raises(AppError, match="has no version 3"):
        load_version(book, CORE, 3)
    with pytest.raises(AppError, match="There are: Core"):
        load_version(book, "Corn")


def test_a_version_that_was_changed_in_the_book_is_refused_and_listed_as_broken(book: Book) -> None:
    with book.session() as session:
        session.execute(text("UPDATE strategy_versions SET policy = replace(policy, '0.1', '0.2')"))
    with pytest.raises(AppError, match="Version 1 of Core is not as it was signed"):
        load_version(book, CORE)
    assert list_strategies(book)[0].broken_version == 1


@pytest.mark.parametrize(
    ("days", "verdict", "against"),
    [
        (181, PASSED, "6 months are over on 2024-07-08"),
        (200, FAILED, "gate: it does not beat its mix"),
        (200, None, "gate was not run"),
        (10, FAILED, "on paper since 2024-01-08.*gate"),
        (200, replace(PASSED, policy_sha256=""), "does not say of which policy it is"),
    ],
)
def test_live_is_refused_until_paper_is_over_and_the_gate_passed(
    book: Book, days: int, verdict: GateVerdict | None, against: str
) -> None:
    with pytest.raises(AppError, match=against):
        go_live(book, CORE, LiveAsk("Dana", verdict), now=later(days))
    assert list_strategies(book)[0].mode == "paper"
    outcome = go_live(book, CORE, LiveAsk("Dana", verdict, "clients asked"), now=later(days))
    assert outcome.against
    with book.reading() as session:
        entry = audit_log.entries(session)[0]
    assert (entry.action, entry.by, entry.details["reason"]) == ("live by override", "Dana", "clients asked")
    assert entry.details["overridden"] == "; ".join(outcome.against)


def test_a_version_goes_live_by_the_rules_and_back_to_paper_where_its_months_begin_anew(book: Book) -> None:
    outcome = go_live(book, CORE, LiveAsk("Dana", PASSED), now=later(182))
    assert outcome.against == ()
    assert list_strategies(book)[0].live_version == 1
    with pytest.raises(AppError, match="is live since 2024-07-08 already"):
        go_live(book, CORE, LiveAsk("Dana", PASSED), now=later(183))
    back_to_paper(book, CORE, Signing("Dana", "errors in the process"), now=later(200))
    with pytest.raises(AppError, match="on paper since 2024-07-26"):
        go_live(book, CORE, LiveAsk("Dana", PASSED), now=later(201))
    assert actions(book) == ["back to paper", "live", "sign strategy"]


def test_a_verdict_on_another_policy_is_refused_whatever_the_reason(book: Book) -> None:
    other = replace(PASSED, policy_sha256=policy_sha256(SMALLER))
    with pytest.raises(AppError, match=r"The verdict is of another policy: SHA-256 [0-9a-f]{12}, signed as version 1"):
        go_live(book, CORE, LiveAsk("Dana", other, "never mind"), now=later(200))
    judged = replace(PASSED, data_as_of=date(2024, 6, 28), program_version="0.1")
    go_live(book, CORE, LiveAsk("Dana", judged), now=later(200))
    with book.reading() as session:
        details = audit_log.entries(session, newest=1)[0].details
    assert (details["verdict_policy_sha256"], details["verdict_data_as_of"]) == (SHA, "2024-06-28")


def test_fewer_months_on_paper_and_a_shorter_cool_off_need_a_reason_that_is_logged(book: Book) -> None:
    with pytest.raises(AppError, match="its time on paper is set to 0 months, not 6"):
        go_live(book, CORE, LiveAsk("Dana", PASSED, paper_months=0), now=later(1))
    outcome = go_live(book, CORE, LiveAsk("Dana", PASSED, "ran elsewhere for a year", 0), now=later(1))
    assert outcome.against == ("its time on paper is set to 0 months, not 6",)
    with pytest.raises(AppError, match="A cool-off of 0 days is below 90"):
        sign_policy(book, SMALLER, replace(DANA, cool_off_days=0), now=later(100))
    sign_policy(book, SMALLER, replace(DANA, cool_off_days=0, over_cool_off="pilot"), now=later(100))
    with book.reading() as session:
        signed, live = audit_log.entries(session, newest=2)
    assert (signed.details["cool_off_days"], signed.details["over_cool_off"]) == ("0", "pilot")
    assert (live.action, live.details["reason"], live.by) == ("live by override", "ran elsewhere for a year", "Dana")


def test_a_verdict_is_read_without_the_override_that_a_file_may_name(tmp_path: Path) -> None:
    file = tmp_path / "honesty.json"
    check = {"name": "beats_mix", "outcome": "failed", "reason": "no"}
    override = {"author": "Eve", "reason": "please"}
    file.write_text(json.dumps({"verdict": {"checks": [check], "override": override, "passed": True}}))
    found = verdict_from_json(file)
    verdict = found.verdict
    assert (verdict.passed, verdict.eligible_for_live, verdict.reasons) == (False, False, ("no",))
    assert found.policy_sha256 == ""
    file.write_text('{"verdict": {"checks": []}}')
    with pytest.raises(AppError, match="no checks"):
        verdict_from_json(file)


def override(**other: object) -> TiltOverride:
    made = TiltOverride("us_equity", D("0.05"), "Lee", "election", date(2024, 3, 1), date(2024, 4, 30))
    return replace(made, **other)  # type: ignore[arg-type]


def test_an_override_is_measured_against_the_model_and_ends_by_itself(book: Book, two_funds: Path) -> None:
    priced = policy_prices(POLICY, two_funds)
    logged = add_override(book, CORE, override(), now=later(60), priced=priced)
    assert logged.number == 1
    (row,) = list_overrides(book, CORE, as_of=date(2024, 6, 28), priced=priced)
    assert (row.state, row.until) == (OverrideState.EXPIRED, date(2024, 4, 30))
    assert row.effect is not None
    assert row.effect.until == date(2024, 4, 30)
    assert row.effect.class_return < 0
    # the model is down by its band while the class falls: to be up by half a band cost a multiple of the fall
    assert row.effect.model_tilt == D("-0.10")
    assert row.effect.effect < D("0.15") * row.effect.class_return * D("0.9")
    assert list_overrides(book, None, as_of=date(2024, 2, 1)) == ()


def test_an_override_that_holds_is_ended_before_the_next_of_its_class(book: Book) -> None:
    add_override(book, CORE, override(), now=later(60))
    with pytest.raises(AppError, match="Override 1 of us_equity holds until 2024-04-30"):
        add_override(book, CORE, override(made=date(2024, 3, 5)), now=later(61))
    closed = close_override(book, 1, by="Lee", today=date(2024, 3, 4), now=later(61))
    assert closed.override.closed == date(2024, 3, 4)
    add_override(book, CORE, override(made=date(2024, 3, 5)), now=later(61))
    with pytest.raises(AppError, match="ended on 2024-03-04 already"):
        close_override(book, 1, by="Lee", today=date(2024, 3, 9), now=later(62))
    with pytest.raises(AppError, match="there is no override 9"):
        close_override(book, 9, by="Lee", today=date(2024, 3, 9), now=later(62))
    assert actions(book)[:3] == ["override tilt", "end override", "override tilt"]


def test_an_override_of_a_class_that_the_policy_lacks_is_refused(book: Book) -> None:
    with pytest.raises(AppError, match="no class 'gold'"):
        add_override(book, CORE, override(asset_class="gold"), now=later(60))
    with pytest.raises(AppError, match="reason: an override needs one"):
        add_override(book, CORE, override(reason=" "), now=later(60))


def test_a_change_after_a_fall_is_warned_of_for_the_class_and_the_mix(book: Book, two_funds: Path) -> None:
    priced = policy_prices(POLICY, two_funds)
    found = guarded(priced, date(2024, 6, 28))
    assert [each.subject for each in found if each.kind == "drawdown"] == ["us_equity (AAA)", "The strategic mix"]
    assert "us_bond (BBB)" not in {each.subject for each in found}
    signed = sign_policy(book, SMALLER, DANA, now=later(172), cautions=found)
    assert signed.cautions == found
    with book.reading() as session:
        assert "has fallen" in audit_log.entries(session)[0].details["cautions"]


def test_decisions_by_macro_signals_are_not_made_up_from_prices(two_funds: Path) -> None:
    policy = replace(POLICY, signals=(SignalSetting(SignalKind.YIELD_CURVE),))
    with pytest.raises(AppError, match="yield_curve reads macro series"):
        decisions_of(policy_prices(policy, two_funds), date(2024, 6, 28))


def test_decisions_by_macro_signals_are_replayed_with_the_series_of_the_book(desk: Desk, two_funds: Path) -> None:
    policy = replace(POLICY, mode=Mode.TIMING, signals=(SignalSetting(SignalKind.INFLATION_TREND, 3),))
    months = [date(2022 + number // 12, number % 12 + 1, 1) for number in range(30)]
    rates = ["0.1"] * 14 + ["1"] * 6 + ["0"] * 10  # inflation rises until the summer of 2023 and falls in the spring
    index = [D(100 + sum(map(D, rates[:number]))) for number in range(30)]
    records = [
        MacroRecord(row, "CPIAUCSL", day, value) for row, (day, value) in enumerate(zip(months, index, strict=True))
    ]
    desk.take(desk.file("cpi", *records))
    decided = dict(decisions_of(policy_prices(policy, two_funds, desk.book), date(2024, 6, 28)))
    assert decided[date(2023, 6, 30)] != decided[date(2024, 2, 29)]


def test_adherence_holds_what_was_done_against_the_version_signed_by_then(
    book: Book, two_funds: Path, tmp_path: Path
) -> None:
    sign_policy(book, SMALLER, DANA, now=later(91))
    old, new = (dict(decisions_of(policy_prices(p, two_funds), date(2024, 6, 28))) for p in (POLICY, SMALLER))
    wanted = {day: (old if day < later(91).date() else new)[day] for day in old if day >= AT.date()}
    lines = ["decided,done_on,asset_class,target"]
    for day, targets in list(wanted.items())[:-1]:
        lines += [f"{day},{day + timedelta(days=1)},{name},{weight}" for name, weight in targets.items()]
    done = tmp_path / "done.csv"
    done.write_text("\n".join(lines), encoding="utf-8")
    ask = AdherenceAsk(CORE, two_funds, done, None, date(2024, 6, 28))
    found = adherence_report(book, ask)
    assert [record.followed for record in found.records] == [Followed.ON_TIME] * 5 + [Followed.NOT_DONE]
    assert old[date(2024, 5, 31)] != new[date(2024, 5, 31)]
    done.write_text("\n".join([*lines, "2024-05-15,2024-05-16,us_equity,0.6"]), encoding="utf-8")
    with pytest.raises(AppError, match="decided nothing on 2024-05-15"):
        adherence_report(book, ask)


def test_the_card_is_written_as_a_pdf_that_names_the_seal(book: Book, tmp_path: Path) -> None:
    written = write_card(book, CORE, tmp_path / "card.pdf")
    assert written.read_bytes().startswith(b"%PDF")


def test_the_command_line_signs_shows_and_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(cli_strategy, "clock", lambda: AT)
    policy, db = tmp_path / "policy.json", ["--db", desk.book.where]
    raw = json.loads(canonical_json(POLICY))
    small = {key: raw[key] for key in ("universe", "name")} | {
        "strategic": {"us_equity": 0.6, "us_bond": 0.4},
        "signals": [{"kind": "sma", "months": 3}],
    }
    policy.write_text(json.dumps(small), encoding="utf-8")
    assert run(["strategy", "sign", *db, "--policy", str(policy), "--by", "Dana", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["signature"]["version"] == 1
    assert run(["strategy", "show", CORE, *db, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mode"] == "paper"
    assert run(["strategy", "diff", CORE, *db, "--policy", str(policy), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"changes": []}
    assert run(["strategy", "live", CORE, *db]) == 2
    assert "6 months are over on 2024-07-08" in capsys.readouterr().err
    assert run(["strategy", "live", CORE, *db, "--today", "2026-01-01"]) == 2
    assert "has not come yet" in capsys.readouterr().err
    with desk.book.reading() as session:
        assert kept.strategy_names(session) == (CORE,)


def test_the_checklist_answers_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    answers = (
        "--horizon long --volatility low --capacity small --taxable taxable --conviction none --measure sharpe_ratio"
    )
    assert run(["checklist", *answers.split(), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["limits"]["overlay_fraction"] == 0.25
    assert all(reason["why"] for reason in found["reasons"])
