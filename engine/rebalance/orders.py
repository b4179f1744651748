"""The possible orders of a program: their dollars, lot by lot, their on/off switches and their whole shares.

Dollars are carried in thousands (`UNIT`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from engine.portfolio import Side
from engine.rebalance.eligibility import LotView, Position, Survey, shares_left
from engine.rebalance.milp import Ints, Milp, Solution, Terms

UNIT = 1000.0
OrderKey = tuple[str, str, Side]


@dataclass(frozen=True, slots=True)
class ShareWindow:
    """Whole shares an order may take when it is made at all; `closes` = it may close the whole position."""

    low: int
    high: int
    closes: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A possible order: its dollar columns (one a lot for a sale) and its on/off column, if it needs one."""

    position: Position
    side: Side
    lots: tuple[LotView, ...]
    columns: Ints
    switch: int | None

    @property
    def key(self) -> OrderKey:
        """Account, symbol, side."""
        return (*self.position.key, self.side)

    @property
    def price(self) -> float:
        """Dollars a share."""
        return float(self.position.security.price)

    @property
    def rounds_up(self) -> bool:
        """Whether rounding its shares after the solve may add to them, as it does to a sale."""
        return self.side is Side.SELL and self.position.is_stepped

    @property
    def half_spread(self) -> float:
        """Cost of trading a dollar."""
        return float(self.position.security.half_spread_bp) / 1e4


@dataclass(slots=True)
class Program:
    """The program while it is built, and how to read its solution."""

    survey: Survey
    choices: Mapping[OrderKey, ShareWindow] | None
    margin: float
    """Room that each whole-share order leaves in cash and limits for rounding to cents, in UNIT dollars."""
    only: Collection[OrderKey] | None
    """The only orders there are, where not every allowed one is open."""
    lots: Collection[str] | None
    """The only lots there are, by id, where not every one is open."""
    settled: Collection[OrderKey]
    """Orders that are made for certain, so that nothing need be decided about them but their size."""
    gain_margin: float
    """The same for the limits on the year's gain; 0 until a plan has been seen to breach one by cents."""
    milp: Milp = field(default_factory=Milp)
    orders: list[Order] = field(default_factory=list)
    means: dict[str, float] = field(init=False)
    """Dollars that each account could spend if it sold all it may."""

    def __post_init__(self) -> None:
        self.means = means_of(self.survey)

    @property
    def exact(self) -> bool:
        """Whether shares are whole, with room for rounding to cents."""
        return self.choices is not None

    def sales(self) -> list[Order]:
        """Possible sales."""
        return [o for o in self.orders if o.side is Side.SELL]

    def purchases(self) -> list[Order]:
        """Possible purchases."""
        return [o for o in self.orders if o.side is Side.BUY]

    def shares(self, solution: Solution) -> dict[OrderKey, tuple[float, ...]]:
        """Return the shares of each order that is made, for a sale by sellable lot."""
        made: dict[OrderKey, tuple[float, ...]] = {}
        for order in self.orders:
            dollars = np.maximum(solution.values[order.columns], 0.0) * UNIT
            on = order.switch is None or solution.values[order.switch] > 0.5
            if on and dollars.sum() > _least(order):
                shares = tuple(float(d) / order.price for d in dollars)
                if order.side is Side.SELL and len(shares) < len(order.position.sellable):
                    by_lot = {view.lot.id: part for view, part in zip(order.lots, shares, strict=True)}
                    shares = tuple(by_lot.get(view.lot.id, 0.0) for view in order.position.sellable)
                made[order.key] = shares
        return made


def _least(order: Order) -> float:
    """Return the dollars up to which an order is what floats leave over: a cent, less for what is worth no cent."""
    if order.side is Side.BUY:
        return 0.01
    return min(0.01, float(sum(v.value for v in order.lots)) / 2)


def means_of(survey: Survey) -> dict[str, float]:
    """Return the dollars that each account could spend if it sold all it may."""
    means = {a.id: float(a.cash - a.cash_reserve - a.withdraw) for a in survey.case.accounts}
    for position in survey.positions:
        means[position.account.id] += sum(float(v.value) for v in position.sellable)
    return means


def holding_rate(survey: Survey, position: Position) -> float:
    """Yearly cost of holding a dollar of this security in this account."""
    security, account = position.security, position.account
    rate = survey.case.policy.holding_rate(security.asset_class, account.registration)
    return float(rate) + float(security.carry_bp) / 1e4


def cash_effect(order: Order) -> Terms:
    """Return an order's effect on its account's cash: proceeds or cost, the spread and the ticket charge."""
    per_dollar = 1.0 - order.half_spread if order.side is Side.SELL else -1.0 - order.half_spread
    terms: Terms = [(order.columns, per_dollar)]
    ticket = float(order.position.account.ticket_charge) / UNIT
    if ticket > 0 and order.switch is not None:
        terms.append((order.switch, -ticket))
    return terms


def add_position(program: Program, position: Position) -> None:
    """Add the sale and the purchase of one position, and forbid doing both."""
    may_sell, may_buy = (
        program.only is None or (*position.key, side) in program.only for side in (Side.SELL, Side.BUY)
    )
    may_buy = may_buy and position.may_buy
    sold = _add_sale(program, position, alone=not may_buy) if may_sell else None
    bought = _add_purchase(program, position, alone=sold is None) if may_buy else None
    if sold and bought and sold.switch is not None and bought.switch is not None:
        program.milp.row([(sold.switch, 1.0), (bought.switch, 1.0)], upper=1.0)


def _add_sale(program: Program, position: Position, *, alone: bool) -> Order | None:
    lots = position.sellable
    if program.lots is not None:
        lots = tuple(v for v in lots if v.lot.id in program.lots)
    most = sum(float(v.value) for v in lots) / UNIT
    least = min(float(position.account.min_trade), float(position.value)) / UNIT
    if most <= 0 or most < least - 1e-9:
        return None
    order = _order(program, position, Side.SELL, lots, (least, most), alone=alone)
    program.orders.append(order)
    return order


def _add_purchase(program: Program, position: Position, *, alone: bool) -> Order | None:
    most = most_bought(program.survey, position, program.means[position.account.id]) / UNIT
    least = float(position.account.min_trade) / UNIT
    if most <= 1e-9 or most < least:
        return None
    order = _order(program, position, Side.BUY, (), (least, most), alone=alone)
    program.orders.append(order)
    return order


def _order(
    program: Program,
    position: Position,
    side: Side,
    lots: tuple[LotView, ...],
    span: tuple[float, float],
    *,
    alone: bool,
) -> Order:
    """Add the columns of one order and switch them by one binary where a minimum or a charge needs it."""
    milp, security, account = program.milp, position.security, position.account
    least, most = span
    spread = float(security.half_spread_bp) / 1e4
    hold = holding_rate(program.survey, position)
    if side is Side.SELL:
        tops = np.array([float(v.value) for v in lots]) / UNIT
        columns = milp.add(len(lots), upper=tops, cost=spread - hold)
    else:
        columns = milp.add(1, upper=most, cost=spread + hold)
    ticket = float(account.ticket_charge) / UNIT
    if alone and least <= 0 and ticket <= 0 and not program.exact:
        return Order(position, side, lots, columns, None)
    settled = (*position.key, side) in program.settled
    switch = milp.add_one(lower=float(settled), upper=1.0, cost=ticket, integer=not settled)
    milp.row([(columns, 1.0), (switch, -most)], upper=0.0)
    if program.exact and position.is_stepped and least < most:
        least = min(most, least + float(position.share_step * security.price) / UNIT)
    if least > 0:
        milp.row([(columns, 1.0), (switch, -least)], lower=0.0)
    return Order(position, side, lots, columns, switch)


def most_bought(survey: Survey, position: Position, means: float) -> float:
    """Return the dollars that any plan could buy of a position: its account's means and the limits on it."""
    security = position.security
    policy, tops = survey.case.policy, [means]
    if not survey.lifted:
        shares = shares_left(survey, security)
        if shares is not None:
            tops.append(float(shares * security.price))
        if policy.max_turnover is not None:
            tops.append(2.0 * float(max(policy.max_turnover - policy.turnover_used, Decimal(0)) * survey.value))
        if policy.max_position is not None:
            tops.append(float(policy.max_position * survey.value))
    return max(0.0, min(tops))


def add_whole_shares(program: Program, order: Order, window: ShareWindow) -> None:
    """Make the order's shares whole; a sale that closes the position may carry its fraction."""
    if order.position.is_stepped or order.switch is None:
        return
    milp = program.milp
    count = milp.add_one(upper=float(window.high), integer=True)
    terms: Terms = [(order.columns, UNIT / order.price), (count, -1.0)]
    quantity = order.position.quantity
    fraction = float(quantity % 1)
    if order.side is Side.SELL and window.closes and fraction > 0:
        close = milp.add_one(upper=1.0, integer=True)
        milp.row([(count, 1.0), (close, -float(int(quantity)))], lower=0.0)
        terms.append((close, -fraction))
    milp.row(terms, lower=0.0, upper=0.0)
    milp.row([(count, 1.0), (order.switch, -float(window.low))], lower=0.0)
