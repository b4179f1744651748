import os

import pytest

from importers import text_files
from importers.text_files import decode, lines_of, looks_binary, rows_of, utf16_name

TEXT = "Symbol,Name\r\nQAAA,Café\r\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_decoded_in_every_encoding_that_custodians_use(codec: str) -> None:
    content = TEXT.encode(codec)
    assert not looks_binary(content)
    assert decode(content) == TEXT


def test_nuls_and_invisible_marks_are_removed() -> None:
    assert decode(b"Sym\x00bol,\xe2\x80\x8bName\x1a") == "Symbol,Name"


def test_random_bytes_are_no_text() -> None:
    assert looks_binary(os.urandom(65_536))
    assert not looks_binary(b"")
    assert not utf16_name(b"ab")


ROWS = {
    "lines end in any way": ("a,b\r\nc,d\ne,f\rg,h", (("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"))),
    "a blank line is an empty row": ("a\n\nb\n", (("a",), (), ("b",))),
    "a trailing comma is an empty cell": ('"a","b",\n', (("a", "b", ""),)),
    "quoted commas and doubled quotes": ('"1,234","say ""x"""\n', (("1,234", 'say "x"'),)),
    "tabs": ("a\tb,c\td\n", (("a", "b,c", "d"),)),
    "semicolons": ("a;b;c\n1,5;2;3\n", (("a", "b", "c"), ("1,5", "2", "3"))),
    "a cell over two lines keeps the numbers of lines": (
        'a,"b\nc",d\n1,2,3\n',
        (("a", "b c", "d"), (), ("1", "2", "3")),
    ),
    "a quote that never closes spoils its own line only": (
        'a,"b\n' + "1,2\n" * 12,
        (("a", "b"), *((("1", "2"),) * 12)),
    ),
    "a quote inside a cell": ('"Account1" X111,b\n1,2\n', (("Account1 X111", "b"), ("1", "2"))),
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_are_lines(name: str) -> None:
    text, rows = ROWS[name]
    assert rows_of(text) == rows


def test_a_line_beyond_all_measure_is_one_cell() -> None:
    rows = rows_of('"' + "x" * 200_000 + '",b\nc,d\n')
    assert len(rows) == 2
    assert rows[1] == ("c", "d")


def test_a_long_text_has_the_lines_and_rows_of_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a,b\r\n\n,,\n"x, y",2\r" ",\n\u00a0,\nlast'
    for whole in (text, text + "\n", "", "\n"):
        lines, rows = lines_of(whole), rows_of(whole)
        monkeypatch.setattr(text_files, "LONG_TEXT", 0)
        monkeypatch.setattr(text_files, "LONG", 0)
        cut, split = lines_of(whole), rows_of(whole)
        monkeypatch.undo()
        assert isinstance(cut, text_files.Lines)
        assert (list(cut), cut[:2], len(cut)) == (lines, lines[:2], len(lines))
        assert isinstance(split, text_files.LineRows)
        assert tuple(split) == rows
        assert list(split.blanks()) == [not any(cell.strip() for cell in cells) for cells in rows]
