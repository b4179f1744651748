"""Losses on fund shares held six months or less (IRC 852(b)(4))."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.tax.fund_losses import (
    FundDividends,
    FundLoss,
    first_day_beyond_six_months,
    fund_loss,
    is_six_months_or_less,
)

D = Decimal


@pytest.mark.parametrize(
    ("acquired", "beyond"),
    [
        ("2025-01-15", "2025-07-16"),
        ("2025-07-15", "2026-01-16"),
        ("2025-02-28", "2025-09-01"),
        ("2025-08-31", "2026-03-01"),
        ("2025-08-28", "2026-03-01"),
        ("2025-08-27", "2026-02-28"),
        ("2023-08-28", "2024-02-29"),
        ("2025-06-30", "2026-01-01"),
        ("2025-12-31", "2026-07-01"),
    ],
)
def test_six_months_are_calendar_months_from_the_day_after_purchase(acquired: str, beyond: str) -> None:
    """Rev. Rul. 66-7."""
    bought, day = date.fromisoformat(acquired), date.fromisoformat(beyond)
    assert first_day_beyond_six_months(bought) == day
    assert is_six_months_or_less(bought, day - timedelta(days=1))
    assert not is_six_months_or_less(bought, day)


BOUGHT, WITHIN, BEYOND = date(2025, 1, 15), date(2025, 7, 15), date(2025, 7, 16)


@pytest.mark.parametrize(
    ("dividends", "loss"),
    [
        (FundDividends(), (150, 0, 0)),
        (FundDividends(capital_gain=D(100)), (50, 100, 0)),
        (FundDividends(capital_gain=D(500)), (0, 150, 0)),
        (FundDividends(exempt_interest=D(40)), (110, 0, 40)),
        (FundDividends(exempt_interest=D(40), daily=True), (150, 0, 0)),
        (FundDividends(capital_gain=D(100), exempt_interest=D(80)), (0, 70, 80)),
        (FundDividends(capital_gain=D(100), exempt_interest=D(900)), (0, 0, 150)),
    ],
)
def test_exempt_interest_comes_first_then_capital_gain_dividends(
    dividends: FundDividends, loss: tuple[int, int, int]
) -> None:
    assert fund_loss(D(150), BOUGHT, WITHIN, dividends) == FundLoss(*map(D, loss))
    assert fund_loss(D(150), BOUGHT, BEYOND, dividends) == FundLoss(D(150), D(0), D(0))
