"""Which signed ruleset an overlay was read by, and the overrides of its tilts that held that day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from engine.overlay.limits import STEP, ZERO, percent
from engine.overlay.override_effect import TiltOverride
from engine.overlay.policy import OverlayPolicy
from engine.overlay.reading import OverlayReading
from engine.portfolio import CASH_CLASS
from engine.trail import Trail


@dataclass(frozen=True, slots=True)
class AppliedOverride:
    """An override that held: the tilt that was set (a fraction of the portfolio) and the rules' own.

    `until` is the last day on which it holds; `beyond` names the limits of the rules that it goes beyond.
    """

    number: int
    asset_class: str
    tilt: Decimal
    model_tilt: Decimal
    author: str
    reason: str
    until: date
    beyond: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The override in one line."""
        beyond = f"; beyond {', '.join(self.beyond)}" if self.beyond else ""
        return (
            f"Override {self.number}: {self.asset_class} {percent(self.tilt)} in place of {percent(self.model_tilt)}, "
            f"by {self.author} until {self.until}: {self.reason}{beyond}"
        )


@dataclass(frozen=True, slots=True)
class RulesetUsed:
    """A signed version and the mode in which it ran (live or paper, since when), with the overrides of its tilts."""

    strategy: str
    version: int
    policy_sha256: str
    signed_by: str
    signed_at: datetime
    mode: str
    since: date
    overrides: tuple[AppliedOverride, ...] = ()

    @property
    def sentence(self) -> str:
        """The ruleset in one line."""
        return (
            f"Ruleset {self.strategy}, version {self.version}, {self.mode} since {self.since}, signed by "
            f"{self.signed_by} on {self.signed_at.date()}, SHA-256 {self.policy_sha256}"
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The ruleset and each override, a line each."""
        return (self.sentence, *(each.sentence for each in self.overrides))

    def trail(self, reading: OverlayReading) -> Trail:
        """Return where the targets come from: the tilts by class, with the overrides that set some of them."""
        by_class = {each.asset_class: each for each in self.overrides}
        tilts = tuple(
            Trail(
                f"tilt of {name}",
                tilt,
                unit="fraction",
                source=by_class[name].sentence if name in by_class else "",
            )
            for name, tilt in reading.tilts.items()
        )
        moved = sum((max(tilt, ZERO) for tilt in reading.tilts.values()), ZERO)
        return Trail("overlay: moved from the strategic weights", moved, tilts, "fraction", self.sentence)


def with_overrides(
    reading: OverlayReading, policy: OverlayPolicy, overrides: Iterable[tuple[int, TiltOverride]]
) -> tuple[OverlayReading, tuple[AppliedOverride, ...]]:
    """Return the reading with the tilts of these overrides in place of the rules' own, and what was set.

    What a class is given is paid by cash where the rules hold it, so far as that goes, then by the classes without
    an override in proportion to their targets; what it gives up goes the same way. A class is never held short.
    """
    targets = dict(reading.targets)
    start = {name: weight - reading.tilts.get(name, ZERO) for name, weight in targets.items()}
    applied = []
    chosen = [(number, each) for number, each in overrides if each.asset_class in targets]
    fixed = {each.asset_class for _, each in chosen}
    for number, each in chosen:
        name = each.asset_class
        wanted = min(max(start[name] + each.tilt, ZERO), Decimal(1))
        applied.append(_applied(number, each, wanted - start[name], reading.tilts.get(name, ZERO), policy, wanted))
        _pay(targets, targets[name] - wanted, fixed, with_cash=bool(policy.cash) or CASH_CLASS in targets)
        targets[name] = wanted + _left_over(targets, name, wanted)
    tilts = {name: weight - start.get(name, ZERO) for name, weight in targets.items()}
    return replace(reading, targets=targets, tilts=tilts), tuple(applied)


def _applied(
    number: int, each: TiltOverride, tilt: Decimal, model: Decimal, policy: OverlayPolicy, weight: Decimal
) -> AppliedOverride:
    beyond = []
    if abs(tilt) > policy.overlay_band:
        beyond.append(f"the band of {percent(policy.overlay_band)}")
    if policy.class_cap is not None and weight > policy.class_cap and each.asset_class != CASH_CLASS:
        beyond.append(f"the class cap of {percent(policy.class_cap)}")
    return AppliedOverride(number, each.asset_class, tilt, model, each.author, each.reason, each.until, tuple(beyond))


def _pay(targets: dict[str, Decimal], change: Decimal, fixed: set[str], *, with_cash: bool) -> None:
    """Spread a change of weight over cash first, then over the classes that no override fixes."""
    if with_cash and CASH_CLASS not in fixed:
        before = targets.get(CASH_CLASS, ZERO)
        targets[CASH_CLASS] = max(before + change, ZERO)
        change -= targets[CASH_CLASS] - before
    others = {name: weight for name, weight in targets.items() if name not in fixed and name != CASH_CLASS}
    total = sum(others.values(), ZERO)
    if not change or not total:
        return
    left = max(change, -total)
    parts = {name: (left * weight / total).quantize(STEP) for name, weight in others.items()}
    largest = max(others, key=lambda name: others[name])
    parts[largest] += left - sum(parts.values(), ZERO)
    for name, weight in others.items():
        targets[name] = max(weight + parts[name], ZERO)


def _left_over(targets: Mapping[str, Decimal], name: str, wanted: Decimal) -> Decimal:
    """Return what nobody could pay: the class takes it, so that the targets keep their sum of one."""
    return Decimal(1) - wanted - sum((weight for key, weight in targets.items() if key != name), ZERO)
