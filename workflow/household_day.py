"""Households on one day as runs and screens need them: what is held, the overlay, and what blocks trading."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from db import store
from db.store.held import HeldHousehold
from engine.errors import AppError
from engine.overlay.price_history import PriceHistory, price_history
from engine.overlay.reading import OverlayReading
from engine.problems import Problem, Severity
from workflow.case_builder import strategic_weights
from workflow.household_tax import HouseholdTax, household_tax
from workflow.overlay import overlay_for_model
from workflow.readiness import blocking_problems, kept_problems


@dataclass(frozen=True, slots=True)
class HouseholdDay:
    """One household on one day. `blocked` is every reason why it cannot be traded; empty = it can.

    `tax` is None without a tax profile.
    """

    held: HeldHousehold
    overlay: OverlayReading | None
    blocked: tuple[Problem, ...]
    tax: HouseholdTax | None = None

    @property
    def kept(self) -> tuple[Problem, ...]:
        """Problems that do not keep the household from being traded: those that imports left, those of its year."""
        return (*kept_problems(self.held), *(self.tax.warnings if self.tax else ()))


def household_days(session: Session, households: Collection[int] | None, day: date) -> tuple[HouseholdDay, ...]:
    """Return these households (row ids; None = all) on a day, by name."""
    overlays = _Overlays(session, day)
    return tuple(_on_day(held, overlays) for held in store.load_households(session, households, as_of=day))


def _on_day(held: HeldHousehold, overlays: "_Overlays") -> HouseholdDay:
    tax = household_tax(held)
    blocked = (*blocking_problems(held), *(tax.blocked if tax else ()))
    try:
        overlay = overlays.of(held)
    except AppError as error:
        blocked = (*blocked, Problem(Severity.BLOCKING, "overlay", str(error)))
        overlay = None
    return HouseholdDay(held, overlay, blocked, tax)


class _Overlays:
    """The overlay of each model and policy, read once for all households that share them."""

    def __init__(self, session: Session, day: date) -> None:
        self._session = session
        self._day = day
        self._known: dict[tuple[str, str], OverlayReading | None] = {}

    def of(self, held: HeldHousehold) -> OverlayReading | None:
        """Return the overlay that the household follows; None where its policy has none."""
        if held.model is None or held.policy is None:
            return None
        key = (held.model.name, held.policy.name)
        if key not in self._known:
            etfs = {t.asset_class: t.overlay_etf for t in held.model.targets if t.overlay_etf}
            history = self._history(tuple(sorted(set(etfs.values()))))
            weights = strategic_weights(held)
            self._known[key] = (
                overlay_for_model(weights, etfs, held.policy.settings, history, self._day) if history else None
            )
        return self._known[key]

    def _history(self, symbols: tuple[str, ...]) -> PriceHistory | None:
        closes = store.load_adjusted_closes(self._session, symbols, until=self._day)
        return price_history(closes.dates, closes.symbols, closes.values) if closes.dates else None
