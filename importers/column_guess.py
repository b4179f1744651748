"""Guesses the column map of a spreadsheet from its titles and from what stands under them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from statistics import median

from importers.actions import action_of
from importers.base import FileHead
from importers.cell_styles import day_first, decimal_comma, written_day_first, written_with_comma
from importers.column_content import (
    actions_share,
    earlier_of_two,
    identifier,
    is_account,
    is_total_row,
    words_of,
)
from importers.column_figures import basis_by_size, figures, told_by_figures, told_by_trades
from importers.column_map import DATES, FIELDS, NUMBERS, Close, ColumnMap, Shape, TableKind
from importers.column_titles import DATE_TITLES, MACRO_TITLES, TITLES
from importers.date_grammar import day
from importers.number_grammar import Unreadable, number
from importers.table_grammar import HEADER_WITHIN, filled, names_of, plain

_MOSTLY = 0.8
_WITH_FIGURES = frozenset({TableKind.LOTS, TableKind.HOLDINGS, TableKind.TRANSACTIONS})
_HALF = 0.5
_FEWEST_ROWS, _MOST_CELLS = 5, 4_000
"""Rows and cells looked at under what may be a header: a table of 2,000 columns is judged by a few rows."""
_LOOKED_AT = 15_000
"""Cells looked at in all of a sheet; every row of words may be a header, and a cell takes up to 70 microseconds."""
_FEW = 4
_ACTION_TITLES = frozenset({"action", "transaction type", "activity", "buy/sell", "side"})
_ORDER = (TableKind.TRANSACTIONS, TableKind.LOTS, TableKind.PRICES, TableKind.MACRO, TableKind.HOLDINGS)
_TICKER = re.compile(r"[A-Z]{1,5}(?:[./ -][A-Z])?")
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
    identifies: str
    """Whether it is a column of `cusip` or of `isin`; likewise the small set of words that it is made of."""
    words: str

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
    score = (False, -99, 0)
    looked = 0
    for at, cells in enumerate(rows[:HEADER_WITHIN]):
        if len(filled(cells)) < 2 or _is_data(cells):
            continue
        body = _body(rows, at + 1)[: max(_FEWEST_ROWS, _MOST_CELLS // len(cells))]
        looked += len(cells) * len(body)
        if looked > _LOOKED_AT:
            break
        written = [cell for row in body for cell in row]
        style = ColumnMap(None, day_first=written_day_first(written), decimal_comma=written_with_comma(written))
        columns = _columns(cells, body, style)
        for guess in (_wide(file, sheet, columns), *(_long(kind, file, sheet, columns) for kind in _ORDER)):
            if guess is not None:
                found, lacks = len(guess.columns), len(guess.missing())
                # a history is known by its words for buying and selling
                odd = 2 * (guess.kind is TableKind.TRANSACTIONS and "action" not in guess.columns)
                rank = (not lacks, found - lacks - odd, found)
                if rank > score and guess.columns:
                    best = replace(
                        guess, header_row=at + 1, day_first=style.day_first, decimal_comma=style.decimal_comma
                    )
                    score = rank
                if score[0]:
                    return best
    return best


def _body(rows: Sequence[Sequence[str]], start: int) -> list[Sequence[str]]:
    """Return the rows under a header that are looked at: not those that add up others."""
    return [cells for cells in rows[start : start + 100] if not is_total_row(cells)]


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
                accounts=_share(said, is_account),
                identifies=identifier(said),
                words=words_of(said),
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


def complete_map(head: FileHead, columns: ColumnMap) -> ColumnMap:
    """Return a map of which a person has said some columns, with guesses for the rest of its fields."""
    if columns.kind is None or columns.shape is Shape.WIDE:
        return columns
    for sheet, rows in head.sheets:
        for at, cells in enumerate(rows[:HEADER_WITHIN]):
            body = _body(rows, at + 1)
            seen = _columns(cells, body, columns)
            fixed = {n: c for n, title in columns.columns.items() for c in seen if plain(c.title) == plain(title)}
            if columns.columns and len(fixed) == len(columns.columns):
                guess = _long(columns.kind, head.name, sheet, seen, fixed)
                return columns if guess is None else replace(columns, columns=guess.columns)
    return columns


def _long(
    kind: TableKind, file: str, sheet: str, columns: Sequence[_Column], fixed: Mapping[str, _Column] | None = None
) -> ColumnMap | None:
    """Return the map of an ordinary table of that kind; fields not found are not in it, those of `fixed` are said."""
    said = dict(fixed or {})
    free = [column for column in columns if column.title and column not in said.values()]
    if kind is TableKind.PRICES and any(_OF_HOLDINGS.intersection(column.names) for column in free):
        return None
    found = said
    for name, titles in TITLES[kind].items():
        if name in found:
            continue
        fits = [c for t in titles for c in free if t in c.names and c.suits(name)]
        if fits:
            found[name] = fits[0]
            free.remove(fits[0])
    _by_content(kind, found, free)
    if kind is TableKind.HOLDINGS and _are_lots(found, free):
        return None
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
        TableKind.LOTS: ("cusip", "isin", "symbol", "acquired", "account", "custodian"),
        TableKind.HOLDINGS: ("cusip", "isin", "symbol", "account", "custodian", "security_type"),
        TableKind.TRANSACTIONS: ("cusip", "isin", "symbol", "action", "date", "account", "custodian"),
    }.get(kind, ())
    for name in wanted:
        if name in found:
            continue
        fits = _fitting(name, free)
        if len(fits) == 1:
            found[name] = fits[0]
            free.remove(fits[0])
    if kind in _WITH_FIGURES and "symbol" in found:
        _by_figures(kind, found, free)


def _fitting(name: str, free: Sequence[_Column]) -> list[_Column]:
    """Return the columns that can be a field by their content; of two days the earlier."""
    tests: dict[str, Callable[[_Column], bool]] = {
        **dict.fromkeys(("cusip", "isin"), lambda c: c.identifies == name),
        **dict.fromkeys(("custodian", "security_type"), lambda c: c.words == name),
        "symbol": lambda c: c.tickers >= _MOSTLY,
        "action": lambda c: actions_share(c.cells) >= _HALF,
        "account": lambda c: c.accounts >= _MOSTLY > c.dates,
    }
    if name in tests:
        return [c for c in free if tests[name](c)]
    fits = [c for c in free if c.dates >= _MOSTLY > c.numbers]
    # the day of the table stands in each row alike; days of purchase differ
    fits = [c for c in fits if len(set(c.cells)) > 1] if len(fits) > 1 else fits
    if len(fits) == 2:
        before = earlier_of_two(fits[0].raw, fits[1].raw)
        return fits if before is None else [fits[0 if before else 1]]
    return fits


def _by_figures(kind: TableKind, found: dict[str, _Column], free: list[_Column]) -> None:
    """Give fields to the columns that arithmetic tells."""
    tell = told_by_trades if kind is TableKind.TRANSACTIONS else told_by_figures
    told = tell(
        {name: figures(column.raw) for name, column in found.items() if name in NUMBERS},
        {column.title: figures(column.raw) for column in free if column.numbers >= _MOSTLY > column.dates},
        found["symbol"].raw,
    )
    for name in told:
        if name in FIELDS[kind]:
            _take(found, free, name, told[name])
    value = found.get("market_value")
    if kind is TableKind.LOTS and value and "acquired" in found and not {"cost_basis", "unit_cost"}.intersection(found):
        rest = {c.title: figures(c.raw) for c in free if c.numbers >= _MOSTLY > c.dates}
        title = basis_by_size(figures(value.raw), rest)
        if title:
            _take(found, free, "cost_basis", title)


def _take(found: dict[str, _Column], free: list[_Column], name: str, title: str) -> None:
    found[name] = next(column for column in free if column.title == title)
    free.remove(found[name])


def _are_lots(found: dict[str, _Column], free: Sequence[_Column]) -> bool:
    """Whether what could be holdings are lots: a security stands in an account twice, beside days that differ."""
    if "account" not in found or "symbol" not in found:
        return False
    pairs = [pair for pair in zip(found["account"].raw, found["symbol"].raw, strict=True) if all(pair)]
    days = any(c.dates >= _MOSTLY > c.numbers and len(set(c.cells)) > 1 for c in free)
    return days and len(set(pairs)) < len(pairs)


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
    """A column as a person is shown it: what it is taken for (empty: not read), why, and up to three cells.

    `holds` is dates, numbers or text: what could be put there in its place.
    """

    title: str
    field: str
    why: str
    samples: tuple[str, ...]
    holds: str


def seen_columns(rows: Sequence[Sequence[str]], columns: ColumnMap) -> tuple[SeenColumn, ...]:
    """Return every column of the table under the header that the guess found, in the order of the file."""
    if not columns.header_row or columns.kind is None:
        return ()
    at = columns.header_row
    fields = {title: name for name, title in columns.columns.items()}
    return tuple(
        _seen(column, fields.get(column.title, ""), columns.kind)
        for column in _columns(rows[at - 1], _body(rows, at), columns)
        if column.title
    )


def _seen(column: _Column, field: str, kind: TableKind) -> SeenColumn:
    holds = "dates" if column.dates >= _HALF > column.numbers else "numbers" if column.numbers >= _HALF else "text"
    if not field:
        why = _UNREAD.get(words_of(column.cells), "not understood or not needed")
    elif set(TITLES[kind].get(field, ())).intersection(column.names):
        why = "by its title"
    else:
        why = _BY_CONTENT.get(field, "by its figures" if field in NUMBERS else "by what stands in it")
    return SeenColumn(column.title, field, why, tuple(dict.fromkeys(column.cells))[:3], holds)


_UNREAD = {"registration": "account types: for the sheet Accounts of the office workbook"}
_BY_CONTENT = {
    **dict.fromkeys(("acquired", "date", "as_of"), "dates that differ by row"),
    **dict.fromkeys(("cusip", "isin"), "its check digits are right"),
    "action": "words for buying and selling",
    "custodian": "names of custodians",
}
