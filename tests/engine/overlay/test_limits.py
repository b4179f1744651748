"""Tilts within their limits: cases worked by hand, and what holds for any policy."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay.limits import paced_move, tilt_within_limits
from tests.engine.overlay.builders import weights

CASES = [
    ("one up, one down, as far as the band goes", {"a": "0.6", "b": "0.4"}, {"a": 1, "b": -1}, None,
     {"a": "0.1", "b": "-0.1"}),
    ("two down share what one up takes", {"a": "0.4", "b": "0.3", "c": "0.3"}, {"a": 1, "b": -1, "c": -1}, None,
     {"a": "0.1", "b": "-0.05", "c": "-0.05"}),
    ("two up share what one down gives", {"a": "0.4", "b": "0.3", "c": "0.3"}, {"a": 1, "b": 1, "c": -1}, None,
     {"a": "0.05", "b": "0.05", "c": "-0.1"}),
    ("a class without a view stays", {"a": "0.4", "b": "0.3", "c": "0.3"}, {"a": 1, "b": 0, "c": -1}, None,
     {"a": "0.1", "b": "0", "c": "-0.1"}),
    ("all one way, nothing can pay or take", {"a": "0.6", "b": "0.4"}, {"a": -1, "b": -1}, None, {"a": "0", "b": "0"}),
    ("cash takes what all give, up to the band", {"a": "0.5", "b": "0.4", "cash": "0.1"}, {"a": -1, "b": -1}, None,
     {"a": "-0.05", "b": "-0.05", "cash": "0.1"}),
    ("cash gives down to zero", {"a": "0.6", "b": "0.36", "cash": "0.04"}, {"a": 1, "b": 1}, None,
     {"a": "0.02", "b": "0.02", "cash": "-0.04"}),
    ("cash gives no more than the band", {"a": "0.5", "cash": "0.5"}, {"a": 1}, None, {"a": "0.1", "cash": "-0.1"}),
    ("cash stays where bulls and bears match", {"a": "0.5", "b": "0.4", "cash": "0.1"}, {"a": 1, "b": -1}, None,
     {"a": "0.1", "b": "-0.1", "cash": "0"}),
    ("a small class gives no more than it has", {"a": "0.95", "b": "0.05"}, {"a": 1, "b": -1}, None,
     {"a": "0.05", "b": "-0.05"}),
    ("the cap stops a tilt", {"a": "0.36", "b": "0.64"}, {"a": 1, "b": -1}, "0.40", {"a": "0.04", "b": "-0.04"}),
    ("a class above its cap is not raised", {"a": "0.45", "b": "0.3", "c": "0.25"}, {"a": 1, "b": 1, "c": -1}, "0.40",
     {"a": "0", "b": "0.1", "c": "-0.1"}),
    ("a class above its cap can fall", {"a": "0.45", "b": "0.25", "c": "0.3"}, {"a": -1, "b": 1}, "0.40",
     {"a": "-0.1", "b": "0.1", "c": "0"}),
    ("the cap does not bind cash", {"a": "0.5", "cash": "0.5"}, {"a": -1}, "0.40", {"a": "-0.1", "cash": "0.1"}),
    ("half a vote is half a tilt", {"a": "0.6", "b": "0.4"}, {"a": "0.5", "b": "-0.5"}, None,
     {"a": "0.05", "b": "-0.05"}),
    ("a class named with no weight can be opened", {"a": "1", "b": "0"}, {"a": -1, "b": 1}, None,
     {"a": "-0.1", "b": "0.1"}),
    ("a class that is not named stays out", {"a": "0.6", "b": "0.4"}, {"a": 1, "b": -1, "z": 1}, None,
     {"a": "0.1", "b": "-0.1"}),
    ("thirds are split in whole millionths", {"a": "0.4", "b": "0.2", "c": "0.2", "d": "0.2"},
     {"a": 1, "b": -1, "c": -1, "d": -1}, None, {"a": "0.1", "b": "-0.033334", "c": "-0.033333", "d": "-0.033333"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("strategic", "votes", "cap", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_tilts_are_funded_within_band_zero_and_cap(
    strategic: dict[str, str], votes: dict[str, str | int], cap: str | None, expected: dict[str, str]
) -> None:
    found = tilt_within_limits(
        weights(**strategic),
        {name: Decimal(vote) for name, vote in votes.items()},
        Decimal("0.1"),
        None if cap is None else Decimal(cap),
    )
    assert found.tilts == weights(**expected)


def bound(strategic: dict[str, str], votes: dict[str, int], cap: str | None = None) -> tuple[str, ...]:
    votes_of = {name: Decimal(vote) for name, vote in votes.items()}
    return tilt_within_limits(
        weights(**strategic), votes_of, Decimal("0.1"), None if cap is None else Decimal(cap)
    ).bound


def test_what_bound_is_said_with_its_figures() -> None:
    assert bound({"a": "0.95", "b": "0.05"}, {"a": 1, "b": -1}) == (
        "zero: b gives up its 5.00%, not the 10.00% that its vote asks for",
        "funding: tilts up are 5.00%, not the 10.00% that votes and limits allow, as tilts down are no larger",
    )
    assert bound({"a": "0.36", "b": "0.64"}, {"a": 1, "b": -1}, "0.4") == (
        "class_cap 40.00%: a at 36.00% takes 4.00%, not the 10.00% that its vote asks for",
        "funding: tilts down are 4.00%, not the 10.00% that votes and limits allow, as tilts up are no larger",
    )


def test_a_limit_that_did_not_come_into_play_is_not_mentioned() -> None:
    assert bound({"a": "0.5", "b": "0.5"}, {"a": 1, "b": -1}) == ()
    # the cap leaves a 9 %, b can give only 3 %: it is zero and funding that bind
    lines = bound({"a": "0.31", "b": "0.03", "c": "0.66"}, {"a": 1, "b": -1}, "0.4")
    assert [line.split(":")[0] for line in lines] == ["zero", "funding"]


def test_a_move_within_the_turnover_cap_is_made_whole() -> None:
    before, wanted = weights(a="0.6", b="0.4"), weights(a="0.5", b="0.5")
    for most in (None, Decimal("0.2")):
        move = paced_move(before, wanted, Decimal("0.1"), most)
        assert (move.targets, move.one_way, move.bound) == (wanted, Decimal("0.1"), ())


@pytest.mark.parametrize(
    ("used", "targets", "one_way"),
    [
        ("0.15", {"a": "0.5", "b": "0.275", "c": "0.225"}, "0.05"),
        ("0.20", {"a": "0.45", "b": "0.3", "c": "0.25"}, "0"),
        ("0.25", {"a": "0.45", "b": "0.3", "c": "0.25"}, "0"),
    ],
)
def test_a_move_beyond_the_turnover_cap_is_made_in_part(used: str, targets: dict[str, str], one_way: str) -> None:
    before, wanted = weights(a="0.45", b="0.3", c="0.25"), weights(a="0.55", b="0.25", c="0.2")
    move = paced_move(before, wanted, Decimal(used), Decimal("0.20"))
    assert move.targets == weights(**targets)
    assert move.one_way == Decimal(one_way)
    (line,) = move.bound
    assert line == (
        "max_turnover_quarter 20.00%: the votes ask for a move of 10.00% one-way and the two months before used "
        f"{Decimal(used) * 100}%; this month's move stops at {Decimal(one_way) * 100:.2f}%"
    )


# what holds for any weights and votes

MILLION = 1_000_000
names = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f", "cash"]), min_size=1, max_size=7, unique=True)
fractions = st.integers(0, MILLION).map(lambda n: Decimal(n) / MILLION)
votes_between = st.sampled_from(["-1", "-0.5", "-0.333333", "0", "0.333333", "0.666667", "1"]).map(Decimal)


@st.composite
def portfolios(draw: st.DrawFn) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    classes = draw(names)
    parts = draw(st.lists(st.integers(0, 1000), min_size=len(classes), max_size=len(classes)))
    parts[0] += 1
    shares = [Decimal(MILLION * part // sum(parts)) / MILLION for part in parts]
    shares[0] += 1 - sum(shares, Decimal(0))
    return dict(zip(classes, shares, strict=True)), {name: draw(votes_between) for name in classes}


@given(portfolios(), fractions, st.none() | fractions)
def test_targets_sum_to_one_within_band_cap_and_zero(
    portfolio: tuple[dict[str, Decimal], dict[str, Decimal]], band: Decimal, cap: Decimal | None
) -> None:
    strategic, votes = portfolio
    tilts = tilt_within_limits(strategic, votes, band, cap).tilts
    assert list(tilts) == list(strategic)
    assert sum(tilts.values()) == 0
    for name, weight in strategic.items():
        target = weight + tilts[name]
        assert target >= 0
        assert abs(tilts[name]) <= band
        if name != "cash":
            assert cap is None or target <= max(cap, weight)
            assert tilts[name] * votes[name] >= 0
            assert votes[name] or not tilts[name]


@given(portfolios(), portfolios(), fractions, fractions)
def test_a_paced_move_keeps_the_sum_stays_between_and_never_beyond_the_cap(
    one: tuple[dict[str, Decimal], dict[str, Decimal]],
    other: tuple[dict[str, Decimal], dict[str, Decimal]],
    used: Decimal,
    most: Decimal,
) -> None:
    before = {name: one[0].get(name, Decimal(0)) for name in one[0] | other[0]}
    wanted = {name: other[0].get(name, Decimal(0)) for name in before}
    move = paced_move(before, wanted, used, most)
    assert sum(move.targets.values()) == 1
    assert move.one_way == sum(abs(move.targets[name] - before[name]) for name in before) / 2
    assert move.one_way <= max(Decimal(0), most - used)
    for name, target in move.targets.items():
        assert min(before[name], wanted[name]) <= target <= max(before[name], wanted[name])


@given(portfolios(), fractions)
def test_with_cash_to_balance_every_class_asks_in_vain_only_within_a_limit(
    portfolio: tuple[dict[str, Decimal], dict[str, Decimal]], band: Decimal
) -> None:
    strategic, votes = portfolio
    found = tilt_within_limits(strategic, votes, band, None)
    asked = sum((abs(votes[name]) * band for name in strategic if name != "cash"), Decimal(0))
    made = sum((abs(tilt) for name, tilt in found.tilts.items() if name != "cash"), Decimal(0))
    assert made <= asked
    assert found.bound or asked - made < Decimal("0.001")
