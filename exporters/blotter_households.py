"""The sheets of the blotter that are about households: Before and after, Tax, Wash watch, Cash."""

from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Side
from engine.rebalance.proposal import CashLine, ClassWeight
from exporters.figures import household_value, ordered_classes, trade_costs
from exporters.run_report import HouseholdReport, RunReport
from exporters.sheet import Column, Kind, Sheet, Value
from exporters.wash_watch import Watch, watches
from exporters.words import class_name, custodian_name, registration_name

BASIS_POINTS = 10000
WEIGHT_COLUMNS = (
    Column("Household", Kind.WRAPPED, 28),
    Column("Asset class", Kind.TEXT, 24),
    Column("Strategic", Kind.PERCENT, 10),
    Column("Target", Kind.PERCENT, 10),
    Column("Band +/-", Kind.PERCENT, 10),
    Column("Before", Kind.PERCENT, 10),
    Column("After", Kind.PERCENT, 10),
    Column("Drift before (bp)", Kind.BASIS_POINTS, 11),
    Column("Drift after (bp)", Kind.BASIS_POINTS, 11),
    Column("State before", Kind.TEXT, 13),
    Column("State after", Kind.TEXT, 13),
    Column("Value before", Kind.MONEY, 17, summed=True),
    Column("Value after", Kind.MONEY, 17, summed=True),
)
TAX_COLUMNS = (
    Column("Household", Kind.WRAPPED, 28),
    Column("Short-term year to date", Kind.MONEY, 14, summed=True),
    Column("Long-term year to date", Kind.MONEY, 14, summed=True),
    Column("Short-term loss carried in", Kind.MONEY, 14, summed=True),
    Column("Long-term loss carried in", Kind.MONEY, 14, summed=True),
    Column("This run short-term", Kind.MONEY, 14, summed=True),
    Column("This run long-term", Kind.MONEY, 14, summed=True),
    Column("Short-term after", Kind.MONEY, 14, summed=True),
    Column("Long-term after", Kind.MONEY, 14, summed=True),
    Column("Losses harvested", Kind.MONEY, 14, summed=True),
    Column("Losses disallowed", Kind.MONEY, 14, summed=True),
    Column("Est. tax before", Kind.MONEY, 14, summed=True),
    Column("Est. tax after", Kind.MONEY, 14, summed=True),
    Column("Est. tax change", Kind.MONEY, 14, summed=True),
    Column("Deferred tax", Kind.MONEY, 13, summed=True),
    Column("Gains budget", Kind.MONEY, 13),
    Column("Gains budget left", Kind.MONEY, 13),
    Column("Short-term rate", Kind.PERCENT, 11),
    Column("Long-term rate", Kind.PERCENT, 11),
)
WATCH_COLUMNS = (
    Column("Household", Kind.WRAPPED, 28),
    Column("Why", Kind.TEXT, 21),
    Column("Identity group", Kind.WRAPPED, 26),
    Column("Symbols", Kind.WRAPPED, 16),
    Column("Account", Kind.TEXT, 15),
    Column("Day", Kind.DATE, 12),
    Column("Window opens", Kind.DATE, 12),
    Column("Window closes", Kind.DATE, 12),
    Column("Quantity", Kind.QUANTITY, 12),
    Column("To avoid", Kind.WRAPPED, 48),
    Column("Also held in", Kind.WRAPPED, 20),
    Column("Substitutes", Kind.WRAPPED, 16),
)
CASH_COLUMNS = (
    Column("Household", Kind.WRAPPED, 28),
    Column("Custodian", Kind.TEXT, 14),
    Column("Account", Kind.TEXT, 15),
    Column("Registration", Kind.TEXT, 18),
    Column("Cash before", Kind.MONEY, 15, summed=True),
    Column("Sales", Kind.MONEY, 15, summed=True),
    Column("Purchases", Kind.MONEY, 15, summed=True),
    Column("Est. costs", Kind.MONEY, 12, summed=True),
    Column("Cash after", Kind.MONEY, 15, summed=True),
    Column("Reserve", Kind.MONEY, 14, summed=True),
    Column("To be paid out", Kind.MONEY, 14, summed=True),
    Column("Free", Kind.MONEY, 14, summed=True),
)


def household_sheets(report: RunReport) -> tuple[Sheet, ...]:
    """Return Before and after, Tax, Wash watch and Cash of a run."""
    households = report.households
    return (
        Sheet(
            "Before and after",
            WEIGHT_COLUMNS,
            tuple(row for h in households for row in _weight_rows(h)),
            "No households in this run.",
            frozen_columns=2,
        ),
        Sheet(
            "Tax",
            TAX_COLUMNS,
            tuple(_tax_row(h) for h in households),
            "No households in this run.",
            breaks=(9,),
        ),
        Sheet(
            "Wash watch",
            WATCH_COLUMNS,
            tuple(_watch_row(h, watch) for h in households for watch in watches(h)),
            "No wash-sale window is open in any household of this run.",
        ),
        Sheet(
            "Cash",
            CASH_COLUMNS,
            tuple(_cash_row(h, line) for h in households for line in h.proposal.cash),
            "No accounts in this run.",
        ),
    )


def band_state(weight: Decimal, row: ClassWeight) -> str:
    """Return whether a weight stands inside its band."""
    if abs(weight - row.target) <= row.band:
        return "inside"
    return "over" if weight > row.target else "under"


def _weight_rows(household: HouseholdReport) -> list[tuple[Value, ...]]:
    value = household_value(household)
    return [
        (
            household.household,
            class_name(row.asset_class),
            household.strategic.get(row.asset_class, ZERO),
            row.target,
            row.band,
            row.before,
            row.after,
            (row.before - row.target) * BASIS_POINTS,
            (row.after - row.target) * BASIS_POINTS,
            band_state(row.before, row),
            band_state(row.after, row),
            row.before * value,
            row.after * value,
        )
        for row in ordered_classes(household)
    ]


def _tax_row(household: HouseholdReport) -> tuple[Value, ...]:
    position, outcome = household.case.tax, household.proposal.tax
    short_after = position.ytd_short_term + outcome.short_term
    long_after = position.ytd_long_term + outcome.long_term
    budget = household.case.policy.max_net_gain
    return (
        household.household,
        position.ytd_short_term,
        position.ytd_long_term,
        position.carryforward_short_term,
        position.carryforward_long_term,
        outcome.short_term,
        outcome.long_term,
        short_after,
        long_after,
        outcome.harvested_loss,
        outcome.disallowed,
        outcome.before,
        outcome.after,
        outcome.after - outcome.before,
        household.proposal.breakdown.deferred,
        budget,
        None if budget is None else budget - short_after - long_after,
        position.short_term_rate,
        position.long_term_rate,
    )


def _watch_row(household: HouseholdReport, watch: Watch) -> tuple[Value, ...]:
    numbers = {a.key: a.number for a in household.accounts}
    return (
        household.household,
        watch.kind.value,
        watch.identity_group,
        ", ".join(watch.symbols),
        numbers.get(watch.account, watch.account) or None,
        watch.day,
        watch.opens,
        watch.closes,
        watch.quantity,
        watch.avoid,
        ", ".join(numbers.get(key, key) for key in watch.elsewhere) or None,
        ", ".join(watch.substitutes) or None,
    )


def _cash_row(household: HouseholdReport, line: CashLine) -> tuple[Value, ...]:
    account = next(a for a in household.case.accounts if a.id == line.account)
    facts = next(a for a in household.accounts if a.key == line.account)
    trades = [t for t in household.proposal.trades if t.account == line.account]
    sales = sum((t.amount for t in trades if t.side is Side.SELL), ZERO)
    purchases = sum((t.amount for t in trades if t.side is Side.BUY), ZERO)
    return (
        household.household,
        custodian_name(facts.custodian),
        facts.number,
        registration_name(account.registration.value),
        line.before,
        sales,
        purchases,
        trade_costs(household, line),
        line.after,
        account.cash_reserve,
        account.withdraw,
        line.after - account.cash_reserve - account.withdraw,
    )
