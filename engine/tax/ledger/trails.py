"""Where a realised figure comes from: proceeds, basis, and each loss that a wash sale took away or brought."""

from collections.abc import Iterable

from engine.tax.ledger.result import Realized, WashMatch
from engine.trail import Trail


def gain_trail(line: Realized, washes: Iterable[WashMatch]) -> Trail:
    """Return the gain of a realised line with its inputs. `washes` are all wash sales of the ledger.

    The lines of one sale and lot, which differ by the days carried, share their wash sales.
    """
    own = [wash for wash in washes if (wash.sale, wash.lot) == (line.sale, line.lot)]
    adjustment = Trail(
        "Loss disallowed",
        line.adjustment,
        tuple(_wash_trail(wash) for wash in own),
        source="IRC 1091; Form 8949, column (g)",
    )
    return Trail(
        f"Gain of sale {line.sale} from lot {line.lot}",
        line.gain,
        (Trail("Proceeds", line.proceeds), Trail("Basis", line.basis), adjustment),
        source="Form 8949, column (h)",
    )


def _wash_trail(wash: WashMatch) -> Trail:
    where = f"by lot {wash.replacement} in account {wash.replacement_account}"
    if wash.raised_sale:
        where += f", sold in {wash.raised_sale}"
    fate = "lost for good" if wash.permanent else f"in its basis, with {wash.days:,} days"
    return Trail(
        f"Replaced {where}: {fate}",
        wash.disallowed,
        (Trail("Shares", wash.quantity, unit="shares"),),
        source="Rev. Rul. 2008-5" if wash.permanent else "IRC 1091(d), 1223(3)",
    )
