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
from engine.overlay.trade_adherence import MARKS as TRADE_MARKS
from engine.overlay.trade_adherence import Carried, OrderRecord
from workflow.adherence import AdherenceAsk, adherence_report
from workflow.book import Book
from workflow.book_adherence import BookAdherence, BookAsk, book_adherence
from workflow.cli_book import Json, Where, clock, opened
from workflow.cli_strategy import (
    Backdated,
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
from workflow.strategy import load_version, require_not_backdated, signed_policy


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
    backdate_reason: Backdated = "",
    as_json: Json = False,
) -> None:
    """Log, list and end overrides; with --prices, what each cost or gained, and warnings after a fall or a rise."""
    day, who = today_of(today), by or getpass.getuser()
    if verb is not Verb.LIST:
        moment(today)  # refuses a day that has not come; the log has the clock's moment
    with opened(db) as book:
        if verb is not Verb.LIST and today is not None:
            require_not_backdated(book, day, backdate_reason)
        priced = None if prices is None else _priced(book, strategy, prices)
        if verb is Verb.LIST:
            _list(list_overrides(book, strategy or None, as_of=day, priced=priced), as_json=as_json)
        elif verb is Verb.CLOSE:
            closed = close_override(book, _given(number), by=who, today=day, now=clock(), backdated=backdate_reason)
            print_json(closed) if as_json else say(f"Override {number} of {closed.override.asset_class} ends {day}.")
        else:
            if not strategy or tilt is None or expires is None:
                raise AppError("An override needs --strategy, --class, --tilt, --reason and --expires")
            wanted = TiltOverride(asset_class, tilt, who, reason, day, expires.date())
            guard = GuardSetting(drawdown, run_up)
            logged = add_override(
                book, strategy, wanted, now=clock(), priced=priced, guard=guard, backdated=backdate_reason
            )
            _print_logged(logged, as_json=as_json)


def _given(number: int | None) -> int:
    if number is None:
        raise AppError("The number of the override is needed", hint="Give --number N.")
    return number


def _priced(book: Book, strategy: str, prices: Path) -> PolicyPrices:
    if not strategy:
        raise AppError("--prices needs the strategy whose ETFs they are of", hint="Give --strategy NAME.")
    return policy_prices(signed_policy(load_version(book, strategy)), prices, book)


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
    strategy: Annotated[str, typer.Option(help="The strategy; with --book only its runs.")] = "",
    prices: Annotated[Path | None, typer.Option(help="CSV: date, one column of total-return closes a symbol.")] = None,
    done: Annotated[
        Path | None, typer.Option(help="CSV of what was done: decided, done_on, asset_class, target.")
    ] = None,
    from_book: Annotated[
        bool, typer.Option("--book", help="The orders of approved runs against the trades that were imported.")
    ] = False,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day; default: when it was first signed, or approved."),
    ] = None,
    today: Today = None,
    days_allowed: Annotated[int, typer.Option(min=0, help="Calendar days after a decision.")] = DAYS_ALLOWED,
    as_json: Json = False,
) -> None:
    """Say how often what was done is what the signed rules said, how late, and what was overridden and why."""
    first = start.date() if start else None
    if from_book and (prices is not None or done is not None):
        raise AppError("--book reads runs and trades from the book", hint="Leave out --prices and --done.")
    with opened(db) as book:
        if from_book:
            made = book_adherence(book, BookAsk(first, today_of(today), strategy, days_allowed))
            print_json(_book_json(made)) if as_json else print_book_adherence(made)
            return
        if not strategy or prices is None or done is None:
            raise AppError("Adherence needs --strategy, --prices and --done", hint="Or --book, for runs and trades.")
        ask = AdherenceAsk(strategy, prices, done, first, today_of(today), days_allowed=days_allowed)
        found = adherence_report(book, ask)
    if as_json:
        print_json(msgspec.to_builtins(found, builtin_types=(Decimal,)) | {"marks": dict(MARKS)})
    else:
        _print(found)


def _book_json(found: BookAdherence) -> dict[str, object]:
    return {
        "start": found.start,
        "end": found.end,
        "households": found.households,
        "not_approved": found.not_approved,
        "marks": dict(TRADE_MARKS),
    }


def print_book_adherence(found: BookAdherence) -> None:
    """Print what became of the orders of approved runs: a line a household, then what did not go as approved."""
    say(f"Orders approved {found.start} to {found.end}, against the trades that were imported")
    rows = [
        (
            each.household,
            *(f"{each.counts[kind]:,}" for kind in Carried),
            f"{len(each.unasked):,}",
            f"{each.late_days:,}",
            "" if each.score is None else f"{each.score:.0f}",
        )
        for each in found.households
    ]
    kinds = (kind.replace("_", " ") for kind in Carried)
    print_table("Households", ("household", *kinds, "not proposed", "days late", "score"), rows)
    for household in found.households:
        for record in household.records:
            if record.carried not in {Carried.ON_TIME, Carried.OPEN}:
                say(f"  {household.household}: {_order_line(record)}")
        for trade in household.unasked:
            what = f"{trade.side} {trade.quantity.normalize():f} {trade.symbol} in {trade.account} on {trade.day}"
            say(f"  {household.household}: {what} was not proposed")
    for waiting in found.not_approved:
        orders = f"{waiting.orders:,} order{'s' * (waiting.orders != 1)}"
        say(f"  {waiting.household}: run {waiting.run} of {waiting.as_of} was proposed and not approved, {orders}")


def _order_line(record: OrderRecord) -> str:
    order = record.order
    what = f"{order.side} {order.quantity.normalize():f} {order.symbol} in {order.account}, run {order.run}"
    words = {
        Carried.LATE: f"done {record.done_on}, {record.late_days:,} day{'s' * (record.late_days != 1)} late",
        Carried.PARTLY: f"{record.done.normalize():f} done by {record.done_on}",
        Carried.SKIPPED: f"approved {order.approved}, never done",
        Carried.UNKNOWN: "not known: the trades imported do not reach so far",
    }
    return f"{what}: {words[record.carried]}"


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
