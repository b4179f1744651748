"""Splits as the household sees them: one split of a symbol, whichever accounts have a row for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from engine.tax.ledger.lots import Place, place_of
from engine.tax.ledger.rows import SPLIT, LedgerRow

ONE_SPLIT = timedelta(days=7)
"""Custodians book one split some days apart."""


@dataclass(frozen=True, slots=True)
class SplitEvent:
    """A split of a symbol as it reaches one account.

    `row` is None where the account has no row of its own: then only shares it has sold already are compared anew.
    """

    date: date
    place: Place
    account: str
    symbol: str
    ratio: Decimal
    row: LedgerRow | None


@dataclass(slots=True)
class _Split:
    first: Place
    date: date
    ratio: Decimal
    accounts: dict[str, tuple[Place, LedgerRow]] = field(default_factory=dict)


def split_events(rows: Sequence[LedgerRow]) -> list[SplitEvent]:
    """Return the splits of every account that has ever traded the symbol. `rows` are in the order of the file."""
    traders: dict[str, dict[str, None]] = defaultdict(dict)
    splits: dict[str, list[tuple[Place, LedgerRow]]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row.action is SPLIT:
            splits[row.symbol].append((place_of(row.date, number), row))
    for row in rows if splits else ():
        if row.action is not SPLIT:
            traders[row.symbol][row.account] = None
    return [
        event
        for symbol, found in splits.items()
        for split in _joined(sorted(found, key=lambda f: f[0]))
        for event in _events(symbol, split, traders[symbol])
    ]


def _joined(rows: Iterable[tuple[Place, LedgerRow]]) -> list[_Split]:
    """Join the rows of several accounts that tell of one split; two rows of one account are two splits."""
    splits: list[_Split] = []
    for place, row in rows:
        same = (
            split
            for split in splits
            if split.ratio == row.quantity and row.account not in split.accounts and row.date - split.date <= ONE_SPLIT
        )
        split = next(same, None)
        if split is None:
            split = _Split(place, row.date, row.quantity)
            splits.append(split)
        split.accounts[row.account] = (place, row)
    return splits


def _events(symbol: str, split: _Split, traders: Iterable[str]) -> Iterator[SplitEvent]:
    for account, (place, row) in split.accounts.items():
        yield SplitEvent(row.date, place, account, symbol, split.ratio, row)
    for account in traders:
        if account not in split.accounts:
            yield SplitEvent(split.date, split.first, account, symbol, split.ratio, None)
