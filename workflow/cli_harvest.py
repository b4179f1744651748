"""The command `harvest`: lots at a loss, what harvesting each is worth, replacements, lots that turn long-term soon."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.rebalance.harvest_types import BREAK_EVEN, THROUGH_THE_YEAR, HarvestLot, HarvestSettings, PassedOver, Worth
from engine.rebalance.replacements import Candidate, Replacements
from engine.tax.ledger.lots import plain
from engine.tax.pretrade_types import WashState
from workflow.book import open_book
from workflow.case_file import decode_case, read_bytes
from workflow.console import DONE, NEEDS_PERSON, complain, percent, print_json, print_table, progress_bar, say
from workflow.harvest_screen import (
    HouseholdHarvest,
    OfficeHarvest,
    ScreenOptions,
    screen_cases,
    screen_office,
)

_LOT = ("", "account", "lot of", "wash", "buy instead", "then", "back on", "shares", "loss", "of basis")
LOT_COLUMNS = (*_LOT, "counts", "alone", "worth now")
_GAIN = ("account", "lot of", "long-term on", "verdict", "held back", "days", "gain")
RIPENING_COLUMNS = (*_GAIN, "tax now", "tax then", "saves", "drift")


def harvest_command(
    cases: Annotated[
        list[Path] | None, typer.Argument(metavar="[CASE.json]...", help="Cases instead of a book.")
    ] = None,
    db: Annotated[
        str | None, typer.Option("--db", metavar="WHERE", help="The book: a path, or a database URL.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; default: that of the newest prices.")
    ] = None,
    household: Annotated[list[str] | None, typer.Option(help="Name of a household; may be given again.")] = None,
    within: Annotated[int | None, typer.Option(help="Days in which a lot turns long-term to be shown: 60.")] = None,
    break_even: Annotated[str, typer.Option(help="Least loss as a fraction of the value.")] = f"{BREAK_EVEN}",
    schedule: Annotated[
        str | None, typer.Option(help="Factors on the policy's thresholds, January first: 12 numbers, or none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Screen for tax losses: lots to harvest in order, replacements, lots passed over and why, ripening lots."""
    if (db is None) == (not cases):
        raise AppError("give a book with --db, or case files", hint="`plimsoll harvest --help` shows both.")
    options = ScreenOptions(_settings(break_even, schedule), within)
    if db is None:
        found = screen_cases([(path.stem, decode_case(read_bytes(path), str(path))) for path in cases or ()], options)
    else:
        found = _of_book(db, household, as_of, options)
    if as_json:
        print_json(found)
    else:
        _print(found)
    for one in found.not_screened:
        complain(f"not screened: {one.household}: {one.why}")
    raise typer.Exit(NEEDS_PERSON if found.not_screened else DONE)


def _of_book(db: str, names: list[str] | None, as_of: datetime | None, options: ScreenOptions) -> OfficeHarvest:
    if "://" not in db and not Path(db).is_file():
        raise AppError("there is no book", detail=db, hint="`plimsoll import` makes one.")
    now = datetime.now(UTC)
    book = open_book(db, now=now)
    try:
        with progress_bar() as progress:
            return screen_office(
                book,
                households=names or None,
                as_of=as_of.date() if as_of else None,
                today=now.astimezone().date(),
                options=options,
                progress=progress,
            )
    finally:
        book.close()


def _settings(break_even: str, schedule: str | None) -> HarvestSettings:
    """Return the settings that the options give; AppError for what is no number, or not twelve of them."""
    try:
        if schedule is None:
            by_month = THROUGH_THE_YEAR
        elif schedule == "none":
            by_month = (Decimal(1),) * 12
        else:
            by_month = tuple(Decimal(part) for part in schedule.split(","))
        return HarvestSettings(Decimal(break_even), by_month)
    except (InvalidOperation, ValueError) as error:
        why = "not a number" if isinstance(error, InvalidOperation) else str(error)
        hint = "A schedule is 12 numbers with commas, or none; the buffer a fraction such as 0.003."
        raise AppError("the settings of the screen cannot be read", detail=why, hint=hint) from error


def _print(found: OfficeHarvest) -> None:
    for one in found.households:
        if one.harvest.lots or one.ripening:
            _print_household(one)
    if found.households:
        print_table(
            "Households",
            ("household", "lots at a loss", "to harvest", "loss", "tax saved", "lower basis", "trading", "worth now"),
            (
                (
                    one.household,
                    f"{len(one.harvest.lots):,}",
                    f"{len(one.harvest.harvested):,}",
                    _dollars(one.harvest.loss),
                    *_worth_cells(one.harvest.total),
                )
                for one in found.households
            ),
        )
        say(f"In all: ${found.loss:,.2f} of loss, worth ${found.worth:,.2f} now.")


def _worth_cells(worth: Worth) -> tuple[str, ...]:
    return tuple(_dollars(x) for x in (worth.tax_saved, worth.lower_basis, worth.trading_cost, worth.worth))


def _print_household(one: HouseholdHarvest) -> None:
    say(f"{one.household}, {one.as_of}")
    for words in one.harvest.next_dollars if one.harvest.lots else ():
        say(words)
    _print_lots(one)
    _print_replacements(one)
    _print_passed(one, [lot for lot in one.harvest.lots if lot.order is None])
    _print_ripening(one)
    for risk in one.risks:
        words = risk.sentence.replace(f"Account {risk.expected.account} ", f"{_name(one, risk.expected.account)} ", 1)
        say(f"If {risk.identity_group} is sold at a loss on {risk.sold}: {words}")
    for gap in one.gaps:
        say(f"{'Not covered' if gap.serious else 'Note'}: {gap.what}. {gap.hint}")
    say("")


def _print_lots(one: HouseholdHarvest) -> None:
    lots = one.harvest.harvested
    if not lots:
        return
    stand_ins = {(r.account, r.symbol): r for r in one.harvest.replacements}
    print_table(
        "To harvest, in this order",
        LOT_COLUMNS,
        (_lot_cells(one, lot, stand_ins[lot.account, lot.symbol]) for lot in lots),
        left=7,
    )
    total = one.harvest.total
    say(
        f"Together: ${one.harvest.loss:,.2f} of loss saves ${total.tax_saved:,.2f}, less ${total.lower_basis:,.2f} for "
        f"the lower basis and ${total.trading_cost:,.2f} to trade: worth ${total.worth:,.2f} now."
    )


def _lot_cells(one: HouseholdHarvest, lot: HarvestLot, stand_in: Replacements) -> Sequence[str]:
    return (
        f"{lot.order}",
        _name(one, lot.account),
        _lot_name(lot),
        "" if lot.wash is None or lot.wash.state is WashState.NONE else lot.wash.state.value.replace("_", " "),
        stand_in.first or "none eligible",
        stand_in.second or "",
        str(stand_in.swap_back),
        f"{plain(lot.quantity):,f}",
        _dollars(lot.loss),
        percent(lot.loss_fraction),
        _dollars(lot.after.counted if lot.after else None),
        _dollars(lot.alone.worth if lot.alone else None),
        _dollars(lot.after.worth if lot.after else None),
    )


def _print_replacements(one: HouseholdHarvest) -> None:
    harvested = {(lot.account, lot.symbol) for lot in one.harvest.harvested}
    rows, notes = dict[tuple[str, ...], None](), dict[str, None]()
    for found in one.harvest.replacements:
        if (found.account, found.symbol) in harvested:
            rows |= dict.fromkeys(_candidate_cells(found.symbol, c) for c in found.candidates)
            notes |= {f"{found.symbol}: {found.ranked_by}": None}
    if rows:
        columns = ("for", "candidate", "group", "why", "correlation", "tracking diff.", "returns")
        print_table("Replacements", columns, rows, left=4)
    for note in notes:
        say(note)


def _candidate_cells(symbol: str, candidate: Candidate) -> tuple[str, ...]:
    like = candidate.likeness
    until = f", until {candidate.until}" if candidate.until else ""
    why = "eligible" if candidate.against is None else f"not eligible: {candidate.why}{until}"
    return (
        symbol,
        candidate.symbol,
        candidate.identity_group,
        why,
        "" if like is None or like.correlation is None else f"{like.correlation:.3f}",
        f"{like.difference:.2%}" if like else "",
        f"{like.observations:,}" if like else "",
    )


def _print_passed(one: HouseholdHarvest, lots: Iterable[HarvestLot]) -> None:
    rows = [
        (
            _name(one, lot.account),
            _lot_name(lot),
            lot.why,
            str(lot.until or ""),
            _dollars(lot.loss),
            percent(lot.loss_fraction),
        )
        for lot in lots
    ]
    if rows:
        columns = ("account", "lot of", "why", "through", "loss", "of basis")
        print_table("At a loss, passed over", columns, rows, left=4)


def _print_ripening(one: HouseholdHarvest) -> None:
    if one.ripening:
        print_table(
            "Gains turning long-term",
            RIPENING_COLUMNS,
            (
                (
                    _name(one, row.account),
                    f"{row.symbol} {row.acquired}",
                    str(row.day),
                    row.verdict.value.replace("_", " "),
                    "planned sale" if row.planned else "by the policy" if row.held_back else "",
                    f"{row.days:,}",
                    *(_dollars(x) for x in (row.gain, row.tax_now, row.tax_then, row.saves, row.drift)),
                )
                for row in one.ripening
            ),
            left=5,
        )


def _lot_name(lot: HarvestLot) -> str:
    """Return a lot as people call it; the day of lots that are not known means nothing."""
    if lot.passed is PassedOver.LOTS_UNSOUND:
        return f"{lot.symbol}, lots unknown"
    return f"{lot.symbol} {lot.acquired} {lot.term.value}"


def _name(one: HouseholdHarvest, account: str) -> str:
    return one.accounts.get(account, account)


def _dollars(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"
