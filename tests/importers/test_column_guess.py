"""What a table is and what its columns mean, by their titles and by what stands in them."""

import pytest

from importers.base import FileHead
from importers.column_guess import guess_map, guess_maps, which_close
from importers.column_map import Close, ColumnMap, Shape, TableKind


def guessed(text: str, name: str = "table.csv") -> ColumnMap:
    rows = tuple(tuple(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines())
    return guess_map(FileHead(name, "csv", (("", rows),)))


TABLES = {
    "lots by title": (
        """Account Number | Symbol | Date Acquired | Quantity | Cost Basis
           00123456       | QAAA   | 03/15/2021    | 10       | 400.50""",
        TableKind.LOTS,
        {"acquired": "Date Acquired", "cost_basis": "Cost Basis", "account": "Account Number"},
    ),
    "lots by content: a column of past dates, one of tickers, one of masks": (
        """Where    | What | Since      | Shares | Price paid
           XXXX-123 | QAAA | 03/15/2021 | 10     | 40.05
           XXXX-123 | QSML | 04/15/2021 | 11     | 41.05""",
        TableKind.LOTS,
        {"account": "Where", "symbol": "What", "acquired": "Since", "unit_cost": "Price paid"},
    ),
    "holdings whose date is the same on each row": (
        """Acct | Symbol | Date       | Shares | Cost
           7001 | QAAA   | 03/20/2026 | 10     | 400
           7001 | QSML   | 03/20/2026 | 10     | 400""",
        TableKind.HOLDINGS,
        {"as_of": "Date", "quantity": "Shares"},
    ),
    "holdings under rows of text": (
        """Example Trust Company | Holdings
           As of | 03/20/2026
           Account | Ticker | Units | Market value
           7001 | QAAA | 10 | $605.40""",
        TableKind.HOLDINGS,
        {"account": "Account", "symbol": "Ticker", "quantity": "Units", "market_value": "Market value"},
    ),
    "a column of security types is no action": (
        """Date       | Account | Type | Symbol | Quantity | Price | Value
           03/20/2026 | 7001    | ETF  | QAAA   | 10       | 60.54 | 605.40
           03/20/2026 | 7001    | ETF  | QSML   | 10       | 60.54 | 605.40""",
        TableKind.HOLDINGS,
        {"security_type": "Type", "as_of": "Date"},
    ),
    "transactions": (
        """Run Date   | Account | Action     | Symbol | Quantity | Amount
           03/20/2026 | 7001    | YOU BOUGHT | QAAA   | 10       | -605.40
           03/20/2026 | 7001    | DIVIDEND   | QAAA   |          | 5.40""",
        TableKind.TRANSACTIONS,
        {"date": "Run Date", "action": "Action", "amount": "Amount"},
    ),
    "prices in rows": (
        """Date       | Ticker | Close | Adj Close
           2026-03-20 | QAAA   | 60.54 | 60.10""",
        TableKind.PRICES,
        {"close": "Close", "adjusted": "Adj Close", "symbol": "Ticker"},
    ),
    "macro series in rows": (
        """Series | Date       | Value
           DGS10  | 2026-03-20 | 4.05""",
        TableKind.MACRO,
        {"series": "Series", "value": "Value"},
    ),
    "two columns of one title": (
        """Account | Symbol | Quantity | Purchase date | Date | Cost basis | Cost basis
           7001    | QAAA   | 10       | 2021-03-15    | x    | 400.5      | y""",
        TableKind.LOTS,
        {"acquired": "Purchase date", "cost_basis": "Cost basis"},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_understood(name: str) -> None:
    text, kind, columns = TABLES[name]
    guess = guessed(text)
    assert guess.kind is kind
    assert guess.missing() == ()
    assert columns.items() <= dict(guess.columns).items()


WIDE = """date | QAAA | QBND | LOW
          2026-03-19 | 60.10 | | 5
          2026-03-20 | 60.54 | 71.20 | 5.05"""


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("prices_close.csv", Close.CLOSE),
        ("prices_adjusted.csv", Close.ADJUSTED),
        ("etf_adj_close_daily.csv", Close.ADJUSTED),
        ("etf_unadjusted_close.csv", Close.CLOSE),
        ("prices.csv", None),
    ],
)
def test_which_closes_a_wide_table_holds_is_in_its_name_or_asked(name: str, price: Close | None) -> None:
    guess = guessed(WIDE, name)
    assert (guess.kind, guess.shape, guess.price) == (TableKind.PRICES, Shape.WIDE, price)
    assert guess.missing() == (() if price else ("price",))
    assert which_close(name) is price


@pytest.mark.parametrize("first", ["observation_date | SP500", "date | DGS10", "DATE | CPIAUCSL"])
def test_a_wide_table_of_published_series_is_macro(first: str) -> None:
    guess = guessed(f"{first}\n2026-03-19 | 4.1\n2026-03-20 | .")
    assert (guess.kind, guess.shape, guess.missing()) == (TableKind.MACRO, Shape.WIDE, ())


def test_daily_quotes_of_one_symbol_take_it_from_the_files_name() -> None:
    quotes = "Date | Open | High | Low | Close | Adj Close | Volume\n2026-03-20 | 1 | 2 | 1 | 2 | 1.9 | 100"
    assert guessed(quotes, "QAAA.csv").symbol == "QAAA"
    assert guessed(quotes, "daily quotes.csv").missing() == ("symbol",)


def test_a_cost_near_the_market_value_is_that_of_the_lot_and_a_small_one_that_of_a_share() -> None:
    lots = "Acct|Symbol|Acquired|Shares|Cost|Market value\n7001|QAAA|2021-03-15|100|{}|6054"
    assert "cost_basis" in guessed(lots.format("4000")).columns
    assert "unit_cost" in guessed(lots.format("40")).columns


def test_every_sheet_of_a_workbook_has_its_own_guess() -> None:
    rows = (("Acct", "Symbol", "Shares"), ("7001", "QAAA", "10"))
    head = FileHead("book.xlsx", "xlsx", (("Notes", (("hello",),)), ("Held", rows)))
    first, second = guess_maps(head)
    assert first.kind is None
    assert (second.kind, second.sheet) == (TableKind.HOLDINGS, "Held")
    assert guess_map(head) == second


@pytest.mark.parametrize("text", ["", "hello", "a | b\nc | d", "1 | 2\n3 | 4", "Symbol | Thing\nx | y"])
def test_what_is_no_table_of_ours_is_not_understood(text: str) -> None:
    assert guessed(text).missing()
