"""Capacity and impact: worked by hand, and the worked example of the paper that the 3/5 law comes from."""

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.research.backtest import Rebalance
from engine.research.capacity import ImpactLaw, TradedEtf, TradingTerms, capacity, impact, traded_shares

SPY = TradedEtf("SPY", 30e9, 0.10, 0.01)
VNQ = TradedEtf("VNQ", 400e6, 0.05, 0.012)
DBC = TradedEtf("DBC", 20e6, 0.04, 0.011)
TERMS = TradingTerms()


def test_the_etf_with_the_least_volume_for_its_trade_binds() -> None:
    found = capacity((SPY, VNQ, DBC), TERMS)
    assert [one.etf.symbol for one in found.etfs] == ["DBC", "VNQ", "SPY"]
    assert [one.assets for one in found.etfs] == pytest.approx([50e6, 800e6, 30e9])
    assert found.binding == "DBC"
    assert found.assets == pytest.approx(50e6)


def test_trades_at_ten_and_a_hundred_million() -> None:
    small, large = capacity((SPY, VNQ, DBC), TERMS, (10e6, 100e6)).sizes
    assert (small.over, large.over) == ((), ("DBC",))
    assert [trade.dollars for trade in large.trades] == pytest.approx([10e6, 5e6, 4e6])
    assert [trade.volume_share for trade in large.trades] == pytest.approx([1 / 3000, 0.0125, 0.2])
    by_hand = [100 * math.sqrt(1 / 3000), 120 * math.sqrt(0.0125), 110 * math.sqrt(0.2)]
    assert [trade.impact_bp for trade in large.trades] == pytest.approx(by_hand)
    assert large.impact_bp == pytest.approx(0.10 * by_hand[0] + 0.05 * by_hand[1] + 0.04 * by_hand[2])


def test_at_its_capacity_an_overlay_does_not_exceed_the_limit() -> None:
    found = capacity((SPY, VNQ, DBC), TERMS)
    assert capacity((SPY, VNQ, DBC), TERMS, (found.assets,)).sizes[0].over == ()
    assert capacity((SPY, VNQ, DBC), TERMS, (found.assets * 1.001,)).sizes[0].over == ("DBC",)


def test_a_trade_spread_over_days_has_room_for_more() -> None:
    found = capacity((SPY, VNQ, DBC), TradingTerms(limit=0.20, days=3), (300e6,))
    assert found.assets == pytest.approx(300e6)
    assert found.sizes[0].trades[2].volume_share == pytest.approx(0.20)


def test_without_trades_there_is_no_limit() -> None:
    found = capacity((TradedEtf("SPY", 30e9, 0.0),), TERMS, (1e9,))
    assert (found.assets, found.binding, found.sizes[0].impact_bp) == (math.inf, "", 0.0)
    assert capacity((), TERMS).assets == math.inf


def test_an_etf_without_volatility_leaves_the_impact_open() -> None:
    found = capacity((SPY, TradedEtf("VNQ", 400e6, 0.05)), TERMS, (1e6,)).sizes[0]
    assert (found.impact_bp, found.trades[1].impact_bp) == (None, None)
    assert found.trades[0].impact_bp is not None


PAPER = (
    # Almgren, Thum, Hauptmann and Li (2005), the table of IBM and DRI at the end of section 4 (also table 10-1 of
    # B. Johnson, Algorithmic Trading and DMA, 2010): realized impact in whole basis points. Their inputs are rounded.
    # a tenth of a day's volume: daily volatility, shares outstanding in days of volume, days; basis points of cost
    (0.0157, 263, 0.1, 32),
    (0.0157, 263, 0.2, 25),
    (0.0157, 263, 0.5, 18),
    (0.0226, 87, 0.1, 43),
    (0.0226, 87, 0.2, 32),
    (0.0226, 87, 0.5, 23),
)


@pytest.mark.parametrize(("volatility", "outstanding", "days", "expected"), PAPER)
def test_the_worked_example_of_the_three_fifths_law(
    volatility: float, outstanding: float, days: float, expected: int
) -> None:
    terms = TradingTerms(days=days, law=ImpactLaw.THREE_FIFTHS)
    found = impact(TradedEtf("IBM", 1e9, 0.1, volatility, outstanding), 1e8, terms)
    assert abs(found * 1e4 - expected) <= 1


def test_a_full_day_of_volume_costs_a_day_of_volatility_by_the_square_root() -> None:
    assert impact(SPY, 30e9, TERMS) == pytest.approx(0.01)


@settings(max_examples=50, deadline=None)
@given(law=st.sampled_from(ImpactLaw), dollars=st.floats(1e3, 1e9), more=st.floats(1.01, 50), days=st.floats(0.1, 10))
def test_impact_grows_with_size_but_slower_than_it(law: ImpactLaw, dollars: float, more: float, days: float) -> None:
    terms = TradingTerms(days=days, law=law)
    small, large = impact(VNQ, dollars, terms), impact(VNQ, dollars * more, terms)
    assert small < large < small * more


def reset(before: dict[str, float], after: dict[str, float]) -> Rebalance:
    return Rebalance(date(2024, 1, 31), date(2024, 1, 31), 0.0, 0.0, before, after)


RESETS = (
    reset({"": 1.0}, {"SPY": 0.6, "IEF": 0.4}),
    reset({"SPY": 0.65, "IEF": 0.35}, {"SPY": 0.6, "IEF": 0.4}),
    reset({"SPY": 0.6, "IEF": 0.4}, {"SPY": 0.4, "IEF": 0.4, "GLD": 0.2}),
    reset({"SPY": 0.4, "IEF": 0.4, "GLD": 0.2}, {"SPY": 0.41, "IEF": 0.39, "GLD": 0.2}),
)


def test_what_rebalances_trade_leaves_the_first_purchase_out() -> None:
    assert traded_shares(RESETS) == pytest.approx({"SPY": 0.20, "IEF": 0.05, "GLD": 0.20})
    assert traded_shares(RESETS, 0.5) == pytest.approx({"SPY": 0.05, "IEF": 0.01, "GLD": 0.0})
    assert traded_shares(RESETS[:1]) == {}


BAD = (
    ((TradedEtf("SPY", 0.0, 0.1),), TERMS, "above zero"),
    ((SPY,), TradingTerms(limit=0.0), "above zero"),
    ((SPY,), TradingTerms(days=0.0), "above zero"),
    ((TradedEtf("SPY", 1.0, -0.1),), TERMS, "cannot be negative"),
)


@pytest.mark.parametrize(("etfs", "terms", "message"), BAD)
def test_figures_that_make_no_sense_are_refused(etfs: tuple[TradedEtf, ...], terms: TradingTerms, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        capacity(etfs, terms)
