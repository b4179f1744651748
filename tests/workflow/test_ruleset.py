"""Which ruleset a run follows: the signed and live one, on paper as paper, none in silence; overrides in force."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from db import audit_log, store
from engine.errors import AppError
from engine.overlay.freeze import canonical_json, sha256_of
from engine.overlay.override_effect import TiltOverride
from engine.overlay.policy import OverlayPolicy
from engine.overlay.ruleset import RulesetUsed
from engine.problems import Severity
from exporters.blotter_record import cover
from exporters.order_lines import run_orders
from tests.workflow.conftest import NOW
from workflow.approve import approve, move_on
from workflow.book import Book
from workflow.cli import run as plimsoll
from workflow.household_day import HouseholdDay, household_days
from workflow.overlay_policy import overlay_policy
from workflow.override_log import add_override
from workflow.paper_mode import LiveAsk, go_live
from workflow.propose import propose
from workflow.ruleset import NOT_SIGNED, RulesetAsk
from workflow.runs import list_runs, run_report
from workflow.strategy import Signing, sign_policy
from workflow.views import RunSummary

D = Decimal
GROWTH = "Growth rules"
DAY = date(2026, 10, 30)
SIGNED = datetime(2026, 2, 2, 15, tzinfo=UTC)
DANA = Signing("Dana", "first")
FROST = "Almeida-Frost"
"""A household of the model Growth; Bexley-Marsh follows Balanced."""


def office_rules(book: Book, household: str = FROST, name: str = GROWTH) -> OverlayPolicy:
    with book.reading() as session:
        held = next(h for h in store.load_households(session, None, as_of=DAY) if h.name == household)
    assert held.model is not None
    assert held.policy is not None
    etfs = {t.asset_class: t.overlay_etf for t in held.model.targets}
    found = overlay_policy({t.asset_class: t.weight for t in held.model.targets}, etfs, held.policy.settings)
    assert found is not None
    return replace(found, name=name)


def live(book: Book, policy: OverlayPolicy) -> str:
    signed = sign_policy(book, policy, DANA, now=SIGNED)
    go_live(book, policy.name, LiveAsk("Dana", None, "trial office"), now=datetime(2026, 9, 1, tzinfo=UTC))
    return signed.signature.policy_sha256


def run_of(book: Book, *households: str, ask: RulesetAsk | None = None) -> RunSummary:
    return propose(book, households=households or [FROST], as_of=DAY, now=NOW, by="t", ruleset=ask or RulesetAsk())


def day_of(book: Book, household: str = FROST, ask: RulesetAsk | None = None, day: date = DAY) -> HouseholdDay:
    with book.reading() as session:
        ids = [held.id for held in store.list_households(session) if held.name == household]
        (found,) = household_days(session, ids, day, ask)
    return found


def why(book: Book, household: str = FROST, ask: RulesetAsk | None = None) -> str:
    (problem,) = [each for each in day_of(book, household, ask).blocked if each.code == "overlay"]
    assert problem.severity is Severity.BLOCKING
    return problem.message


def followed(book: Book, ask: RulesetAsk | None = None) -> RulesetUsed:
    found = day_of(book, ask=ask)
    assert found.blocked == ()
    assert found.ruleset is not None
    return found.ruleset


def override(**changes: Any) -> TiltOverride:
    usual = TiltOverride("us_equity", D("-0.05"), "Lee", "election", date(2026, 10, 1), date(2026, 12, 31))
    return replace(usual, **changes)


def test_an_office_that_never_signed_follows_its_settings_and_the_run_says_so(sample: Book) -> None:
    run = run_of(sample)
    assert [(note.severity, note.message) for note in run.notes] == [(Severity.INFO, NOT_SIGNED)]
    report = run_report(sample, run.run).households[0]
    assert (report.ruleset, report.overlay_trail, run.paper) == (None, (), False)
    assert report.overlay is not None


def test_the_live_ruleset_that_agrees_is_followed_and_named_with_its_hash(sample: Book) -> None:
    before = day_of(sample).overlay
    sha = live(sample, office_rules(sample))
    run = run_of(sample)
    (note,) = run.notes
    assert note.message.startswith(f"Ruleset {GROWTH}, version 1, live since 2026-09-01, signed by Dana on 2026-02-02")
    assert sha == sha256_of(canonical_json(office_rules(sample)))
    assert sha in note.message
    assert list_runs(sample)[0] == run
    report = run_report(sample, run.run)
    (household,) = report.households
    assert household.overlay == before
    assert household.ruleset is not None
    assert household.ruleset.policy_sha256 == sha
    (trail,) = household.overlay_trail
    assert sha in trail.source
    assert sum(each.value for each in trail.inputs) == 0
    assert [f.value for f in cover(report, run_orders(report)).facts if f.label == "Overlay by"] == [note.message]
    with sample.reading() as session:
        assert sha in audit_log.entries(session, newest=1)[0].details["rulesets"]


def test_a_household_whose_overlay_nobody_signed_needs_a_person(
    sample: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    live(sample, office_rules(sample))
    assert plimsoll(["propose", "--db", sample.where, "--household", "Bexley-Marsh", "--as-of", str(DAY)]) == 3
    err = capsys.readouterr().err
    assert "left out: Bexley-Marsh" in err
    assert "The overlay of policy Standard is not the signed ruleset Growth rules version 1" in err
    assert "it changes strategic.commodities from 0.03 to 0.04; " in err
    assert "; and 3 more. Put the office's figures back" in err
    assert len(err.splitlines()) == 1


def test_settings_that_changed_since_the_signature_are_not_used_in_silence(sample: Book) -> None:
    live(sample, office_rules(sample))
    with sample.session() as session:
        session.execute(text("UPDATE policies SET settings = replace(settings, '0.03', '0.06')"))
    assert "it changes overlay band from 0.03 to 0.06" in why(sample)
    with sample.session() as session:
        session.execute(text("UPDATE policies SET settings = replace(settings, '\"0.06\"', '\"\"')"))
    assert followed(sample).strategy == GROWTH  # what the office leaves open, the ruleset says


def test_a_version_that_was_tampered_with_is_never_followed(sample: Book) -> None:
    live(sample, office_rules(sample))
    with sample.session() as session:
        session.execute(text("UPDATE strategy_versions SET policy = replace(policy, '0.03', '0.04')"))
    assert "Version 1 of Growth rules is not as it was signed" in why(sample)


def test_a_ruleset_on_paper_is_proposed_on_paper_only_and_never_approved(
    sample: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    sign_policy(sample, office_rules(sample), DANA, now=SIGNED)
    assert "No signed ruleset is live: Growth rules version 1 is on paper since 2026-02-02" in why(sample)
    assert "--paper" in why(sample)
    asked = [
        "propose",
        "--db",
        sample.where,
        "--household",
        FROST,
        "--as-of",
        str(DAY),
        "--strategy",
        GROWTH,
        "--paper",
    ]
    assert plimsoll(asked) == 0
    out = capsys.readouterr().out
    assert "(Draft, on paper: cannot be approved)" in out
    assert "Ruleset Growth rules, version 1, paper since 2026-02-02" in out
    (run,) = list_runs(sample)
    assert (run.paper, run.skipped, run_report(sample, run.run).paper) == (True, (), True)
    for move in (approve, move_on):
        with pytest.raises(AppError, match="is on paper: it is looked at and never approved"):
            move(sample, run.run, by="R", reason="", now=NOW)


def test_a_newer_version_on_paper_leaves_the_live_one_in_use(sample: Book) -> None:
    first = live(sample, office_rules(sample))
    wider = replace(office_rules(sample), max_turnover_quarter=D("0.3"))
    second = sign_policy(sample, wider, DANA, now=datetime(2026, 10, 1, tzinfo=UTC)).signature
    assert followed(sample).policy_sha256 == first
    with sample.session() as session:
        session.execute(text("UPDATE policies SET settings = replace(settings, '0.2\"', '0.3\"')"))
    assert followed(sample, RulesetAsk(paper=True)).policy_sha256 == second.policy_sha256


def test_a_household_without_an_overlay_is_proposed_as_before(sample: Book) -> None:
    live(sample, office_rules(sample))
    found = day_of(sample, "Ingersoll-Vance")
    assert (found.blocked, found.overlay, found.ruleset) == ((), None, None)


def test_two_rulesets_that_agree_need_a_name(sample: Book) -> None:
    for name in (GROWTH, "Twin"):
        live(sample, office_rules(sample, name=name))
    assert "Several rulesets agree with policy Standard: Growth rules, Twin. Say which (--strategy" in why(sample)
    assert followed(sample, RulesetAsk("Twin")).strategy == "Twin"
    with pytest.raises(AppError, match=r"there is no strategy 'Growht'. There are: Growth rules, Twin"):
        day_of(sample, ask=RulesetAsk("Growht"))


def test_an_override_in_force_sets_the_tilt_and_is_named_with_reason_author_and_expiry(sample: Book) -> None:
    live(sample, office_rules(sample))
    add_override(sample, GROWTH, override(), now=NOW)
    add_override(sample, GROWTH, override(asset_class="us_bond", expires=date(2026, 10, 29)), now=NOW)
    run = run_of(sample)
    note = run.notes[1]
    assert (note.severity, len(run.notes)) == (Severity.WARNING, 2)
    assert "Override 1: us_equity -5.0" in note.message
    assert "by Lee until 2026-12-31: election; beyond the band of 3" in note.message
    (household,) = run_report(sample, run.run).households
    assert household.overlay is not None
    assert household.overlay.tilts["us_equity"] == D("-0.05")
    assert household.case.targets["us_equity"] == D("0.40")
    assert sum(household.case.targets.values()) == 1
    assert min(household.case.targets.values()) >= 0
    assert household.overlay.targets["cash"] > D("0.02")  # what the class gives up, cash takes first


def test_an_override_that_expired_or_was_made_later_is_not_applied(sample: Book) -> None:
    live(sample, office_rules(sample))
    add_override(sample, GROWTH, override(expires=date(2026, 10, 29)), now=NOW)
    add_override(sample, GROWTH, override(made=date(2026, 10, 31)), now=NOW)
    assert followed(sample).overrides == ()


def test_a_signal_reads_the_macro_series_of_the_book_as_published_by_the_day(sample: Book) -> None:
    """Read at September's end: consumer prices of August were out, September's, which the book holds, were not."""
    with sample.session() as session:
        session.execute(text("UPDATE policies SET settings = replace(settings, 'sma:10', 'inflation_trend:12')"))
    middle = date(2026, 10, 15)
    found = day_of(sample, day=middle)
    with sample.reading() as session:
        prices = store.load_macro(session, until=middle)["CPIAUCSL"]
    assert found.overlay is not None
    read = [signal for signal in found.overlay.signals if signal.kind == "inflation_trend"]
    assert {abs(signal.vote) for signal in read} == {1}
    assert {signal.data_as_of for signal in read} == {date(2026, 8, 31)}
    assert prices[-1][0] >= date(2026, 9, 1)


def test_an_office_signs_what_it_says_and_is_then_held_to_it(sample: Book, capsys: pytest.CaptureFixture[str]) -> None:
    sign = ["strategy", "sign", GROWTH, "--db", sample.where, "--of-model", "Growth", "--of-policy"]
    for words, expected in (
        ([*sign, "Standrad"], "there is no policy 'Standrad' in the book. There are: "),
        ([*sign, "Income, no overlay"], "The overlay of policy Income, no overlay is off for model Growth"),
        ([*sign[:2], *sign[3:], "Standard"], "The ruleset of an office policy needs a name"),
        (sign[:5], "One policy is needed. Give --policy FILE, or --of-model and --of-policy"),
    ):
        assert plimsoll(words) == 2
        assert expected in capsys.readouterr().err
    assert plimsoll([*sign, "Standard"]) == 0
    assert sha256_of(canonical_json(office_rules(sample))) in capsys.readouterr().out
    assert followed(sample, RulesetAsk(GROWTH, paper=True)).mode == "paper"
