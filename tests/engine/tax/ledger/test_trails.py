"""Each realised figure says where it comes from."""

from engine.tax.ledger.replay import replay
from engine.tax.ledger.trails import gain_trail
from engine.trail import Trail
from tests.engine.tax.ledger.story import read_trades


def told(trail: Trail, depth: int = 0) -> list[str]:
    source = f" ({trail.source})" if trail.source else ""
    return [
        f"{'  ' * depth}{trail.label} = {trail.value}{source}",
        *(line for part in trail.inputs for line in told(part, depth + 1)),
    ]


def test_a_gain_is_told_with_its_proceeds_its_basis_and_every_loss_that_was_replaced() -> None:
    ledger = replay(
        read_trades("""
        2024-01-08 J   buy  10 X for 1,000 as b1
        2025-02-03 J   buy   5 X for   350 as b2
        2025-02-05 J   sell  5 X for   500 as s1 of b2:5
        2025-02-10 J   sell 10 X for   900 as s2
        2025-02-11 IRA buy   3 X for   300 as b3
        2025-02-12 J   buy   1 X for   100 as b4
        """)
    )
    loss = next(line for line in ledger.realized if line.sale == "s2")
    assert told(gain_trail(loss, ledger.wash_sales)) == [
        "Gain of sale s2 from lot b1 = -10.00 (Form 8949, column (h))",
        "  Proceeds = 900.00",
        "  Basis = 1000.00",
        "  Loss disallowed = 90.00 (IRC 1091; Form 8949, column (g))",
        "    Replaced by lot b2 in account J, sold in s1: in its basis, with 399 days = 50.00 (IRC 1091(d), 1223(3))",
        "      Shares = 5",
        "    Replaced by lot b3 in account IRA: lost for good = 30.00 (Rev. Rul. 2008-5)",
        "      Shares = 3",
        "    Replaced by lot b4 in account J: in its basis, with 399 days = 10.00 (IRC 1091(d), 1223(3))",
        "      Shares = 1",
    ]
    assert loss.gain == loss.proceeds - loss.basis + loss.adjustment
