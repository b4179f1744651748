"""What imported files state about themselves, kept with the file: total by total, stated and found."""

import json
from collections.abc import Sequence
from decimal import Decimal

from importers.base import Total

MOST = 1_000
"""Totals kept of one file, those that differ first; one with more has a total for each lot."""


def totals_text(totals: Sequence[Total]) -> str:
    """Return totals as JSON."""
    kept = sorted(range(len(totals)), key=lambda n: not totals[n].difference)[:MOST]
    rows = [
        {"row": total.row, "what": total.what, "stated": f"{total.stated:f}", "found": f"{total.found:f}"}
        for total in (totals[n] for n in sorted(kept))
    ]
    return json.dumps(rows, ensure_ascii=False)


def totals_of(text: str) -> tuple[Total, ...]:
    """Return the totals that `totals_text` wrote."""
    return tuple(
        Total(int(one["row"]), one["what"], Decimal(one["stated"]), Decimal(one["found"])) for one in json.loads(text)
    )
