"""Which account a file means: by custodian and number or mask. Where two fit it is a problem, never a guess."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from importers.records import AccountRef
from workflow.intake.account_index import AccountIndex, Rivals
from workflow.intake.account_numbers import KnownAccount, canonical, tail_of


@dataclass(frozen=True, slots=True)
class Matches:
    """What became of the accounts that files name.

    `found` are accounts of the book by reference, `numbers` the whole numbers learned for accounts that were
    known by a mask, `ambiguous` the accounts that a reference could mean.
    """

    found: dict[AccountRef, int]
    numbers: dict[int, str]
    ambiguous: dict[AccountRef, tuple[KnownAccount, ...]]


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
    rivals = Rivals((ref.custodian, ref.number) for ref in unmatched)
    for ref in unmatched:
        matcher.whole(ref, rivals)
    for ref in masked:
        matcher.mask(ref)
    return Matches(matcher.found, matcher.numbers, matcher.ambiguous)


class _Matcher:
    """The accounts known so far, while the references of one call are matched."""

    def __init__(self, known: Sequence[KnownAccount], create: Callable[[AccountRef], int]) -> None:
        self.known = AccountIndex(known)
        self.create = create
        self.found: dict[AccountRef, int] = {}
        self.numbers: dict[int, str] = {}
        self.ambiguous: dict[AccountRef, tuple[KnownAccount, ...]] = {}

    def same_number(self, ref: AccountRef) -> bool:
        """Match a whole number, or a name where there is no number, to the account of that number, alias or name."""
        wanted = canonical(ref.number or ref.name)
        same = _of(ref, self.known.of_number(wanted)) or _of(ref, self.known.of_alias(wanted))
        if not same and not any(sign.isdigit() for sign in ref.number):
            said = (ref.number or ref.name).casefold()
            same = _of(ref, self.known.of_name(said)) if said else []
        return self._settle(ref, same)

    def whole(self, ref: AccountRef, rivals: Rivals) -> None:
        """Match a whole number to the one mask that it alone fits, else open an account."""
        if self.same_number(ref):
            return
        masks = _of(ref, self.known.masks_of(ref.number))
        if len(masks) == 1 and self._only_fit(masks[0], ref, rivals):
            self.found[ref] = masks[0].id
            self.numbers[masks[0].id] = ref.number
            self.known.renumber(masks[0], ref.number)
        else:
            self._open(ref)

    def mask(self, ref: AccountRef) -> None:
        """Match a mask to the one account that fits, by name where several do, else open an account."""
        if self._settle(ref, _of(ref, self.known.confirmed(ref.number))):
            return
        fitting = _of(ref, self.known.fitting(ref.number))
        if len(fitting) > 1 and ref.name and all(a.name for a in fitting):
            named = [a for a in fitting if ref.name.casefold() in {a.name.casefold(), a.title.casefold()}]
            fitting = named if len(named) == 1 else fitting
        if not self._settle(ref, fitting):
            self._open(ref)

    def _only_fit(self, masked: KnownAccount, ref: AccountRef, rivals: Rivals) -> bool:
        """Whether one whole number only fits a mask: of those asked for and those known."""
        same = _of(AccountRef(masked.custodian, ""), self.known.fitting(masked.number))
        numbers = {canonical(a.number) for a in same if tail_of(a.number) is None}
        asked = rivals.fitting(masked.number)
        return len(numbers | {number for house, number in asked if _same_custodian(house, ref.custodian)}) == 1

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
        self.known.add(account)
        self.found[ref] = account.id


def _of(ref: AccountRef, accounts: Sequence[KnownAccount]) -> list[KnownAccount]:
    """Return the accounts of the reference's custodian; all where it names none."""
    return [account for account in accounts if _same_custodian(account.custodian, ref.custodian)]


def _same_custodian(one: str, other: str) -> bool:
    """Whether two custodians can be one; a file that names none can mean any."""
    return not one or not other or one.casefold() == other.casefold()
