"""Commands `override` (log, list and end overrides of the model's tilts) and `adherence` (were the rules followed?)."""

import getpass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from engine.errors import AppError
from engine.overlay.adherence import DAYS_ALLOWED, MARKS, Adherence
from engine.overlay.behaviour import DRAWDOWN, RUN_UP, GuardSetting
from engine.overlay.override_effect import TiltOverride
from workflow.adherence import AdherenceAsk, adherence_report
from workflow.book import Book
from workflow.cli_book import Json, Where, clock, opened
from workflow.cli_strategy import (
    By,
    GuardFall,
    GuardPrices,
    GuardRise,
    Today,
    cautions_json,
    complain_of_cautions,
    moment,
    today_of,
)
from workflow.cli_tax import amount
from workflow.console import percent, print_json, print_table, say
from workflow.override_log import (
    Logged,
    OverrideRow,
    PolicyPrices,
    add_override,
    close_override,
    list_overrides,
    policy_prices,
)
from workflow.strategy import load_version, signed_policy


class Verb(StrEnum):
    """What `override` does."""

    ADD = "add"
    LIST = "list"
    CLOSE = "close"


def override_command(
    verb: Annotated[Verb, typer.Argument(help="add, list or close.")],
    db: Where,
    strategy: Annotated[str, typer.Option(help="The strategy; `list` shows all without it.")] = "",
    asset_class: Annotated[str, typer.Option("--class", help="add: the class.")] = "",
    tilt: Annotated[
        Decimal | None, typer.Option(parser=amount, help="add: the tilt wanted, a fraction of the portfolio: -0.05.")
    ] = None,
    reason: Annotated[str, typer.Option(help="add: why.")] = "",
    expires: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="add: the last day it holds.")] = None,
    number: Annotated[int | None, typer.Option(help="close: its number.")] = None,
    by: By = "",
    prices: GuardPrices = None,
    drawdown: GuardFall = DRAWDOWN,
    run_up: GuardRise = RUN_UP,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Log, list and end overrides; with --prices, what each cost or gained, and warnings after a fall or a rise."""
    day, who = today_of(today), by or getpass.getuser()
    if verb is not Verb.LIST:
        moment(today)  # refuses a day that has not come; the log has the clock's moment
    with opened(db) as book:
        priced = None if prices is None else _priced(book, strategy, prices)
        if verb is Verb.LIST:
            _list(list_overrides(book, strategy or None, as_of=day, priced=priced), as_json=as_json)
        elif verb is Verb.CLOSE:
            if number is None:
                raise AppError("The number of the override is needed", hint="Give --number N.")
            closed = close_override(book, number, by=who, today=day, now=clock())
            print_json(closed) if as_json else say(f"Override {number} of {closed.override.asset_class} ends {day}.")
        else:
            if not strategy or tilt is None or expires is None:
                raise AppError("An override needs --strategy, --class, --tilt, --reason and --expires")
            wanted = TiltOverride(asset_class, tilt, who, reason, day, expires.date())
            guard = GuardSetting(drawdown, run_up)
            logged = add_override(book, strategy, wanted, now=clock(), priced=priced, guard=guard)
            _print_logged(logged, as_json=as_json)


def _priced(book: Book, strategy: str, prices: Path) -> PolicyPrices:
    if not strategy:
        raise AppError("--prices needs the strategy whose ETFs they are of", hint="Give --strategy NAME.")
    return policy_prices(signed_policy(load_version(book, strategy)), prices)


def _print_logged(logged: Logged, *, as_json: bool) -> None:
    complain_of_cautions(logged.cautions)
    wanted = logged.override
    if as_json:
        document = {"number": logged.number, "override": wanted}
        print_json(document | {"cautions": cautions_json(logged.cautions)})
    else:
        tilt = percent(wanted.tilt, sign=True)
        say(f"Override {logged.number}: {wanted.asset_class} {tilt} until {wanted.expires}.")


def _list(rows: tuple[OverrideRow, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    columns = ("no.", "class", "author", "reason", "state", "made", "until", "tilt", "model", "cost (-) or gain (+)")
    lines = []
    for row in rows:
        each, effect = row.override, row.effect
        model = percent(effect.model_tilt, sign=True) if effect else ""
        result = f"{effect.effect:+.2%}" if effect else ""
        words = (str(row.number), each.asset_class, each.author, each.reason, row.state.value)
        lines.append((*words, str(each.made), str(row.until), percent(each.tilt, sign=True), model, result))
    print_table("Overrides", columns, lines, left=7)
    measured = [row.effect.effect for row in rows if row.effect]
    if measured:
        say(f"Together {sum(measured, Decimal(0)):+.2%} of the portfolio, before costs and taxes.")


def adherence_command(
    db: Where,
    strategy: Annotated[str, typer.Option(help="The strategy.")],
    prices: Annotated[Path, typer.Option(help="CSV: date, one column of total-return closes a symbol.")],
    done: Annotated[Path, typer.Option(help="CSV of what was done: decided, done_on, asset_class, target.")],
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; default: when it was first signed.")
    ] = None,
    today: Today = None,
    days_allowed: Annotated[int, typer.Option(min=0, help="Calendar days after a decision.")] = DAYS_ALLOWED,
    as_json: Json = False,
) -> None:
    """Say how often what was done is what the signed rules said, how late, and what was overridden and why."""
    with opened(db) as book:
        first = start.date() if start else None
        ask = AdherenceAsk(strategy, prices, done, first, today_of(today), days_allowed=days_allowed)
        found = adherence_report(book, ask)
    if as_json:
        print_json(msgspec.to_builtins(found, builtin_types=(Decimal,)) | {"marks": dict(MARKS)})
    else:
        _print(found)


def _print(found: Adherence) -> None:
    rows = [
        (
            str(record.day),
            record.followed.replace("_", " "),
            "; ".join(record.reasons),
            ", ".join(f"{name} {percent(change, sign=True)}" for name, change in record.off.items()),
            str(record.late_days or ""),
        )
        for record in found.records
    ]
    print_table("Decisions", ("decided", "followed", "override", "otherwise than the rules", "days late"), rows, left=4)
    say(
        f"{percent(found.share)} of {len(found.records):,} decisions were carried out as the rules said, "
        f"{percent(found.on_time_share)} on time; {found.late_days:,} days late in all."
    )
    for reason, count in found.overrides:
        say(f"  overridden {count:,} time{'s' * (count != 1)}: {reason}")
    say(f"Process score {found.score:.0f} of 100. It says nothing of the result.")
