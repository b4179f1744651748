"""Guesses the column map of a spreadsheet from its titles and from what stands under them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from statistics import median

from importers.actions import action_of
from importers.base import FileHead
from importers.cell_styles import day_first, decimal_comma, written_day_first, written_with_comma
from importers.column_figures import figures, told_by_figures
from importers.column_map import DATES, FIELDS, NUMBERS, Close, ColumnMap, Shape, TableKind
from importers.column_titles import DATE_TITLES, MACRO_TITLES, TITLES
from importers.date_grammar import day
from importers.number_grammar import Unreadable, number
from importers.table_grammar import HEADER_WITHIN, filled, names_of, plain

_MOSTLY = 0.8
_HALF = 0.5
_FEW = 4
_ACTION_TITLES = frozenset({"action", "transaction type", "activity", "buy/sell", "side"})
_ORDER = (TableKind.TRANSACTIONS, TableKind.LOTS, TableKind.PRICES, TableKind.MACRO, TableKind.HOLDINGS)
_TICKER = re.compile(r"[A-Z]{1,5}(?:[./ -][A-Z])?")
_ACCOUNT = re.compile(r"[X#*.\u2026]{2,}-?[A-Z]?\d{3,}|[A-Z]{0,3}-?\d{5,12}|\d{3,5}-\d{3,5}", re.ASCII)
_TICKER_NAME = re.compile(r"[A-Z]{1,5}(?:[.-][A-Z])?")
_ADJUSTED = re.compile(r"(?<!un)adj|total.?return", re.IGNORECASE)
_CLOSE = re.compile(r"close|unadj", re.IGNORECASE)
_PRICE_WORDS = re.compile(r"price|close|adj|quote|nav", re.IGNORECASE)
_MACRO_WORDS = re.compile(r"macro|fred|econom|indicator|series", re.IGNORECASE)


_OF_HOLDINGS = frozenset(
    title for name in ("quantity", "market_value", "cost_basis", "account") for title in TITLES[TableKind.LOTS][name]
) - {"value"}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as seen from outside: its title as it may be addressed, and which kinds of text stand in it."""

    title: str
    names: tuple[str, ...]
    raw: tuple[str, ...]
    cells: tuple[str, ...]
    """The cells that say something."""
    dates: float
    """Share of those that are dates; likewise numbers, tickers and account masks."""
    numbers: float
    tickers: float
    accounts: float

    def suits(self, name: str) -> bool:
        """Whether what stands in a column titled so can be that field. A few bad cells do not speak against it."""
        few = len(self.cells) < _FEW
        if name in DATES:
            return few or self.dates >= _HALF
        if name == "action":
            sure = bool(_ACTION_TITLES.intersection(self.names))
            trades = sum(action_of(cell) is not None for cell in self.cells)
            return not self.cells or trades >= (1 if sure else len(self.cells) * _HALF)
        return few or self.numbers >= _HALF if name in NUMBERS else True


def guess_map(head: FileHead) -> ColumnMap:
    """Return the guess for the first sheet that is understood, else the nearest guess of the first sheet."""
    guesses = guess_maps(head)
    whole = [guess for guess in guesses if not guess.missing()]
    return next(iter(whole or guesses), ColumnMap(None))


def guess_maps(head: FileHead) -> tuple[ColumnMap, ...]:
    """Return one guess for each sheet; its `missing()` says what it lacks."""
    return tuple(_guess_sheet(head.name, name, rows) for name, rows in head.sheets)


def _guess_sheet(file: str, sheet: str, rows: Sequence[Sequence[str]]) -> ColumnMap:
    best = ColumnMap(None, sheet=sheet)
    score = (-99, 0)
    for at, cells in enumerate(rows[:HEADER_WITHIN]):
        if len(filled(cells)) < 2 or _is_data(cells):
            continue
        body = rows[at + 1 : at + 101]
        written = [cell for row in body for cell in row]
        style = ColumnMap(None, day_first=written_day_first(written), decimal_comma=written_with_comma(written))
        columns = _columns(cells, body, style)
        for guess in (_wide(file, sheet, columns), *(_long(kind, file, sheet, columns) for kind in _ORDER)):
            if guess is not None:
                rank = (-len(guess.missing()), len(guess.columns))
                if rank > score and guess.columns:
                    best = replace(
                        guess, header_row=at + 1, day_first=style.day_first, decimal_comma=style.decimal_comma
                    )
                    score = rank
                if score[0] == 0:
                    return best
    return best


def _is_data(cells: Sequence[str]) -> bool:
    """Whether a row holds dates or numbers, as no header does."""
    said = [cell for cell in filled(cells) if number(cell) is not None]
    return any(not isinstance(number(cell), Unreadable) or isinstance(day(cell), date) for cell in said)


def _columns(titles: Sequence[str], rows: Sequence[Sequence[str]], style: ColumnMap) -> list[_Column]:
    seen: dict[str, int] = {}
    columns = []
    for at, title in enumerate(titles):
        bare = title.strip()
        key = plain(bare)
        seen[key] = seen.get(key, 0) + 1
        address = f"{bare}#{seen[key]}" if bare and seen[key] > 1 else bare
        raw = tuple(row[at].strip() if at < len(row) else "" for row in rows)
        if style.day_first:
            raw = tuple(map(day_first, raw))
        if style.decimal_comma:
            raw = tuple(map(decimal_comma, raw))
        said = tuple(cell for cell in raw if number(cell) is not None)
        columns.append(
            _Column(
                title=address,
                names=names_of(bare) if bare else (),
                raw=raw,
                cells=said,
                dates=_share(said, lambda cell: isinstance(day(cell), date) or day(cell) is None),
                numbers=_share(said, _is_figure),
                tickers=_share(said, lambda cell: _TICKER.fullmatch(cell) is not None),
                accounts=_share(said, lambda cell: _ACCOUNT.fullmatch(cell) is not None),
            )
        )
    return columns


def _share(cells: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, cells)) / len(cells) if cells else 0


def _is_figure(cell: str) -> bool:
    """Whether a cell is a number, or stands where one was meant (NaN, infinity)."""
    value = number(cell)
    return value is not None and (not isinstance(value, Unreadable) or "finite" in value.why)


def _wide(file: str, sheet: str, columns: Sequence[_Column]) -> ColumnMap | None:
    """Return the map of a date column followed by one column of numbers for each symbol or series."""
    first, rest = columns[0], [column for column in columns[1:] if column.title]
    known = {title for titles in TITLES[TableKind.PRICES].values() for title in titles}
    ordinary = known | {"open", "high", "low", "volume", "divcash", "splitfactor", "quantity", "amount", "value"}
    if not rest or not (DATE_TITLES.intersection(first.names) or not first.title) or first.dates < _HALF:
        return None
    quotes = sum(bool(ordinary.intersection(column.names)) for column in rest)
    if quotes >= 2 or quotes == len(rest):
        return None
    if not all(column.suits("value") for column in rest) or all(column.numbers < _HALF for column in rest):
        return None
    where = f"{PurePath(file).stem} {sheet}"
    names = [column.names[0] for column in rest]
    macro = bool(_MACRO_WORDS.search(where)) or "observation date" in first.names
    macro = macro or sum(name in MACRO_TITLES for name in names) * 2 > len(names)
    if macro and not _PRICE_WORDS.search(where):
        return ColumnMap(TableKind.MACRO, Shape.WIDE, sheet, columns={"date": first.title})
    return ColumnMap(TableKind.PRICES, Shape.WIDE, sheet, columns={"date": first.title}, price=which_close(where))


def which_close(name: str) -> Close | None:
    """Return which closes a file or sheet name speaks of; None when it does not say."""
    if _ADJUSTED.search(name):
        return Close.ADJUSTED
    return Close.CLOSE if _CLOSE.search(name) else None


def _long(kind: TableKind, file: str, sheet: str, columns: Sequence[_Column]) -> ColumnMap | None:
    """Return the map of an ordinary table of that kind; fields not found are not in it."""
    free = [column for column in columns if column.title]
    if kind is TableKind.PRICES and any(_OF_HOLDINGS.intersection(column.names) for column in free):
        return None
    found: dict[str, _Column] = {}
    for name, titles in TITLES[kind].items():
        fits = [c for t in titles for c in free if t in c.names and c.suits(name)]
        if fits:
            found[name] = fits[0]
            free.remove(fits[0])
    _by_content(kind, found, free)
    if kind is TableKind.LOTS and "acquired" in found and len(set(found["acquired"].cells)) == 1:
        several = len(found["acquired"].cells) > 1 and found["acquired"].names[0] in {"date", "as of"}
        if several:
            return None
    if kind is TableKind.LOTS:
        _cost_of_a_share(found)
    symbol = ""
    if kind is TableKind.PRICES and "symbol" not in found and _TICKER_NAME.fullmatch(PurePath(file).stem):
        symbol = PurePath(file).stem
    titles_of = {name: column.title for name, column in found.items()}
    return ColumnMap(kind, Shape.LONG, sheet, columns=titles_of, symbol=symbol)


def _by_content(kind: TableKind, found: dict[str, _Column], free: list[_Column]) -> None:
    """Give fields without a title of theirs to the one column whose content can only be that."""
    wanted = {
        TableKind.LOTS: ("symbol", "acquired", "account"),
        TableKind.HOLDINGS: ("symbol", "account"),
        TableKind.TRANSACTIONS: ("symbol", "date", "account"),
    }.get(kind, ())
    for name in wanted:
        if name in found:
            continue
        if name == "symbol":
            fits = [c for c in free if c.tickers >= _MOSTLY]
        elif name == "account":
            fits = [c for c in free if c.accounts >= _MOSTLY > c.dates]
        else:
            fits = [c for c in free if c.dates >= _MOSTLY > c.numbers]
            # the day of the table stands in each row alike; days of purchase differ
            fits = [c for c in fits if len(set(c.cells)) > 1] if len(fits) > 1 else fits
        if len(fits) == 1:
            found[name] = fits[0]
            free.remove(fits[0])
    if kind in {TableKind.LOTS, TableKind.HOLDINGS} and "symbol" in found:
        told = told_by_figures(
            {name: figures(column.raw) for name, column in found.items() if name in NUMBERS},
            {column.title: figures(column.raw) for column in free if column.numbers >= _MOSTLY > column.dates},
            found["symbol"].raw,
        )
        for name in set(told).intersection(FIELDS[kind]):
            found[name] = next(column for column in free if column.title == told[name])
            free.remove(found[name])


def _cost_of_a_share(found: dict[str, _Column]) -> None:
    """Tell a column titled cost that holds the cost of one share from one that holds the cost of the lot."""
    cost, value, quantity = (found.get(name) for name in ("cost_basis", "market_value", "quantity"))
    if not cost or not value or not quantity or "unit_cost" in found or cost.names[0] not in {"cost", "basis"}:
        return
    each, whole = [], []
    for cells in zip(cost.raw, value.raw, quantity.raw, strict=True):
        paid, worth, shares = (number(cell) for cell in cells)
        if not (isinstance(paid, Decimal) and isinstance(worth, Decimal) and isinstance(shares, Decimal)):
            continue
        if paid > 0 and worth > 0 and shares > 0:
            whole.append(abs((paid / worth).ln()))
            each.append(abs((paid * shares / worth).ln()))
    if whole and median(each) < median(whole):
        found["unit_cost"] = found.pop("cost_basis")


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column as a person is shown it: what it is taken for (empty: not read), why, and up to three cells."""

    title: str
    field: str
    why: str
    samples: tuple[str, ...]


def seen_columns(rows: Sequence[Sequence[str]], columns: ColumnMap) -> tuple[SeenColumn, ...]:
    """Return every column of the table under the header that the guess found, in the order of the file."""
    if not columns.header_row or columns.kind is None:
        return ()
    at = columns.header_row
    fields = {title: name for name, title in columns.columns.items()}
    return tuple(
        _seen(column, fields.get(column.title, ""), columns.kind)
        for column in _columns(rows[at - 1], rows[at : at + 100], columns)
        if column.title
    )


def _seen(column: _Column, field: str, kind: TableKind) -> SeenColumn:
    samples = tuple(dict.fromkeys(column.cells))[:3]
    if not field:
        return SeenColumn(column.title, "", "not understood or not needed", samples)
    by_title = bool(set(TITLES[kind].get(field, ())).intersection(column.names))
    why = "by its title" if by_title else "by what stands in it"
    if not by_title and field in NUMBERS:
        why = "by its figures"
    elif not by_title and field in DATES:
        why = "dates that differ by row"
    return SeenColumn(column.title, field, why, samples)
