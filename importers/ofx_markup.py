"""OFX text to a tree with line numbers: mended where a person can still read it, then parsed by ofxtools.

OFX 1 is SGML: values need no end tags, and files come with lower-case tags, with empty elements that are never
closed, with groups that are never closed or closed twice, or with text where none may stand. ofxtools refuses or
misplaces those, so they are mended in the text first, and what was mended is told. Its models are not used: one
value that they refuse loses the whole statement, and they turn days of trade into UTC, which can be the next day.
Source: OFX 1.6 and 2.2 specification, sections 1 and 2 (SGML and XML syntax).
"""

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ofxtools.Parser import ParseError, TreeBuilder

from importers.markup import Value

_BODY = re.compile(r"<OFX>", re.IGNORECASE)
_TOKEN = re.compile(r"<(?P<end>/?)\s*(?P<tag>[A-Za-z][A-Za-z0-9._]*)\s*(?P<empty>/?)>")
_DEEPEST = 60
"""Groups within groups; OFX has about ten."""

CASE = "tags in lower case were read as capitals"
UNCLOSED = "elements without value and end tag were taken as empty"
OPEN_GROUPS = "groups that are not closed were closed where the next one ends"
STRAY_ENDS = "end tags without a beginning were left out"
STRAY_TEXT = "text between elements was left out"


@dataclass(slots=True)
class Node:
    """An element while the text is read: its value, its children, the lines it takes."""

    tag: str
    first: int
    last: int
    text: str
    children: list["Node"]
    had_value: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """The document as ofxtools has it, the lines of each of its elements, and what was mended."""

    root: Element
    lines: dict[int, tuple[int, int]]
    mended: tuple[str, ...]

    def span(self, element: Element) -> tuple[int, int]:
        """Return the first and last line of an element."""
        return self.lines[id(element)]

    def value(self, element: Element, *path: str) -> Value:
        """Return the value under a path of tags, empty where it is not there; entities are resolved."""
        found: Element | None = element
        for tag in path:
            found = None if found is None else found.find(tag)
        if found is None:
            return Value("", path[-1], self.span(element)[0])
        text = html.unescape((found.text or "").strip())
        return Value(" ".join(text.split()), found.tag, self.span(found)[0])


def parse(lines: list[str]) -> Tree | str:
    """Return the tree of an OFX document, or why it cannot be read, which completes 'the document'."""
    text = "\n".join(lines)
    body = _BODY.search(text)
    if body is None:
        return "has no <OFX> element"
    bare = _replaced(text[body.start() :], "<!--", "-->", _only_line_ends)
    bare = _replaced(_replaced(bare, "<?", "?>", _only_line_ends), "<![CDATA[", "]]>", html.escape)
    mended: Counter[str] = Counter()
    root = _Scan(bare, text.count("\n", 0, body.start()) + 1, mended).root()
    if isinstance(root, str):
        return root
    nodes: list[Node] = []
    builder = TreeBuilder()
    try:
        builder.feed(_written(root, nodes))
        tree = builder.close()
    except (ParseError, AssertionError) as error:
        return f"is not OFX: {' '.join(str(error).split())[:120]}"
    places = {id(found): (node.first, node.last) for found, node in zip(tree.iter(), nodes, strict=True)}
    return Tree(tree, places, tuple(f"{what} ({count:,})" for what, count in sorted(mended.items())))


def _replaced(text: str, opening: str, closing: str, by: Callable[[str], str]) -> str:
    """Replace what stands between two marks, each of which is looked for once; one never closed stays."""
    parts: list[str] = []
    done = 0
    while (start := text.find(opening, done)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        parts += (text[done:start], by(text[start + len(opening) : end]))
        done = end + len(closing)
    return "".join((*parts, text[done:]))


def _only_line_ends(text: str) -> str:
    return "\n" * text.count("\n")


class _Scan:
    """One pass over the markup, with the groups that are open at each point."""

    def __init__(self, text: str, line: int, mended: Counter[str]) -> None:
        self.text = text
        self.line = line
        self.mended = mended
        self.open: list[Node] = []

    def root(self) -> Node | str:
        """Return the root of the balanced document."""
        whole: Node | None = None
        end_of_last = counted = 0
        for token in _TOKEN.finditer(self.text):
            self._text(self.text[end_of_last : token.start()])
            end_of_last = token.end()
            self.line += self.text.count("\n", counted, token.start())
            counted, line = token.start(), self.line
            tag = token["tag"].upper()
            if tag != token["tag"]:
                self.mended[CASE] += 1
            if token["end"]:
                self._end(tag, line)
            else:
                node = Node(tag, line, line, "", [])
                if len(self.open) >= _DEEPEST:
                    return f"has more than {_DEEPEST} groups within each other"
                whole = self._start(node, whole)
                if token["empty"]:
                    self._end(tag, line)
        if whole is None:
            return "has no elements"
        if self.open:
            self._end(self.open[0].tag, self.line + self.text.rstrip().count("\n", counted))
        return whole

    def _start(self, node: Node, whole: Node | None) -> Node:
        """Open an element; one that has a value and no end tag ends where the next begins."""
        if self.open and self.open[-1].had_value:
            self.open.pop()
        if self.open:
            self.open[-1].children.append(node)
        elif whole is not None:
            self.mended[STRAY_ENDS] += 1
            whole.children.append(node)
            self.open.append(whole)
        self.open.append(node)
        return whole or node

    def _text(self, text: str) -> None:
        if not text.strip():
            return
        top = self.open[-1] if self.open else None
        if top is None or top.children or "<" in text or ">" in text:
            self.mended[STRAY_TEXT] += 1
            if top is None or top.children:
                return
            text = text.replace("<", "&lt;").replace(">", "&gt;")
        top.text = f"{top.text} {text.strip()}".strip()
        top.had_value = True

    def _end(self, tag: str, line: int) -> None:
        """Close an element: those still open in it had no end tag of their own."""
        if all(node.tag != tag for node in self.open):
            self.mended[STRAY_ENDS] += 1
            return
        while self.open:
            node = self.open.pop()
            node.last = max(line, node.last) if node.tag == tag or node.children else node.last
            if node.tag == tag:
                return
            if not node.had_value:
                self._unclosed(node)

    def _unclosed(self, node: Node) -> None:
        """Mend what was never closed: an empty element gives back what follows it, a group stays one."""
        if len(node.tag) <= _LONGEST_VALUE_TAG and node.tag in EMPTY_VALUES:
            self.mended[UNCLOSED] += 1
            parent = self.open[-1] if self.open else None
            if parent is not None:
                parent.children.extend(node.children)
                node.children = []
        else:
            self.mended[OPEN_GROUPS] += 1


_LONGEST_VALUE_TAG = 14
EMPTY_VALUES = frozenset(
    {
        *("MEMO", "NAME", "MESSAGE", "FITID", "SRVRTID", "CLTCOOKIE", "TICKER", "SECNAME", "FIID", "RATING"),
        *("UNITS", "UNITPRICE", "TOTAL", "COMMISSION", "FEES", "TAXES", "LOAD", "WITHHOLDING", "MKTVAL", "BROKERID"),
        *("DTTRADE", "DTSETTLE", "DTPRICEASOF", "DTASOF", "DTSTART", "DTEND", "UNIQUEID", "UNIQUEIDTYPE", "ACCTID"),
        *("AVAILCASH", "MARGINBALANCE", "SHORTBALANCE", "SUBACCTSEC", "SUBACCTFUND", "HELDINACCT", "POSTYPE"),
        *("INCOMETYPE", "TRNAMT", "TRNTYPE", "DTPOSTED", "DTUSER", "CHECKNUM", "REFNUM", "YIELD", "CURDEF", "FID"),
        *("ORG", "INTU.BID", "INTU.ORG", "INTU.USERID", "DTPROFUP", "DTACCTUP", "ASSETCLASS", "FIASSETCLASS"),
        *("TAXEXEMPT", "REINVDIV", "REINVCG", "MARKUP", "MARKDOWN", "REVERSALFITID", "DESC", "VALUE", "BALTYPE"),
    }
)
"""Elements that hold a value, so that one left open without a value is an empty one, not a group."""


def _written(node: Node, nodes: list[Node]) -> str:
    """Write the balanced document again, in which every element is closed; `nodes` takes them in their order."""
    parts: list[str] = []
    todo: list[Node | str] = [node]
    while todo:
        what = todo.pop()
        if isinstance(what, str):
            parts.append(what)
            continue
        nodes.append(what)
        parts.append(f"<{what.tag}>")
        if what.children:
            todo.append(f"</{what.tag}>")
            todo.extend(reversed(what.children))
        else:
            parts.append(f"{what.text}</{what.tag}>")
    return "".join(parts)
