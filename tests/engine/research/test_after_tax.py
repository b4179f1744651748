"""The after-tax backtest against accounts that can be worked by hand, and its laws."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.policy import Mode, OverlayPolicy, When
from engine.overlay.price_history import PriceHistory, price_history
from engine.portfolio import Registration, TaxPosition
from engine.research.after_tax import AfterTax, AfterTaxSetting, run_after_tax
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.dividends import Dividends, derived_dividends
from engine.research.market import market
from engine.research.trading_costs import flat_costs
from tests.engine.research.closes import walks, weekdays
from tests.engine.research.policies import BASE, SYMBOLS, resetting

D = Decimal
TAX = TaxPosition(D("0.40"), D("0.20"), D("0.35"), D(3000), D("0.12"), D("0.10"))
ONE = OverlayPolicy(universe={"us": "AAA"}, strategic={"us": D(1)}, mode=Mode.STATIC, rebalance=resetting(When.NEVER))
DAYS = weekdays(date(2019, 12, 31), 800)
START, END = DAYS[0], DAYS[-1]


def path(*levels: tuple[int, float]) -> PriceHistory:
    """Closes of AAA that move in a straight line from level to level; (row, close)."""
    rows, closes = zip(*levels, strict=True)
    line = np.interp(np.arange(len(DAYS)), rows, closes)
    return price_history(DAYS, ("AAA",), line[:, None])


def run(
    policy: OverlayPolicy,
    history: PriceHistory,
    account: AfterTaxSetting | None = None,
    dividends: Dividends | None = None,
    setting: BacktestSetting | None = None,
) -> AfterTax:
    chosen = setting or BacktestSetting(history.dates[0], history.dates[-1])
    own = account or AfterTaxSetting(TAX, start_value=D(100_000))
    return run_after_tax(policy, market(history), chosen, own, dividends=dividends or Dividends())


def test_buying_and_holding_defers_all_tax_to_the_end() -> None:
    """100,000 doubles in three years: nothing is due until it is sold, then 20 % of the gain."""
    found = run(ONE, path((0, 100.0), (799, 200.0)))
    assert found.tax_paid == 0
    assert found.equity[-1] == pytest.approx(2.0, abs=1e-4)
    years = (END - START).days / 365.25
    assert found.cagr == pytest.approx(2.0 ** (1 / years) - 1, abs=1e-4)
    assert found.cagr_liquidated == pytest.approx(1.8 ** (1 / years) - 1, abs=1e-4)
    assert found.short_term == found.long_term == 0
    assert found.orders == 1


def test_a_dividend_is_taxed_in_its_year_and_reinvested_only_at_the_next_trade() -> None:
    """Two dollars on each of 1,000 shares at 100: 2,000, taxed at 20 % when qualified, at 40 % when not."""
    flat = path((0, 100.0), (799, 100.0))
    paid = Dividends({DAYS[100]: (("AAA", D(2)),)})
    found = run(ONE, flat, dividends=paid)
    assert found.dividends == 2000
    assert found.tax_paid == 400
    assert found.equity[-1] == pytest.approx(1.016, abs=1e-4)
    ordinary = AfterTaxSetting(TAX, start_value=D(100_000), qualified={"AAA": D(0)})
    assert run(ONE, flat, ordinary, paid).tax_paid == 800
    ira = AfterTaxSetting(TAX, Registration.TRADITIONAL_IRA, D(100_000))
    assert run(ONE, flat, ira, paid).tax_paid == 0


TIMED = replace(BASE, mode=Mode.TIMING)
WALK = walks(SYMBOLS, 800, seed=11)
SETTING = BacktestSetting(WALK.dates[300], WALK.dates[-1], lag=1, costs=flat_costs(5))


@pytest.fixture(scope="module")
def taxed() -> AfterTax:
    return run(TIMED, WALK, setting=SETTING)


def test_every_dollar_is_accounted_for(taxed: AfterTax) -> None:
    """Start + realised + not yet realised + income - costs - tax = end: no cent is lost, wash sales and all."""
    assert taxed.orders > 10
    assert taxed.disallowed >= 0
    income = sum((y.dividends + y.interest for y in taxed.years), D(0))
    gains = taxed.short_term + taxed.long_term + taxed.unrealised
    end = D(100_000) + gains + income - taxed.costs - taxed.tax_paid
    assert float(end) / 100_000 == pytest.approx(float(taxed.equity[-1]), abs=1e-6)
    net = sum((y.short_term + y.long_term for y in taxed.years), D(0))
    assert net == taxed.short_term + taxed.long_term
    assert taxed.tax_paid == sum((y.tax for y in taxed.years), D(0))
    for year, before in zip(taxed.years[1:], taxed.years, strict=False):
        room = before.carried
        short, long = year.short_term - room.short_term, year.long_term - room.long_term
        due = TAX.short_term_rate * short + TAX.long_term_rate * long if short >= 0 and long >= 0 else None
        if due is not None:
            assert year.tax - year.interest * TAX.short_term_rate == pytest.approx(due, abs=D("0.02"))


def test_taxes_only_cost_and_an_ira_pays_none(taxed: AfterTax) -> None:
    sheltered = run(TIMED, WALK, AfterTaxSetting(TAX, Registration.ROTH_IRA, D(100_000)), setting=SETTING)
    assert sheltered.tax_paid == sheltered.harvested == 0
    assert sheltered.years[0].carried.short_term == 0
    before_tax = run_backtest(TIMED, WALK, SETTING).figures.cagr
    assert sheltered.cagr == pytest.approx(before_tax, abs=0.01)
    assert sheltered.cagr == sheltered.cagr_liquidated


def test_no_trade_before_a_day_depends_on_closes_after_it(taxed: AfterTax) -> None:
    cut = 600
    closes = WALK.closes.copy()
    closes[cut:] *= np.linspace(1.0, 3.0, len(closes) - cut)[:, None]
    changed = run(TIMED, price_history(WALK.dates, WALK.symbols, closes), setting=SETTING)
    upto = cut - 300
    assert np.array_equal(changed.equity[:upto], taxed.equity[:upto])
    assert not np.array_equal(changed.equity, taxed.equity)


def test_the_same_run_gives_the_same_figures(taxed: AfterTax) -> None:
    again = run(TIMED, WALK, setting=SETTING)
    assert np.array_equal(again.equity, taxed.equity)
    assert again.years == taxed.years


def test_a_run_can_be_cancelled_between_decisions() -> None:
    told: list[tuple[int, int, str]] = []

    def stop(done: int, total: int, what: str) -> None:
        told.append((done, total, what))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_after_tax(TIMED, market(WALK), SETTING, AfterTaxSetting(TAX, start_value=D(100_000)), progress=stop)
    assert [done for done, _, _ in told] == [1, 2, 3]


def test_plain_closes_of_other_days_are_refused() -> None:
    other = market(walks(SYMBOLS, 799, seed=11))
    with pytest.raises(AppError, match="not of the same days"):
        run_after_tax(TIMED, market(WALK), SETTING, AfterTaxSetting(TAX), traded=other)


def test_dividends_are_read_off_the_two_closes() -> None:
    """Two dollars at a close of 100 on day 2: every total-return close before it is lower by 2 %."""
    plain = price_history(DAYS[:4], ("AAA",), np.array([[100.0], [100.0], [98.0], [99.0]]))
    total = price_history(DAYS[:4], ("AAA",), np.array([[98.0], [98.0], [98.0], [99.0]]))
    found = derived_dividends(plain, total)
    assert found.by_day == {DAYS[2]: (("AAA", D("2.000000")),)}
    assert found.symbols == {"AAA"}
    assert list(found.on(DAYS[0])) == []
