"""What the words of Schwab's and Fidelity's histories mean, each of them."""

from decimal import Decimal

import pytest

from engine.portfolio import Action
from importers.actions import award_meaning, fidelity_meaning, one_meaning, schwab_meaning
from importers.records import ActivityKind as Kind

SCHWAB = {
    Action.BUY: "Buy",
    Action.SELL: "Sell",
    Action.REINVEST: "Reinvest Shares",
    Kind.OPTION: "Buy to Open|Sell to Close|Sell to Open|Buy to Close|Expired|Assigned|Exchange or Exercise",
    Kind.DIVIDEND: "Reinvest Dividend|Qual Div Reinvest|Pr Yr Div Reinvest|Cash Dividend|Qualified Dividend"
    "|Non-Qualified Div|Special Dividend|Pr Yr Special Div|Pr Yr Non Qual Div",
    Kind.CAPITAL_GAIN_LONG: "Long Term Cap Gain|Long Term Cap Gain Reinvest",
    Kind.CAPITAL_GAIN_SHORT: "Short Term Cap Gain|Short Term Cap Gain Reinvest",
    Kind.INTEREST: "Bank Interest|Bond Interest|Credit Interest|CD Interest",
    Kind.JOURNAL: "Journal|Journaled Shares|CD Deposit Funds|CD Deposit Adj",
    Kind.SPLIT: "Stock Split|Reverse Split",
    Kind.CASH_IN_LIEU: "Cash In Lieu",
    Kind.MERGER: "Cash Merger|Cash Merger Adj|Stock Merger",
    Kind.TRANSFER_IN: "Stock Plan Activity|Security Transfer|Internal Transfer",
    Kind.DEPOSIT: "MoneyLink Transfer|MoneyLink Deposit|MoneyLink Adj|Wire Received|Funds Received|Promotional Award",
    Kind.FEE: "Service Fee|ADR Mgmt Fee",
    Kind.TAX_WITHHELD: "Foreign Tax Paid|NRA Tax Adj|NRA Withholding",
}
FIDELITY = {
    "YOU BOUGHT QUARRY ALPHA ETF (QUA) (Cash)": Action.BUY,
    " YOU SOLD QUARRY ALPHA ETF (QUA) (Cash)": Action.SELL,
    "YOU SOLD CLOSING TRANSACTION CALL (QUA)": Kind.OPTION,
    "EXPIRED CALL (QUA) QUARRY ALPHA": Kind.OPTION,
    "DIVIDEND RECEIVED QUARRY BOND FUND (QUB) (Cash)": Kind.DIVIDEND,
    "REINVESTMENT QUARRY BOND FUND (QUB) (Cash)": Action.REINVEST,
    "INTEREST EARNED as of Dec-30-2025 (Cash)": Kind.INTEREST,
    "LONG-TERM CAP GAIN QUARRY BOND FUND": Kind.CAPITAL_GAIN_LONG,
    "SHORT-TERM CAP GAIN QUARRY BOND FUND": Kind.CAPITAL_GAIN_SHORT,
    "TRANSFERRED FROM VS X10000009 (Cash)": Kind.TRANSFER_IN,
    "DIRECT DEPOSIT QUARRY INC. PAYROLL (Cash)": Kind.DEPOSIT,
    "FOREIGN TAX PAID QUARRY": Kind.TAX_WITHHELD,
    "REDEMPTION FROM CORE ACCOUNT": Kind.JOURNAL,
    "REDEMPTION PAYOUT #REORG": Kind.JOURNAL,
    "IN LIEU OF FRX SHARE": Kind.CASH_IN_LIEU,
    "REVERSE SPLIT R/S FROM 74900A109": Kind.SPLIT,
    "MERGER MER FROM 74900A109": Kind.MERGER,
}


@pytest.mark.parametrize(
    ("meaning", "word"), [(kind, word) for kind, all_ in SCHWAB.items() for word in all_.split("|")]
)
def test_each_word_of_schwab_has_its_meaning(meaning: Action | Kind, word: str) -> None:
    found = schwab_meaning(word)
    assert found is not None
    assert one_meaning(found, Decimal(1)) is meaning


@pytest.mark.parametrize("sentence", FIDELITY)
def test_each_sentence_of_fidelity_is_known_by_how_it_begins(sentence: str) -> None:
    found = fidelity_meaning(sentence)
    assert found is not None
    assert one_meaning(found, None) is FIDELITY[sentence]


def test_what_goes_out_is_a_withdrawal_or_a_transfer_out() -> None:
    outward = {
        "Wire Sent": Kind.WITHDRAWAL,
        "MoneyLink Transfer": Kind.WITHDRAWAL,
        "Internal Transfer": Kind.TRANSFER_OUT,
    }
    found = {word: schwab_meaning(word) for word in outward}
    assert {word: one_meaning(m, Decimal(-1)) for word, m in found.items() if m is not None} == outward


@pytest.mark.parametrize("word", ["Buy the Dip", "", "sellotape", "Sale"])
def test_a_word_that_is_not_known_has_no_meaning(word: str) -> None:
    assert schwab_meaning(word) is None
    assert fidelity_meaning(word) is None
    assert (award_meaning(word) is None) == (word != "Sale")
