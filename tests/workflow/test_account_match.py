import random

import pytest

from importers.records import AccountRef
from workflow.intake.account_index import AccountIndex
from workflow.intake.account_match import match_accounts
from workflow.intake.account_numbers import KnownAccount, could_be, tail_of


@pytest.mark.parametrize(
    ("number", "tail"),
    [
        ("XXXX-4321", "4321"),
        ("...321", "321"),
        ("…321", "321"),
        ("XXX178", "178"),
        ("-2203", "2203"),
        ("#####1847", "1847"),
        ("*****1847", "1847"),
        ("XXXX-X724", "724"),
        ("0042", "0042"),
        ("321", "321"),
        ("X12345678", None),
        ("Z12345678", None),
        ("1234-5678", None),
        ("Joint Tenant", None),
        ("IRA", None),
    ],
)
def test_a_mask_shows_the_end_of_a_number(number: str, tail: str | None) -> None:
    assert tail_of(number) == tail


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1234-4321", "12344321", True),
        ("12344321", "XXXX-4321", True),
        ("12344321", "...321", True),
        ("XXXX-4321", "...321", True),
        ("12344321", "...322", False),
        ("12344321", "99994321", False),
        ("00123", "123", True),
        ("0012345", "12345", False),
    ],
)
def test_a_number_and_a_mask_can_mean_one_account(one: str, other: str, *, same: bool) -> None:
    assert could_be(one, other) is same
    assert could_be(other, one) is same


def matched(known: list[KnownAccount], *refs: AccountRef) -> dict[str, object]:
    """Return by reference number: the account's id, "new" and its id, or the ids it could be."""
    opened: list[AccountRef] = []

    def create(ref: AccountRef) -> int:
        opened.append(ref)
        return 100 + len(opened)

    matches = match_accounts(refs, known, create)
    told: dict[str, object] = {ref.number: found for ref, found in matches.found.items()}
    told |= {ref.number: {account.id for account in could} for ref, could in matches.ambiguous.items()}
    told |= {f"number of {account}": number for account, number in matches.numbers.items()}
    return told


def schwab(account: int, number: str, name: str = "", **more: object) -> KnownAccount:
    return KnownAccount(account, "schwab", number, name, **more)  # type: ignore[arg-type]


def ref(number: str, name: str = "", custodian: str = "schwab") -> AccountRef:
    return AccountRef(custodian, number, name)


def test_a_mask_finds_the_account_whose_number_ends_so() -> None:
    assert matched([schwab(1, "12344321"), schwab(2, "12340000")], ref("...321")) == {"...321": 1}


def test_a_whole_number_takes_the_place_of_the_mask_it_fits() -> None:
    assert matched([schwab(1, "XXXX-4321")], ref("12344321")) == {"12344321": 1, "number of 1": "12344321"}


def test_another_custodian_with_the_same_end_is_another_account() -> None:
    assert matched([schwab(1, "12344321")], ref("...321", custodian="fidelity")) == {"...321": 101}


def test_a_file_without_custodian_can_mean_any() -> None:
    assert matched([schwab(1, "12344321")], ref("12344321", custodian="")) == {"12344321": 1}


def test_a_mask_that_two_accounts_fit_is_not_guessed() -> None:
    assert matched([schwab(1, "12344321"), schwab(2, "99994321")], ref("...321")) == {"...321": {1, 2}}


def test_a_name_decides_between_two_that_fit_when_both_have_one() -> None:
    both = [schwab(1, "12344321", "Joint"), schwab(2, "99994321", "Roth IRA")]
    assert matched(both, ref("...321", "Roth IRA")) == {"...321": 2}
    assert matched([both[0], schwab(2, "99994321")], ref("...321", "Joint")) == {"...321": {1, 2}}


def test_a_mask_that_two_new_numbers_fit_belongs_to_neither() -> None:
    told = matched([schwab(1, "...321")], ref("12344321"), ref("99994321"))
    assert told == {"12344321": 101, "99994321": 102}


def test_a_number_that_came_in_another_file_of_the_call_is_found_by_its_mask() -> None:
    assert matched([], ref("...321"), ref("12344321")) == {"12344321": 101, "...321": 101}


def test_masks_of_different_length_are_one_account() -> None:
    assert matched([], ref("XXXX-4321"), ref("...321")) == {"...321": 101, "XXXX-4321": 101}


def test_an_alias_that_a_person_confirmed_decides() -> None:
    both = [schwab(1, "12344321", aliases=("...321",)), schwab(2, "99994321")]
    assert matched(both, ref("...321")) == {"...321": 1}


def test_an_account_that_is_only_named_is_found_by_its_name() -> None:
    known = [schwab(1, "12344321", "Joint Tenant"), schwab(2, "99990000", title="Roth")]
    assert matched(known, ref("joint tenant"), ref("Roth")) == {"joint tenant": 1, "Roth": 2}
    assert matched(known, ref("Trust")) == {"Trust": 101}


def test_what_nobody_knows_is_opened_once() -> None:
    assert matched([], ref("12344321"), ref("12344321"), ref("1234-4321")) == {"12344321": 101, "1234-4321": 101}


def test_the_ends_of_numbers_find_the_accounts_that_looking_through_all_finds() -> None:
    chance = random.Random(7)  # noqa: S311 (numbers to be looked for, no secret)
    numbers = ["".join(chance.choices("12", k=chance.randrange(3, 12))) for _ in range(150)]
    masks = [f"XXXX-{number[-chance.randrange(1, 9) :]}" for number in numbers]
    known = [KnownAccount(at, "schwab", number) for at, number in enumerate([*numbers[:75], *masks[:75]])]
    index = AccountIndex(known)
    for number in (one for one in numbers if tail_of(one) is None):
        masked = [a for a in known if tail_of(a.number) is not None]
        assert index.masks_of(number) == [a for a in masked if could_be(a.number, number)]
    for mask in (*masks, *(one for one in numbers if tail_of(one) is not None)):
        assert index.fitting(mask) == [a for a in known if could_be(a.number, mask)]
