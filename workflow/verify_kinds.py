"""The kinds of case about trades: each turns what a case states into the figures that the engine gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.errors import AppError
from engine.money import ZERO, cents
from engine.portfolio import Lot, LotMethod
from engine.tax.holding_period import days_to_long_term, first_long_term_day, lot_term, term
from engine.tax.ledger.replay import replay
from engine.tax.ledger.rows import Identity, LedgerPolicy
from engine.tax.lot_methods import LotPick, pick, pick_named
from workflow.ledger_file import COLUMNS, OPTIONAL, trades_in
from workflow.verify_tables import Columns, Row, read_table

Figure = Decimal | date | int | bool | str
Figures = Mapping[str, Figure]
Answer = Mapping[str, Figure | tuple[Figures, ...]]
"""Figures by name; a table is its rows."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of case is run. `figures` raises ValueError or AppError for bad input."""

    figures: Callable[[dict[str, Any]], Answer]
    columns: Mapping[str, Columns] = field(default_factory=dict)


def kind_of(given: type[T], figures: Callable[[T], Answer], columns: Mapping[str, Columns] | None = None) -> Kind:
    """Return the kind that reads its input as `given`; a key that `given` does not have is an error."""
    return Kind(lambda raw: figures(msgspec.convert(raw, given)), columns or {})


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What a case states. Keys that are not known are errors."""


class PolicyGiven(Given):
    """The switches of the ledger, as in `plimsoll ledger`."""

    sold_before_loss_counts: bool = True
    lots_of_one_order_replace: bool = True
    plans_count_as_iras: bool = True
    identity: Identity = Identity.DECLARED

    def policy(self) -> LedgerPolicy:
        """Return the policy of the ledger."""
        return LedgerPolicy(
            self.sold_before_loss_counts, self.lots_of_one_order_replace, self.plans_count_as_iras, self.identity
        )


class Trades(Given):
    """A trade history as `plimsoll ledger` reads it."""

    trades: str
    as_of: date | None = None
    policy: PolicyGiven = msgspec.field(default_factory=PolicyGiven)


TRADES = Columns([name for name in COLUMNS if name not in OPTIONAL], sorted(OPTIONAL))
REALIZED = Columns(
    ("sale", "lot", "quantity", "adjustment", "gain", "term"),
    ("account", "symbol", "acquired", "sold", "proceeds", "basis", "code", "permanent", "holding_days_carried"),
)
OPEN_LOTS = Columns(("lot", "quantity", "basis", "holding_days_carried"), ("account", "symbol", "acquired"))
LOTS = Columns(("lot", "acquired", "quantity", "cost_basis"), ("holding_days_carried",))
PICKS = Columns(("lot", "quantity", "basis", "gain", "term"))


def ledger_figures(given: Trades) -> Answer:
    """Return realised lines, open lots and totals. A row that takes no part is a figure, so it cannot go unseen."""
    read_table(given.trades, TRADES)
    trades = trades_in(given.trades, Path("trades"), as_of=given.as_of)
    ledger = replay(trades.rows, given.policy.policy(), as_of=given.as_of)
    answer: dict[str, Figure | tuple[Figures, ...]] = {
        "short_term": ledger.totals.short_term,
        "long_term": ledger.totals.long_term,
        "disallowed": ledger.totals.disallowed,
        "permanent": ledger.totals.permanent,
        "realized": tuple(_row(line, REALIZED) for line in ledger.realized),
        "open_lots": tuple(_row(lot, OPEN_LOTS) for lot in ledger.open_lots),
    }
    problems = sorted((*trades.problems, *ledger.problems), key=lambda problem: problem.row)
    if problems:
        answer["problems"] = "; ".join(f"row {problem.row}: {problem.code}" for problem in problems)
    return answer


def _row(value: object, columns: Columns) -> Figures:
    return {name: getattr(value, name) for name in (*columns.must, *columns.may)}


class Holding(Given):
    """A day of purchase, what a wash sale added, and a day of sale."""

    acquired: date
    sold: date
    holding_days_carried: int = 0


def holding_figures(given: Holding) -> Answer:
    """Return the first long-term day, the term of the sale, and the days from the sale to that day."""
    lot = Lot("lot", "", "", given.acquired, Decimal(1), ZERO, given.holding_days_carried)
    return {
        "first_long_term_day": first_long_term_day(given.acquired, given.holding_days_carried),
        "term": term(given.acquired, given.sold, given.holding_days_carried).value,
        "days_to_long_term": days_to_long_term(lot, given.sold),
    }


class Selling(Given):
    """A sale from the lots of one symbol in one account. `lots`: lot, acquired, quantity, cost_basis.

    A further column, holding_days_carried, may be left out. `named` are the shares of each lot for `specific`.
    """

    lots: str
    method: LotMethod
    price: Decimal
    sold: date
    quantity: Decimal = ZERO
    named: dict[str, Decimal] = msgspec.field(default_factory=dict)


def lot_method_figures(given: Selling) -> Answer:
    """Return the shares that a method takes, their basis and gain at the price, and the gain of the whole sale."""
    held = lots_of(given.lots)
    if (given.method is LotMethod.SPECIFIC) is not bool(given.named) or bool(given.named) is bool(given.quantity):
        raise AppError("a sale of specific lots has `named` and no `quantity`, any other the opposite")
    if given.named:
        picks = pick_named(held, given.named)
    else:
        picks = pick(held, given.quantity, given.method, price=given.price, sold=given.sold)
    lots = {lot.id: lot for lot in held}
    rows = tuple(_pick_row(one, lots[one.lot], given) for one in picks)
    return {"picks": rows, "gain": sum((cents(one.quantity * given.price) - one.basis for one in picks), ZERO)}


def lots_of(table: str) -> tuple[Lot, ...]:
    """Return the lots of one symbol in one account. Raises ValueError for a table that is none."""
    return tuple(_lot(row) for row in read_table(table, LOTS)[1])


def _lot(row: Row) -> Lot:
    carried = int(row.get("holding_days_carried", "0"))
    acquired = date.fromisoformat(row["acquired"])
    return Lot(row["lot"], "", "", acquired, Decimal(row["quantity"]), Decimal(row["cost_basis"]), carried)


def _pick_row(one: LotPick, lot: Lot, given: Selling) -> Figures:
    gain = cents(one.quantity * given.price) - one.basis
    term_of = lot_term(lot, given.sold).value
    return {"lot": one.lot, "quantity": one.quantity, "basis": one.basis, "gain": gain, "term": term_of}


TRADE_KINDS: Mapping[str, Kind] = {
    "ledger": kind_of(Trades, ledger_figures, {"realized": REALIZED, "open_lots": OPEN_LOTS}),
    "holding_period": kind_of(Holding, holding_figures),
    "lot_method": kind_of(Selling, lot_method_figures, {"picks": PICKS}),
}
