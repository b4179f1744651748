"""Ex-ante tracking error on holdings whose figure can be worked by hand."""

from decimal import Decimal
from math import sqrt

import numpy as np
import pytest

from engine.rebalance.case import Case
from engine.rebalance.tracking_error import Covariance, tracking_error, values_after
from tests.engine.rebalance.households import BOND, EITHER, OTHER, STOCK, home, household, sharp, stock

RISK = Covariance(("STK", "BND"), np.array([[0.04, 0.002], [0.002, 0.0025]]))


def held(cash: int = 0, symbol: str = "STK") -> Case:
    return household(home(cash), stock(symbol=symbol), buy_list=EITHER, securities=(STOCK, OTHER, BOND), policy=sharp())


def test_all_stock_against_sixty_forty() -> None:
    """Off by +40 % stock and -40 % bond: 0.4 sqrt(0.04 + 0.0025 - 2 x 0.002)."""
    found = tracking_error(held(), values_after(held(), ()), RISK)
    assert found.yearly == pytest.approx(0.4 * sqrt(0.0385))
    assert found.stood_in == ()
    assert found.left_out == ()


def test_cash_has_no_risk() -> None:
    """Half cash: stock 50 % against 60 %, bond 0 against 40 %."""
    case = held(100_000)
    off = np.array([-0.1, -0.4])
    found = tracking_error(case, values_after(case, ()), RISK)
    assert found.yearly == pytest.approx(sqrt(off @ RISK.matrix @ off))


def test_a_symbol_without_prices_moves_as_its_class_and_is_named() -> None:
    case = held(symbol="OTH")
    found = tracking_error(case, values_after(case, ()), RISK)
    assert found.yearly == pytest.approx(0.4 * sqrt(0.0385))
    assert found.stood_in == (("OTH", "STK"),)


def test_a_class_without_any_prices_is_left_out_and_named() -> None:
    stock_alone = Covariance(("STK",), np.array([[0.04]]))
    found = tracking_error(held(), values_after(held(), ()), stock_alone)
    assert found.left_out == ("bond",)
    assert found.yearly == pytest.approx(0.4 * 0.2)


def test_a_covariance_fits_its_symbols() -> None:
    with pytest.raises(ValueError, match=r"2 symbols is 2 x 2, not \(1, 1\)"):
        Covariance(("A", "B"), np.array([[1.0]]))


def test_holding_the_benchmark_has_no_tracking_error() -> None:
    values = {"STK": Decimal(60_000), "BND": Decimal(40_000)}
    assert tracking_error(held(), values, RISK).yearly == pytest.approx(0.0, abs=1e-12)
