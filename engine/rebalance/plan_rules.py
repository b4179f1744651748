"""What each kind of plan leaves alone, before any trade is chosen; the audit has its own reading of the same rules."""

from decimal import Decimal

from engine.portfolio import Account, PlanKind

WORDS = {
    PlanKind.FULL: "the full plan",
    PlanKind.BAND_EDGE: "the plan to the band edge",
    PlanKind.CASH_ONLY: "the plan for cash alone",
    PlanKind.HARVEST_ONLY: "the plan that only harvests",
    PlanKind.HARVEST_AND_REBALANCE: "the plan that harvests and rebalances",
    PlanKind.NOTHING: "the plan that trades nothing",
}


def must_raise(account: Account) -> bool:
    """Whether an account has less cash than it keeps and pays out."""
    return account.cash < account.cash_reserve + account.withdraw


def sale_left_alone(kind: PlanKind, account: Account, gain: Decimal, over_target: Decimal) -> str | None:
    """Say why a kind of plan does not sell a lot, None where it may.

    `gain` is that of the lot and `over_target` what its class is over its target, both in dollars.
    """
    if kind is PlanKind.FULL:
        return None
    harvests = account.registration.is_taxable and gain < 0
    raises = must_raise(account)
    why = {
        PlanKind.BAND_EDGE: None if raises or over_target > 0 else "sells only classes above their targets",
        PlanKind.CASH_ONLY: None if raises else "sells nothing where no cash is needed",
        PlanKind.HARVEST_ONLY: None if harvests else "sells only taxable lots at a loss",
        PlanKind.HARVEST_AND_REBALANCE: None
        if raises or harvests or not account.registration.is_taxable
        else "sells no taxable lot at a gain",
        PlanKind.NOTHING: "sells nothing",
    }[kind]
    return why and f"{WORDS[kind]} {why}"


def purchase_left_alone(kind: PlanKind, account: Account, over_target: Decimal) -> str | None:
    """Say why a kind of plan does not buy a class in an account, None where it may."""
    if kind is PlanKind.FULL:
        return None
    why = {
        PlanKind.BAND_EDGE: None if over_target < 0 else "buys only classes below their targets",
        PlanKind.CASH_ONLY: "buys nothing where cash must be raised" if must_raise(account) else None,
        PlanKind.HARVEST_ONLY: None if account.registration.is_taxable else "trades taxable accounts alone",
        PlanKind.HARVEST_AND_REBALANCE: None,
        PlanKind.NOTHING: "buys nothing",
    }[kind]
    return why and f"{WORDS[kind]} {why}"
