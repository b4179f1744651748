from decimal import Decimal

import pytest

from engine.portfolio import Action
from importers.history_rows import Words, kind_of, trade_of
from importers.records import ActivityKind


def words_of(text: str) -> tuple[Words, str, str]:
    activity, symbol, amount, description = (part.strip() for part in text.split("|"))
    return Words(activity, description), symbol, amount


TRADES = {
    "Bought | QEQT | -100 | QUILL ETF": Action.BUY,
    "Sold | QEQT | 100 | QUILL ETF LOT 20240618": Action.SELL,
    "Dividend Reinvestment | QEQT | -5 | QUILL ETF": Action.REINVEST,
    "Bought To Open | QEQT | -150 | CALL QEQT 10/16/26 60.000": None,
    "Bought | QEQT | -150 | CALL QEQT   10/16/26    60.000": None,
    "Bought - Cancelled | QEQT | 100 | QUILL ETF": None,
    "Dividend | QEQT | 5 | BOUGHT LAST YEAR": None,
}


@pytest.mark.parametrize("text", TRADES)
def test_only_trades_of_shares_are_trades(text: str) -> None:
    words, symbol, _ = words_of(text)
    assert trade_of(words, symbol, Decimal(10)) is TRADES[text]


KINDS = {
    "Qualified Dividend | QEQT | 5 | QUILL ETF": ActivityKind.DIVIDEND,
    "Foreign Tax Paid | QEQT | -1 | DIVIDEND OF QUILL": ActivityKind.TAX_WITHHELD,
    "Interest Income | | 1.61 | SWEEP": ActivityKind.INTEREST,
    "Long-Term Capital Gain | QSML | 12 | QUILL": ActivityKind.CAPITAL_GAIN_LONG,
    "Short-Term Cap Gain | QSML | 12 | QUILL": ActivityKind.CAPITAL_GAIN_SHORT,
    "Capital Gain Distribution | QSML | 12 | QUILL": ActivityKind.CAPITAL_GAIN_LONG,
    "Cash In Lieu | QSML | 3.10 | SPLIT OF QUILL": ActivityKind.CASH_IN_LIEU,
    "Stock Split | QSML | | 2 FOR 1": ActivityKind.SPLIT,
    "Reorganization | QOLD | | MERGER": ActivityKind.MERGER,
    "Service Fee | | -28 | ADV": ActivityKind.FEE,
    "ACH Deposit | | 500 | FROM BANK": ActivityKind.DEPOSIT,
    "Online Transfer | | -500 | TO BANK": ActivityKind.TRANSFER_OUT,
    "Check Written | | -50 | NO 1001": ActivityKind.WITHDRAWAL,
    "Adjustment | | -3 | SOMETHING": ActivityKind.JOURNAL,
    "Option Expiration | QEQT | 0 | PUT": ActivityKind.OPTION,
    "Misc Entry | QDIV | 5 | QUILL DIVIDEND EXCHANGE TRADED FUND": ActivityKind.OTHER,
    "Misc Entry | | 5 | DIVIDEND OF LAST YEAR": ActivityKind.DIVIDEND,
    "Mystery | | 3 | WORDS OF NO MEANING": ActivityKind.OTHER,
}


@pytest.mark.parametrize("text", KINDS)
def test_what_is_no_trade_is_named_by_its_words(text: str) -> None:
    words, symbol, figure = words_of(text)
    assert kind_of(words, symbol, None, Decimal(figure) if figure else None) is KINDS[text]
