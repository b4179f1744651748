"""The plan of the search brought to shares that can be traded: each order to the nearest, then what cash there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, inf

from engine.portfolio import CASH_CLASS, Account, Security, Side
from engine.rebalance.audit import audit_trades
from engine.rebalance.eligibility import Position, Survey, shares_left
from engine.rebalance.figures import figures
from engine.rebalance.orders import OrderKey, holding_rate
from engine.rebalance.rounding import fills_of
from engine.rebalance.tidy import LooseOrder, Standing, tidy
from engine.rebalance.whole_shares import WholePlan, trades_of

SPECK = 1e-6
"""Shares and dollars that floats leave over."""
MARGINS = (0.0, 0.02)
"""Dollars an order leaves for rounding its amount to the cent: none at first, since a plan may need every cent."""


@dataclass(slots=True)
class _Line:
    """An order while it is rounded. `wanted` are the shares of the search, `lots` the shares of a sale by lot."""

    position: Position
    side: Side
    wanted: float
    shares: float
    lots: tuple[float, ...]
    margin: float

    @property
    def price(self) -> float:
        return float(self.position.security.price)

    @property
    def cash(self) -> float:
        """What the order brings its account, in dollars."""
        spread = float(self.position.security.half_spread_bp) / 1e4
        sign = 1.0 if self.side is Side.SELL else -1.0
        amount = self.shares * self.price
        return sign * amount - spread * amount - float(self.position.account.ticket_charge) - self.margin


def draft_plan(view: Survey, shares: Mapping[OrderKey, tuple[float, ...]]) -> WholePlan | None:
    """Return the search's plan in whole shares where rounding it at once breaks no rule, None where it does."""
    for margin in MARGINS:
        plan = _rounded(view, shares, margin)
        if plan is not None:
            return plan
    return None


def _rounded(view: Survey, shares: Mapping[OrderKey, tuple[float, ...]], margin: float) -> WholePlan | None:
    positions = {p.key: p for p in view.positions}
    policy = view.case.policy
    limited = any(x is not None for x in (policy.max_net_gain, policy.max_short_term_gain, policy.max_tax))
    lines = [_line(positions[key[0], key[1]], key[2], shares[key], margin, limited) for key in sorted(shares)]
    lines = [line for line in lines if line.shares > 0 and _big_enough(line)]
    _within_volume(view, lines)
    for account in view.case.accounts:
        if not _fund(account, [line for line in lines if line.position.account.id == account.id]):
            return None
    _within_turnover(view, lines)
    before = [(line.shares, line.lots) for line in lines]
    tidied = _tidied(view, lines)
    plan = _audited(view, lines)
    if plan is None and tidied:
        for line, (shares_before, lots) in zip(lines, before, strict=True):
            line.shares, line.lots = shares_before, lots
        plan = _audited(view, lines)
    return plan


def _audited(view: Survey, lines: list[_Line]) -> WholePlan | None:
    made = {
        (*line.position.key, line.side): line.lots if line.side is Side.SELL else (line.shares,)
        for line in lines
        if line.shares > 0
    }
    fills = fills_of(view, made, whole_lots=False)
    if audit_trades(view.case, trades_of(fills)):
        return None
    return WholePlan(fills, figures(view, fills))


def _tidied(view: Survey, lines: list[_Line]) -> bool:
    """Set purchases right among themselves and drop idle sales without tax; say whether that has changed any."""
    values = {name: float(of_class.value) for name, of_class in view.classes.items()}
    cash = {account.id: float(account.cash) for account in view.case.accounts}
    loose: list[tuple[_Line, LooseOrder]] = []
    for line in lines:
        position = line.position
        values[position.security.asset_class] += line.shares * line.price * (1.0 if line.side is Side.BUY else -1.0)
        values[CASH_CLASS] += line.cash
        cash[position.account.id] += line.cash
        if line.side is Side.BUY or not position.account.registration.is_taxable:
            loose.append((line, _loose(view, lines, line)))
    moved = tidy(Standing(view, values, cash), [order for _, order in loose])
    for line, order in loose:
        line.shares = order.shares
    return moved


def _loose(view: Survey, lines: list[_Line], line: _Line) -> LooseOrder:
    position = line.position
    return LooseOrder(
        sells=line.side is Side.SELL,
        account=position.account.id,
        asset_class=position.security.asset_class,
        price=line.price,
        spread=float(position.security.half_spread_bp) / 1e4,
        ticket=float(position.account.ticket_charge),
        holding=holding_rate(view, position),
        whole=not position.is_stepped,
        least=_least(line),
        most=line.shares + _volume_left(view, lines, position.security),
        shares=line.shares,
    )


def _line(position: Position, side: Side, parts: tuple[float, ...], margin: float, limited: bool) -> _Line:
    """Return an order in whole shares: the nearest number, of a sale under a limit on gains the one with less gain."""
    wanted = sum(parts)
    line = _Line(position, side, wanted, wanted, parts, margin)
    if not position.is_stepped and not _closes(position, side, wanted):
        whole = float(round(wanted))
        if limited and side is Side.SELL and abs(wanted - whole) > SPECK:
            gains = [v.gain for v, part in zip(position.sellable, parts, strict=True) if part > SPECK and v.term]
            whole = float(ceil(wanted) if gains and max(gains) < 0 else floor(wanted))
        _resize(line, whole)
    return line


def _closes(position: Position, side: Side, shares: float) -> bool:
    return side is Side.SELL and shares >= float(position.quantity) - SPECK


def _big_enough(line: _Line) -> bool:
    """Whether an order reaches its account's minimum, to which one of more than half of it is raised."""
    least = _least(line)
    if line.shares >= least or _closes(line.position, line.side, line.shares):
        return True
    if line.shares < least / 2:
        return False
    _resize(line, least)
    return line.shares >= least


def _least(line: _Line) -> float:
    """Return the fewest shares of an order that is made at all."""
    shares = float(line.position.account.min_trade) / line.price
    step = float(line.position.fraction_step) if line.position.is_stepped else 1.0
    return ceil(shares / step - SPECK) * step


def _resize(line: _Line, shares: float) -> None:
    """Set the whole shares of an order; of a sale, what changes goes to the lots sold in part, then to others."""
    if line.side is Side.SELL:
        held = [float(view.lot.quantity) for view in line.position.sellable]
        if shares > sum(held) + SPECK:
            shares = float(floor(sum(held) + SPECK))
        missing, lots = shares - sum(line.lots), list(line.lots)
        in_part = [i for i, part in enumerate(lots) if SPECK < part < held[i] - SPECK]
        for i in (*in_part, *(i for i in range(len(lots)) if i not in in_part and lots[i] > 0), *range(len(lots))):
            change = min(max(missing, -lots[i]), held[i] - lots[i])
            lots[i] += change
            missing -= change
        line.lots = tuple(lots)
    line.shares = shares


def _fund(account: Account, lines: list[_Line]) -> bool:
    """Bring an account's cash to what it needs: fewer shares bought, then more sold; say whether it is there."""
    need = float(account.cash_reserve + account.withdraw - account.cash)
    short = need - sum(line.cash for line in lines)
    purchases = sorted((x for x in lines if x.side is Side.BUY), key=lambda x: (x.wanted - x.shares, x.position.key))
    sales = [x for x in lines if x.side is Side.SELL and not _closes(x.position, x.side, x.shares)]
    for line in (*purchases, *sales):
        if short <= 0:
            break
        shares = short / line.price * (1.0 + 1e-9) if line.position.is_stepped else float(ceil(short / line.price))
        before = line.cash
        if line.side is Side.SELL:
            _resize(line, line.shares + shares)
        else:
            line.shares = max(_least(line), line.shares - shares)
        short -= line.cash - before
    return short <= lines[0].margin * len(lines) if lines else short <= 0


def _volume_left(view: Survey, lines: list[_Line], security: Security) -> float:
    """Return the shares of a security that may be traded on the day beside the plan's."""
    left = shares_left(view, security)
    if left is None:
        return inf
    return float(left) - sum(line.shares for line in lines if line.position.security.symbol == security.symbol)


def _within_volume(view: Survey, lines: list[_Line]) -> None:
    """Take back shares that rounding has added over what may be traded of a symbol on the day."""
    for line in lines:
        _give_back(line, -_volume_left(view, lines, line.position.security))


def _within_turnover(view: Survey, lines: list[_Line]) -> None:
    """Take back purchases that rounding has added over what is left of the turnover."""
    policy = view.case.policy
    if policy.max_turnover is None:
        return
    over = sum(line.shares * line.price for line in lines)
    over -= max(0.0, 2.0 * float((policy.max_turnover - policy.turnover_used) * view.value))
    purchases = (line for line in lines if line.side is Side.BUY)
    for line in sorted(purchases, key=lambda x: (x.wanted - x.shares, x.position.key)):
        if over <= 0:
            return
        before = line.shares
        _give_back(line, over / line.price)
        over -= (before - line.shares) * line.price


def _give_back(line: _Line, shares: float) -> None:
    """Make an order smaller by at least so many shares, but no smaller than the least there is."""
    if shares <= SPECK or _closes(line.position, line.side, line.shares):
        return
    fewer = shares if line.position.is_stepped else float(ceil(shares - SPECK))
    _resize(line, max(min(line.shares, _least(line)), line.shares - fewer))
