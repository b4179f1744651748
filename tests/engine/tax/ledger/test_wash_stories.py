"""Losses and replacements: the window, the order of matching, parts, chains. One story a case, each with its source."""

import pytest

from tests.engine.tax.ledger.story import check_story

STORIES = {
    "a loss without a purchase near it counts in full": """
        2024-01-08 J buy  100 X for 1,000 as b1
        2025-02-03 J sell 100 X for   800 as s1
        gives
        s1 of b1 100 X gain -200 long
        totals short 0 long -200 disallowed 0 lost 0
    """,
    "Pub. 550, Example 1: bought back, the loss goes into the basis and the days held are added": """
        2024-01-08 J buy  100 X for 1,000 as b1
        2025-02-03 J sell 100 X for   750 as s1
        2025-02-10 J buy  100 X for   800 as b2
        gives
        s1 of b1 100 X gain 0 disallowed 250 long
        open b2 100 X basis 1,050 carries 392
        totals short 0 long 0 disallowed 250 lost 0
    """,
    "Pub. 550 (M stock): 75 bought within the window, 25 of 100 count": """
        2024-09-21 J buy  100 M for 5,000 as b1
        2024-12-21 J buy   50 M for 2,750 as b2
        2024-12-26 J buy   25 M for 1,125 as b3
        2025-01-03 J sell 100 M for 4,000 as s1 of b1:100
        gives
        s1 of b1 100 M gain -250 disallowed 750 short
        open b2 50 M basis 3,250 carries 104
        open b3 25 M basis 1,375 carries 104
    """,
    "a gain is never a wash sale: IRC 1091(a) speaks of losses": """
        2024-01-08 J buy  100 X for 1,000 as b1
        2025-02-03 J sell 100 X for 1,100 as s1
        2025-02-04 J buy  100 X for 1,100 as b2
        gives
        s1 of b1 100 X gain 100 long
        open b2 100 X basis 1,100
    """,
    "no loss and no gain is not a wash sale either": """
        2024-01-08 J buy  100 X for 1,000 as b1
        2025-02-03 J sell 100 X for 1,000 as s1
        2025-02-04 J buy  100 X for 1,100 as b2
        gives
        s1 of b1 100 X gain 0 long
        open b2 100 X basis 1,100
    """,
    "day 30 after the sale counts (IRC 1091(a))": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-03-03 J sell 10 X for   800 as s1
        2025-04-02 J buy  10 X for   820 as b2
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open b2 10 X basis 1,020 carries 420
    """,
    "day 31 after the sale does not": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-03-03 J sell 10 X for   800 as s1
        2025-04-03 J buy  10 X for   820 as b2
        gives
        s1 of b1 10 X gain -200 long
        open b2 10 X basis 820
    """,
    "day 30 before the sale counts": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-01 J buy  10 X for   820 as b2
        2025-03-03 J sell 10 X for   800 as s1
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open b2 10 X basis 1,020 carries 420
    """,
    "day 31 before the sale does not": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-01-31 J buy  10 X for   820 as b2
        2025-03-03 J sell 10 X for   800 as s1
        gives
        s1 of b1 10 X gain -200 long
        open b2 10 X basis 820
    """,
    "February of a leap year: 30 days from January 30 end on February 29": """
        2023-01-09 J buy  10 X for 1,000 as b1
        2024-01-30 J sell 10 X for   800 as s1
        2024-02-29 J buy  10 X for   820 as b2
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        open b2 10 X basis 1,020 carries 386
    """,
    "the window crosses the end of the year": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-12-31 J sell 10 X for   800 as s1
        2025-01-30 J buy  10 X for   700 as b2
        gives
        s1 of b1 10 X gain 0 disallowed 200 short
        open b2 10 X basis 900 carries 358
    """,
    "a reinvested dividend of one share takes one share of a thousand": """
        2024-01-08 J buy      1,000 X for 100,000 as b1
        2025-02-20 J reinvest     1 X for      88 as r1
        2025-03-03 J sell     1,000 X for  90,000 as s1 of b1:1000
        gives
        s1 of b1 1000 X gain -9,990 disallowed 10 long
        open r1 1 X basis 98 carries 420
    """,
    "fewer bought than sold: the rest of the loss counts": """
        2024-01-08 J buy  100 X for 1,000 as b1
        2025-02-03 J sell 100 X for   800 as s1
        2025-02-10 J buy   40 X for   320 as b2
        gives
        s1 of b1 100 X gain -120 disallowed 80 long
        open b2 40 X basis 400 carries 392
    """,
    "more bought than sold: only as many shares carry, the purchase becomes two blocks (Reg. 1.1091-1(d))": """
        2024-01-08 J buy  40 X for 400 as b1
        2025-02-03 J sell 40 X for 320 as s1
        2025-02-10 J buy 100 X for 810 as b2
        gives
        s1 of b1 40 X gain 0 disallowed 80 long
        open b2 40 X basis 404 carries 392
        open b2 60 X basis 486
    """,
    "replacements are used in order of purchase (Reg. 1.1091-1(c))": """
        2024-01-08 J buy  100 X for 1,000 as b1
        2025-02-10 J buy   50 X for   450 as b2
        2025-02-20 J buy   50 X for   440 as b3
        2025-02-25 J buy   50 X for   430 as b4
        2025-03-03 J sell 100 X for   800 as s1 of b1:100
        gives
        s1 of b1 100 X gain 0 disallowed 200 long
        open b2 50 X basis 550 carries 420
        open b3 50 X basis 540 carries 420
        open b4 50 X basis 430
    """,
    "losses are matched in order of sale (Reg. 1.1091-1(b)): the earlier takes the purchase": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-01-09 J buy  10 X for 1,100 as b2
        2025-02-03 J sell 10 X for   800 as s1
        2025-02-04 J sell 10 X for   800 as s2
        2025-02-10 J buy  10 X for   810 as b3
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        s2 of b2 10 X gain -300 long
        open b3 10 X basis 1,010 carries 392
    """,
    "in one sale the loss of the lot bought first is matched first": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-01-09 J buy  10 X for 1,100 as b2
        2025-02-03 J sell 20 X for 1,600 as s1 of b2:10 b1:10
        2025-02-10 J buy  10 X for   810 as b3
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        s1 of b2 10 X gain -300 long
        open b3 10 X basis 1,010 carries 392
    """,
    "each replacement is used once": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-01-09 J buy  10 X for 1,000 as b2
        2025-02-03 J buy  10 X for   900 as b3
        2025-02-10 J sell 10 X for   800 as s1 of b1:10
        2025-02-11 J sell 10 X for   800 as s2 of b2:10
        gives
        s1 of b1 10 X gain 0 disallowed 200 long
        s2 of b2 10 X gain -200 long
        open b3 10 X basis 1,100 carries 399
    """,
    "a chain: what replaced is sold at a loss and replaced again, basis and days add up": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-02-08 J sell 10 X for   900 as s1
        2024-02-12 J buy  10 X for   880 as b2
        2024-03-11 J sell 10 X for   800 as s2
        2024-03-20 J buy  10 X for   790 as b3
        gives
        s1 of b1 10 X gain 0 disallowed 100 short
        s2 of b2 10 X gain 0 disallowed 180 carried 31 short
        open b3 10 X basis 970 carries 59
    """,
    "a chain that ends: the whole loss comes out in the last sale": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-02-08 J sell 10 X for   900 as s1
        2024-02-12 J buy  10 X for   880 as b2
        2024-03-11 J sell 10 X for   800 as s2
        2024-03-20 J buy  10 X for   790 as b3
        2024-06-20 J sell 10 X for   700 as s3
        gives
        s1 of b1 10 X gain 0 disallowed 100 short
        s2 of b2 10 X gain 0 disallowed 180 carried 31 short
        s3 of b3 10 X gain -270 carried 59 short
        totals short -270 long 0 disallowed 280 lost 0
    """,
    "the days carried make a sale long-term that would be short-term (IRC 1223(3))": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-12-09 J sell 10 X for   800 as s1
        2024-12-20 J buy  10 X for   810 as b2
        2025-01-21 J sell 10 X for   830 as s2
        gives
        s1 of b1 10 X gain 0 disallowed 200 short
        s2 of b2 10 X gain -180 carried 336 long
    """,
    "days are added, the old start date is not taken: the gap between does not count": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-12-09 J sell 10 X for   800 as s1
        2024-12-20 J buy  10 X for   810 as b2
        2025-01-13 J sell 10 X for 1,030 as s2
        gives
        s1 of b1 10 X gain 0 disallowed 200 short
        s2 of b2 10 X gain 20 carried 336 short
    """,
    "two losses in one purchase stay two blocks; the one that carries more days is sold first": """
        2023-01-09 J buy  10 X for 1,000 as b1
        2024-12-09 J buy  10 X for   950 as b2
        2025-03-03 J sell 10 X for   900 as s1
        2025-03-04 J sell 10 X for   900 as s2
        2025-03-10 J buy  30 X for 2,400 as b3
        2025-05-05 J sell 15 X for 1,500 as s3
        gives
        s1 of b1 10 X gain 0 disallowed 100 long
        s2 of b2 10 X gain 0 disallowed 50 short
        s3 of b3 10 X gain 100 carried 784 long
        s3 of b3 5 X gain 75 carried 85 short
        open b3 5 X basis 425 carries 85
        open b3 10 X basis 800
    """,
    "blocks of one lot that carry equally many days are one line": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J sell  5 X for   400 as s1
        2025-02-03 J sell  5 X for   450 as s2
        2025-02-10 J buy  10 X for   800 as b2
        2025-06-02 J sell  8 X for   960 as s3
        gives
        s1 of b1 5 X gain 0 disallowed 100 long
        s2 of b1 5 X gain 0 disallowed 50 long
        s3 of b2 8 X gain 190 carried 392 long
        open b2 2 X basis 180 carries 392
    """,
    "rows may come in any order of dates": """
        2025-02-10 J buy  100 X for   820 as b2
        2025-02-03 J sell 100 X for   800 as s1
        2024-01-08 J buy  100 X for 1,000 as b1
        gives
        s1 of b1 100 X gain 0 disallowed 200 long
        open b2 100 X basis 1,020 carries 392
    """,
    "rows of one day keep the order of the file: bought, then sold": """
        2025-02-03 J buy  10 X for 1,000 as b1
        2025-02-03 J sell 10 X for   900 as s1
        2025-02-03 J buy  10 X for   890 as b2
        gives
        s1 of b1 10 X gain 0 disallowed 100 short
        open b2 10 X basis 990
    """,
    "fractions of shares are matched share for share": """
        2024-01-08 J buy      10.5   X for 1,050 as b1
        2025-02-03 J sell     10.5   X for   840 as s1
        2025-02-10 J reinvest  0.125 X for    10 as r1
        2025-02-11 J buy       3.375 X for   270 as b2
        gives
        s1 of b1 10.5 X gain -140 disallowed 70 long
        open r1 0.125 X basis 12.50 carries 392
        open b2 3.375 X basis 337.50 carries 392
    """,
    "cents are never lost: a loss of one dollar over three purchases": """
        2024-01-08 J buy  3 X for 10 as b1
        2025-02-03 J sell 3 X for  9 as s1
        2025-02-10 J buy  1 X for  3 as b2
        2025-02-11 J buy  1 X for  3 as b3
        2025-02-12 J buy  1 X for  3 as b4
        gives
        s1 of b1 3 X gain 0 disallowed 1 long
        open b2 1 X basis 3.33 carries 392
        open b3 1 X basis 3.34 carries 392
        open b4 1 X basis 3.33 carries 392
    """,
    "proceeds of a sale of three lots add up to the cent": """
        2024-01-08 J buy  1 X for 3.00 as b1
        2024-01-09 J buy  1 X for 3.00 as b2
        2024-01-10 J buy  1 X for 3.00 as b3
        2025-02-03 J sell 3 X for 10.00 as s1
        gives
        s1 of b1 1 X gain 0.34 long
        s1 of b2 1 X gain 0.33 long
        s1 of b3 1 X gain 0.33 long
    """,
    "the basis of a lot sold in thirds adds up to the cent": """
        2024-01-08 J buy  3 X for 10.00 as b1
        2025-02-03 J sell 1 X for  5.00 as s1
        2025-02-04 J sell 1 X for  5.00 as s2
        2025-02-05 J sell 1 X for  5.00 as s3
        gives
        s1 of b1 1 X gain 1.67 long
        s2 of b1 1 X gain 1.66 long
        s3 of b1 1 X gain 1.67 long
    """,
    "first in, first out goes by the day acquired, not by the days carried": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-01-09 J buy  10 X for 1,000 as b2
        2024-06-10 J sell 10 X for   900 as s1
        2024-06-12 J buy  10 X for   880 as b3
        2024-08-12 J sell 10 X for 1,200 as s2
        gives
        s1 of b1 10 X gain 0 disallowed 100 short
        s2 of b2 10 X gain 200 short
        open b3 10 X basis 980 carries 154
    """,
    "first in, first out of one day goes by the file": """
        2024-01-08 J buy  10 X for 1,000 as b2
        2024-01-08 J buy  10 X for 1,100 as b1
        2025-02-03 J sell 12 X for 1,440 as s1
        gives
        s1 of b2 10 X gain 200 long
        s1 of b1 2 X gain 20 long
        open b1 8 X basis 880
    """,
    "sold, bought back and sold again on one day: each loss moves on": """
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J sell 10 X for   900 as s1
        2025-02-03 J buy  10 X for   895 as b2
        2025-02-03 J sell 10 X for   890 as s2
        2025-02-03 J buy  10 X for   885 as b3
        gives
        s1 of b1 10 X gain 0 disallowed 100 long
        s2 of b2 10 X gain 0 disallowed 105 carried 392 long
        open b3 10 X basis 990 carries 392
    """,
}


@pytest.mark.parametrize("title", STORIES)
def test_the_story_comes_out_as_the_rules_say(title: str) -> None:
    check_story(STORIES[title])
