"""Implementation shortfall from a file of fills, alone and against the orders of a run."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exporters.order_lines import RunOrders, run_orders
from tests.workflow.conftest import NOW
from tests.workflow.test_attribution import call
from workflow.book import Book
from workflow.propose import propose
from workflow.runs import run_report

__all__ = ["call"]
Call = Callable[..., tuple[int, str, str]]
FILLS = """order,symbol,side,quantity,decision_price,arrival_price,fill_quantity,fill_price,fees,end_price
1,SPY,buy,"1,000",$40.00,40.04,700,40.05,17,40.08
2,IEF,sell,2000,95.10,95.05,1200,95.00,,
2,IEF,sell,2000,95.10,95.05,800,94.98,,
3,GLD,BUY,100,180,,,,,181.5
"""


def test_the_shortfall_of_a_file(call: Call) -> None:
    code, out, err = call("shortfall", "--json", fills=FILLS)
    document = json.loads(out)
    assert (code, err) == (0, "")
    first, second, third = document["orders"]
    assert first["dollars"] == {"delay": 28, "execution": 7, "opportunity": 24, "fees": 17, "total": 76}
    assert first["basis_points"]["total"] == 19
    assert second["average_price"] == 94.992
    assert second["dollars"]["total"] == 216
    assert (third["filled"], third["dollars"]["opportunity"]) == (0, 150)
    assert document["total"]["dollars"]["total"] == 442


def test_the_shortfall_of_a_file_as_a_table(call: Call) -> None:
    code, out, _ = call("shortfall", fills=FILLS)
    assert code == 0
    assert "In basis points of the 248,200 dollars decided: delay 5.2" in out


BAD_FILLS = (
    ("4,VNQ,hold,100,90,,100,90,,", "field side", '"hold" is none of buy, sell'),
    ("4,VNQ,buy,100,90,,100,abc,,", "field fill_price", '"abc" is not a number'),
    ('4,VNQ,buy,100,"90,05",,100,90,,', "field decision_price", '"90,05" is not a number'),
    ("4,VNQ,buy,1_000,90,,100,90,,", "field quantity", '"1_000" is not a number'),
    ("4,VNQ,buy,100,nan,,100,90,,", "field decision_price", '"nan" is not a number'),
    ("4,VNQ,buy,100,,,100,90,,", "field decision_price", "The cell is empty"),
    ("4,VNQ,buy,100,0,,100,90,,", "field decision_price", "0 is not above 0"),
    ("4,VNQ,buy,100,1e999999,,100,90,,", "field decision_price", "1e999999 is no size that a figure here can have"),
    ("4,VNQ,buy,100,90,,50,90,,", "field end_price", "Order 4 has 50 shares not done and no end price"),
    ("4,VNQ,buy,100,90,,150,90,,", "field fill_quantity", "Order 4 has 150 shares done of 100 ordered"),
    ("4,VNQ,buy,100,90,,,90,,", "field fill_quantity", "There is a price and no quantity"),
    (",VNQ,buy,100,90,,100,90,,", "field order", "The cell is empty"),
    ("2,IEF,buy,2000,95.10,95.05,1,95,,", "field order", "Order 2 is not as in row 3"),
)


@pytest.mark.parametrize(("line", "field", "message"), BAD_FILLS)
def test_an_order_with_a_bad_row_is_left_out_and_named(call: Call, line: str, field: str, message: str) -> None:
    code, out, err = call("shortfall", "--json", fills=FILLS + line + "\n")
    document = json.loads(out)
    assert (code, err.count("\n")) == (3, 1)
    assert f"fills.csv, row 6, {field}: {message}" in err
    orders = [one["order"] for one in document["orders"]]
    assert orders == (["1", "3"] if line.startswith("2") else ["1", "2", "3"])
    assert document["problems"][0]["row"] == 6


def test_a_file_without_a_good_order_has_no_shortfall(call: Call) -> None:
    header = FILLS.splitlines()[0]
    code, out, err = call("shortfall", "--json", fills=f"{header}\n1,SPY,hold,1,1,,1,1,,\n")
    assert (code, json.loads(out)["total"]) == (2, None)
    assert "hold" in err
    code, out, err = call("shortfall", fills=header)
    assert (code, out) == (2, "")
    assert "The file has no rows" in err


@pytest.fixture
def orders(sample: Book) -> RunOrders:
    """The orders of a run of two households."""
    run = propose(sample, households=["Castellan-Wu", "Eisenhart-Noor"], as_of=None, now=NOW, by="tester")
    return run_orders(run_report(sample, run.run))


def fills_of(orders: RunOrders, *, dearer: str, changes: Mapping[str, str] | None = None) -> str:
    """Return fills of every order by its block where it has one, each done at its price plus `dearer` dollars."""
    blocks = {block.block_id: block for block in orders.blocks}
    alone = [(line.order_id, line.quantity, line.price) for line in orders.orders if not line.block_id]
    together = [(name, block.quantity, block.orders[0].price) for name, block in blocks.items()]
    lines = {name: f"{name},{quantity},{price + Decimal(dearer)},1" for name, quantity, price in alone + together}
    return "\n".join(("order,fill_quantity,fill_price,fees", *(lines | dict(changes or {})).values())) + "\n"


def of_run(call: Call, path: Path, fills: str) -> tuple[int, Any, str]:
    code, out, err = call("shortfall", "--json", "--run", "R-20261030-001", "--db", str(path), fills=fills)
    return code, json.loads(out) if out else None, err


def test_fills_of_a_run_are_held_against_its_proposals(call: Call, sample_path: Path, orders: RunOrders) -> None:
    code, document, err = of_run(call, sample_path, fills_of(orders, dearer="0.01"))
    assert (code, err) == (0, "")
    decided = sum(line.quantity * line.price for line in orders.orders)
    signed = sum(line.quantity * (1 if line.side == "buy" else -1) for line in orders.orders)
    lines = len(orders.blocks) + sum(not line.block_id for line in orders.orders)
    assert len(document["orders"]) == lines
    assert document["total"]["decided"] == pytest.approx(float(decided), abs=0.01)
    assert document["total"]["dollars"]["execution"] == pytest.approx(float(signed) * 0.01, abs=0.02)
    assert document["total"]["dollars"]["fees"] == lines


def test_an_order_of_the_run_without_a_row_is_named(call: Call, sample_path: Path, orders: RunOrders) -> None:
    left = next(line.order_id for line in orders.orders if not line.block_id)
    code, document, err = of_run(call, sample_path, fills_of(orders, dearer="0", changes={left: ",,,"}))
    assert (code, err.count("\n")) == (3, 1)
    assert f"1 order of the run has no row: {left}. Give each a row" in err
    assert document["total"]["dollars"]["execution"] == 0


def test_an_order_that_the_run_does_not_have_is_named(call: Call, sample_path: Path, orders: RunOrders) -> None:
    code, _, err = of_run(call, sample_path, fills_of(orders, dearer="0", changes={"x": "R-1-0001,5,10,0"}))
    assert (code, err.count("\n")) == (3, 1)
    assert "field order: Run R-20261030-001 has no order R-1-0001" in err


def test_an_order_within_a_block_that_has_a_row_is_told(call: Call, sample_path: Path, orders: RunOrders) -> None:
    line = next(line for line in orders.orders if line.block_id)
    row = f"{line.order_id},{line.quantity},{line.price},0"
    code, _, err = of_run(call, sample_path, fills_of(orders, dearer="0", changes={line.order_id: row}))
    assert code == 3
    assert f"Order {line.order_id} is part of block {line.block_id}" in err


def test_a_run_needs_its_book(call: Call, sample_path: Path) -> None:
    code, _, err = call("shortfall", "--run", "R-20261030-001", fills=FILLS)
    assert (code, err.count("\n")) == (2, 1)
    assert "Give both --run and --db" in err
    code, _, err = of_run(call, sample_path, FILLS)
    assert (code, err.count("\n")) == (2, 1)
