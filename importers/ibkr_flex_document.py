"""Flex query XML to elements with their lines: attributes as text, no entities, nothing fetched from outside."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NoReturn
from xml.parsers import expat

from importers.date_grammar import day
from importers.markup import ElementRow, MarkupReading, Value

_DEEPEST = 60
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?!\d)", re.ASCII)
_SHORT_YEAR = re.compile(r"(\d{1,2}-[A-Za-z]{3}-)(\d{2})(?!\d)", re.ASCII)
_RUN_TOGETHER = re.compile(r"(\d{8})\d{6}", re.ASCII)
_LARGEST_MONTH = 12


@dataclass(frozen=True, slots=True)
class FlexElement:
    """An element: its attributes, the element it stands in, the account of its statement, and its lines."""

    tag: str
    within: str
    statement: str
    attributes: Mapping[str, str]
    first: int
    last: int

    def text(self, *names: str) -> str:
        """Return the first of these attributes that says something."""
        return next((text for name in names if (text := self.attributes.get(name, "").strip())), "")


class _RefusedError(Exception):
    """The document is one that is not read; the text completes 'the document'."""


class _Collector:
    """Gathers the elements as they are met."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.elements: list[FlexElement] = []
        self.open: list[str] = []
        self.statement = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._declared
        self.parser.EntityDeclHandler = self._declared

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= _DEEPEST:
            raise _RefusedError(f"has more than {_DEEPEST} elements within each other")
        if tag == "FlexStatement":
            self.statement = attributes.get("accountId", "").strip()
        first = self.parser.CurrentLineNumber
        within = self.open[-1] if self.open else ""
        last = self._last_line(first, self.parser.CurrentColumnNumber)
        self.elements.append(FlexElement(tag, within, self.statement, attributes, first, last))
        self.open.append(tag)

    def _end(self, _tag: str) -> None:
        self.open.pop()

    def _last_line(self, first: int, column: int) -> int:
        """Return the line on which a start tag ends."""
        at = first
        while at < len(self.lines) and self.lines[at - 1].find(">", column if at == first else 0) < 0:
            at += 1
        return at

    def _declared(self, *_: object) -> NoReturn:
        raise _RefusedError("declares a document type or entities")


def elements_of(lines: list[str]) -> tuple[FlexElement, ...] | str:
    """Return all elements in their order, or why the document cannot be read, which completes 'the document'."""
    collector = _Collector(lines)
    try:
        collector.parser.Parse(_in_front(lines), True)
    except _RefusedError as refusal:
        return str(refusal)
    except expat.ExpatError as error:
        return f"is damaged at line {error.lineno}: {expat.ErrorString(error.code)}"
    except ValueError:
        return "has characters that XML does not allow"
    return tuple(collector.elements)


def _in_front(lines: list[str]) -> str:
    """Return the text; an XML declaration below blank lines, which expat refuses, gives way to a blank line."""
    text = "\n".join(lines)
    bare = text.lstrip()
    if bare.startswith("<?xml") and len(bare) < len(text):
        return text[: len(text) - len(bare)] + bare.partition("?>")[2]
    return text


class Days:
    """How the query writes days. Month and day can be told apart only where one of them is above 12."""

    def __init__(self, elements: Iterable[FlexElement]) -> None:
        found = [
            (int(match[1]), int(match[2]))
            for element in elements
            for name, text in element.attributes.items()
            if "date" in name.casefold() and (match := _SLASHED.match(text))
        ]
        self.day_first = any(first > _LARGEST_MONTH for first, _ in found)
        self.ambiguous = bool(found) and not self.day_first and all(second <= _LARGEST_MONTH for _, second in found)

    def plain(self, text: str) -> str:
        """Return a date as our grammar reads it; what is no date stays as it is, to be told."""
        bare = text.strip()
        slashed = _SLASHED.match(bare)
        if slashed and self.day_first:
            return f"{slashed[2]}/{slashed[1]}/{slashed[3]}"
        run = _RUN_TOGETHER.fullmatch(bare)
        if run:
            return run[1]
        short = _SHORT_YEAR.match(bare)
        if short:
            return f"{short[1]}20{short[2]}"
        return slashed[0] if slashed else bare

    def day(self, text: str) -> date | None:
        """Return a date, None where there is none that can be read."""
        found = day(self.plain(text))
        return found if isinstance(found, date) else None

    def row(self, reading: MarkupReading, element: FlexElement, fields: Mapping[str, tuple[str, ...]]) -> ElementRow:
        """Return an element as a row; fields called date or acquired are dates."""
        values: dict[str, Value] = {}
        for name, attributes in fields.items():
            given = [attribute for attribute in attributes if attribute in element.attributes]
            if given:
                title = next((a for a in given if element.attributes[a].strip()), given[0])
                text = element.attributes[title]
                values[name] = Value(self.plain(text) if name in _DATES else text, title, element.first)
        return ElementRow(reading, element.first, element.last, values)


_DATES = frozenset({"date", "acquired", "held_since"})
