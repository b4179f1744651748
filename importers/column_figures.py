"""Columns told by their figures: quantity x price = value, and value less basis = gain."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import permutations

from importers.number_grammar import number

_MOSTLY = 0.8
_FEWEST = 2
_MOST_COLUMNS = 16
"""Columns tried against each other, three at a time."""
_WITHIN = Decimal("0.005")
"""Figures that agree to half a percent: prices are shown rounded."""

Figures = tuple[Decimal | None, ...]


def figures(cells: Sequence[str]) -> Figures:
    """Return the numbers of a column, None where there is none."""
    found = (number(cell) for cell in cells)
    return tuple(value if isinstance(value, Decimal) else None for value in found)


def told_by_figures(
    known: Mapping[str, Figures], free: Mapping[str, Figures], symbols: Sequence[str]
) -> dict[str, str]:
    """Return field -> title for what arithmetic alone tells of the columns without a meaning.

    `symbols` stand beside the figures: shares of one security have one price. Nothing is told where two readings fit.
    """
    told: dict[str, str] = {}
    if len(free) > _MOST_COLUMNS:
        return told
    whole, left = dict(known), dict(free)

    def take(field: str, fits: Collection[str]) -> None:
        if field not in whole and len(fits) == 1:
            (title,) = fits
            told[field] = title
            whole[field] = left.pop(title)

    take("market_value", _values(whole, left))
    value = whole.get("market_value")
    if value is None:
        return told
    if "unit_cost" not in whole:
        pairs = [a for a, b in permutations(left, 2) if _signed(left[b]) and _difference(value, left[a], left[b])]
        take("cost_basis", [title for title in pairs if not _signed(left[title])])
    if "price" in whole:
        take("quantity", [t for t in left if _product(left[t], whole["price"], value)])
    take("quantity", [t for t in left if _one_price(left[t], value, symbols)])
    if "quantity" in whole:
        take("price", [t for t in left if _product(left[t], whole["quantity"], value)])
    return told


def _values(known: Mapping[str, Figures], free: Mapping[str, Figures]) -> set[str]:
    """Return the columns that can be the market value: a quantity times a price, or basis and gain together."""
    shares, price = known.get("quantity"), known.get("price")
    if shares and price:
        return {title for title in free if _product(shares, price, free[title])}
    if shares or price:
        other = shares or price or ()
        return {v for p, v in permutations(free, 2) if _product(other, free[p], free[v])}
    basis = {"": known["cost_basis"]} if "cost_basis" in known else {t: c for t, c in free.items() if not _signed(c)}
    gains = [title for title in free if _signed(free[title])]
    sums = {
        v for v in free for b in basis for g in gains if len({v, b, g}) > 2 and _difference(free[v], basis[b], free[g])
    }
    return sums or {v for q, p, v in permutations(free, 3) if _product(free[q], free[p], free[v])}


def _one_price(shares: Figures, value: Figures, symbols: Sequence[str]) -> bool:
    """Whether value over shares is one price for each security, of which at least one stands in several rows."""
    prices: dict[str, list[Decimal]] = {}
    amounts: dict[str, set[Decimal]] = {}
    for symbol, held, worth in zip(symbols, shares, value, strict=True):
        if symbol and held and worth and held > 0:
            prices.setdefault(symbol, []).append(worth / held)
            amounts.setdefault(symbol, set()).add(held)
    several = any(len(found) > 1 for found in amounts.values())
    return several and all(max(found) - min(found) <= max(found) * _WITHIN for found in prices.values())


def _signed(cells: Figures) -> bool:
    """Whether a column has losses in it, as a column of gains has and one of basis has not."""
    return any(value is not None and value < 0 for value in cells)


def _product(one: Figures, other: Figures, whole: Figures) -> bool:
    rows = [(a * b, c) for a, b, c in zip(one, other, whole, strict=True) if a and b and c]
    same = sum(abs(made - stated) <= abs(stated) * _WITHIN for made, stated in rows)
    return len(rows) >= _FEWEST and same >= _MOSTLY * len(rows)


def _difference(whole: Figures, part: Figures, rest: Figures) -> bool:
    rows = [(a - b, c, a) for a, b, c in zip(whole, part, rest, strict=True) if a and b and c is not None]
    same = sum(abs(made - stated) <= max(Decimal("0.01"), abs(of) * Decimal("0.0005")) for made, stated, of in rows)
    return len(rows) >= _FEWEST and same >= _MOSTLY * len(rows)
