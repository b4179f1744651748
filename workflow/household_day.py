"""Households on one day as runs and screens need them: what is held, the overlay, and what blocks trading."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from db import store
from db.store.held import HeldHousehold, HeldModel, HeldPolicy
from engine.errors import AppError
from engine.overlay.macro_history import NO_MACRO, MacroHistory
from engine.overlay.overlay import read_overlay
from engine.overlay.policy import OverlayPolicy
from engine.overlay.price_history import PriceHistory, price_history
from engine.overlay.reading import OverlayReading
from engine.overlay.ruleset import RulesetUsed, with_overrides
from engine.overlay.signals import SIGNALS
from engine.problems import Problem, Severity
from workflow.case_builder import strategic_weights
from workflow.household_tax import HouseholdTax, household_tax
from workflow.overlay import macro_of_book, overlay_for_model, symbols_read
from workflow.overlay_policy import overlay_is_on
from workflow.readiness import blocking_problems, kept_problems
from workflow.ruleset import Chosen, Office, RulesetAsk, Rulesets


@dataclass(frozen=True, slots=True)
class HouseholdDay:
    """One household on one day. `blocked` is every reason why it cannot be traded; empty = it can.

    `tax` is None without a tax profile, `ruleset` where no signed ruleset was followed.
    """

    held: HeldHousehold
    overlay: OverlayReading | None
    blocked: tuple[Problem, ...]
    tax: HouseholdTax | None = None
    ruleset: RulesetUsed | None = None

    @property
    def kept(self) -> tuple[Problem, ...]:
        """Problems that do not keep the household from being traded: those that imports left, those of its year."""
        return (*kept_problems(self.held), *(self.tax.warnings if self.tax else ()))


@dataclass(frozen=True, slots=True)
class Followed:
    """What a household follows on a day: the overlay, None where it has none, and the signed ruleset behind it."""

    overlay: OverlayReading | None = None
    ruleset: RulesetUsed | None = None


NOTHING = Followed()


def household_days(
    session: Session, households: Collection[int] | None, day: date, ask: RulesetAsk | None = None
) -> tuple[HouseholdDay, ...]:
    """Return these households (row ids; None = all) on a day, by name, by the rulesets asked for (None = live)."""
    overlays = _Overlays(session, day, ask or RulesetAsk())
    return tuple(_on_day(held, overlays) for held in store.load_households(session, households, as_of=day))


def _on_day(held: HeldHousehold, overlays: "_Overlays") -> HouseholdDay:
    tax = household_tax(held)
    blocked = (*blocking_problems(held), *(tax.blocked if tax else ()))
    try:
        followed = overlays.of(held)
    except AppError as error:
        blocked = (*blocked, Problem(Severity.BLOCKING, "overlay", str(error)))
        followed = NOTHING
    return HouseholdDay(held, followed.overlay, blocked, tax, followed.ruleset)


class _Overlays:
    """The overlay of each model and policy, read once for all households that share them."""

    def __init__(self, session: Session, day: date, ask: RulesetAsk) -> None:
        self._session = session
        self._day = day
        self._rulesets = Rulesets(session, day, ask)
        self._known: dict[tuple[str, str], Followed | AppError] = {}
        self._points: dict[str, tuple[tuple[date, Decimal], ...]] | None = None

    def of(self, held: HeldHousehold) -> Followed:
        """Return what the household follows. Raises AppError where a person has to decide that first."""
        if held.model is None or held.policy is None:
            return NOTHING
        key = (held.model.name, held.policy.name)
        if key not in self._known:
            try:
                self._known[key] = self._read(held, held.model, held.policy)
            except AppError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, AppError):
            raise found
        return found

    def _read(self, held: HeldHousehold, model: HeldModel, policy: HeldPolicy) -> Followed:
        etfs = {t.asset_class: t.overlay_etf for t in model.targets if t.overlay_etf}
        weights = strategic_weights(held)
        if not self._rulesets.any_signed:
            return self._by_settings(weights, etfs, policy)
        if not (self._rulesets.ask.paper or overlay_is_on(policy.settings, name=policy.name)):
            return NOTHING
        return self._by_ruleset(self._rulesets.choose(Office(weights, etfs, policy.settings, policy.name)))

    def _by_settings(self, weights: dict[str, Decimal], etfs: dict[str, str], policy: HeldPolicy) -> Followed:
        """Follow the settings of the office policy, as an office does that never signed a ruleset."""
        history = self._history(tuple(sorted(set(etfs.values()))))
        if history is None:
            return NOTHING
        return Followed(
            overlay_for_model(weights, etfs, policy.settings, history, self._day, name=policy.name, macro=self._macro)
        )

    def _by_ruleset(self, chosen: Chosen) -> Followed:
        history = self._history(tuple(sorted(symbols_read(chosen.policy))))
        if history is None:
            raise AppError(
                f"The book has no prices that the ruleset {chosen.used.strategy} reads",
                detail=", ".join(symbols_read(chosen.policy)),
                hint="Import a price file.",
            )
        reading = read_overlay(chosen.policy, history, self._day, self._macro(chosen.policy))
        reading, applied = with_overrides(reading, chosen.policy, chosen.overrides)
        return Followed(reading, replace(chosen.used, overrides=applied))

    def _macro(self, policy: OverlayPolicy) -> MacroHistory:
        """Return the macro series of the book that the policy reads; the book is asked once, and only if it reads."""
        if not any(SIGNALS[setting.kind].roles for setting in policy.signals):
            return NO_MACRO
        if self._points is None:
            self._points = store.load_macro(self._session, until=self._day)
        return macro_of_book(policy, self._points)

    def _history(self, symbols: tuple[str, ...]) -> PriceHistory | None:
        closes = store.load_adjusted_closes(self._session, symbols, until=self._day)
        return price_history(closes.dates, closes.symbols, closes.values) if closes.dates else None
