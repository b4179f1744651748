"""Commands of the discipline: sign a strategy, show its card, set it live; the decision checklist."""

import getpass
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from engine.errors import AppError
from engine.overlay import checklist as asked
from engine.overlay.behaviour import DRAWDOWN, RUN_UP, Caution, GuardSetting
from engine.overlay.freeze import COOL_OFF_DAYS, Difference
from engine.overlay.limits import percent
from engine.overlay.policy import OverlayPolicy
from workflow.book import Book
from workflow.cli_book import Json, Where, clock, opened
from workflow.console import NEEDS_PERSON, complain, print_json, print_table, say
from workflow.overlay_policy import policy_from_json
from workflow.override_log import guarded, policy_prices
from workflow.paper_mode import PAPER_MONTHS, LiveAsk, back_to_paper, go_live, verdict_from_json
from workflow.ruleset import office_ruleset
from workflow.strategy import (
    Signing,
    any_mode,
    backtest_expectations,
    card,
    list_strategies,
    policy_changes,
    require_not_backdated,
    sign_policy,
    version_changes,
    write_card,
)

Today = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; default: the clock's.")]
Backdated = Annotated[str, typer.Option("--backdate-reason", help="Why --today is before the last day in the log.")]
By = Annotated[str, typer.Option(help="Who does it; default: the user of this computer.")]
GuardPrices = Annotated[
    Path | None, typer.Option(help="CSV of daily total-return closes: warn where a change follows a fall or a rise.")
]
GuardFall = Annotated[float, typer.Option(max=0, min=-1, help="Warn from this drawdown on, as a fraction.")]
GuardRise = Annotated[float, typer.Option(min=0, help="Warn from this run-up on, as a fraction.")]


class Verb(StrEnum):
    """What `strategy` does."""

    SIGN = "sign"
    LIST = "list"
    SHOW = "show"
    DIFF = "diff"
    CARD = "card"
    LIVE = "live"
    PAPER = "paper"


def moment(given: datetime | None) -> datetime:
    """Return the clock's moment, or the end of business (21:00 UTC) of a day that is given and has come.

    Raises AppError for a day in the future: waiting cannot be typed in.
    """
    now = clock()
    if given is None:
        return now
    if given.date() > now.date():
        raise AppError(f"--today {given.date()} has not come yet: it is {now.date()}")
    return datetime.combine(given.date(), time(21), UTC)


def strategy_command(
    verb: Annotated[Verb, typer.Argument(help="sign, list, show, diff, card, live or paper.")],
    db: Where,
    name: Annotated[str, typer.Argument(help="The strategy; `sign` takes the name in the policy.")] = "",
    policy: Annotated[Path | None, typer.Option(help="sign, diff: the overlay policy, JSON.")] = None,
    of_model: Annotated[str, typer.Option(help="sign: the weights and ETFs of this model, in place of --policy.")] = "",
    of_policy: Annotated[str, typer.Option(help="sign: with them the overlay settings of this office policy.")] = "",
    version: Annotated[int | None, typer.Option(help="show, card, diff: this version, not the newest.")] = None,
    against: Annotated[int | None, typer.Option(help="diff: the version to compare with.")] = None,
    by: By = "",
    reason: Annotated[str, typer.Option(help="sign, paper: why.")] = "",
    override_reason: Annotated[str, typer.Option(help="sign, live: why against the rules; it is logged.")] = "",
    backtest: Annotated[Path | None, typer.Option(help="sign: what to expect, of `plimsoll backtest --json`.")] = None,
    gate: Annotated[Path | None, typer.Option(help="live: the verdict, of `plimsoll honesty --json`.")] = None,
    paper_months: Annotated[int, typer.Option(min=0, help="live: months on paper before it.")] = PAPER_MONTHS,
    cool_off_days: Annotated[int, typer.Option(min=0, help="sign: days without another change.")] = COOL_OFF_DAYS,
    prices: GuardPrices = None,
    drawdown: GuardFall = DRAWDOWN,
    run_up: GuardRise = RUN_UP,
    out: Annotated[Path | None, typer.Option(help="card: the PDF to write.")] = None,
    today: Today = None,
    backdate_reason: Backdated = "",
    as_json: Json = False,
) -> None:
    """Sign the rules and freeze them, show and compare versions, write the card, go live after paper."""
    if verb not in {Verb.SIGN, Verb.LIST} and not name:
        raise AppError(f"strategy {verb} needs the name of a strategy", hint="`plimsoll strategy list` shows them.")
    entered = clock() if today else None
    signing = Signing(by or getpass.getuser(), reason, cool_off_days, override_reason, entered, backdate_reason)
    files = _Files(policy, backtest, gate, prices, out, (of_model, of_policy))
    guard = GuardSetting(drawdown, run_up)
    ask = _Ask(name, signing, files, guard, (version, against), paper_months, moment(today), as_json)
    with opened(db) as book:
        if verb in _WRITES and today is not None:
            require_not_backdated(book, today.date(), backdate_reason)
        _VERBS[verb](book, ask)


@dataclass(frozen=True, slots=True)
class _Files:
    policy: Path | None
    backtest: Path | None
    gate: Path | None
    prices: Path | None
    out: Path | None
    office: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class _Ask:
    """What the command was asked. `versions` are the one to show and the one to compare it with."""

    name: str
    signing: Signing
    files: _Files
    guard: GuardSetting
    versions: tuple[int | None, int | None]
    paper_months: int
    now: datetime
    as_json: bool


def _sign(book: Book, ask: _Ask) -> None:
    files, now = ask.files, ask.now
    rules = _rules(book, ask)
    priced = None if files.prices is None else policy_prices(rules, files.prices)
    warned = () if priced is None else guarded(priced, now.date(), setting=ask.guard)
    expected = () if files.backtest is None else backtest_expectations(files.backtest)
    signed = sign_policy(book, rules, ask.signing, now=now, expectations=expected, cautions=warned)
    complain_of_cautions(signed.cautions)
    if ask.as_json:
        found = {"signature": signed.signature, "cautions": cautions_json(signed.cautions)}
        print_json(found | _with_words(signed.changes))
        return
    signature = signed.signature
    say(f"Version {signature.version} of {signature.strategy} is signed by {signature.signed_by} and on paper.")
    for each in signed.changes:
        say(f"  {each.sentence}")
    say(f"SHA-256 of the policy {signature.policy_sha256}; no other version before {signature.cool_off}.")


def _rules(book: Book, ask: _Ask) -> OverlayPolicy:
    """Return the policy to sign: that of a file, or what a model and an office policy say."""
    model, policy = ask.files.office
    if model and policy and ask.files.policy is None:
        if not ask.name.strip():
            raise AppError("The ruleset of an office policy needs a name", hint="Write `plimsoll strategy sign NAME`.")
        return office_ruleset(book, model, policy, ask.name)
    if ask.files.policy is None or model or policy:
        raise AppError("One policy is needed", hint="Give --policy FILE, or --of-model and --of-policy.")
    return policy_from_json(ask.files.policy, any_mode)


def _list(book: Book, ask: _Ask) -> None:
    rows = list_strategies(book)
    if ask.as_json:
        print_json(rows)
    else:
        columns = ("strategy", "signed by", "runs", "since", "version", "live version", "cools off until")
        lines = [
            (
                r.name,
                r.signed_by,
                r.mode,
                str(r.mode_since),
                str(r.version),
                str(r.live_version or "none"),
                str(r.cool_off),
            )
            for r in rows
        ]
        print_table("Strategies", columns, lines, left=3)
    broken = [row for row in rows if row.broken_version is not None]
    for row in broken:
        complain(f"Version {row.broken_version} of {row.name} is not as it was signed.")
    if broken:
        raise typer.Exit(NEEDS_PERSON)


def _show(book: Book, ask: _Ask) -> None:
    found = card(book, ask.name, ask.versions[0])
    if ask.as_json:
        print_json(msgspec.to_builtins(found, builtin_types=(Decimal,)) | _with_words(found.changes))
        return
    signature = found.signature
    say(f"{signature.strategy}, version {signature.version}, {found.mode} since {found.mode_since}")
    say(
        f"Signed by {signature.signed_by} at {signature.signed_at:%Y-%m-%d %H:%M} UTC, "
        f"SHA-256 of the policy {signature.policy_sha256}"
    )
    for line in found.logic:
        say(f"  {line}")
    print_table("Strategic weights", ("class", "weight", "ETF"), found.strategic)
    print_table("Parameters", ("parameter", "value"), found.parameters)
    if found.expectations:
        print_table("Expected", ("figure", "value", "from"), [(e.label, e.value, e.note) for e in found.expectations])
    for each in found.changes:
        say(f"Changed: {each.sentence}")
    for review in found.reviews[:4]:
        say(f"{review.day}: {review.kind} review: {review.purpose}")
    say(f"... {len(found.reviews):,} reviews until {found.reviews[-1].day}.")


def _card(book: Book, ask: _Ask) -> None:
    out = ask.files.out or Path(f"{ask.name.replace(' ', '-').lower()}-card.pdf")
    written = write_card(book, ask.name, out, ask.versions[0])
    print_json({"card": str(written)}) if ask.as_json else say(str(written))


def _diff(book: Book, ask: _Ask) -> None:
    if ask.files.policy is not None:
        found = policy_changes(book, ask.name, policy_from_json(ask.files.policy, any_mode))
        what = "the newest version"
    else:
        second = ask.versions[0] or card(book, ask.name).signature.version
        first = ask.versions[1] or max(1, second - 1)
        found, what = version_changes(book, ask.name, first, second), f"version {first}"
    if ask.as_json:
        print_json(_with_words(found))
        return
    say(f"{len(found)} difference{'s' * (len(found) != 1)} from {what} of {ask.name}")
    for each in found:
        say(f"  {each.sentence}")


def _live(book: Book, ask: _Ask) -> None:
    verdict = None if ask.files.gate is None else verdict_from_json(ask.files.gate)
    by = ask.signing
    wanted = LiveAsk(by.by, verdict, by.over_cool_off, ask.paper_months, by.entered, by.backdated)
    outcome = go_live(book, ask.name, wanted, now=ask.now)
    if ask.as_json:
        print_json(outcome)
        return
    say(f"Version {outcome.version} of {outcome.strategy} is live from {outcome.live_since}.")
    for each in outcome.against:
        say(f"  overridden: {each}")


def _paper(book: Book, ask: _Ask) -> None:
    number = back_to_paper(book, ask.name, ask.signing, now=ask.now)
    if ask.as_json:
        print_json({"strategy": ask.name, "version": number, "mode": "paper"})
    else:
        say(f"Version {number} of {ask.name} is on paper from {ask.now.date()}.")


_VERBS = {
    Verb.SIGN: _sign,
    Verb.LIST: _list,
    Verb.SHOW: _show,
    Verb.DIFF: _diff,
    Verb.CARD: _card,
    Verb.LIVE: _live,
    Verb.PAPER: _paper,
}
_WRITES = frozenset({Verb.SIGN, Verb.LIVE, Verb.PAPER})


def complain_of_cautions(found: tuple[Caution, ...]) -> None:
    """Warn on standard error of changes that follow a fall or a rise."""
    for each in found:
        complain(f"caution: {each.sentence}")


def cautions_json(found: tuple[Caution, ...]) -> list[dict[str, object]]:
    """Return cautions with their words."""
    return [msgspec.to_builtins(each) | {"sentence": each.sentence} for each in found]


def _with_words(changes: tuple[Difference, ...]) -> dict[str, object]:
    return {"changes": [msgspec.to_builtins(each) | {"sentence": each.sentence} for each in changes]}


def today_of(given: datetime | None) -> date:
    """Return the day that is given, or the clock's."""
    return given.date() if given else clock().astimezone().date()


def checklist_command(
    horizon: Annotated[asked.Horizon, typer.Option(help=asked.QUESTIONS["horizon"])],
    volatility: Annotated[asked.Tolerance, typer.Option(help=asked.QUESTIONS["volatility"])],
    capacity: Annotated[asked.Capacity, typer.Option(help=asked.QUESTIONS["capacity"])],
    taxable: Annotated[asked.TaxStatus, typer.Option(help=asked.QUESTIONS["taxable"])],
    conviction: Annotated[asked.Conviction, typer.Option(help=asked.QUESTIONS["conviction"])],
    measure: Annotated[asked.Measure, typer.Option(help=asked.QUESTIONS["measure"])],
    policy: Annotated[Path | None, typer.Option(help="Overlay policy to hold against the limits, JSON.")] = None,
    as_json: Json = False,
) -> None:
    """Answer six questions; get the limits of the overlay, and for each the answer that set it."""
    found = asked.recommend(asked.Answers(horizon, volatility, capacity, taxable, conviction, measure))
    wider = asked.beyond(policy_from_json(policy, any_mode), found.limits) if policy else ()
    if as_json:
        print_json(msgspec.to_builtins(found, builtin_types=(Decimal,)) | {"wider": wider})
        return
    rows = [
        (r.limit, percent(r.value), "sets it" if r.decisive else "", f"{r.question} {r.answer}".strip(), r.why)
        for r in sorted(found.reasons, key=lambda r: (r.limit, r.value))
    ]
    print_table("Limits of the overlay, and why", ("limit", "at most", "", "answer", "why"), rows, left=5)
    for line in found.advice:
        say(f"  {line}")
    for line in wider:
        say(f"The policy is wider: {line}.")
