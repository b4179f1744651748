"""Transfers, gifts, inheritances, splits and named lots. One story a case."""

import pytest

from tests.engine.tax.ledger.story import check_story

STORIES = {
    "a transfer counts as a purchase on the day acquired": """
        2024-01-08 J buy         10 X for 1,000 as b1
        2025-02-03 J sell        10 X for   800 as s1
        2025-06-16 J transfer_in 10 X for   820 as t1 acquired 2025-02-10
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open t1 10 X basis 1,020 carries 392
    """,
    "a transfer acquired long ago replaces nothing on the day it arrives": """
        2024-01-08 J buy         10 X for 1,000 as b1
        2025-02-03 J sell        10 X for   800 as s1
        2025-02-10 J transfer_in 10 X for   820 as t1 acquired 2023-05-01
        gives
        s1 of b1 10 X gain -200 long
        open t1 10 X basis 820
    """,
    "a transfer without a day acquired counts on the day it arrives": """
        2024-01-08 J buy         10 X for 1,000 as b1
        2025-02-03 J sell        10 X for   800 as s1
        2025-02-10 J transfer_in 10 X for   820 as t1
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open t1 10 X basis 1,020 carries 392
    """,
    "a transfer yet to arrive comes before a purchase made after its day acquired": """
        2024-01-08 J buy         10 X for 1,000 as b1
        2025-02-03 J sell        10 X for   800 as s1
        2025-02-12 J buy         10 X for   825 as b2
        2025-06-16 S transfer_in 10 X for   820 as t1 acquired 2025-02-10
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open b2 10 X basis 825
        open t1 10 X basis 1,020 carries 392
    """,
    "shares that are yet to arrive are held: part of another purchase is not the only one": """
        2025-02-03 J buy         100 X for 1,000 as b1
        2025-02-10 J sell         60 X for   540 as s1
        2025-06-16 J transfer_in  10 X for   100 as t1 acquired 2023-05-01
        gives
        s1 of b1 60 X gain -20 disallowed 40 short
        open t1 10 X basis 100
        open b1 40 X basis 440 carries 7
    """,
    "first in, first out takes a transferred lot by its day acquired, once it is there": """
        2024-01-08 J buy         10 X for 1,000 as b1
        2024-05-01 J sell         5 X for   600 as s1
        2024-06-03 J transfer_in 10 X for   500 as t1 acquired 2020-03-02
        2024-07-01 J sell         5 X for   600 as s2
        gives
        s1 of b1 5 X gain 100 short
        s2 of t1 5 X gain 350 long
        open t1 5 X basis 250
        open b1 5 X basis 500
    """,
    "a gift replaces nothing and keeps the donor's day": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J sell 10 X for   800 as s1
        2025-02-10 J gift 10 X for   700 as g1 acquired 2024-03-04
        2025-03-10 J sell 10 X for   900 as s2
        gives
        s1 of b1 10 X gain -200 long
        s2 of g1 10 X gain 200 long
    """,
    "a gift is shares held: part of another purchase is not the only one": """
        2025-01-06 J gift  10 X for    50 as g1
        2025-02-03 J buy  100 X for 1,000 as b1
        2025-02-10 J sell  60 X for   540 as s1 of b1:60
        gives
        s1 of b1 60 X gain -20 disallowed 40 short
        open g1 10 X basis 50
        open b1 40 X basis 440 carries 7
    """,
    "an inheritance replaces nothing and is long-term from the first day (IRC 1223(9))": """
        2024-01-08 J buy       10 X for 1,000 as b1
        2025-02-03 J sell      10 X for   800 as s1
        2025-02-10 J inherited 10 X for   820 as i1
        2025-02-20 J sell      10 X for   830 as s2
        gives
        s1 of b1 10 X gain -200 long
        s2 of i1 10 X gain 10 long
    """,
    "an inheritance sold at a loss is washed like any other; it hands on the days held": """
        2025-02-10 J inherited 10 X for   820 as i1
        2025-02-20 J sell      10 X for   700 as s1
        2025-02-27 J buy       10 X for   710 as b1
        2025-12-01 J sell      10 X for   900 as s2
        gives
        s1 of i1 10 X gain 0 disallowed 120 long
        s2 of b1 10 X gain 70 carried 10 short
    """,
    "an inheritance with a day acquired counts its days from there": """
        2025-02-10 J inherited 10 X for   820 as i1 acquired 2024-11-02
        2025-02-20 J sell      10 X for   700 as s1
        2025-02-27 J buy       10 X for   710 as b1
        gives
        s1 of i1 10 X gain 0 disallowed 120 long
        open b1 10 X basis 830 carries 110
    """,
    "a split changes shares, not basis": """
        2024-01-08 J buy   10 X for 1,000 as b1
        2024-06-03 J split  2 X as p1
        2025-02-03 J sell   5 X for   300 as s1
        gives
        s1 of b1 5 X gain 50 long
        open b1 15 X basis 750
    """,
    "a reverse split 1 for 10": """
        2024-01-08 J buy   105 X for 1,050 as b1
        2024-06-03 J split 0.1 X as p1
        2025-02-03 J sell  0.5 X for    40 as s1
        gives
        s1 of b1 0.5 X gain -10 long
        open b1 10 X basis 1,000
    """,
    "a split between the loss and the replacement: 100 lost are 200 bought": """
        2024-01-08 J buy   100 X for 1,000 as b1
        2025-02-03 J sell  100 X for   800 as s1
        2025-02-05 J split   2 X as p1
        2025-02-10 J buy   150 X for   610 as b2
        gives
        s1 of b1 100 X gain -50 disallowed 150 long
        open b2 150 X basis 760 carries 392
    """,
    "the same where another account of the household has the row": """
        2024-01-08 J buy   100 X for 1,000 as b1
        2024-01-08 S buy     1 X for    10 as b0
        2025-02-03 J sell  100 X for   800 as s1
        2025-02-05 S split   2 X as p1
        2025-02-10 J buy   150 X for   610 as b2
        gives
        s1 of b1 100 X gain -50 disallowed 150 long
        open b2 150 X basis 760 carries 392
        open b0 2 X basis 10
    """,
    "rows of two accounts, some days apart, are one split": """
        2024-01-08 J buy   100 X for 1,000 as b1
        2024-01-08 S buy     1 X for    10 as b0
        2025-02-03 J sell  100 X for   800 as s1
        2025-02-05 J split   2 X as p1
        2025-02-07 S split   2 X as p2
        2025-02-10 J buy   200 X for   820 as b2
        gives
        s1 of b1 100 X gain 0 disallowed 200 long
        open b2 200 X basis 1,020 carries 392
        open b0 2 X basis 10
    """,
    "two rows of one account are two splits": """
        2024-01-08 J buy   10 X for 1,000 as b1
        2024-06-03 J split  2 X as p1
        2024-06-03 J split  2 X as p2
        gives
        open b1 40 X basis 1,000
    """,
    "a split between purchase and loss: the lot is compared as it stands on the day of the loss": """
        2024-01-08 J buy   100 X for 1,000 as b1
        2025-02-03 J buy    10 X for    90 as b2
        2025-02-05 J split   2 X as p1
        2025-02-10 J sell  200 X for   800 as s1 of b1:200
        gives
        s1 of b1 200 X gain -180 disallowed 20 long
        open b2 20 X basis 110 carries 399
    """,
    "shares bought, sold and split before the loss count as what they have become": """
        2024-01-08 J buy   100 X for 1,000 as b1
        2025-02-03 J buy    10 X for    70 as b2
        2025-02-04 J sell   10 X for    90 as s1 of b2:10
        2025-02-05 J split   2 X as p1
        2025-02-10 J sell  15 X for    60 as s2 of b1:15
        gives
        s1 of b2 7.5 X gain 0 carried 399 long
        s1 of b2 2.5 X gain 5 short
        s2 of b1 15 X gain 0 disallowed 15 long
        open b1 185 X basis 925
    """,
    "of the smallest fraction of a share no part is left over": """
        2024-01-08 J buy             1 X for 1,000,000,000,000 as b1
        2025-02-03 J buy    0.00000001 X for 1 as b2
        2025-02-04 J sell   0.00000001 X for 2 as s1 of b2:0.00000001
        2025-02-05 J split          10 X as p1
        2025-02-10 J sell   0.00000004 X for 0 as s2 of b1:0.00000004
        gives
        s1 of b2 0.00000001 X gain -3,999 carried 399 long
        s2 of b1 0.00000004 X gain 0 disallowed 4,000 long
        open b1 9.99999996 X basis 999,999,996,000
    """,
    "another symbol of the group is not split: shares are compared on the day they meet": """
        2024-01-08 J buy   10 VTI/US  for 1,000 as b1
        2025-02-03 J sell  10 VTI/US  for   800 as s1
        2025-02-04 J buy    4 SCHB/US for   320 as b2
        2025-02-05 J split  2 VTI/US  as p1
        2025-02-10 J buy   10 SCHB/US for   410 as b3
        gives
        s1 of b1 10 VTI gain -20 disallowed 180 long
        open b2 4 SCHB basis 400 carries 392
        open b3 10 SCHB basis 510 carries 392
    """,
    "a transfer bought before a split and arriving after it: 20 shares were 10 on the day of the loss": """
        2024-01-08 J buy         15 X for 1,500 as b1
        2025-02-03 J sell        15 X for 1,200 as s1
        2025-03-03 J split        2 X as p1
        2025-06-16 J transfer_in 20 X for   820 as t1 acquired 2025-02-10
        gives
        s1 of b1 15 X gain -100 disallowed 200 long
        open t1 20 X basis 1,020 carries 392
    """,
    "a split before or after a transfer's journey does not touch its row": """
        2025-01-06 J split        2 X as p1
        2025-02-10 J transfer_in 20 X for   820 as t1 acquired 2025-01-20
        2025-03-03 J split        2 X as p2
        gives
        open t1 40 X basis 820
    """,
    "and of 1 for 3, where thirds do not come out even: the shares of the row arrive": """
        2024-01-08 J buy         10 X for   100 as b1
        2025-02-03 J sell        10 X for    80 as s1
        2025-03-03 J split        0.33333333 X as p1
        2025-06-16 J transfer_in 20 X for   820 as t1 acquired 2025-02-10
        2025-07-01 J sell        20 X for 1,000 as s2
        gives
        s1 of b1 10 X gain 0 disallowed 20 long
        s2 of t1 3.3333333 X gain 10 carried 392 long
        s2 of t1 16.6666667 X gain 150 short
    """,
    "named lots are sold whatever first in, first out would take": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-06-03 J buy  10 X for 1,200 as b2
        2025-02-03 J sell 10 X for 1,300 as s1 of b2:10
        gives
        s1 of b2 10 X gain 100 short
        open b1 10 X basis 1,000
    """,
    "a lot named twice in one sale is one lot": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-06-03 J buy  10 X for 1,200 as b2
        2025-02-03 J sell 10 X for 1,300 as s1 of b1:4 b1:6
        2025-02-04 J sell  4 X for   400 as s2
        gives
        s1 of b1 10 X gain 300 long
        s2 of b2 4 X gain -80 short
        open b2 6 X basis 720
    """,
    "first in, first out goes on where named sales have emptied lots": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-06-03 J buy  10 X for 1,200 as b2
        2024-06-04 J buy  10 X for 1,200 as b3
        2025-02-03 J sell 10 X for 1,300 as s1 of b2:10
        2025-02-04 J sell 15 X for 1,950 as s2
        gives
        s1 of b2 10 X gain 100 short
        s2 of b1 10 X gain 300 long
        s2 of b3 5 X gain 50 short
        open b3 5 X basis 600
    """,
}


@pytest.mark.parametrize("title", STORIES)
def test_the_story_comes_out_as_the_rules_say(title: str) -> None:
    check_story(STORIES[title])
