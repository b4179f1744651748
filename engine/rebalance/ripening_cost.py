"""Lots at a gain that turn long-term soon: what waiting saves in tax, what it costs in drift, and which is more.

IRC 1222, 1223(3). The tax is that of the year in which the sale falls (Schedule D netting, losses carried in).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO, cents
from engine.portfolio import TaxPosition, Term, class_words
from engine.rebalance.case import Case
from engine.rebalance.eligibility import LotView, Position, Survey, survey
from engine.rebalance.figures import drift_cost
from engine.tax.carryforward import CarriedLoss, YearOfGains, carry_year
from engine.tax.holding_period import days_to_long_term, first_long_term_day
from engine.tax.schedule_d import deduction_room, tax_change

WITHIN = 60
"""Lots that turn long-term within so many days are shown, where nobody says otherwise."""
DAYS_A_YEAR = 365


class RipeningVerdict(StrEnum):
    """What to do with a lot at a gain that turns long-term soon."""

    WAIT = "wait"
    """Waiting saves more tax than it costs in drift."""
    SELL_NOW = "sell_now"
    """Waiting costs more than it saves."""
    NO_REASON_TO_SELL = "no_reason_to_sell"
    """Its class is not above its target: nothing waits for the sale."""
    NO_DIFFERENCE = "no_difference"
    """The tax is the same on both days, and waiting costs nothing."""


@dataclass(frozen=True, slots=True)
class RipeningCost:
    """A short-term lot at a gain. Money in dollars.

    `day` is the first day on which a sale is long-term, `days` how far away. `tax_now` and `tax_then` are what selling
    the whole lot adds to the tax today and on that day, at today's price. `saves` = now - then. `drift` is what the
    class costs until then for as much of the lot as stands over its target. `held_back` = the policy's ripening rule
    blocks the sale; `planned` = a proposal would have sold it but for that rule. `next_year` = the day is in the year
    after.
    """

    lot: str
    account: str
    symbol: str
    acquired: date
    quantity: Decimal
    gain: Decimal
    day: date
    days: int
    tax_now: Decimal
    tax_then: Decimal
    saves: Decimal
    drift: Decimal
    verdict: RipeningVerdict
    why: str
    held_back: bool
    planned: bool
    next_year: bool


def ripening_costs(
    case: Case, *, within: int | None = None, planned: Collection[tuple[str, str]] = ()
) -> tuple[RipeningCost, ...]:
    """Return the taxable short-term lots at a gain that turn long-term within so many days, the first to turn first.

    `within` None = 60; what the policy's ripening rule blocks is always shown. `planned` are (account, symbol) of sales
    that the rule has suppressed in a proposal.
    """
    view = survey(case)
    last = max(WITHIN if within is None else within, case.policy.ripening_days or 0)
    rows = [
        _row(view, position, lot, position.key in planned)
        for position in view.positions
        for lot in position.lots
        if lot.term is Term.SHORT and cents(lot.gain) > 0 and days_to_long_term(lot.lot, case.as_of) <= last
    ]
    return tuple(sorted(rows, key=lambda r: (r.day, r.account, r.symbol, r.lot)))


def next_year(tax: TaxPosition) -> TaxPosition:
    """Return the position at the start of next year if nothing more is sold: only losses are carried over."""
    done = YearOfGains(1, tax.ytd_short_term, tax.ytd_long_term, limit=deduction_room(tax))
    carried = carry_year(done, CarriedLoss(tax.carryforward_short_term, tax.carryforward_long_term)).carried
    return replace(
        tax,
        ytd_short_term=ZERO,
        ytd_long_term=ZERO,
        carryforward_short_term=carried.short_term,
        carryforward_long_term=carried.long_term,
        ytd_loss_deduction_used=ZERO,
    )


def _row(view: Survey, position: Position, lot: LotView, planned: bool) -> RipeningCost:
    case, gain = view.case, cents(lot.gain)
    day = first_long_term_day(lot.lot.acquired, lot.lot.holding_days_carried)
    days = (day - case.as_of).days
    later = day.year > case.as_of.year
    now = cents(tax_change(case.tax, gain, ZERO))
    then = cents(tax_change(next_year(case.tax) if later else case.tax, ZERO, gain))
    over, drift = _drift(view, position, lot, days)
    held_back = lot.block is not None and lot.block.code == "ripening"
    verdict = _verdict(now - then, drift, over)
    return RipeningCost(
        lot=lot.lot.id,
        account=lot.lot.account,
        symbol=lot.lot.symbol,
        acquired=lot.lot.acquired,
        quantity=lot.lot.quantity,
        gain=gain,
        day=day,
        days=days,
        tax_now=now,
        tax_then=then,
        saves=now - then,
        drift=drift,
        verdict=verdict,
        why=_words(position, day, (now - then, drift), verdict),
        held_back=held_back,
        planned=held_back and planned,
        next_year=later,
    )


def _drift(view: Survey, position: Position, lot: LotView, days: int) -> tuple[bool, Decimal]:
    """Return whether the class stands over its target, and what leaving the lot in it costs for so many days."""
    name = position.security.asset_class
    held = view.classes[name]
    excess = min(lot.value, max(ZERO, held.value - held.target_value))
    a_year = drift_cost(view, name, held.value) - drift_cost(view, name, held.value - excess)
    return excess > 0, cents(a_year * days / DAYS_A_YEAR)


def _verdict(saves: Decimal, drift: Decimal, over: bool) -> RipeningVerdict:
    if not over:
        return RipeningVerdict.NO_REASON_TO_SELL
    if saves == drift == 0:
        return RipeningVerdict.NO_DIFFERENCE
    return RipeningVerdict.WAIT if saves >= drift else RipeningVerdict.SELL_NOW


def _words(position: Position, day: date, figures: tuple[Decimal, Decimal], verdict: RipeningVerdict) -> str:
    saves, drift = figures
    name = class_words(position.security.asset_class)
    tax = f"saves ${saves:,.2f} of tax" if saves >= 0 else f"adds ${-saves:,.2f} of tax"
    both = f"Waiting until {day} {tax} and costs ${drift:,.2f} in drift"
    return {
        RipeningVerdict.WAIT: f"{both}: wait.",
        RipeningVerdict.SELL_NOW: f"{both}: a sale now is better.",
        RipeningVerdict.NO_REASON_TO_SELL: f"{both}; {name} is not above its target.",
        RipeningVerdict.NO_DIFFERENCE: f"Waiting until {day} makes no difference to the tax and costs nothing.",
    }[verdict]
