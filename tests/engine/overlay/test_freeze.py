"""Signed versions: one text for one policy, a chain that shows every change, and differences in words."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.errors import AppError
from engine.overlay.freeze import canonical_json, cooling, differences, first_broken, sha256_of, sign
from engine.overlay.policy import OverlayPolicy, SignalKind, SignalSetting
from engine.overlay.views import ManualView

D = Decimal
AT = datetime(2026, 1, 6, 21, tzinfo=UTC)
POLICY = OverlayPolicy(
    universe={"us_equity": "SPY", "us_bond": "AGG"},
    strategic={"us_equity": D("0.60"), "us_bond": D("0.4")},
    signals=(SignalSetting(SignalKind.SMA, 1), SignalSetting(SignalKind.MOMENTUM, 12, 1)),
    name="Core",
)


def test_the_same_policy_written_otherwise_is_the_same_text() -> None:
    other = replace(
        POLICY,
        strategic={"us_bond": D("0.400"), "us_equity": D("0.6")},
        universe=dict(reversed(POLICY.universe.items())),
        overlay_band=D("1E-1"),
    )
    assert canonical_json(other) == canonical_json(POLICY)
    assert differences(canonical_json(POLICY), canonical_json(other)) == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"overlay_band": D("0.08")}, "overlay band from 0.1 to 0.08"),
        ({"class_cap": D("0.5")}, "class cap from none to 0.5"),
        ({"signals": (POLICY.signals[0], SignalSetting(SignalKind.MOMENTUM, 6, 1))}, "signals[2].months from 12 to 6"),
        ({"signals": (replace(POLICY.signals[0], months=2), POLICY.signals[1])}, "signals[1].months from 1 to 2"),
        ({"lots": True}, "lots from false to true"),
        ({"risk_on": ("QQQ", "EFA")}, "risk on from none to QQQ, EFA"),
        ({"universe": {"us_equity": "VTI", "us_bond": "AGG"}}, "universe.us equity from SPY to VTI"),
    ],
)
def test_a_change_is_told_in_words(change: dict[str, object], sentence: str) -> None:
    other = replace(POLICY, **change)  # type: ignore[arg-type]
    found = differences(canonical_json(POLICY), canonical_json(other))
    assert [each.sentence for each in found] == [sentence]


def test_keys_that_come_and_go_are_told() -> None:
    fewer = replace(POLICY, strategic={"us_equity": D(1)})
    sentences = [each.sentence for each in differences(canonical_json(POLICY), canonical_json(fewer))]
    assert sentences == ["strategic.us bond is gone; it was 0.4", "strategic.us equity from 0.6 to 1"]
    back = [each.sentence for each in differences(canonical_json(fewer), canonical_json(POLICY))]
    assert back[0] == "strategic.us bond is new: 0.4"


def test_a_manual_view_is_part_of_what_is_signed() -> None:
    view = ManualView("us_equity", D(1), "Lee", "rates", date(2026, 1, 1), date(2026, 3, 1))
    text = canonical_json(replace(POLICY, signals=(SignalSetting(SignalKind.VIEW, view=view),)))
    assert '"expires":"2026-03-01"' in text


def test_versions_are_chained_and_a_change_of_any_of_them_shows() -> None:
    other = replace(POLICY, overlay_band=D("0.05"))
    first = sign(POLICY, None, by="Dana", at=AT)
    second = sign(other, first, by="Dana", at=AT, reason="smaller")
    chain = ((first, canonical_json(POLICY)), (second, canonical_json(other)))
    assert (first.version, second.version, second.previous) == (1, 2, first.seal)
    assert first.policy_sha256 == sha256_of(canonical_json(POLICY))
    assert first_broken(chain) is None
    assert first_broken((chain[0], (second, canonical_json(POLICY)))) == 2
    assert first_broken(((replace(first, signed_by="Eve"), chain[0][1]), chain[1])) == 1
    assert first_broken((chain[1],)) == 1


@pytest.mark.parametrize(
    ("policy", "by", "reason", "message"),
    [
        (replace(POLICY, name=" "), "Dana", "why", "has no name"),
        (POLICY, " ", "why", "Nobody is named"),
        (POLICY, "Dana", " ", "needs its reason"),
    ],
)
def test_a_signature_that_says_too_little_is_refused(policy: OverlayPolicy, by: str, reason: str, message: str) -> None:
    first = sign(POLICY, None, by="Dana", at=AT)
    with pytest.raises(AppError, match=message):
        sign(policy, first, by=by, at=AT, reason=reason)


def test_a_version_cools_off_until_its_day() -> None:
    first = sign(POLICY, None, by="Dana", at=AT, cool_off_days=30)
    assert "4 days" in cooling(first, date(2026, 2, 1))
    assert cooling(first, date(2026, 2, 5)) == ""
