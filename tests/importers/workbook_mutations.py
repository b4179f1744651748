"""Spoils workbooks from within: the parts of the archive are changed and packed again, so that a ZIP stays a ZIP."""

import random
import re
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

Change = Callable[[random.Random, bytes, Sequence[str]], bytes]
_DAY = (2026, 1, 1, 0, 0, 0)
"""The same seed gives the same bytes on any day."""
_VALUE = re.compile(rb"(<(?:v|t)\b[^>]*>)([^<]*)(</(?:v|t)>)")
_ROW = re.compile(rb"<row\b.*?</row>", re.DOTALL)
_CELL = re.compile(rb"<c\b[^>]*?(?:/>|>.*?</c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_KIND = re.compile(rb'\bt="(\w+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_TAG = re.compile(rb"</?\w[^<>]*>")
_KINDS = (b"s", b"n", b"b", b"e", b"str", b"inlineStr", b"d", b"zz", b"")
_PLACES = (b"A1", b"A0", b"B2", b"C1048576", b"XFD1", b"ZZZ9", b"A99999999", b"BZ40", b"")


def _at(
    chance: random.Random, content: bytes, shape: re.Pattern[bytes], new: Callable[[re.Match[bytes]], bytes]
) -> bytes:
    """Replace one place that has a shape; content without it stays."""
    found = list(shape.finditer(content))
    if not found:
        return content
    one = chance.choice(found)
    return content[: one.start()] + new(one) + content[one.end() :]


def _text(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    """Put a text into a shared string, or into a cell, which becomes one of text whatever it was."""
    said = chance.choice(spite)
    text = (escape(said) if chance.random() < 0.95 else said).encode("utf-8", errors="replace")
    if b"<sst" in content[:400]:
        return _at(chance, content, _VALUE, lambda found: found[1] + text + found[3])
    inline = b't="inlineStr"><is><t>' + text + b"</t></is></c>"
    return _at(
        chance, content, _CELL, lambda found: b"<c " + (p[0] + b" " if (p := _PLACE.search(found[0])) else b"") + inline
    )


def _figure(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    said = chance.choice((b"0", b"-1", b"99999999999", b"1e308", b"1e-320", b"45999.5", b"2958466", b"-0.0", b"007"))
    return _at(chance, content, _VALUE, lambda found: found[1] + said + found[3])


def _place(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    return _at(chance, content, _PLACE, lambda _: b'r="' + chance.choice(_PLACES) + b'"')


def _kind(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    return _at(chance, content, _KIND, lambda _: b't="' + chance.choice(_KINDS) + b'"')


def _style(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    return _at(chance, content, _STYLE, lambda _: b's="%d"' % chance.choice((0, 1, 2, 14, 99, 4_294_967_295)))


def _rows(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    return _at(chance, content, _ROW, lambda found: found[0] * chance.choice((0, 2, 2, 30)))


def _cells(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    return _at(chance, content, _CELL, lambda found: found[0] * chance.choice((0, 0, 2, 30)))


def _formula(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    said = escape(chance.choice(spite)).encode("utf-8", errors="replace")
    return _at(chance, content, _VALUE, lambda found: b"<f>" + said + b"</f>" + found[0])


def _tag(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    return _at(chance, content, _TAG, lambda found: found[0] * chance.choice((0, 2)))


def _flip(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    spoiled = bytearray(content)
    for _ in range(chance.randint(1, 6) if spoiled else 0):
        spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


def _cut(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    return content[: chance.randint(0, len(content))]


def _entity(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    del spite
    declared = b'<!DOCTYPE x [<!ENTITY a "' + b"aa" * chance.randint(1, 50) + b'">]>'
    start = content.find(b"?>") + 2
    return content[:start] + declared + _at(chance, content[start:], _VALUE, lambda f: f[1] + b"&a;" + f[3])


IN_CELLS: Sequence[Change] = (_text, _text, _text, _text, _figure, _style, _rows, _cells, _formula)
IN_MARKUP: Sequence[Change] = (_place, _kind, _tag, _flip, _cut, _entity)
"""Most of these make a workbook that nobody opens."""


def spoil_workbook(chance: random.Random, content: bytes, spite: Sequence[str]) -> bytes:
    """Return a workbook with some parts changed, mostly in its cells, packed again into a whole archive."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    cells = [name for name in parts if name.startswith("xl/worksheets/") or name == "xl/sharedStrings.xml"]
    for _ in range(chance.randint(1, 6)):
        name = chance.choice(cells)
        parts[name] = chance.choice(IN_CELLS)(chance, parts[name], spite)
    if chance.random() < 0.15:
        name = chance.choice(cells if chance.random() < 0.6 else list(parts))
        parts[name] = chance.choice(IN_MARKUP)(chance, parts[name], spite)
    if chance.random() < 0.05:
        del parts[chance.choice(list(parts))]
    return _packed(chance, parts)


def _packed(chance: random.Random, parts: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    how = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with zipfile.ZipFile(stream, "w", how) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _DAY), part, how)
    return stream.getvalue()
