"""Implementation shortfall from a file of fills, alone or against the orders of a run, and as JSON.

Fills file: a row for each fill with the columns order, symbol, side (buy, sell), quantity (shares ordered),
decision_price, fill_quantity and fill_price (both empty for an order that was not done), and where they are known
arrival_price (empty: the decision price), fees (dollars), end_price (needed for shares that were not done). Rows of
one order repeat its symbol, side, quantity and prices.

Against a run, the orders are its own: the file then has order (an order or block number of the run's order file),
fill_quantity, fill_price, and where known arrival_price, fees, end_price. The decision price is the proposal's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.money import ZERO, cents
from engine.portfolio import Side
from engine.problems import Problem, Severity
from engine.research.shortfall import Fill, Order, OrderShortfall, Shortfall, ShortfallReport, shortfall_report
from exporters.order_lines import OrderLine, RunOrders, run_orders
from workflow.book import Book
from workflow.csv_rows import Columns, Row, csv_rows
from workflow.runs import run_report

OPTIONAL = ("arrival_price", "fees", "end_price")
FILLS = Columns(("order", "symbol", "side", "quantity", "decision_price", "fill_quantity", "fill_price"), OPTIONAL)
RUN_FILLS = Columns(("order", "fill_quantity", "fill_price"), OPTIONAL)
NO_ORDER = Order("", "", Side.BUY, Decimal(1), Decimal(1), Decimal(1))
"""Stands in for an order that a run does not have, while the rest of its row is read."""
NAMED = 5
"""How many orders without a row are named."""


@dataclass(frozen=True, slots=True)
class ShortfallFile:
    """The orders of a fills file; those with a problem are left out, all their fills with them."""

    report: ShortfallReport | None
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]


def shortfall_from_csv(path: Path) -> ShortfallFile:
    """Return the implementation shortfall of a fills file; `report` is None where no order is left.

    Raises AppError for a file that cannot be read as such a table.
    """
    return _gathered(path, FILLS, _order)


def shortfall_of_run(book: Book, run: str, path: Path) -> ShortfallFile:
    """Return the implementation shortfall of a run's orders by a file of their fills.

    An order that neither has a row nor is in a block with rows is left out and named. Raises AppError for a run that
    is not there, or a file that cannot be read as such a table.
    """
    made = run_orders(run_report(book, run))
    asked = {line.order_id: _asked(line.order_id, (line,)) for line in made.orders}
    asked |= {block.block_id: _asked(block.block_id, block.orders) for block in made.blocks}
    seen: dict[str, int] = {}

    def read(row: Row) -> Order:
        name = row.cells.get("order", "")
        if name and name not in asked:
            row.wrong("order", f"Run {run} has no order {name}", "Give the number of its order file.")
        seen.setdefault(name, row.line)
        return _done(row, asked.get(name, NO_ORDER))

    found = _gathered(path, RUN_FILLS, read)
    more = _twice(made, seen, path) + _without_rows(made, seen, path)
    return replace(found, problems=(*found.problems, *more)) if more else found


def shortfall_document(found: ShortfallFile) -> dict[str, Any]:
    """Return a shortfall as a JSON document: dollars to the cent, basis points of what was decided."""
    orders = () if found.report is None else found.report.orders
    return {
        "total": None if found.report is None else _shortfall(found.report.total),
        "orders": [_order_shortfall(one) for one in orders],
        "left_out": found.left_out,
        "problems": found.problems,
    }


def _gathered(path: Path, columns: Columns, read: Callable[[Row], Order]) -> ShortfallFile:
    orders: dict[str, Order] = {}
    first: dict[str, int] = {}
    bad: dict[str, None] = {}
    problems: list[Problem] = []
    for row in csv_rows(path, columns):
        name = row.text("order")
        found = read(row)
        known = orders.setdefault(name, found)
        if replace(known, fills=(), fees=ZERO) != replace(found, fills=(), fees=ZERO) and not row.problems:
            row.wrong("order", f"Order {name} is not as in row {first[name]}", "Repeat its symbol, side and prices.")
        if name in first:
            orders[name] = replace(known, fills=(*known.fills, *found.fills), fees=known.fees + found.fees)
        first.setdefault(name, row.line)
        problems += row.problems
        bad |= dict.fromkeys([name] if row.problems else [])
    for name, order in orders.items():
        fault = "" if name in bad else _unmeasured(order)
        if fault:
            field = "fill_quantity" if order.filled > order.quantity else "end_price"
            problems.append(_problem("bad_order", fault, path, first[name], field))
            bad[name] = None
    kept = [order for name, order in orders.items() if name not in bad]
    return ShortfallFile(shortfall_report(kept) if kept else None, tuple(filter(None, bad)), tuple(problems))


def _problem(code: str, message: str, path: Path, row: int = 0, field: str = "", hint: str = "") -> Problem:
    return Problem(Severity.BLOCKING, code, message, hint, file=path.name, row=row, field=field)


def _asked(name: str, lines: Sequence[OrderLine]) -> Order:
    """Return what a run asks for, not yet done, at the proposal's price."""
    quantity = sum((line.quantity for line in lines), ZERO)
    price = sum((line.quantity * line.price for line in lines), ZERO) / quantity
    return Order(name, lines[0].security.symbol, lines[0].side, quantity, decision_price=price, arrival_price=price)


def _order(row: Row) -> Order:
    side = row.choice("side", tuple(Side))
    decision = row.amount("decision_price", above=ZERO)
    order = Order(
        order=row.cells.get("order", ""),
        symbol=row.text("symbol"),
        side=Side(side) if side in tuple(Side) else Side.BUY,
        quantity=row.amount("quantity", above=ZERO),
        decision_price=decision,
        arrival_price=decision,
    )
    return _done(row, order)


def _done(row: Row, order: Order) -> Order:
    """Return the order with what a row says became of it."""
    arrival = row.amount_or_none("arrival_price", above=ZERO)
    quantity = row.amount_or_none("fill_quantity", least=ZERO)
    fees = row.amount_or_none("fees") or ZERO
    fills: tuple[Fill, ...] = ()
    if quantity:
        fills = (Fill(quantity, row.amount("fill_price", above=ZERO), fees),)
    elif row.cells.get("fill_price"):
        row.wrong("fill_quantity", "There is a price and no quantity", "Give the shares done, or leave both empty.")
    return replace(
        order,
        arrival_price=order.decision_price if arrival is None else arrival,
        fills=fills,
        end_price=row.amount_or_none("end_price", above=ZERO),
        fees=ZERO if fills else fees,
    )


def _unmeasured(order: Order) -> str:
    if order.filled > order.quantity:
        return f"Order {order.order} has {order.filled:,} shares done of {order.quantity:,} ordered"
    if order.filled < order.quantity and order.end_price is None:
        left = order.quantity - order.filled
        return f"Order {order.order} has {left:,} shares not done and no end price to value them at"
    return ""


def _twice(made: RunOrders, seen: Mapping[str, int], path: Path) -> list[Problem]:
    """Return a problem for each order with rows whose block has rows as well: it is counted twice."""
    return [
        _problem(
            "order_in_block",
            f"Order {line.order_id} is part of block {line.block_id}, which has a row of its own",
            path,
            seen[line.order_id],
            "order",
            "Give the one or the other: the total counts both.",
        )
        for line in made.orders
        if line.order_id in seen and line.block_id in seen
    ]


def _without_rows(made: RunOrders, seen: Mapping[str, int], path: Path) -> list[Problem]:
    missing = [line.order_id for line in made.orders if line.order_id not in seen and line.block_id not in seen]
    if not missing:
        return []
    named = ", ".join(missing[:NAMED]) + (f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else "")
    what = f"{len(missing):,} order{'s' * (len(missing) > 1)} of the run {'have' if len(missing) > 1 else 'has'} no row"
    hint = "Give each a row, with an end price and no fill where it was not done."
    return [_problem("order_without_row", f"{what}: {named}", path, hint=hint)]


PARTS = ("delay", "execution", "opportunity", "fees", "total")
"""The parts of a shortfall in the order in which they are shown."""


def _shortfall(found: Shortfall) -> dict[str, Any]:
    return {
        "decided": cents(found.decided),
        "done": cents(found.done),
        "dollars": {name: cents(getattr(found, name)) for name in PARTS},
        "basis_points": {name: round(found.basis_points(getattr(found, name)), 4) for name in PARTS},
    }


def _order_shortfall(found: OrderShortfall) -> dict[str, Any]:
    order = found.order
    return {
        "order": order.order,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": order.quantity,
        "filled": order.filled,
        "decision_price": round(order.decision_price, 6),
        "arrival_price": round(order.arrival_price, 6),
        "average_price": None if found.average_price is None else round(found.average_price, 6),
        "end_price": order.end_price,
    } | _shortfall(found.shortfall)
