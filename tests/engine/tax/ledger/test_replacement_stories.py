"""What replaces a loss and what does not: accounts, own shares, sold shares, one order. One story a case."""

from dataclasses import replace

import pytest

from engine.tax.ledger.rows import Identity, LedgerPolicy
from tests.engine.tax.ledger.story import check_story

CAUTIOUS = LedgerPolicy()
APART = replace(CAUTIOUS, lots_of_one_order_replace=False)
SOLD_IS_GONE = replace(CAUTIOUS, sold_before_loss_counts=False)
PLANS_APART = replace(CAUTIOUS, plans_count_as_iras=False)
BY_SYMBOL = replace(CAUTIOUS, identity=Identity.SYMBOL)

STORIES = {
    "a purchase in another account of the owner counts": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J sell 10 X for   800 as s1
        2025-02-10 K buy  10 X for   820 as b2
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open b2 10 X basis 1,020 carries 392
    """,
    "a purchase by the spouse counts (Pub. 550)": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J sell 10 X for   800 as s1
        2025-02-10 S buy  10 X for   820 as b2
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open b2 10 X basis 1,020 carries 392
    """,
    "dividends reinvested in the accounts of two spouses each take their part": """
        2024-01-08 J buy      100   X for 10,000 as b1
        2025-02-20 J reinvest   0.5 X for     40 as r1
        2025-02-20 S reinvest   1.5 X for    120 as r2
        2025-03-03 J sell     100   X for  8,000 as s1 of b1:100
        2025-03-20 S reinvest   0.75 X for    60 as r3
        gives
        s1 of b1 100 X gain -1,945 disallowed 55 long
        open r1 0.5 X basis 50 carries 420
        open r2 1.5 X basis 150 carries 420
        open r3 0.75 X basis 75 carries 420
    """,
    "a purchase in an IRA loses the loss for good; the IRA's shares stay at cost (Rev. Rul. 2008-5)": """
        2024-01-08 J   buy  10 X for 1,000 as b1
        2025-02-03 J   sell 10 X for   800 as s1
        2025-02-10 IRA buy  10 X for   820 as b2
        gives
        s1 of b1 10 X gain 0 disallowed 200 lost 200 long
        open b2 10 X basis 820
        totals short 0 long 0 disallowed 200 lost 200
    """,
    "a purchase in the spouse's Roth before the sale does so too": """
        2024-01-08 J    buy  10 X for 1,000 as b1
        2025-01-20 ROTH buy   4 X for   340 as b2
        2025-02-03 J    sell 10 X for   800 as s1
        gives
        s1 of b1 10 X gain -120 disallowed 80 lost 80 long
        open b2 4 X basis 340
    """,
    "and one in a health savings account": """
        2024-01-08 J   buy      10 X for 1,000 as b1
        2025-02-03 J   sell     10 X for   800 as s1
        2025-02-10 HSA reinvest  1 X for    82 as r1
        gives
        s1 of b1 10 X gain -180 disallowed 20 lost 20 long
        open r1 1 X basis 82
    """,
    "a 401(k) and a 529 plan count as IRAs: the cautious reading": """
        2024-01-08 J    buy  10 X for 1,000 as b1
        2025-02-03 J    sell 10 X for   800 as s1
        2025-02-10 401K buy   3 X for   246 as b2
        2025-02-11 529  buy   2 X for   164 as b3
        gives
        s1 of b1 10 X gain -100 disallowed 100 lost 100 long
        open b2 3 X basis 246
        open b3 2 X basis 164
    """,
    "an IRA that buys first is served first, the taxable account takes the rest": """
        2024-01-08 J   buy  10 X for 1,000 as b1
        2025-02-03 J   sell 10 X for   800 as s1
        2025-02-05 IRA buy   4 X for   328 as b2
        2025-02-10 J   buy  10 X for   820 as b3
        gives
        s1 of b1 10 X gain 0 disallowed 200 lost 80 long
        open b2 4 X basis 328
        open b3 6 X basis 612 carries 392
        open b3 4 X basis 328
    """,
    "a loss in an IRA is no loss and washes nothing": """
        2024-01-08 IRA buy  10 X for 1,000 as b1
        2025-02-03 IRA sell 10 X for   800 as s1
        2025-02-10 J   buy  10 X for   820 as b2
        gives
        open b2 10 X basis 820
        totals short 0 long 0 disallowed 0 lost 0
    """,
    "shares of one declared group replace one another": """
        2024-01-08 J buy  10 VTI/US  for 1,000 as b1
        2025-02-03 J sell 10 VTI/US  for   800 as s1
        2025-02-10 J buy  10 SCHB/US for   820 as b2
        gives
        s1 of b1 10 VTI gain 0 disallowed 200 long
        open b2 10 SCHB basis 1,020 carries 392
    """,
    "shares of different groups do not": """
        2024-01-08 J buy  10 VTI/US   for 1,000 as b1
        2025-02-03 J sell 10 VTI/US   for   800 as s1
        2025-02-10 J buy  10 ITOT/SP  for   820 as b2
        gives
        s1 of b1 10 VTI gain -200 long
        open b2 10 ITOT basis 820
    """,
    "a group declared in one row of a symbol holds for all its rows": """
        2024-01-08 J buy  10 VTI     for 1,000 as b1
        2025-02-03 J sell 10 VTI/US  for   800 as s1
        2025-02-10 J buy  10 SCHB/US for   820 as b2
        gives
        s1 of b1 10 VTI gain 0 disallowed 200 long
        open b2 10 SCHB basis 1,020 carries 392
    """,
    "Rev. Rul. 56-602: part of the only purchase sold, the shares kept do not replace them": """
        2025-02-03 J buy  100 X for 1,000 as b1
        2025-02-10 J sell  60 X for   540 as s1
        gives
        s1 of b1 60 X gain -60 short
        open b1 40 X basis 400
    """,
    "other shares held: the kept shares of the purchase do replace": """
        2024-01-08 K buy    5 X for    40 as b0
        2025-02-03 J buy  100 X for 1,000 as b1
        2025-02-10 J sell  60 X for   540 as s1
        gives
        s1 of b1 60 X gain -20 disallowed 40 short
        open b1 40 X basis 440 carries 7
        open b0 5 X basis 40
    """,
    "other shares in an IRA are other shares": """
        2024-01-08 IRA buy  5 X for    40 as b0
        2025-02-03 J buy  100 X for 1,000 as b1
        2025-02-10 J sell  60 X for   540 as s1
        gives
        s1 of b1 60 X gain -20 disallowed 40 short
        open b0 5 X basis 40
        open b1 40 X basis 440 carries 7
    """,
    "bought again within 30 days after: not the only purchase, the kept shares come first": """
        2025-02-03 J buy  100 X for 1,000 as b1
        2025-02-10 J sell  60 X for   540 as s1
        2025-03-12 J buy   50 X for   450 as b2
        gives
        s1 of b1 60 X gain 0 disallowed 60 short
        open b1 40 X basis 440 carries 7
        open b2 20 X basis 200 carries 7
        open b2 30 X basis 270
    """,
    "bought again on day 31: it was the only purchase": """
        2025-02-03 J buy  100 X for 1,000 as b1
        2025-02-10 J sell  60 X for   540 as s1
        2025-03-13 J buy   50 X for   450 as b2
        gives
        s1 of b1 60 X gain -60 short
        open b1 40 X basis 400
        open b2 50 X basis 450
    """,
    "bought and sold out 30 days before: not the only purchase either": """
        2025-01-11 J buy   10 X for   100 as b0
        2025-01-20 J sell  10 X for    90 as s0
        2025-02-03 J buy  100 X for 1,000 as b1
        2025-02-10 J sell  60 X for   540 as s1
        gives
        s0 of b0 10 X gain 0 disallowed 10 short
        s1 of b1 10 X gain 0 disallowed 20 carried 9 short
        s1 of b1 50 X gain -20 disallowed 30 short
        open b1 10 X basis 120 carries 16
        open b1 30 X basis 330 carries 7
    """,
    "the shares sold never replace themselves": """
        2024-01-08 J buy  10 X for   500 as b0
        2025-02-03 J buy  10 X for 1,000 as b1
        2025-02-10 J sell 10 X for   900 as s1 of b1:10
        gives
        s1 of b1 10 X gain -100 short
        open b0 10 X basis 500
    """,
    "bought in the window, sold before at a gain: counts, and raises the basis of that sale": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell 10 X for 1,000 as s1 of b2:10
        2025-02-10 J sell 10 X for   900 as s2
        gives
        s1 of b2 10 X gain 200 carried 399 long
        s2 of b1 10 X gain 0 disallowed 100 long
    """,
    "shares still held come before shares sold of the same purchase": """
        2024-01-08 J buy   5 X for   500 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell  5 X for   500 as s1 of b2:5
        2025-02-10 J sell  5 X for   450 as s2 of b1:5
        gives
        s1 of b2 5 X gain 150 short
        s2 of b1 5 X gain 0 disallowed 50 long
        open b2 5 X basis 400 carries 399
    """,
    "and the sold ones take what is left": """
        2024-01-08 J buy   8 X for   800 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell  5 X for   500 as s1 of b2:5
        2025-02-10 J sell  8 X for   720 as s2 of b1:8
        gives
        s1 of b2 3 X gain 60 carried 399 long
        s1 of b2 2 X gain 60 short
        s2 of b1 8 X gain 0 disallowed 80 long
        open b2 5 X basis 400 carries 399
    """,
    "shares of an earlier purchase that were sold come before held shares of a later one": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell 10 X for 1,000 as s1 of b2:10
        2025-02-06 J buy  10 X for   950 as b3
        2025-02-10 J sell 10 X for   900 as s2 of b1:10
        gives
        s1 of b2 10 X gain 200 carried 399 long
        s2 of b1 10 X gain 0 disallowed 100 long
        open b3 10 X basis 950
    """,
    "bought in the window and sold at a loss themselves: no replacement": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   990 as b2
        2025-02-05 J sell 10 X for   980 as s1 of b2:10
        2025-02-10 J sell 10 X for   900 as s2
        gives
        s1 of b2 10 X gain -10 short
        s2 of b1 10 X gain -100 long
    """,
    "shares bought and sold in an IRA before the loss lose it for good": """
        2024-01-08 J   buy  10 X for 1,000 as b1
        2025-02-03 IRA buy  10 X for   700 as b2
        2025-02-05 IRA sell  4 X for   400 as s1
        2025-02-06 IRA sell  6 X for   400 as s2
        2025-02-10 J   sell 10 X for   900 as s3
        gives
        s3 of b1 10 X gain 0 disallowed 100 lost 100 long
    """,
    "a sale that the loss turns into a loss is matched in its turn": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell 10 X for   750 as s1 of b2:10
        2025-02-06 J buy  10 X for   740 as b3
        2025-02-10 J sell 10 X for   700 as s2 of b1:10
        gives
        s1 of b2 10 X gain 0 disallowed 250 carried 399 long
        s2 of b1 10 X gain 0 disallowed 300 long
        open b3 10 X basis 990 carries 401
    """,
    "what is left of such a loss waits for a purchase to come": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell 10 X for   750 as s1 of b2:10
        2025-02-10 J sell 10 X for   700 as s2 of b1:10
        2025-03-07 J buy  10 X for   740 as b3
        2025-03-08 J buy  10 X for   740 as b4
        gives
        s1 of b2 10 X gain 0 disallowed 250 carried 399 long
        s2 of b1 10 X gain 0 disallowed 300 long
        open b3 10 X basis 990 carries 401
        open b4 10 X basis 740
    """,
    "and so on through a row of sales": """
        2024-01-08 J buy  10 X for 1,000 as b0
        2025-02-03 J buy  10 X for   700 as b1
        2025-02-05 J sell 10 X for   750 as s1 of b1:10
        2025-02-06 J buy  10 X for   700 as b2
        2025-02-07 J sell 10 X for   740 as s2 of b2:10
        2025-02-10 J sell 10 X for   700 as s3
        2025-03-01 J buy  10 X for   600 as b3
        gives
        s1 of b1 10 X gain 0 disallowed 250 carried 399 long
        s2 of b2 10 X gain 0 disallowed 210 carried 401 long
        s3 of b0 10 X gain 0 disallowed 300 long
        open b3 10 X basis 810 carries 402
    """,
    "lots sold in one order: the later bought takes the loss of the earlier": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   850 as b2
        2025-02-10 J sell 20 X for 1,800 as s1
        gives
        s1 of b1 10 X gain 0 disallowed 100 long
        s1 of b2 10 X gain -50 carried 399 long
        totals short 0 long -50 disallowed 100 lost 0
    """,
    "the earlier bought does not take the loss of the later": """
        2025-02-01 J buy  10 X for   850 as b1
        2025-02-03 J buy  10 X for 1,000 as b2
        2025-02-10 J sell 20 X for 1,800 as s1
        gives
        s1 of b1 10 X gain 50 short
        s1 of b2 10 X gain -100 short
    """,
    "one order, part of the later lot: its kept shares come before its sold ones": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   850 as b2
        2025-02-10 J sell 14 X for 1,260 as s1
        gives
        s1 of b1 10 X gain 0 disallowed 100 long
        s1 of b2 4 X gain -20 carried 399 long
        open b2 6 X basis 570 carries 399
    """,
    "one order, a loss smaller than the later lot: the lot's line is split": """
        2024-01-08 J buy   4 X for   400 as b1
        2025-02-03 J buy  10 X for   850 as b2
        2025-02-10 J sell 14 X for 1,260 as s1
        gives
        s1 of b1 4 X gain 0 disallowed 40 long
        s1 of b2 4 X gain -20 carried 399 long
        s1 of b2 6 X gain 30 short
    """,
}


@pytest.mark.parametrize("title", STORIES)
def test_the_story_comes_out_as_the_rules_say(title: str) -> None:
    check_story(STORIES[title])


SWITCHED = {
    "sold before the loss is gone: no replacement": (
        SOLD_IS_GONE,
        """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell 10 X for 1,000 as s1 of b2:10
        2025-02-10 J sell 10 X for   900 as s2
        gives
        s1 of b2 10 X gain 300 short
        s2 of b1 10 X gain -100 long
        """,
    ),
    "lots of one order kept apart": (
        APART,
        """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   850 as b2
        2025-02-10 J sell 20 X for 1,800 as s1
        gives
        s1 of b1 10 X gain -100 long
        s1 of b2 10 X gain 50 short
        """,
    ),
    "plans kept apart": (
        PLANS_APART,
        """
        2024-01-08 J    buy  10 X for 1,000 as b1
        2025-02-03 J    sell 10 X for   800 as s1
        2025-02-10 401K buy   3 X for   246 as b2
        2025-02-11 IRA  buy   2 X for   164 as b3
        gives
        s1 of b1 10 X gain -160 disallowed 40 lost 40 long
        open b2 3 X basis 246
        open b3 2 X basis 164
        """,
    ),
    "identity by symbol": (
        BY_SYMBOL,
        """
        2024-01-08 J buy  10 VTI/US  for 1,000 as b1
        2025-02-03 J sell 10 VTI/US  for   800 as s1
        2025-02-10 J buy  10 SCHB/US for   820 as b2
        gives
        s1 of b1 10 VTI gain -200 long
        open b2 10 SCHB basis 820
        """,
    ),
}


@pytest.mark.parametrize("title", SWITCHED)
def test_a_switch_of_the_policy_changes_its_point(title: str) -> None:
    policy, text = SWITCHED[title]
    check_story(text, policy)


def test_the_policy_says_in_words_how_each_point_is_taken() -> None:
    switched = LedgerPolicy(
        sold_before_loss_counts=False,
        lots_of_one_order_replace=False,
        plans_count_as_iras=False,
        identity=Identity.SYMBOL,
    )
    pairs = list(zip(CAUTIOUS.points(), switched.points(), strict=True))
    assert [a[0] for a, _ in pairs] == [b[0] for _, b in pairs]
    assert all(a[1] != b[1] for a, b in pairs)
