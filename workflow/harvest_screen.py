"""The harvest screen of an office in one pass: every household's lots at a loss, replacements, lots about to ripen.

The rules are the engine's (`engine.rebalance.harvest`, `replacements`, `ripening_cost`); this reads the book once and
names the households that cannot be screened.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from sqlalchemy.orm import Session

from db import store
from db.store.accounts import trades_of
from db.store.held import HeldHousehold
from engine.errors import AppError
from engine.money import ZERO
from engine.overlay.price_history import PriceHistory, price_history
from engine.portfolio import HistoryRow
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults
from engine.rebalance.harvest import harvest_screen
from engine.rebalance.harvest_types import HarvestLot, HarvestResult, HarvestSettings, Market, Records
from engine.rebalance.replacements import LOOKBACK, Likeness, likeness
from engine.rebalance.ripening_cost import RipeningCost, ripening_costs
from engine.tax.do_not_buy import symbols_by_group
from engine.tax.pretrade_types import WINDOW
from engine.tax.reinvestment import YEAR, ReinvestmentRisk, expected_reinvestments, reinvestment_risks
from engine.tax.wash_coverage import CoverageGap
from workflow.book import Book
from workflow.case_builder import build_case
from workflow.case_file import decode_proposal
from workflow.household_day import HouseholdDay, household_days
from workflow.readiness import account_name
from workflow.views import Progress
from workflow.wash_watch import wash_household

Places = frozenset[tuple[str, str]]
"""Positions: account key and symbol."""
REPORT = "Please report it"


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """How the screen is run. `within` are the days in which a lot must turn long-term to be shown, None = 60."""

    settings: HarvestSettings = field(default_factory=HarvestSettings)
    within: int | None = None


@dataclass(frozen=True, slots=True)
class HouseholdHarvest:
    """The screen of one household. `accounts` maps an account key to what people call it.

    `risks` are expected reinvestments that would wash what is harvested; a case alone tells of none.
    """

    household: str
    as_of: date
    accounts: dict[str, str]
    harvest: HarvestResult
    ripening: tuple[RipeningCost, ...]
    gaps: tuple[CoverageGap, ...] = ()
    risks: tuple[ReinvestmentRisk, ...] = ()


@dataclass(frozen=True, slots=True)
class NotScreened:
    """A household that could not be screened, and why."""

    household: str
    why: str


@dataclass(frozen=True, slots=True)
class OfficeHarvest:
    """The screen of an office, by name. `loss` and `worth` are the dollars of all that it would harvest."""

    households: tuple[HouseholdHarvest, ...]
    not_screened: tuple[NotScreened, ...]
    loss: Decimal
    worth: Decimal


@dataclass(frozen=True, slots=True)
class _Ready:
    """A household that can be screened."""

    held: HeldHousehold
    case: Case
    records: Records
    planned: Places
    year: tuple[HistoryRow, ...]
    """Trades of the past year."""

    @property
    def substitutes(self) -> dict[str, tuple[str, ...]]:
        return {name: security.substitutes for name, security in self.held.securities.items()}


def screen_office(
    book: Book,
    *,
    households: Sequence[str] | None,
    as_of: date | None,
    today: date,
    options: ScreenOptions | None = None,
    progress: Progress | None = None,
) -> OfficeHarvest:
    """Return the screen of these households (None = all); `as_of` None = the day of the newest prices.

    Raises AppError for a name that the book does not have. A household that cannot be screened is named in the result.
    """
    with book.reading() as session:
        ids = _ids(session, households)
        day = as_of or store.prices_as_of(session, today) or today
        ready, failed = _sort_out(session, household_days(session, ids, day), day)
        alike = _Alike(_history(session, ready, day), day)
    done = []
    for number, one in enumerate(ready, 1):
        market = Market(one.substitutes, alike.of(one.case, one.substitutes))
        try:
            done.append(_screened(one, market, options or ScreenOptions()))
        except AppError as error:
            failed.append(NotScreened(one.held.name, str(error)))
        except Exception as error:  # noqa: BLE001 - one household's bug must not stop the others, and is told
            failed.append(NotScreened(one.held.name, _bug(error)))
        if progress is not None:
            progress(number, len(ready), one.held.name)
    return _office(done, failed)


def screen_cases(cases: Iterable[tuple[str, Case]], options: ScreenOptions | None = None) -> OfficeHarvest:
    """Return the screen of cases by name. A case knows no substitutes and no price history: its buy lists rank.

    A case with faults is named with the first of them.
    """
    chosen, done, failed = options or ScreenOptions(), [], list[NotScreened]()
    for name, case in cases:
        faults = case_faults(case)
        if faults:
            failed.append(NotScreened(name, faults[0]))
            continue
        result = harvest_screen(case, settings=chosen.settings)
        ripening = ripening_costs(case, within=chosen.within)
        done.append(HouseholdHarvest(name, case.as_of, {a.id: a.id for a in case.accounts}, result, ripening))
    return _office(done, failed)


def _office(done: Sequence[HouseholdHarvest], failed: Sequence[NotScreened]) -> OfficeHarvest:
    return OfficeHarvest(
        tuple(done),
        tuple(sorted(failed, key=lambda f: f.household)),
        sum((h.harvest.loss for h in done), ZERO),
        sum((h.harvest.total.worth for h in done), ZERO),
    )


def _screened(one: _Ready, market: Market, options: ScreenOptions) -> HouseholdHarvest:
    result = harvest_screen(one.case, market=market, records=one.records, settings=options.settings)
    return HouseholdHarvest(
        household=one.held.name,
        as_of=one.held.as_of,
        accounts={a.key: account_name(a) for a in one.held.accounts},
        harvest=result,
        ripening=ripening_costs(one.case, within=options.within, planned=one.planned),
        gaps=one.records.gaps,
        risks=tuple(_risks(one, result)),
    )


def _risks(one: _Ready, result: HarvestResult) -> Iterator[ReinvestmentRisk]:
    """Yield what reinvestments of the next 30 days would wash, each group asked once.

    The lot bought first stands for its group: its shares are the first to be replaced (Reg. 1.1091-1(b)).
    """
    first: dict[str, HarvestLot] = {}
    sold: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for lot in sorted(result.harvested, key=lambda x: (x.acquired, x.lot)):
        sold[lot.account, lot.symbol] += lot.quantity
        if lot.wash is not None:
            first.setdefault(lot.wash.identity_group, lot)
    held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for own in one.case.lots:
        held[own.account, own.symbol] += own.quantity
    expected = expected_reinvestments(one.year, one.held.as_of, one.held.as_of + WINDOW)
    members = symbols_by_group(one.case.securities)
    for group, lot in first.items():
        if lot.wash is not None:
            yield from reinvestment_risks(
                lot.wash,
                expected,
                symbols=members[group],
                sold_out=[place for place, shares in sold.items() if held[place] == shares],
                taxable=[a.id for a in one.case.accounts if a.registration.is_taxable],
            )


def _ids(session: Session, names: Sequence[str] | None) -> list[int] | None:
    known = {h.name: h.id for h in store.list_households(session)}
    missing = [name for name in names or () if name not in known]
    if missing:
        hint = "`plimsoll households` lists those of the book."
        raise AppError(f"there is no household {', '.join(missing)}", hint=hint)
    return None if names is None else [known[name] for name in names]


def _sort_out(session: Session, days: Sequence[HouseholdDay], day: date) -> tuple[list[_Ready], list[NotScreened]]:
    """Return the households that can be screened with their cases, and the others with every reason."""
    year = trades_of(session, [a.id for one in days for a in one.held.accounts], day - YEAR, day)
    planned = _planned(session, day)
    ready, failed = [], []
    for one in days:
        held = one.held
        try:
            if one.blocked:
                failed.append(NotScreened(held.name, " ".join(_sentence(p.message, p.hint) for p in one.blocked)))
                continue
            trades = tuple(row for account in held.accounts for row in year.get(account.id, ()))
            case = build_case(held, one.overlay)
            faults = case_faults(case)
            if faults:
                failed.append(NotScreened(held.name, faults[0]))
            else:
                ready.append(_Ready(held, case, _records(held, trades), planned.get(held.id, frozenset()), trades))
        except AppError as error:
            failed.append(NotScreened(held.name, str(error)))
        except Exception as error:  # noqa: BLE001 - one household's bug must not stop the others, and is told
            failed.append(NotScreened(held.name, _bug(error)))
    return ready, failed


def _records(held: HeldHousehold, trades: Sequence[HistoryRow]) -> Records:
    known = wash_household(held, trades)
    return Records(known.gaps, known.unsound)


def _sentence(message: str, hint: str) -> str:
    return f"{message[:1].upper()}{message[1:]}.{f' {hint}' if hint else ''}"


def _bug(error: Exception) -> str:
    return f"the screen failed ({type(error).__name__}: {error}). {REPORT}"


def _planned(session: Session, day: date) -> dict[int, Places]:
    """Return the sales that the ripening rule has suppressed in the newest run, if it is of this day."""
    run = next(iter(store.list_runs(session)), None)
    if run is None or run.as_of != day:
        return {}
    found = {}
    for stored in store.current_proposals(session, run.id):
        proposal = decode_proposal(stored.proposal_json.encode(), stored.household)
        found[stored.household_id] = frozenset(
            (row.account, row.symbol) for row in proposal.suppressed if row.reason_code == "ripening"
        )
    return found


def _history(session: Session, ready: Iterable[_Ready], day: date) -> PriceHistory | None:
    """Return the closes of everything at a loss and of what might replace it, read in one go."""
    symbols = sorted({name for one in ready for pair in _pairs(one.case, one.substitutes) for name in pair})
    closes = store.load_adjusted_closes(session, symbols, until=day, since=day - LOOKBACK)
    return price_history(closes.dates, closes.symbols, closes.values) if closes.dates else None


def _pairs(case: Case, substitutes: Mapping[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    """Return (symbol at a loss in a taxable account, what might replace it)."""
    securities = {s.symbol: s for s in case.securities}
    taxable = {a.id for a in case.accounts if a.registration.is_taxable}
    at_loss = {
        lot.symbol
        for lot in case.lots
        if lot.account in taxable and lot.quantity * securities[lot.symbol].price < lot.cost_basis
    }
    return {
        (symbol, other)
        for symbol in at_loss
        for other in (*substitutes.get(symbol, ()), *case.buy_list.get(securities[symbol].asset_class, ()))
        if other != symbol
    }


class _Alike:
    """The likeness of pairs, each worked out once for all households."""

    def __init__(self, history: PriceHistory | None, day: date) -> None:
        self._pair = cache(lambda one, other: None if history is None else likeness(history, one, other, day))

    def of(self, case: Case, substitutes: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, Likeness]]:
        """Return the likeness to each symbol at a loss, by candidate; pairs without a common history are left out."""
        found: dict[str, dict[str, Likeness]] = {}
        for symbol, other in sorted(_pairs(case, substitutes)):
            like = self._pair(*sorted((symbol, other)))
            if like is not None:
                found.setdefault(symbol, {})[other] = like
        return found
