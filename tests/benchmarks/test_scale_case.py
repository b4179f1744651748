import json

import pytest

from benchmarks.scale_case import facts, scale_case

PUBLISHED = {
    (10, 5): (50, 16, 9, 457_150, 0),
    (10, 20): (200, 63, 52, 311_960, 1),
    (50, 5): (250, 90, 52, 396_909, 1),
    (50, 20): (1_000, 348, 231, 368_849, 2),
    (200, 5): (1_000, 364, 234, 327_240, 11),
}


@pytest.mark.parametrize("size", PUBLISHED, ids=lambda s: f"{s[0]}x{s[1]}")
def test_the_series_draws_the_published_numbers(size: tuple[int, int]) -> None:
    found = facts(*size)
    expected = PUBLISHED[size]
    assert (found.lots, found.loss_lots, found.short_term_lots, round(found.losses), found.recently_closed) == expected


@pytest.mark.parametrize("size", PUBLISHED, ids=lambda s: f"{s[0]}x{s[1]}")
def test_targets_sum_to_one(size: tuple[int, int]) -> None:
    assert sum(scale_case(*size)["targets"].values()) == pytest.approx(1, abs=1e-12)


def test_the_same_size_gives_the_same_case() -> None:
    assert json.dumps(scale_case(10, 20)) == json.dumps(scale_case(10, 20))


def test_shares_bought_in_the_last_30_days_are_in_the_history_with_their_lot() -> None:
    case = scale_case(50, 20)
    young = {lot["id"] for lot in case["lots"] if lot["acquired"] >= "2025-05-31"}
    assert young
    assert young == {row["lot"] for row in case["history"] if row["action"] == "buy"}
