"""The command `wash`: what not to buy and not to sell at a loss until when, and lots that turn long-term soon."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.tax.ledger.lots import plain
from engine.tax.pretrade_types import SaleWash
from workflow.book import open_book
from workflow.console import print_json, print_table, say
from workflow.wash_watch import RIPENING_DAYS, HouseholdWash, wash_watch


def wash_command(
    db: Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path, or a database URL.")],
    household: Annotated[list[str] | None, typer.Option(help="Name of a household; may be given again.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; default: that of the newest prices.")
    ] = None,
    within: Annotated[int, typer.Option(help="Days in which a lot turns long-term to be shown.")] = RIPENING_DAYS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show the wash calendar: do-not-buy list, recent purchases, reinvestments to come, lots turning long-term."""
    if "://" not in db and not Path(db).is_file():
        raise AppError("there is no book", detail=db, hint="`plimsoll import` makes one.")
    now = datetime.now(UTC)
    book = open_book(db, now=now)
    try:
        found = wash_watch(
            book,
            households=household or None,
            as_of=as_of.date() if as_of else None,
            today=now.astimezone().date(),
            within=within,
        )
    finally:
        book.close()
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: Iterable[HouseholdWash]) -> None:
    for one in found:
        say(f"{one.household}, {one.as_of}")
        _print_purchases(one)
        _print_losses(one)
        _print_reinvestments(one)
        _print_ripening(one)
        for gap in one.gaps:
            say(f"{'Not covered' if gap.serious else 'Note'}: {gap.what}. {gap.hint}")
        say("")


def _print_purchases(one: HouseholdWash) -> None:
    if one.no_purchases:
        print_table(
            "Do not buy in any account",
            ("group", "symbols", "through", "sold at a loss", "on", "shares", "loss"),
            (
                (
                    row.identity_group,
                    ", ".join(row.symbols),
                    str(row.until),
                    f"{row.symbol} in {_name(one, row.account)}",
                    str(row.sold),
                    f"{plain(row.shares):,f}",
                    _dollars(row.loss),
                )
                for row in one.no_purchases
            ),
            left=5,
        )
    if one.no_loss_sales:
        print_table(
            "Do not sell at a loss",
            ("group", "symbols", "through", "bought", "on", "effect", "shares"),
            (
                (
                    row.identity_group,
                    ", ".join(row.symbols),
                    str(row.until),
                    f"{row.symbol} in {_name(one, row.account)}",
                    str(row.bought),
                    "lost for good" if row.permanent else "put off",
                    f"{plain(row.shares):,f}",
                )
                for row in one.no_loss_sales
            ),
            left=6,
        )


def _print_losses(one: HouseholdWash) -> None:
    if one.losses:
        print_table(
            "If the lots at a loss were sold today",
            ("account", "symbol", "state", "free from", "shares", "loss", "disallowed", "for good"),
            (_loss_cells(one, outcome) for outcome in one.losses),
            left=4,
        )


def _loss_cells(one: HouseholdWash, outcome: SaleWash) -> tuple[str, ...]:
    return (
        _name(one, outcome.account),
        outcome.symbol,
        outcome.state.value.replace("_", " "),
        str(outcome.free_from or ""),
        f"{outcome.loss_shares:,f}",
        _dollars(outcome.loss),
        _dollars(outcome.disallowed),
        _dollars(outcome.permanent),
    )


def _print_reinvestments(one: HouseholdWash) -> None:
    if one.reinvestments:
        print_table(
            "Reinvestments expected in the next 30 days",
            ("account", "symbol", "about", "how often", "last", "shares", "amount"),
            (
                (
                    _name(one, row.account),
                    row.symbol,
                    str(row.day),
                    row.frequency.value if row.seen > 1 else "seen once",
                    str(row.last),
                    f"{plain(row.shares):,f}",
                    _dollars(row.amount),
                )
                for row in one.reinvestments
            ),
            left=5,
        )
    for risk in one.risks:
        words = risk.sentence.replace(f"Account {risk.expected.account} ", f"{_name(one, risk.expected.account)} ", 1)
        say(f"If {risk.identity_group} is sold at a loss on {risk.sold}: {words}")


def _print_ripening(one: HouseholdWash) -> None:
    if one.ripening:
        print_table(
            "Lots turning long-term",
            ("account", "symbol", "acquired", "long-term on", "days", "shares", "gain", "waiting saves"),
            (
                (
                    _name(one, row.account),
                    row.symbol,
                    str(row.acquired),
                    str(row.day),
                    f"{row.days:,}",
                    f"{plain(row.quantity):,f}",
                    _dollars(row.gain),
                    _dollars(row.saved),
                )
                for row in one.ripening
            ),
            left=4,
        )


def _name(one: HouseholdWash, account: str) -> str:
    return one.accounts.get(account, account)


def _dollars(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"
