"""The securities of an OFX document: which symbol stands for an identifier, and what is not known of it."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from engine.problems import Severity
from importers.instruments import clean_symbol
from importers.markup import ElementRow, MarkupReading
from importers.ofx_markup import Tree

_KINDS = {
    "STOCKINFO": "Stock",
    "MFINFO": "Mutual fund",
    "DEBTINFO": "Bond",
    "OPTINFO": "Option",
    "OTHERINFO": "",
}
_HELD_AS = {"POSDEBT": "Bond", "POSOPT": "Option", "POSMF": "Mutual fund", "POSSTOCK": "Stock"}


@dataclass(frozen=True, slots=True)
class Security:
    """What the list of securities says of one identifier. `symbol` is the ticker, or the identifier without one."""

    symbol: str
    name: str
    kind: str
    has_ticker: bool


class Securities:
    """The list of securities by identifier; one that is not in it is known by its identifier only."""

    def __init__(self, tree: Tree, reading: MarkupReading) -> None:
        self._by_id: dict[str, Security] = {}
        self._told: set[str] = set()
        self._reading = reading
        self._listed = False
        for kind, said in _KINDS.items():
            for info in tree.root.iter(kind):
                self._add(tree, info, said)

    def _add(self, tree: Tree, info: Element, kind: str) -> None:
        identifier = tree.value(info, "SECINFO", "SECID", "UNIQUEID").text
        ticker = clean_symbol(tree.value(info, "SECINFO", "TICKER").text)
        has_ticker = bool(ticker) and ticker != identifier.upper()
        name = tree.value(info, "SECINFO", "SECNAME").text
        self._listed = True
        if identifier:
            symbol = ticker if has_ticker else identifier.upper()
            self._by_id[identifier] = Security(symbol, name, kind, has_ticker)

    def of(self, row: ElementRow, held_as: str = "") -> Security:
        """Return the security of an element, set its symbol, and tell once where there is no ticker for it."""
        identifier = row.text("identifier")
        if not identifier:
            row.reject("no_security", "the element does not say which security is meant", "identifier")
            return Security("", "", "", has_ticker=False)
        kind = _HELD_AS.get(held_as, "")
        found = self._by_id.get(identifier) or Security(identifier.upper(), "", kind, has_ticker=False)
        row.symbol = found.symbol
        if not found.has_ticker and identifier not in self._told:
            self._told.add(identifier)
            named = f" ({found.name})" if found.name else ""
            why = "the list of securities gives no ticker for it" if self._listed else "there is no list of securities"
            message = f"{row.text('identifier_type') or 'identifier'} {identifier}{named} stands for itself: {why}"
            hint = "Add the security under this identifier, or write its ticker into your securities."
            row.note(Severity.WARNING, "no_ticker", message, "identifier", hint)
        return found
