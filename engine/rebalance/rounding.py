"""Whole shares: the program solved once more with shares whole around the continuous answer, then exact Decimals."""

import math
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.money import ZERO
from engine.portfolio import Side
from engine.rebalance.eligibility import LotView, Position, Survey
from engine.rebalance.figures import Fill
from engine.rebalance.orders import OrderKey, ShareWindow

WIDTHS = (2, 25)
"""Shares around the continuous answer that are tried, narrow first."""


def share_windows(
    survey: Survey, shares: Mapping[OrderKey, tuple[float, ...]], width: int
) -> dict[OrderKey, ShareWindow]:
    """Return the whole shares that each order of the continuous answer may take."""
    positions = {p.key: p for p in survey.positions}
    windows = {}
    for key, by_lot in shares.items():
        total, position = sum(by_lot), positions[key[0], key[1]]
        most = math.floor(position.quantity) if key[2] is Side.SELL else math.ceil(total) + width
        windows[key] = ShareWindow(
            low=max(0, min(most, math.floor(total)) - width),
            high=min(most, math.ceil(total) + width),
            closes=total >= most - width,
        )
    return windows


def any_shares(survey: Survey) -> dict[OrderKey, ShareWindow]:
    """Return every possible order with every number of whole shares, for when no window around an answer works."""
    windows = {}
    for position in survey.positions:
        if position.sellable:
            windows[*position.key, Side.SELL] = ShareWindow(0, math.floor(position.quantity), closes=True)
        if position.may_buy:
            windows[*position.key, Side.BUY] = ShareWindow(0, 10**9, closes=False)
    return windows


def fills_of(survey: Survey, shares: Mapping[OrderKey, tuple[float, ...]], *, whole_lots: bool) -> tuple[Fill, ...]:
    """Return the orders with exact shares, in canonical order; `whole_lots` = parts of a lot are whole shares too."""
    positions = {p.key: p for p in survey.positions}
    fills = []
    for key in sorted(shares):
        position, side, by_lot = positions[key[0], key[1]], key[2], shares[key]
        if side is Side.BUY:
            quantity = _order_quantity(position, side, sum(by_lot))
            lots: tuple[tuple[LotView, Decimal], ...] = ()
        else:
            lots = _lot_quantities(position, by_lot, whole_lots=whole_lots)
            quantity = sum((q for _, q in lots), ZERO)
        if quantity > 0:
            fills.append(Fill(position, side, _plain(quantity), tuple((v, _plain(q)) for v, q in lots)))
    return tuple(fills)


def _plain(shares: Decimal) -> Decimal:
    """Return shares without trailing zeros, so that 242.000 is written 242."""
    return shares.to_integral_value() if shares == shares.to_integral_value() else shares.normalize()


def _order_quantity(position: Position, side: Side, shares: float) -> Decimal:
    """Round the shares of an order; those rounded after the solve so that cash is never short: sales up, buys down."""
    if not position.is_stepped:
        return Decimal(round(shares))
    speck = max(1e-9, shares * 1e-12)
    if side is Side.SELL:
        return _multiple(shares - speck, position.share_step, ROUND_CEILING)
    return _multiple(shares + speck, position.share_step, ROUND_FLOOR)


def _multiple(shares: float, step: Decimal, rounding: str) -> Decimal:
    return max(ZERO, Decimal(repr(shares))).quantize(step, rounding=rounding)


def _lot_quantities(
    position: Position, shares: tuple[float, ...], *, whole_lots: bool
) -> tuple[tuple[LotView, Decimal], ...]:
    """Give each lot its part so that the parts sum to the order's shares and no lot is oversold."""
    views = position.sellable
    sellable = sum((v.lot.quantity for v in views), ZERO)
    total = sum(shares)
    step = position.fraction_step
    if total >= float(sellable - step) and sellable == position.quantity:
        return tuple((v, v.lot.quantity) for v in views)
    target = min(_order_quantity(position, Side.SELL, total), sellable.quantize(position.share_step, ROUND_FLOOR))
    whole = whole_lots and not position.account.fractional
    nearly = float(step)
    parts = [_part(view, piece, step, nearly, whole=whole) for view, piece in zip(views, shares, strict=True)]
    # what rounding moved goes first to lots that are sold in part, then to any lot with room
    order = sorted(range(len(views)), key=lambda i: (parts[i] in (ZERO, views[i].lot.quantity), parts[i] == 0, i))
    missing = target - sum(parts, ZERO)
    for i in order if missing else ():
        part = max(ZERO, min(views[i].lot.quantity, parts[i] + missing))
        missing -= part - parts[i]
        parts[i] = part
    return tuple((v, q) for v, q in zip(views, parts, strict=True) if q > 0)


def _part(view: LotView, shares: float, step: Decimal, nearly: float, *, whole: bool) -> Decimal:
    if abs(shares - float(view.lot.quantity)) < nearly:
        return view.lot.quantity
    if shares == 0.0:
        return ZERO
    if whole and view.lot.quantity == view.lot.quantity.to_integral_value():
        return min(view.lot.quantity, Decimal(round(shares)))
    return min(view.lot.quantity, Decimal(repr(shares)).quantize(step))
