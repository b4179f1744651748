"""The accounts of a book by number, alias, name and the ends of their numbers: thousands are not looked through."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from workflow.intake.account_numbers import KnownAccount, canonical, could_be, tail_of

_LONGEST_END = 6
"""Signs of the longest end that numbers are found by; longer ends are compared with what those find."""


class AccountIndex:
    """Accounts in a fixed order, found by what files say of them; every answer is in that order."""

    def __init__(self, accounts: Sequence[KnownAccount]) -> None:
        self._all: dict[int, KnownAccount] = {}
        self._place: dict[int, int] = {}
        self._numbers: dict[str, set[int]] = defaultdict(set)
        self._aliases: dict[str, set[int]] = defaultdict(set)
        self._confirmed: dict[str, set[int]] = defaultdict(set)
        self._names: dict[str, set[int]] = defaultdict(set)
        self._ends: dict[str, set[int]] = defaultdict(set)
        self._tails: dict[str, set[int]] = defaultdict(set)
        for account in accounts:
            self.add(account)

    def add(self, account: KnownAccount) -> None:
        """Add an account as the last one."""
        self._place[account.id] = len(self._place)
        for alias in account.aliases:
            self._aliases[canonical(alias)].add(account.id)
            self._confirmed[alias].add(account.id)
        for name in {account.name.casefold(), account.title.casefold()}:
            self._names[name].add(account.id)
        self._number(account)

    def renumber(self, account: KnownAccount, number: str) -> None:
        """Write the whole number of an account that was known by a mask."""
        tail = tail_of(account.number) or ""
        self._tails[tail].discard(account.id)
        for end in _ends(tail):
            self._ends[end].discard(account.id)
        self._number(replace(account, number=number))

    def _number(self, account: KnownAccount) -> None:
        self._all[account.id] = account
        tail = tail_of(account.number)
        if tail is None:
            self._numbers[canonical(account.number)].add(account.id)
        else:
            self._tails[tail].add(account.id)
        for end in _ends(canonical(account.number) if tail is None else tail):
            self._ends[end].add(account.id)

    def of_number(self, number: str) -> list[KnownAccount]:
        """Return the accounts of a whole number, as `canonical` writes it."""
        return self._sorted(self._numbers.get(number, ()))

    def of_alias(self, number: str) -> list[KnownAccount]:
        """Return the accounts of which a person has confirmed that a number, as `canonical` writes it, is theirs."""
        return self._sorted(self._aliases.get(number, ()))

    def confirmed(self, text: str) -> list[KnownAccount]:
        """Return the accounts of which a person has confirmed that exactly this text is theirs."""
        return self._sorted(self._confirmed.get(text, ()))

    def of_name(self, name: str) -> list[KnownAccount]:
        """Return the accounts of a name or title, in small letters."""
        return self._sorted(self._names.get(name, ()))

    def masks_of(self, number: str) -> list[KnownAccount]:
        """Return the accounts known by a mask that a whole number fits."""
        bare = canonical(number)
        found = {one for at in range(len(bare)) for one in self._tails.get(bare[at:], ())}
        return [account for account in self._sorted(found) if could_be(account.number, number)]

    def fitting(self, mask: str) -> list[KnownAccount]:
        """Return the accounts that a mask can mean."""
        tail = tail_of(mask) or ""
        found = set(self._ends.get(tail[-_LONGEST_END:], ()))
        found |= {one for at in range(len(tail)) for one in self._tails.get(tail[at:], ())}
        return [account for account in self._sorted(found) if could_be(account.number, mask)]

    def _sorted(self, ids: Iterable[int]) -> list[KnownAccount]:
        return [self._all[one] for one in sorted(ids, key=self._place.__getitem__)]


class Rivals:
    """Whole numbers of one call that no account has, found by their ends."""

    def __init__(self, numbers: Iterable[tuple[str, str]]) -> None:
        self._by_end: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for custodian, number in numbers:
            for end in _ends(canonical(number)):
                self._by_end[end].add((custodian, canonical(number)))

    def fitting(self, mask: str) -> Iterator[tuple[str, str]]:
        """Yield custodian and number of those that a mask can mean."""
        for custodian, number in self._by_end.get((tail_of(mask) or "")[-_LONGEST_END:], ()):
            if could_be(mask, number):
                yield custodian, number


def _ends(number: str) -> Iterator[str]:
    """Yield the ends by which a number is found."""
    for length in range(1, min(len(number), _LONGEST_END) + 1):
        yield number[-length:]
