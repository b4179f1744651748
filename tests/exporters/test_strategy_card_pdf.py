"""What the strategy card says, before it is drawn."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from engine.overlay.freeze import canonical_json, differences, sign
from engine.overlay.policy import OverlayPolicy, SignalKind, SignalSetting
from engine.overlay.strategy_card import StrategyCard, expectations_of, strategy_card
from exporters.client_report import as_text
from exporters.strategy_card_pdf import strategy_card_pdf, strategy_card_report

D = Decimal
AT = datetime(2026, 1, 6, 21, tzinfo=UTC)
POLICY = OverlayPolicy(
    universe={"us_equity": "SPY", "us_bond": "AGG"},
    strategic={"us_equity": D("0.6"), "us_bond": D("0.4")},
    signals=(SignalSetting(SignalKind.SMA),),
    name="Core",
)


def made(mode: str = "paper") -> StrategyCard:
    other = replace(POLICY, overlay_band=D("0.05"))
    first = sign(POLICY, None, by="Dana", at=AT)
    second = sign(other, first, by="Dana", at=AT, reason="smaller tilts")
    changes = differences(canonical_json(POLICY), canonical_json(other))
    expected = expectations_of({"cagr": 0.07, "max_drawdown": -0.25}, "backtest")
    return strategy_card(other, second, mode=(mode, date(2026, 1, 6)), expectations=expected, changes=changes)


def test_the_card_says_rules_limits_expectations_changes_reviews_and_signature() -> None:
    card = made()
    text = as_text(strategy_card_report(card, "Firm"))
    for words in (
        "[ON PAPER]",
        "10-month moving average",
        "Overlay band, up or down a class | 5.00%",
        "Deepest drawdown | -25.0% | backtest",
        "overlay band | 0.1 | 0.05",
        "Reason: smaller tilts",
        "2029-01-06 (results)",
        card.signature.policy_sha256,
        card.signature.seal,
        card.signature.previous,
    ):
        assert words in text


def test_a_card_without_expectations_says_so_and_a_live_one_has_no_label() -> None:
    text = as_text(strategy_card_report(replace(made("live"), expectations=(), changes=()), ""))
    assert "No expectations were written down" in text
    assert "ON PAPER" not in text
    assert "Changed since" not in text


def test_the_same_card_is_the_same_bytes() -> None:
    first, second = (strategy_card_pdf(made(), "Firm") for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF")
