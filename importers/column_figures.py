"""Columns told by their figures: quantity x price = value, and value less basis = gain."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, permutations

from importers.number_grammar import number

_MOSTLY = 0.8
_FEWEST = 2
_MOST_COLUMNS = 16
"""Columns tried against each other, three at a time."""
_SMALLEST = Decimal("0.1")
"""The part of its value that a lot cost, and the other way round, in most rows."""
_OF_TRADES = ("quantity", "price", "amount")
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
    if "quantity" not in whole and "price" not in whole:
        factors = [(a, b) for a, b in combinations(left, 2) if _product(left[a], left[b], value)]
        if len(factors) == 1:
            take("quantity", _shares_of(factors[0], left, symbols))
    if "quantity" in whole:
        take("price", [t for t in left if _product(left[t], whole["quantity"], value)])
    return told


def told_by_trades(known: Mapping[str, Figures], free: Mapping[str, Figures], symbols: Sequence[str]) -> dict[str, str]:
    """Return field -> title for the quantity, price and amount of a history: quantity x price = amount, signs aside.

    `known` are those of them that have a title. Nothing is told where two readings fit.
    """
    columns = {**free, **{f"\0{name}": cells for name, cells in known.items() if name in _OF_TRADES}}
    if len(free) > _MOST_COLUMNS:
        return {}
    whole = {name: title for name in _OF_TRADES if (title := f"\0{name}") in columns}
    found = set()
    for amount in [whole["amount"]] if "amount" in whole else columns:
        for a, b in combinations([title for title in columns if title != amount], 2):
            pair = {a, b}
            fits = all(whole[name] in pair for name in ("quantity", "price") if name in whole)
            if fits and _product(columns[a], columns[b], columns[amount]):
                found.add((amount, *sorted(pair)))
    if len(found) != 1:
        return {}
    amount, a, b = found.pop()
    shares = {whole["quantity"]} if "quantity" in whole else {a, b} - {whole.get("price", "")}
    if len(shares) > 1:
        shares = set(_shares_of((a, b), columns, symbols))
    if len(shares) != 1:
        return {}
    (quantity,) = shares
    (price,) = {a, b} - shares
    told = {"quantity": quantity, "price": price, "amount": amount}
    return {name: title for name, title in told.items() if not title.startswith("\0")}


def basis_by_size(value: Figures, free: Mapping[str, Figures]) -> str:
    """Return the one column of sums of money of the size of the value; empty where there is none or several.

    It is what was paid, in a list where days of purchase stand beside values and nothing else is of that size.
    """
    fits = []
    for title, cells in free.items():
        ratios = [paid / worth for paid, worth in zip(cells, value, strict=True) if paid and worth]
        filled = sum(cell is not None for cell in cells)
        alike = [ratio for ratio in ratios if _SMALLEST <= ratio <= 1 / _SMALLEST]
        if len(ratios) >= _FEWEST and filled == len(ratios) and len(alike) >= _MOSTLY * len(ratios):
            fits.append(title)
    return fits[0] if len(fits) == 1 else ""


def _shares_of(pair: tuple[str, str], columns: Mapping[str, Figures], symbols: Sequence[str]) -> list[str]:
    """Return which of two columns that make a value together are shares: signed, whole, or unlike for one security."""
    for test in (_signed, lambda cells: not _whole(cells) and _priced_alike(cells, symbols)):
        told = [title for title in pair if test(columns[title])]
        if len(told) == 1:
            return told if test is _signed else [title for title in pair if title not in told]
    told = [title for title in pair if _whole(columns[title])]
    return told if len(told) == 1 else []


def _whole(cells: Figures) -> bool:
    """Whether all figures of a column are whole numbers, as shares often are and prices never all."""
    return all(value == value.to_integral_value() for value in cells if value is not None)


def _priced_alike(cells: Figures, symbols: Sequence[str]) -> bool:
    """Whether a figure is nearly the same wherever a security stands several times, as its price is."""
    seen: dict[str, list[Decimal]] = {}
    for symbol, value in zip(symbols, cells, strict=True):
        if symbol and value:
            seen.setdefault(symbol, []).append(value)
    several = [found for found in seen.values() if len(found) > 1]
    return bool(several) and all(max(found) - min(found) <= abs(max(found)) * _WITHIN for found in several)


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
    rows = [(abs(a * b), abs(c)) for a, b, c in zip(one, other, whole, strict=True) if a and b and c]
    same = sum(abs(made - stated) <= abs(stated) * _WITHIN for made, stated in rows)
    return len(rows) >= _FEWEST and same >= _MOSTLY * len(rows)


def _difference(whole: Figures, part: Figures, rest: Figures) -> bool:
    rows = [(a - b, c, a) for a, b, c in zip(whole, part, rest, strict=True) if a and b and c is not None]
    same = sum(abs(made - stated) <= max(Decimal("0.01"), abs(of) * Decimal("0.0005")) for made, stated, of in rows)
    return len(rows) >= _FEWEST and same >= _MOSTLY * len(rows)
