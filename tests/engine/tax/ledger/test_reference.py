"""The published lots of a fund bought month by month: first in, last in, highest cost; to the cent."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.money import cents
from engine.portfolio import Lot, Registration
from engine.tax.ledger.replay import replay
from engine.tax.ledger.result import Ledger
from engine.tax.ledger.rows import LedgerAction, LedgerRow, NamedLot
from engine.tax.lot_methods import LotMethod, pick

HALF_CENT = Decimal("0.005")
METHODS = {"FIFO": LotMethod.FIFO, "LIFO": LotMethod.LIFO, "HIFO": LotMethod.HIFO}


@pytest.fixture
def reference(shared_folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_folder / "reference" / "tax_lots_vti.json").read_text(encoding="utf-8"))
    return found


def row(number: int, action: LedgerAction, trade: list[str], lots: tuple[NamedLot, ...] = ()) -> LedgerRow:
    day, shares, price = trade
    return LedgerRow(
        id=f"{action.value}{day}",
        date=date.fromisoformat(day),
        account="J",
        owner="client",
        registration=Registration.TAXABLE,
        symbol="VTI",
        action=action,
        quantity=Decimal(shares),
        amount=cents(Decimal(shares) * Decimal(price)),
        lots=lots,
        row=number,
    )


def history(reference: dict[str, Any], method: LotMethod) -> list[LedgerRow]:
    """Buys and sells; each sell names the lots that the method takes of those open by then.

    The buys come as gifts, which replace no loss: the reference knows no wash sales.
    """
    rows = [row(n, LedgerAction.GIFT, buy) for n, buy in enumerate(reference["definition"]["buys"], 2)]
    for number, sell in enumerate(reference["definition"]["sells"], 100):
        on = date.fromisoformat(sell[0])
        open_lots = replay(rows, as_of=on).open_lots
        lots = [Lot(o.lot, "J", "VTI", o.acquired, o.quantity, o.basis) for o in open_lots]
        picks = pick(lots, Decimal(sell[1]), method, price=Decimal(sell[2]), sold=on)
        rows.append(row(number, LedgerAction.SELL, sell, tuple(NamedLot(p.lot, p.quantity) for p in picks)))
    return rows


def realized(ledger: Ledger) -> list[tuple[str, str, Decimal, str, Decimal]]:
    return sorted(
        (str(line.sold), str(line.acquired), line.quantity, line.term.value, line.gain) for line in ledger.realized
    )


@pytest.mark.shared
@pytest.mark.parametrize("name", METHODS)
def test_the_reference_is_hit_lot_by_lot_to_the_cent(reference: dict[str, Any], name: str) -> None:
    ledger = replay(history(reference, METHODS[name]))
    wanted = sorted(
        (line["sell_date"], line["buy_date"], Decimal(line["shares"]), line["term"], Decimal(line["gain"]))
        for line in reference["methods"][name]["realised_lots"]
    )
    found = realized(ledger)
    assert [line[:4] for line in found] == [line[:4] for line in wanted]
    # amounts come in cents, the reference in fractions of them: a basis and a sale may each be half a cent off
    assert all(abs(a[4] - b[4]) <= 3 * HALF_CENT for a, b in zip(found, wanted, strict=True))
    totals, stated = ledger.totals, reference["methods"][name]
    assert abs(totals.short_term + totals.long_term - Decimal(stated["total"])) < Decimal("0.03")
    left = [(str(lot.acquired), lot.quantity) for lot in ledger.open_lots]
    assert left == [(day, Decimal(shares)) for day, _, shares in stated["remaining"]]


@pytest.mark.shared
def test_first_in_first_out_is_what_a_sale_without_named_lots_takes(reference: dict[str, Any]) -> None:
    named = history(reference, LotMethod.FIFO)
    unnamed = [r for r in named if r.action is LedgerAction.GIFT]
    unnamed += [row(n, LedgerAction.SELL, sell) for n, sell in enumerate(reference["definition"]["sells"], 100)]
    assert replay(unnamed).realized == replay(named).realized


@pytest.mark.shared
def test_the_holding_period_boundaries(reference: dict[str, Any]) -> None:
    for case in reference["holding_period_boundary"]["cases"]:
        rows = [
            row(2, LedgerAction.BUY, [case["buy"], "1", "100"]),
            row(3, LedgerAction.SELL, [case["sell"], "1", "110"]),
        ]
        assert [line.term.value for line in replay(rows).realized] == [case["term"]], case
