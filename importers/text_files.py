"""Text files to rows of cells: encoding, delimiter, quotes, and one row for each line."""

import csv
import re
from array import array
from collections.abc import Iterator, Sequence
from typing import overload

MOST_COLUMNS = 2_000
"""Columns of the widest table that is read."""
LONG = 20_000
"""Lines from which on a text is not split into cells at once."""
LONG_TEXT = 2_000_000
"""Characters from which on the lines of a text are cut out when they are asked for."""
LONGEST_LINE = 400_000
"""Characters of the longest line that is read; shorter than the part of a file that is looked at first."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*"')
_INVISIBLE = dict.fromkeys(map(ord, "\x00\ufeff\u200b\u200c\u200d\u2060\x1a"))
_CONTROLS = frozenset(range(32)) - {0x00, 0x09, 0x0A, 0x0C, 0x0D, 0x1A}
_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 60
_LONGEST_QUOTED_CELL = 8
"""Lines that one quoted cell may span; beyond that the quote is a stray one and lines stand for themselves."""


def looks_binary(sample: bytes) -> bool:
    """Whether the bytes are no text: too many control characters, or NULs that are not UTF-16."""
    if not sample or utf16_name(sample):
        return False
    controls = sum(1 for byte in sample if byte in _CONTROLS)
    return controls > len(sample) * 0.02 or sample.count(0) > len(sample) * 0.1


def utf16_name(sample: bytes) -> str:
    """Return the UTF-16 codec that the bytes are in, by mark or by the place of their NULs; empty if neither."""
    if sample[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    half = len(sample) // 2
    if half >= 2 and sample[1::2].count(0) > half * 0.6 and sample[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if half >= 2 and sample[0::2].count(0) > half * 0.6 and sample[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return ""


def decode(content: bytes) -> str:
    """Decode as UTF-16 where it is that, else UTF-8, else Windows-1252; NULs and invisible marks are removed."""
    codec = utf16_name(content[:4096])
    if codec:
        text = content.decode(codec, errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if text.isascii() and "\x00" not in text and "\x1a" not in text:
        return text
    return text.translate(_INVISIBLE)


class Lines(Sequence[str]):
    """The lines of a long text, cut out of it when they are asked for: a line alone takes twice its characters."""

    __slots__ = ("_ends", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts, self._ends = array("I", [0]), array("I")
        for found in _LINE_END.finditer(text):
            self._ends.append(found.start())
            self._starts.append(found.end())
        if self._starts[-1] == len(text):
            self._starts.pop()
        else:
            self._ends.append(len(text))

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._starts)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        """Return a line, or several."""
        if isinstance(at, slice):
            return list(map(self._text.__getitem__, map(slice, self._starts[at], self._ends[at])))
        return self._text[self._starts[at] : self._ends[at]]

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        return map(self._text.__getitem__, map(slice, self._starts, self._ends))


def lines_of(text: str) -> Sequence[str]:
    """Split text into lines, whatever ends them; an end after the last line makes no line."""
    if len(text) >= LONG_TEXT:
        return Lines(text)
    lines = _LINE_END.split(text)
    if lines and not lines[-1]:
        lines.pop()
    return lines


def beyond_measure(lines: Sequence[str]) -> str:
    """Return why lines are no rows of a table, in words, before they are split into cells; empty when they are."""
    delimiter = _delimiter(lines)
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            return f"line {number:,} is more than {LONGEST_LINE:,} characters long, which no row of a table is"
        if line.count(delimiter) >= MOST_COLUMNS:
            return f"line {number:,} has more than {MOST_COLUMNS:,} columns, which no list of holdings or prices has"
    return ""


class LineRows(Sequence[tuple[str, ...]]):
    """The rows of a long text of which each line is one, split when they are asked for: cells take much memory."""

    __slots__ = ("_delimiter", "_lines")

    def __init__(self, lines: Sequence[str], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    @overload
    def __getitem__(self, at: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[tuple[str, ...], ...]: ...
    def __getitem__(self, at: int | slice) -> tuple[str, ...] | tuple[tuple[str, ...], ...]:
        """Return the cells of a line, or those of several lines."""
        if isinstance(at, slice):
            return tuple(map(self._row, self._lines[at]))
        return self._row(self._lines[at])

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Yield the cells of each line."""
        return map(self._row, self._lines)

    def blanks(self) -> Iterator[bool]:
        """Say of each line whether no cell of it says anything, mostly without splitting it."""
        for line in self._lines:
            if '"' in line:
                yield not any(cell.strip() for cell in self._row(line))
            else:
                yield not line.replace(self._delimiter, "").strip()

    def _row(self, line: str) -> tuple[str, ...]:
        if '"' not in line:
            return tuple(line.split(self._delimiter)) if line else ()
        return _one_row((line,), 0, self._delimiter)[0]


Rows = tuple[tuple[str, ...], ...] | LineRows


def rows_of(text: str) -> Rows:
    """Split text into rows of cells, as `rows_of_lines` does."""
    return rows_of_lines(lines_of(text))


def rows_of_lines(lines: Sequence[str]) -> Rows:
    """Split lines into rows of cells; a blank line is an empty row.

    A quoted cell may hold line breaks: its row then stands where its first line is, and the lines that it
    swallowed are empty rows, so that row numbers stay line numbers.
    """
    delimiter = _delimiter(lines)
    if len(lines) >= LONG and all(line.count('"') % 2 == 0 for line in lines):
        return LineRows(lines, delimiter)
    rows: list[tuple[str, ...]] = []
    at = 0
    while at < len(lines):
        cells, used = _one_row(lines, at, delimiter)
        rows.append(cells)
        rows.extend(() for _ in range(used - 1))
        at += used
    return tuple(rows)


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that the first lines use most, quoted text left out."""
    bare = [_QUOTED.sub("", line) for line in lines[:_SAMPLE_LINES]]
    counts = {mark: sum(line.count(mark) for line in bare) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: counts[mark])


def _one_row(lines: Sequence[str], at: int, delimiter: str) -> tuple[tuple[str, ...], int]:
    """Return the cells of the row that begins at line `at` and how many lines it takes."""
    line = lines[at]
    if '"' not in line:
        return (tuple(line.split(delimiter)) if line else ()), 1
    window = lines[at : at + _LONGEST_QUOTED_CELL]
    cells, used = _parse(iter(window), delimiter)
    whole = at + used < len(lines) or used < _LONGEST_QUOTED_CELL
    if used > 1 and (line.count('"') % 2 == 0 or not whole or not _closes(window[:used])):
        cells, used = _parse(iter((line,)), delimiter)
    return cells, used


def _closes(window: Sequence[str]) -> bool:
    """Whether the quotes of these lines come in pairs, so that the cell really ends in them."""
    return sum(line.count('"') for line in window) % 2 == 0


def _parse(lines: Iterator[str], delimiter: str) -> tuple[tuple[str, ...], int]:
    """Read one row from the lines; a row beyond what the csv module takes is one cell."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    try:
        cells = next(reader, [])
    except csv.Error:
        return ("(a line too long to be a row)",), 1
    used = max(reader.line_num, 1)
    return tuple(cell.rstrip("\n") if used == 1 else cell.replace("\n", " ").strip() for cell in cells), used
