"""Which ruleset a household's overlay is read by: the signed one that agrees with what the office says, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from db import store
from db.store import discipline as kept
from db.store.discipline import StoredVersion
from engine.errors import AppError
from engine.overlay.freeze import Difference, canonical_json, differences, sha256_of
from engine.overlay.override_effect import TiltOverride
from engine.overlay.policy import OverlayPolicy
from engine.overlay.ruleset import RulesetUsed
from workflow.book import Book
from workflow.overlay_policy import overlay_policy, settings_over
from workflow.strategy import LIVE, PAPER, signed_policy, sound_versions

NOT_SIGNED = (
    "No ruleset is signed in this book: the overlay follows the settings of the office policy as they stand today. "
    "Sign them to freeze them: plimsoll strategy sign"
)

MOST_TOLD = 4
"""Differences that are told in one line; `plimsoll strategy diff` tells all."""


@dataclass(frozen=True, slots=True)
class RulesetAsk:
    """Which ruleset a run is to follow: that of a name (empty = the one that agrees), live or on paper."""

    strategy: str = ""
    paper: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """What the office says of the overlay of a household: the weights and ETFs of its model, its policy's settings."""

    strategic: Mapping[str, Decimal]
    etfs: Mapping[str, str]
    settings: Mapping[str, str]
    policy: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A signed version that is followed: its policy, what is said of it, and the overrides that hold that day."""

    policy: OverlayPolicy
    used: RulesetUsed
    overrides: tuple[tuple[int, TiltOverride], ...]


class Rulesets:
    """The signed rulesets of a book on a day, read once for all households."""

    def __init__(self, session: Session, day: date, ask: RulesetAsk) -> None:
        self.ask = ask
        self._day = day
        self._session = session
        self._names = kept.strategy_names(session)
        if ask.strategy and ask.strategy not in self._names:
            known = f"There are: {', '.join(self._names)}." if self._names else "`plimsoll strategy sign` makes one."
            raise AppError(f"there is no strategy {ask.strategy!r}", hint=known)
        self._running: dict[str, StoredVersion | None] = {}

    @property
    def any_signed(self) -> bool:
        """Whether the office has signed a ruleset, on paper or live."""
        return bool(self._names)

    def choose(self, office: Office) -> Chosen:
        """Return the ruleset that agrees with what the office says.

        Raises AppError, for a person to decide, where none runs in the mode that is asked for, where none agrees,
        where several do, or where the versions in the book are not as they were signed.
        """
        names = (self.ask.strategy,) if self.ask.strategy else self._names
        running = {name: found for name in names if (found := self._version(name)) is not None}
        if not running:
            raise self._none_runs(names)
        changed = {name: differing(found, office) for name, found in running.items()}
        agreeing = [name for name, changes in changed.items() if not changes]
        if len(agreeing) > 1:
            raise AppError(
                f"Several rulesets agree with policy {office.policy}: {', '.join(agreeing)}",
                hint="Say which (--strategy NAME).",
            )
        if not agreeing:
            nearest = min(changed, key=lambda name: len(changed[name]))
            raise _not_as_signed(running[nearest], changed[nearest], office)
        return self._chosen(agreeing[0], running[agreeing[0]], office)

    def _version(self, name: str) -> StoredVersion | None:
        """Return the newest version that is live; for a paper run the newest on paper, else the live one."""
        if name not in self._running:
            versions = sound_versions(self._session, name)
            live = [each for each in versions if each.moves[-1].mode == LIVE]
            paper = versions[-1:] if self.ask.paper else ()
            self._running[name] = next(iter((*paper, *reversed(live))), None)
        return self._running[name]

    def _none_runs(self, names: tuple[str, ...]) -> AppError:
        told = []
        for name in names:
            last = sound_versions(self._session, name)[-1]
            told.append(f"{name} version {last.signature.version} is on {PAPER} since {last.moves[-1].at.date()}")
        return AppError(
            f"No signed ruleset is live: {'; '.join(told)}",
            hint="Propose it on paper (--paper), or turn the overlay of the policy off.",
        )

    def _chosen(self, name: str, version: StoredVersion, office: Office) -> Chosen:
        signature, move = version.signature, version.moves[-1]
        overrides = tuple(
            (each.number, each.override)
            for each in kept.load_overrides(self._session, name)
            if each.override.made <= self._day <= each.override.until
        )
        used = RulesetUsed(
            strategy=name,
            version=signature.version,
            policy_sha256=signature.policy_sha256,
            signed_by=signature.signed_by,
            signed_at=signature.signed_at,
            mode=move.mode,
            since=move.at.date(),
        )
        return Chosen(as_said(signed_policy(version), office), used, overrides)


def office_ruleset(book: Book, model: str, policy: str, name: str) -> OverlayPolicy:
    """Return what a model and an office policy say of the overlay as a ruleset of that name, to be signed.

    Raises AppError for a name that the book does not have, or an overlay that is off.
    """
    with book.reading() as session:
        models = {each.name: each for each in store.load_models(session).values()}
        policies = {each.name: each for each in store.load_policies(session).values()}
    for kind, wanted, known in (("model", model, models.keys()), ("policy", policy, policies.keys())):
        if wanted not in known:
            raise AppError(f"there is no {kind} {wanted!r} in the book", hint=f"There are: {', '.join(sorted(known))}.")
    targets = models[model].targets
    weights = {each.asset_class: each.weight for each in targets}
    etfs = {each.asset_class: each.overlay_etf for each in targets}
    found = overlay_policy(weights, etfs, policies[policy].settings, name=policy)
    if found is None:
        raise AppError(f"The overlay of policy {policy} is off for model {model}, or has no ETF to read")
    return replace(found, name=name.strip())


def differing(version: StoredVersion, office: Office) -> tuple[Difference, ...]:
    """Return what the office says otherwise than the version that was signed; none where the hashes are the same.

    The office speaks by the weights and ETFs of the household's model, and by the settings that it has filled in. Both
    hashes are of this version's canonical text: a key that is new in the program changes no ruleset.
    """
    signed = signed_policy(version)
    before, now = canonical_json(signed), canonical_json(as_said(signed, office))
    return () if sha256_of(now) == sha256_of(before) else differences(before, now)


def as_said(signed: OverlayPolicy, office: Office) -> OverlayPolicy:
    """Return the signed policy with what the office says in place of its own, classes in the order of the model."""
    etfs = signed.universe | {name: etf for name, etf in office.etfs.items() if etf}
    return replace(
        settings_over(signed, office.settings, name=office.policy),
        strategic=dict(office.strategic),
        universe={name: etfs[name] for name in dict.fromkeys((*office.strategic, *etfs)) if name in etfs},
    )


def _not_as_signed(version: StoredVersion, changes: tuple[Difference, ...], office: Office) -> AppError:
    signature = version.signature
    more = f"; and {len(changes) - MOST_TOLD} more" if len(changes) > MOST_TOLD else ""
    told = "; ".join(each.sentence for each in changes[:MOST_TOLD]) + more
    return AppError(
        f"The overlay of policy {office.policy} is not the signed ruleset {signature.strategy} version "
        f"{signature.version} (SHA-256 {signature.policy_sha256[:12]}): it changes {told}",
        hint="Put the office's figures back, or sign the change as a new version (plimsoll strategy sign).",
    )
