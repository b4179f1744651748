"""The columns of the dashboard's heat map: households by asset class."""

from collections.abc import Sequence
from decimal import Decimal

from engine.problems import Severity
from gui.figures import class_title, count, dollars, money, percent, signed_percent
from gui.table import Align, Column, Tone
from workflow.views import HouseholdRow

INSIDE, OUTSIDE = 0.30, 0.62
"""How strong a cell's colour is at the edge of the band, and from twice the band on."""


def household_columns(classes: Sequence[str]) -> tuple[Column[HouseholdRow], ...]:
    """Return the columns for these asset classes."""
    return (
        Column("Household", lambda r: r.name, lambda r: r.name, tip=_household_tip),
        Column("Model", lambda r: r.model, lambda r: r.model, width=76),
        Column("Value", lambda r: r.value, lambda r: money(r.value, 0), Align.RIGHT, width=82,
               header_tip="All accounts, in dollars"),
        *(_class_column(asset_class) for asset_class in classes),
        Column("Cash need", lambda r: r.cash_needed, lambda r: _money_or_blank(r.cash_needed), Align.RIGHT,
               colour=lambda r: Tone(text="warning", bold=True) if r.cash_needed else None, width=60,
               header_tip="Short of reserves and withdrawals, in dollars"),
        Column("Harvest", lambda r: r.harvestable_loss, lambda r: _money_or_blank(r.harvestable_loss),
               Align.RIGHT, width=60, header_tip="Losses over the harvest thresholds, in dollars"),
        Column("YTD ST", lambda r: r.ytd_short_term, lambda r: _money_or_blank(r.ytd_short_term), Align.RIGHT,
               width=64, header_tip="Net short-term gains realized this year, in dollars"),
        Column("YTD LT", lambda r: r.ytd_long_term, lambda r: _money_or_blank(r.ytd_long_term), Align.RIGHT,
               width=64, header_tip="Net long-term gains realized this year, in dollars"),
        Column("Data", lambda r: (r.blocked, len(r.problems)), _data_text, tip=_data_tip, colour=_data_tone, width=62,
               header_tip="Problems in the data; a blocked household is left out of runs"),
    )  # fmt: skip


def drift_tone(drift: Decimal, band: Decimal) -> Tone | None:
    """Return a cell's colour: blue over the target, orange under it, bold outside the band."""
    if not drift:
        return None
    ratio = float(abs(drift) / band) if band else 2.0
    outside = ratio > 1
    strength = min(OUTSIDE, INSIDE + (OUTSIDE - INSIDE) * (ratio - 1)) if outside else INSIDE * ratio
    return Tone(ground="over" if drift > 0 else "under", strength=strength, bold=outside)


def _class_column(asset_class: str) -> Column[HouseholdRow]:
    title = class_title(asset_class)

    def drift(row: HouseholdRow) -> Decimal | None:
        return row.drift.get(asset_class)

    def band(row: HouseholdRow) -> Decimal:
        return row.band.get(asset_class, Decimal(0))

    def tone(row: HouseholdRow) -> Tone | None:
        found = drift(row)
        return None if found is None else drift_tone(found, band(row))

    def tip(row: HouseholdRow) -> str:
        found = drift(row)
        if found is None:
            return f"{row.name} has no target for {title}"
        where = "outside" if abs(found) > band(row) else "inside"
        return f"{row.name}, {title}: drift {signed_percent(found)}, band ±{percent(band(row))}, {where} the band"

    return Column(title, drift, lambda r: signed_percent(drift(r)), Align.RIGHT, tip, tone, width=60,
                  header_tip=f"{title}: weight minus target")  # fmt: skip


def _money_or_blank(amount: Decimal) -> str:
    return money(amount, 0) if amount else ""


def _household_tip(row: HouseholdRow) -> str:
    lines = [
        f"{row.name}: {count(row.accounts)} accounts, {dollars(row.value)}, taxable {dollars(row.taxable_value)}",
        f"Cash {percent(row.cash_weight)} (target {percent(row.cash_target)})",
        f"Lots turning long-term: {count(row.lots_ripening)}; wash windows: {count(row.wash_windows)}",
    ]
    return "\n".join(lines)


def _data_text(row: HouseholdRow) -> str:
    if not row.problems:
        return ""
    return "blocked" if row.blocked else count(len(row.problems))


def _data_tip(row: HouseholdRow) -> str:
    return "\n".join(problem.line() for problem in row.problems[:8])


def _data_tone(row: HouseholdRow) -> Tone | None:
    if not row.problems:
        return None
    bad = row.blocked or any(problem.severity is Severity.BLOCKING for problem in row.problems)
    return Tone(text="negative" if bad else "warning", bold=bad)
