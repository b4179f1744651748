"""The wording of the client report that counsel may want to change: it lives in resources/disclosures.toml."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One paragraph. `when` says which reports carry it: always, overlay, draft, synthetic."""

    when: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Fixed words of every report, and all disclosures in the order they are printed."""

    document: str
    footer: str
    synthetic: str
    draft: str
    disclosures: tuple[Disclosure, ...]

    def fitting(self, conditions: Collection[str]) -> tuple[Disclosure, ...]:
        """Return the disclosures of a report that meets the given conditions."""
        return tuple(d for d in self.disclosures if d.when == "always" or d.when in conditions)


@cache
def wording() -> Wording:
    """Read the wording that is shipped with the program."""
    text = (files("resources") / "disclosures.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    return Wording(**read["wording"], disclosures=tuple(Disclosure(**entry) for entry in read["disclosure"]))
