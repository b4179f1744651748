"""Overrides set tilts: who pays for them, what they never do, and what is said of them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.overlay.override_effect import TiltOverride
from engine.overlay.policy import OverlayPolicy
from engine.overlay.reading import OverlayReading
from engine.overlay.ruleset import RulesetUsed, with_overrides

D = Decimal
DAY = date(2026, 10, 30)
STRATEGIC = {"us_equity": D("0.6"), "us_bond": D("0.3"), "gold": D("0.1")}
POLICY = OverlayPolicy(
    universe={"us_equity": "AAA", "us_bond": "BBB", "gold": "GGG"}, strategic=STRATEGIC, class_cap=D("0.7")
)


def reading(strategic: dict[str, Decimal] = STRATEGIC, **tilts: str) -> OverlayReading:
    found = {name: D(tilts.get(name, "0")) for name in strategic}
    targets = {name: weight + found[name] for name, weight in strategic.items()}
    return OverlayReading(DAY, (), {}, "mixed", found, targets, ())


def override(name: str, tilt: str) -> TiltOverride:
    return TiltOverride(name, D(tilt), "Lee", "election", date(2026, 10, 1), date(2026, 12, 31))


WITH_CASH = {"us_equity": D("0.6"), "us_bond": D("0.38"), "cash": D("0.02")}
CASES: tuple[tuple[Any, ...], ...] = (
    ("the others pay in proportion", STRATEGIC, {}, {"us_equity": "0.04"}, {"us_bond": "0.27", "gold": "0.09"}),
    ("what is given up goes to the others", STRATEGIC, {}, {"us_equity": "-0.04"}, {"us_bond": "0.33", "gold": "0.11"}),
    ("cash pays as far as it goes", WITH_CASH, {}, {"us_equity": "0.05"}, {"us_bond": "0.35", "cash": "0"}),
    ("cash takes what is given up", WITH_CASH, {}, {"us_equity": "-0.05"}, {"us_bond": "0.38", "cash": "0.07"}),
    ("an override of cash is paid by the rest", WITH_CASH, {}, {"cash": "0.098"}, {"us_equity": "0.54"}),
    ("a class is never held short", STRATEGIC, {}, {"gold": "-0.5"}, {"gold": "0"}),
    (
        "the rules' own tilt is taken back",
        STRATEGIC,
        {"gold": "-0.05", "us_bond": "0.05"},
        {"gold": "0"},
        {"gold": "0.1"},
    ),
    ("two do not pay for each other", STRATEGIC, {}, {"us_equity": "0.03", "us_bond": "-0.01"}, {"gold": "0.08"}),
)


@pytest.mark.parametrize(
    ("strategic", "tilts", "overrides", "wanted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_who_pays_for_an_override(
    strategic: dict[str, Decimal], tilts: dict[str, str], overrides: dict[str, str], wanted: dict[str, str]
) -> None:
    asked = [(number, override(*each)) for number, each in enumerate(overrides.items(), start=1)]
    found, applied = with_overrides(reading(strategic, **tilts), POLICY, asked)
    assert {name: found.targets[name] for name in wanted} == {name: D(weight) for name, weight in wanted.items()}
    assert sum(found.targets.values()) == 1
    assert sum(found.tilts.values()) == 0
    assert min(found.targets.values()) >= 0
    assert [each.asset_class for each in applied] == list(overrides)


def test_a_policy_with_a_cash_etf_holds_what_is_given_up_in_cash() -> None:
    found, _ = with_overrides(reading(), replace(POLICY, cash="SHY"), [(1, override("us_equity", "-0.05"))])
    assert found.targets["cash"] == found.tilts["cash"] == D("0.05")


def test_what_goes_beyond_the_limits_is_said_and_a_class_that_is_not_held_is_left_alone() -> None:
    asked = [(4, override("us_equity", "0.15")), (5, override("oil", "0.05"))]
    _, applied = with_overrides(reading(), POLICY, asked)
    (one,) = applied
    assert one.sentence == (
        "Override 4: us_equity 15.00% in place of 0.00%, by Lee until 2026-12-31: election; beyond the band of 10.00%, "
        "the class cap of 70.00%"
    )


def test_the_trail_names_the_ruleset_and_the_override_of_a_class() -> None:
    found, applied = with_overrides(reading(), POLICY, [(4, override("us_equity", "0.04"))])
    used = RulesetUsed("Core", 2, "ab" * 32, "Dana", datetime(2026, 1, 5, tzinfo=UTC), "live", DAY, applied)
    trail = used.trail(found)
    assert (trail.value, trail.unit) == (D("0.04"), "fraction")
    assert [each.source for each in trail.inputs] == [applied[0].sentence, "", ""]
    assert "Core, version 2, live since 2026-10-30" in trail.source
