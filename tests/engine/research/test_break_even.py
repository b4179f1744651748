"""Break-even assets: the three readings of one gain, by hand, and the trail of each figure."""

from decimal import Decimal
from typing import Any

import pytest

from engine.research.break_even import FirmCase, GainOf, break_even
from engine.trail import Trail

D = Decimal


def firm(**changes: Any) -> FirmCase:
    """Return $30,000 a year, 0.2 % of trading cost, 0.8 % of gain."""
    return FirmCase(**{"fixed_cost": D(30_000), "gain": D("0.008"), "cost": D("0.002")} | changes)


READINGS = (
    (GainOf.GROSS, None, "0.006", "5000000.00"),
    (GainOf.NET_OF_TRADING, None, "0.008", "3750000.00"),
    (GainOf.NET_OF_ALL, D(50_000_000), "0.0086", "3488372.09"),
)


@pytest.mark.parametrize(("gain_of", "assets", "margin", "expected"), READINGS)
def test_break_even_assets_by_hand(gain_of: GainOf, assets: Decimal | None, margin: str, expected: str) -> None:
    found = break_even(firm(gain_of=gain_of, assets=assets))
    assert (found.margin, found.assets) == (D(margin), D(expected))


def test_costs_are_under_half_a_percent_from_ten_million() -> None:
    assert break_even(firm()).low_cost_assets == D(10_000_000)


def test_what_is_left_for_a_firm_of_fifty_million() -> None:
    assert break_even(firm(assets=D(50_000_000))).firm_gain == D(270_000)
    assert break_even(firm(assets=D(50_000_000), gain_of=GainOf.NET_OF_ALL)).firm_gain == D(400_000)


def test_at_break_even_nothing_is_left() -> None:
    assets = break_even(firm()).assets
    assert break_even(firm(assets=assets)).firm_gain == 0


def test_no_size_is_enough_where_the_gain_does_not_pay_for_trading() -> None:
    found = break_even(firm(gain=D("0.002")))
    assert (found.assets, found.margin) == (None, D(0))
    assert break_even(firm(cost=D("0.005"))).low_cost_assets is None


def test_each_figure_says_where_it_comes_from() -> None:
    found = break_even(firm(assets=D(50_000_000)))
    labels = [trail.label for trail in found.trails]
    assert labels[1] == "break-even assets = fixed cost / margin"
    assert [trail.value for trail in found.trails[1].inputs] == [D(30_000), D("0.006")]
    assert found.trails[0] == Trail(
        "margin = gain - cost that grows with the assets",
        D("0.006"),
        (
            Trail("expected gain a year, gross", D("0.008"), unit="fraction"),
            Trail("cost that grows with the assets", D("0.002"), unit="fraction"),
        ),
        "fraction",
    )


BAD: tuple[dict[str, Any], ...] = (
    {"fixed_cost": D(-1)},
    {"cost": D(-1)},
    {"assets": D(0)},
    {"gain_of": GainOf.NET_OF_ALL},
)


@pytest.mark.parametrize("changes", BAD)
def test_figures_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="costs"):
        break_even(firm(**changes))
