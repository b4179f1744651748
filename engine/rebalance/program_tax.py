"""The tax of the plan inside the program: gains by term, wash sales share for share, Schedule D netting.

Schedule D is piecewise linear over five regions of (short, long); the program takes their convex hull, one
binary a region, which makes the relaxation the convex envelope of the tax.
"""

from dataclasses import dataclass, field

from engine.portfolio import Term
from engine.rebalance.eligibility import LotView
from engine.rebalance.milp import INF, Terms
from engine.rebalance.orders import UNIT, Program
from engine.tax.schedule_d import deduction_room, tax_of_year, year_so_far
from engine.tax.wash_sales import GroupWindow


@dataclass(slots=True)
class _Gains:
    """Columns that make up the realised short- and long-term gain, and the span each can reach."""

    short: Terms = field(default_factory=list)
    long: Terms = field(default_factory=list)
    low: dict[Term, float] = field(default_factory=lambda: dict.fromkeys(Term, 0.0))
    high: dict[Term, float] = field(default_factory=lambda: dict.fromkeys(Term, 0.0))

    def of(self, term: Term) -> Terms:
        return self.short if term is Term.SHORT else self.long


def add_tax(program: Program) -> None:
    """Price the tax of the year after the plan less before it, and the deferred tax that it moves."""
    gains = _realised(program)
    if not gains.short and not gains.long:
        return
    _wash_sales(program, gains)
    _netting(program, gains)


def _realised(program: Program) -> _Gains:
    gains = _Gains()
    for order in program.sales():
        for view, column in zip(order.lots, order.columns, strict=True):
            if view.term is not None:
                gain = float(view.gain) / UNIT
                gains.of(view.term).append((int(column), gain / (float(view.value) / UNIT)))
                gains.low[view.term] += min(gain, 0.0)
                gains.high[view.term] += max(gain, 0.0)
    return gains


def _wash_sales(program: Program, gains: _Gains) -> None:
    """Take back the loss on shares that shares bought in the window and kept would replace (IRC 1091)."""
    columns = {v.lot.id: (v, int(c)) for o in program.sales() for v, c in zip(o.lots, o.columns, strict=True)}
    by_group: dict[str, list[tuple[LotView, int]]] = {}
    for order in program.sales():
        group = order.position.security.group
        if group in program.survey.windows:
            by_group.setdefault(group, []).extend(columns[v.lot.id] for v in order.lots if v.is_loss)
    for group, losses in sorted(by_group.items()):
        window = program.survey.windows[group]
        if losses and window.purchases:
            ordered = sorted(losses, key=lambda x: (x[0].lot.acquired, x[0].lot.id))
            _price_group(program, gains, window, ordered, columns)


def _price_group(
    program: Program,
    gains: _Gains,
    window: GroupWindow,
    losses: list[tuple[LotView, int]],
    columns: dict[str, tuple[LotView, int]],
) -> None:
    """Disallowed shares up to lot j = min(window shares kept, loss shares sold up to j); one binary a loss lot."""
    milp = program.milp
    kept: Terms = []
    constant = 0.0
    for purchase in window.purchases:
        constant += float(purchase.shares)
        if purchase.lot in columns:
            kept += _given_up(program, float(purchase.shares), *columns[purchase.lot])
    total = sum(float(v.lot.quantity) for v, _ in losses)
    sold: Terms = []
    before: int | None = None
    for view, column in losses:
        sold = [*sold, (column, _shares_per_unit(view))]
        cumulative = milp.add_one(upper=min(constant, total))
        caught_up = milp.add_one(upper=1.0, integer=True)
        minus_kept: Terms = [(c, -_scalar(v)) for c, v in kept]
        milp.row([(cumulative, 1.0), *minus_kept], upper=constant)
        milp.row([(cumulative, 1.0), *((c, -_scalar(v)) for c, v in sold)], upper=0.0)
        milp.row([(cumulative, 1.0), *minus_kept, (caught_up, -constant)], lower=0.0)
        milp.row([(cumulative, 1.0), *((c, -_scalar(v)) for c, v in sold), (caught_up, total)], lower=0.0)
        loss_a_share = -float(view.gain) / float(view.lot.quantity) / UNIT
        assert view.term is not None  # noqa: S101 - loss lots are taxable by construction
        gains.of(view.term).append((cumulative, loss_a_share))
        if before is not None:
            gains.of(view.term).append((before, -loss_a_share))
        before = cumulative


def _scalar(value: object) -> float:
    return float(value)  # type: ignore[arg-type]


def _shares_per_unit(view: LotView) -> float:
    return UNIT * float(view.lot.quantity) / float(view.value)


def _given_up(program: Program, shares: float, view: LotView, column: int) -> Terms:
    """Return the terms by which selling a window lot lowers the shares kept of it."""
    spare = float(view.lot.quantity) - shares
    if spare <= 0:
        return [(column, -_shares_per_unit(view))]
    # part of the lot has replaced an earlier loss already: those shares leave first
    milp = program.milp
    given = milp.add_one(upper=shares)
    past_spare = milp.add_one(upper=1.0, integer=True)
    milp.row([(given, 1.0), (past_spare, -shares)], upper=0.0)
    milp.row([(given, 1.0), (column, -_shares_per_unit(view)), (past_spare, spare)], upper=0.0)
    milp.row([(given, 1.0), (column, -_shares_per_unit(view))], lower=-spare)
    return [(given, -1.0)]


def _netting(program: Program, gains: _Gains) -> None:
    """Split (short, long) over the regions of Schedule D; exactly one region is on."""
    milp, tax = program.milp, program.survey.case.tax
    start = year_so_far(tax)
    short0, long0 = float(start.short_term) / UNIT, float(start.long_term) / UNIT
    box = (
        (short0 + gains.low[Term.SHORT], short0 + gains.high[Term.SHORT]),
        (long0 + gains.low[Term.LONG], long0 + gains.high[Term.LONG]),
    )
    room = float(deduction_room(tax)) / UNIT
    regions = _regions(program, box, room)
    deferred = float(tax.deferred_tax_rate)
    switches, shorts, longs = [], [], []
    taxed: Terms = []
    for region in regions:
        on = milp.add_one(upper=1.0, cost=region.fixed, integer=True)
        short = milp.add_one(lower=-INF, cost=region.short_rate - deferred)
        long = milp.add_one(lower=-INF, cost=region.long_rate - deferred)
        for column, (low, high) in ((short, region.short), (long, region.long)):
            milp.row([(column, 1.0), (on, -low)], lower=0.0)
            milp.row([(column, 1.0), (on, -high)], upper=0.0)
        if region.net != (-INF, INF):
            low, high = region.net
            if low > -INF:
                milp.row([(short, 1.0), (long, 1.0), (on, -low)], lower=0.0)
            if high < INF:
                milp.row([(short, 1.0), (long, 1.0), (on, -high)], upper=0.0)
        switches.append(on)
        shorts.append(short)
        longs.append(long)
        taxed += [(short, region.short_rate), (long, region.long_rate), (on, region.fixed)]
    milp.row([(switches, 1.0)], lower=1.0, upper=1.0)
    milp.row([(shorts, 1.0), *((c, -_scalar(v)) for c, v in gains.short)], lower=short0, upper=short0)
    milp.row([(longs, 1.0), *((c, -_scalar(v)) for c, v in gains.long)], lower=long0, upper=long0)
    before = float(tax_of_year(start, tax)) / UNIT
    milp.constant += deferred * (short0 + long0) - before
    _gain_limits(program, shorts, longs, (short0, long0))
    most = program.survey.case.policy.max_tax
    if most is not None and not program.survey.lifted:
        milp.row([*taxed, *_margin(program)], upper=float(most) / UNIT + before)


@dataclass(frozen=True, slots=True)
class _Region:
    """Where the tax is one linear function: its box, its span of net result, and the function."""

    short: tuple[float, float]
    long: tuple[float, float]
    net: tuple[float, float]
    short_rate: float
    long_rate: float
    fixed: float = 0.0


def _regions(program: Program, box: tuple[tuple[float, float], tuple[float, float]], room: float) -> list[_Region]:
    """Return the regions that the plan can reach."""
    tax = program.survey.case.tax
    short, long = box
    rs, rl = float(tax.short_term_rate), float(tax.long_term_rate)
    ordinary, carry = float(tax.ordinary_rate), float(tax.loss_carry_rate)
    gain_s, loss_s = (max(short[0], 0.0), short[1]), (short[0], min(short[1], 0.0))
    gain_l, loss_l = (max(long[0], 0.0), long[1]), (long[0], min(long[1], 0.0))
    candidates = [
        _Region(gain_s, gain_l, (-INF, INF), rs, rl),
        _Region(loss_s, gain_l, (0.0, INF), rl, rl),
        _Region(gain_s, loss_l, (0.0, INF), rs, rs),
        _Region(short, long, (-room, 0.0), ordinary, ordinary),
        _Region(short, long, (-INF, -room), carry, carry, -(ordinary - carry) * room),
    ]
    return [r for r in candidates if _reachable(r)]


def _reachable(region: _Region) -> bool:
    (s_low, s_high), (l_low, l_high), (n_low, n_high) = region.short, region.long, region.net
    return s_low <= s_high and l_low <= l_high and s_high + l_high >= n_low and s_low + l_low <= n_high


def _gain_limits(program: Program, shorts: list[int], longs: list[int], start: tuple[float, float]) -> None:
    """Net and short-term gain of the year stay within their limits; a year already above allows no more gain."""
    survey = program.survey
    policy, tax = survey.case.policy, survey.case.tax
    if survey.lifted:
        return
    margin = _margin(program)
    if policy.max_net_gain is not None:
        left = max(0.0, float(policy.max_net_gain - tax.ytd_short_term - tax.ytd_long_term) / UNIT)
        program.milp.row([(shorts, 1.0), (longs, 1.0), *margin], upper=left + sum(start))
    if policy.max_short_term_gain is not None:
        left = max(0.0, float(policy.max_short_term_gain - tax.ytd_short_term) / UNIT)
        program.milp.row([(shorts, 1.0), *margin], upper=left + start[0])


def _margin(program: Program) -> Terms:
    """Return what rounding the sales that are made may add to the year's gain, or to its tax: no more than that."""
    if program.gain_margin <= 0:
        return []
    return [(o.switch, program.gain_margin) for o in program.sales() if o.switch is not None and o.lots[0].term]
