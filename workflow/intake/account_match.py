"""Which account a file means: by custodian and number or mask. Where two fit it is a problem, never a guess."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from importers.records import AccountRef

_MASK = re.compile(r"(?:X{2,}|[*#.•\u2026]+|-)[X*#.•\u2026\s-]*(?P<tail>[0-9A-Z]+)")
_SHORTEST_NUMBER = 5
"""A number of fewer signs is the end of one, not a whole one."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as the book knows it. `aliases` are other numbers and names that a person has confirmed."""

    id: int
    custodian: str
    number: str
    name: str = ""
    title: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """What became of the accounts that files name.

    `found` are accounts of the book by reference, `numbers` the whole numbers learned for accounts that were
    known by a mask, `ambiguous` the accounts that a reference could mean.
    """

    found: dict[AccountRef, int]
    numbers: dict[int, str]
    ambiguous: dict[AccountRef, tuple[KnownAccount, ...]]


@lru_cache(maxsize=65_536)
def canonical(number: str) -> str:
    """Return an account number without blanks and hyphens, in capitals; leading zeros stay."""
    return re.sub(r"[\s-]", "", number).upper()


@lru_cache(maxsize=65_536)
def tail_of(number: str) -> str | None:
    """Return the visible end of a masked number such as XXXX-4321 or ...321; None for a whole number or a name."""
    bare = number.strip().upper()
    masked = _MASK.fullmatch(bare)
    if masked:
        return masked["tail"]
    short = canonical(bare)
    return short if 0 < len(short) < _SHORTEST_NUMBER and any(c.isdigit() for c in short) else None


def could_be(known: str, told: str) -> bool:
    """Whether two numbers or masks can mean one account."""
    known_tail, told_tail = tail_of(known), tail_of(told)
    if known_tail is None and told_tail is None:
        return canonical(known) == canonical(told)
    if known_tail is None:
        return canonical(known).endswith(str(told_tail))
    if told_tail is None:
        return canonical(told).endswith(known_tail)
    return known_tail.endswith(told_tail) or told_tail.endswith(known_tail)


def match_accounts(
    refs: Iterable[AccountRef], known: Sequence[KnownAccount], create: Callable[[AccountRef], int]
) -> Matches:
    """Match every reference of one import call; `create` opens an account for one that nobody knows.

    All are looked at together, whole numbers before masks, so that the answer does not hang on the order of
    the files: a mask that two of the numbers fit belongs to neither.
    """
    matcher = _Matcher(known, create)
    asked = sorted(set(refs), key=lambda ref: (ref.custodian, ref.number, ref.name))
    whole = [ref for ref in asked if tail_of(ref.number) is None]
    masked = [ref for ref in asked if tail_of(ref.number) is not None]
    unmatched = [ref for ref in whole if not matcher.same_number(ref)]
    for ref in unmatched:
        rivals = {canonical(other.number) for other in unmatched if _same_custodian(other.custodian, ref.custodian)}
        matcher.whole(ref, rivals)
    for ref in masked:
        matcher.mask(ref)
    return Matches(matcher.found, matcher.numbers, matcher.ambiguous)


class _Matcher:
    """The accounts known so far, while the references of one call are matched."""

    def __init__(self, known: Sequence[KnownAccount], create: Callable[[AccountRef], int]) -> None:
        self.known = list(known)
        self.create = create
        self.found: dict[AccountRef, int] = {}
        self.numbers: dict[int, str] = {}
        self.ambiguous: dict[AccountRef, tuple[KnownAccount, ...]] = {}

    def same_number(self, ref: AccountRef) -> bool:
        """Match a whole number, or a name where there is no number, to the account of that number, alias or name."""
        wanted = canonical(ref.number or ref.name)
        same = [a for a in self._of(ref) if tail_of(a.number) is None and canonical(a.number) == wanted]
        same = same or [a for a in self._of(ref) if wanted in map(canonical, a.aliases)]
        if not same and not any(sign.isdigit() for sign in ref.number):
            said = (ref.number or ref.name).casefold()
            same = [a for a in self._of(ref) if said and said in {a.name.casefold(), a.title.casefold()}]
        return self._settle(ref, same)

    def whole(self, ref: AccountRef, rivals: Collection[str]) -> None:
        """Match a whole number to the one mask that it alone fits, else open an account."""
        if self.same_number(ref):
            return
        masks = [a for a in self._of(ref) if tail_of(a.number) is not None and could_be(a.number, ref.number)]
        if len(masks) == 1 and self._only_fit(masks[0], rivals):
            self.found[ref] = masks[0].id
            self.numbers[masks[0].id] = ref.number
            self.known[self.known.index(masks[0])] = replace(masks[0], number=ref.number)
        else:
            self._open(ref)

    def mask(self, ref: AccountRef) -> None:
        """Match a mask to the one account that fits, by name where several do, else open an account."""
        confirmed = [a for a in self._of(ref) if ref.number in a.aliases]
        if self._settle(ref, confirmed):
            return
        fitting = [a for a in self._of(ref) if could_be(a.number, ref.number)]
        if len(fitting) > 1 and ref.name and all(a.name for a in fitting):
            named = [a for a in fitting if ref.name.casefold() in {a.name.casefold(), a.title.casefold()}]
            fitting = named if len(named) == 1 else fitting
        if not self._settle(ref, fitting):
            self._open(ref)

    def _of(self, ref: AccountRef) -> list[KnownAccount]:
        """Return the accounts of the reference's custodian; of all where it names none."""
        return [a for a in self.known if _same_custodian(a.custodian, ref.custodian)]

    def _only_fit(self, masked: KnownAccount, rivals: Collection[str]) -> bool:
        """Whether one whole number only fits a mask: of those asked for and those known."""
        numbers = {canonical(a.number) for a in self._of(AccountRef(masked.custodian, "")) if tail_of(a.number) is None}
        return sum(could_be(masked.number, number) for number in numbers | set(rivals)) == 1

    def _settle(self, ref: AccountRef, fitting: Sequence[KnownAccount]) -> bool:
        """Keep the one that fits, or all that do as ambiguous; False when none does."""
        if len(fitting) == 1:
            self.found[ref] = fitting[0].id
        elif fitting:
            self.ambiguous[ref] = tuple(fitting)
        return bool(fitting)

    def _open(self, ref: AccountRef) -> None:
        """Open an account for a reference."""
        account = KnownAccount(self.create(ref), ref.custodian, ref.number or ref.name, ref.name)
        self.known.append(account)
        self.found[ref] = account.id


def _same_custodian(one: str, other: str) -> bool:
    """Whether two custodians can be one; a file that names none can mean any."""
    return not one or not other or one.casefold() == other.casefold()
