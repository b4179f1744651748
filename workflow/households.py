"""Households as rows: value, drift, cash, tax so far, what could be harvested, and what blocks trading."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from db import store
from db.store.held import HeldHousehold
from engine.errors import AppError
from engine.money import ZERO, cents
from engine.portfolio import CASH_CLASS, Registration, Term
from engine.problems import Problem, Severity
from engine.rebalance.case_faults import case_faults
from engine.rebalance.eligibility import Survey, survey
from engine.tax.holding_period import first_long_term_day
from workflow.book import Book
from workflow.case_builder import build_case
from workflow.household_day import HouseholdDay, household_days
from workflow.views import HouseholdRow

RIPENING_DAYS = 30
"""A short-term gain counts as about to turn long-term within so many days."""


def list_households(book: Book, *, today: date) -> tuple[HouseholdRow, ...]:
    """Return every household on the day of the newest prices, by name."""
    with book.reading() as session:
        day = store.prices_as_of(session, today) or today
        return tuple(household_row(one) for one in household_days(session, None, day))


def household_row(one: HouseholdDay) -> HouseholdRow:
    """Return a household as a row; one that cannot be traded shows what is known of it."""
    problems = tuple(dict.fromkeys((*one.blocked, *one.kept)))
    if not one.blocked:
        try:
            case = build_case(one.held, one.overlay)
            faults = case_faults(case)
            if not faults:
                return _ready_row(one, survey(case), problems)
        except AppError as error:
            faults = (str(error),)
        problems += tuple(Problem(Severity.BLOCKING, "case_fault", fault) for fault in faults)
    return _blocked_row(one, problems)


def _ready_row(one: HouseholdDay, view: Survey, problems: tuple[Problem, ...]) -> HouseholdRow:
    value = view.value
    drift = {n: _part(c.value, value) - c.target for n, c in view.classes.items()}
    band = {n: _part(c.band, value) for n, c in view.classes.items()}
    out = tuple(n for n in drift if abs(drift[n]) > band[n])
    cash = view.classes[CASH_CLASS]
    open_losses = [v for p in view.positions for v in p.sellable if v.is_loss]
    losses = [v for v in open_losses if _big_enough(view, v.gain, v.lot.cost_basis)]
    ripening = _ripening(view)
    windows = [w for w in view.windows.values() if w.no_purchase_until or w.no_loss_until]
    tags = {
        "out_of_band": bool(out),
        "high_cash": drift[CASH_CLASS] > band[CASH_CLASS],
        "needs_cash": _cash_needed(one.held) > 0,
        "harvest": bool(losses),
        "wash": bool(windows),
        "ripening": ripening > 0,
        "problems": _worrying(problems),
    }
    return HouseholdRow(
        **_named(one),
        value=cents(value),
        taxable_value=cents(_taxable(view)),
        cash=cents(sum((a.cash for a in view.case.accounts), ZERO)),
        cash_weight=_part(cash.value, value),
        cash_target=cash.target,
        drift=drift,
        band=band,
        out_of_band=out,
        worst_drift=max(drift.values(), key=abs, default=ZERO),
        harvestable_loss=cents(-sum((v.gain for v in losses), ZERO)),
        lots_ripening=ripening,
        wash_windows=len(windows),
        tags=frozenset(key for key, is_so in tags.items() if is_so),
        problems=problems,
        blocked=False,
    )


def _blocked_row(one: HouseholdDay, problems: tuple[Problem, ...]) -> HouseholdRow:
    held = one.held
    cash = sum((a.cash or ZERO for a in held.accounts), ZERO)
    taxable = {a.key for a in held.accounts if a.registration is Registration.TAXABLE}
    values = [(p.account, p.market_value or ZERO) for p in held.positions]
    own_cash = sum((a.cash or ZERO for a in held.accounts if a.key in taxable), ZERO)
    return HouseholdRow(
        **_named(one),
        value=cents(cash + sum((v for _, v in values), ZERO)),
        taxable_value=cents(own_cash + sum((v for account, v in values if account in taxable), ZERO)),
        cash=cents(cash),
        cash_weight=ZERO,
        cash_target=ZERO,
        drift={},
        band={},
        out_of_band=(),
        worst_drift=ZERO,
        harvestable_loss=ZERO,
        lots_ripening=0,
        wash_windows=0,
        tags=frozenset({"problems"}),
        problems=problems,
        blocked=True,
    )


def _named(one: HouseholdDay) -> dict[str, Any]:
    """Return the columns that need no prices."""
    held = one.held
    return {
        "id": held.id,
        "name": held.name,
        "model": held.model.name if held.model else "",
        "accounts": len(held.accounts),
        "cash_needed": _cash_needed(held),
        "ytd_short_term": one.tax.position.ytd_short_term if one.tax else ZERO,
        "ytd_long_term": one.tax.position.ytd_long_term if one.tax else ZERO,
    }


def _part(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(Decimal("0.000001")) if whole > 0 else ZERO


def _cash_needed(held: HeldHousehold) -> Decimal:
    return cents(sum((max(ZERO, a.cash_reserve + a.withdraw - (a.cash or ZERO)) for a in held.accounts), ZERO))


def _taxable(view: Survey) -> Decimal:
    cash = sum((a.cash for a in view.case.accounts if a.registration.is_taxable), ZERO)
    return cash + sum((p.value for p in view.positions if p.account.registration.is_taxable), ZERO)


def _big_enough(view: Survey, gain: Decimal, basis: Decimal) -> bool:
    policy = view.case.policy
    dollars, fraction = policy.harvest_min_loss or ZERO, policy.harvest_min_loss_pct or ZERO
    return -gain >= dollars and -gain >= fraction * basis


def _ripening(view: Survey) -> int:
    last = view.case.as_of + timedelta(days=RIPENING_DAYS)
    lots = [v for p in view.positions for v in p.lots if v.term is Term.SHORT and v.gain > 0]
    return sum(1 for v in lots if first_long_term_day(v.lot.acquired, v.lot.holding_days_carried) <= last)


def _worrying(problems: Sequence[Problem]) -> bool:
    return any(p.severity is not Severity.INFO for p in problems)
