"""What a learned allocation is always shown beside and has to beat: simple mixes under the same limits and costs."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from engine.overlay.policy import LEARNED, Mode, OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import Backtest, BacktestSetting, benchmark_policy, run_backtest
from engine.research.drawdowns import max_drawdown
from engine.research.metrics import Floats, annual_return, periods_per_year, sharpe, simple_returns, volatility
from engine.research.policy_search import AfterTaxRuns


@dataclass(frozen=True, slots=True)
class NetFigures:
    """Figures a year, net of costs: growth, volatility, Sharpe ratio over cash, deepest drawdown, one-way turnover."""

    cagr: float
    volatility: float
    sharpe: float
    max_drawdown: float
    turnover: float


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """One of the simple mixes, run: its name and what came of it, net of costs."""

    name: str
    backtest: Backtest


def baseline_policies(policy: OverlayPolicy) -> tuple[tuple[str, OverlayPolicy], ...]:
    """Return the mixes by name: fixed weights, those scaled by volatility, inverse volatility, equal risk.

    Equal weights are among them, because that is what a network holds that learned nothing.
    Zhang, Zohren and Roberts (2020) hold their network against fixed weights, with and without scaling by volatility,
    and against mean-variance and maximum diversification; the last stands here as equal risk contributions.
    """
    mix, name = benchmark_policy(policy)
    plain = replace(mix, learned=None, signals=())

    def under(mode: Mode) -> OverlayPolicy:
        return replace(plain, mode=mode)

    classes = policy.voted_classes()
    equal = replace(plain, strategic=dict.fromkeys(classes, Decimal(1) / len(classes)))
    return (
        (name, plain),
        *((("equal weights", equal),) if policy.strategic else ()),
        (f"{name}, volatility at most {float(policy.target_volatility):.0%}", under(Mode.VOLATILITY_TARGET)),
        ("inverse volatility", under(Mode.INVERSE_VOLATILITY)),
        ("equal risk contributions", under(Mode.RISK_PARITY)),
    )


def run_baselines(policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting) -> tuple[Baseline, ...]:
    """Run the mixes over the same days at the same costs; nothing for a policy that is not learned.

    Raises AppError as `run_backtest` does.
    """
    if policy.mode not in LEARNED:
        return ()
    return tuple(Baseline(name, run_backtest(mix, history, setting)) for name, mix in baseline_policies(policy))


def baseline_returns(
    policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, taxed: AfterTaxRuns | None = None
) -> tuple[tuple[str, Floats], ...]:
    """Return what each mix earned in each period, by name; net of tax, too, with `taxed`. Nothing as above."""
    if taxed is None:
        return tuple(
            (each.name, simple_returns(each.backtest.equity)) for each in run_baselines(policy, history, setting)
        )
    mixes = baseline_policies(policy) if policy.mode in LEARNED else ()
    return tuple((name, simple_returns(taxed.run(mix).equity)) for name, mix in mixes)


def net_figures(found: Backtest, free: Floats, after: date | None = None) -> NetFigures:
    """Return the figures of a backtest over cash, `free` a period; only of the days after `after`, where given.

    The first purchase is no turnover.
    """
    returns = simple_returns(found.equity)
    first = 0 if after is None else sum(day <= after for day in found.dates[1:])
    periods = periods_per_year(found.dates)
    mine, idle = returns[first:], free[first:]
    since = found.dates[first]
    traded = sum(each.one_way for each in found.rebalances[1:] if each.traded > since)
    return NetFigures(
        cagr=annual_return(mine, periods),
        volatility=volatility(mine, periods),
        sharpe=sharpe(mine, periods, idle),
        max_drawdown=max_drawdown(found.equity[first:]),
        turnover=traded * periods / mine.size if mine.size else 0.0,
    )
