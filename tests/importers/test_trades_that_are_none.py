"""Trades that were taken back, made short, delivered by an option or are written as formulas, in each history."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from importers.base import ImportResult
from importers.records import ActivityKind, ActivityRecord, TransactionRecord
from importers.registry import recognise
from tests.importers.telling import FIXTURES, TODAY

SCHWAB = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n'
FIDELITY = (
    "Run Date,Account,Account Number,Action,Symbol,Description,Type,Price ($),Quantity,Commission ($),Fees ($),"
    "Accrued Interest ($),Amount ($),Settlement Date\n"
)
TDA = (
    "DATE,TRANSACTION ID,DESCRIPTION,QUANTITY,SYMBOL,PRICE,COMMISSION,AMOUNT,NET CASH BALANCE,REG FEE,"
    "SHORT-TERM RDM FEE,FUND REDEMPTION FEE,DEFERRED SALES CHARGE\n"
)
LPL = "Date,Activity,Symbol,Description,Quantity,Unit Price,Value,Held In,Account Nickname,Account Number\n"
MERRILL = (
    '"Trade Date","Settlement Date","Account #","Type","Description 1","Description 2","Symbol/CUSIP #","Quantity",'
    '"Price ($)","Amount ($)"\n'
)


def fidelity(sentence: str, rest: str, kind: str = "Cash", day: str = "03/04/2026") -> str:
    return f'{FIDELITY}{day},"Individual","X10000001","{sentence}",QUA,"QUARRY ALPHA ETF",{kind},{rest},{day}\n'


def schwab(action: str, rest: str, symbol: str = "QUA") -> str:
    return f'{SCHWAB}"03/04/2026","{action}","{symbol}","QUARRY ALPHA ETF",{rest}\n'


def tda(words: str, shares: str, amount: str) -> str:
    return f"{TDA}03/04/2026,1001,{words},{shares},QUA,20,0,{amount},1000,,,,\n***END OF FILE***\n"


TRADES: Mapping[str, tuple[str, str]] = {
    # name -> file, what the one row is: its action, or its kind and the code of what is told of it
    "Schwab: a buy": (schwab("Buy", '"10","$20.00","","-$200.00"'), "buy"),
    "Schwab: a sell with a signed quantity": (schwab("Sell", '"-1,471","$20.00","$0.10","$29,419.90"'), "sell"),
    "Schwab: a buy that is taken back": (schwab("Buy", '"10","$20.00","","$200.00"'), "other reversed_trade"),
    "Schwab: a sale that is taken back": (schwab("Sell", '"10","$20.00","","-$200.00"'), "other reversed_trade"),
    "Schwab: a cancelled buy": (schwab("Cancel Buy", '"10","$20.00","","$200.00"'), "other cancelled_trade"),
    "Schwab: sold short": (schwab("Sell Short", '"10","$20.00","","$200.00"'), "other short_sale"),
    "Schwab: bought to cover": (schwab("Buy to Cover", '"10","$20.00","","-$200.00"'), "other short_sale"),
    "Schwab: shares reinvested": (schwab("Reinvest Shares", '"0.5","$20.00","","-$10.00"'), "reinvest"),
    "Schwab: the cash of it": (schwab("Reinvest Shares", '"","","","$10.00"'), "dividend"),
    "Schwab: shares of no number": (schwab("Reinvest Shares", '"","","","-$10.00"'), "no_quantity"),
    "Schwab: an option": (schwab("Buy to Open", '"1","$2","","-$200"', "QUA 01/15/2027 30.00 C"), "option"),
    "Schwab: an option under Buy": (schwab("Buy", '"1","$2","","-$200"', "QUA 01/15/2027 30.00 C"), "option"),
    "Schwab: split shares": (schwab("Stock Split", '"30","","",""'), "split"),
    "Schwab: a reverse split under a CUSIP": (schwab("Reverse Split", '"-30","","",""', "74900A109"), "split"),
    "Schwab: shares by journal": (schwab("Journaled Shares", '"-30","","",""'), "journal"),
    "Schwab: shares that came": (schwab("Security Transfer", '"30","","",""'), "transfer_in"),
    "Schwab: shares that went": (schwab("Security Transfer", '"-30","","",""'), "transfer_out"),
    "Schwab: margin interest": (schwab("Margin Interest", '"","","","-$4.10"', ""), "interest"),
    "Schwab: a formula as a symbol": (schwab("Buy", '"10","$20.00","","-$200.00"', "=1+1"), "formula"),
    "Fidelity: a buy": (fidelity("YOU BOUGHT QUARRY ALPHA ETF (QUA) (Cash)", "20,10,,,,-200"), "buy"),
    "Fidelity: a sale": (fidelity("YOU SOLD QUARRY ALPHA ETF (QUA) (Margin)", "20,-10,,,,200", "Margin"), "sell"),
    "Fidelity: a fund called short": (fidelity("YOU SOLD SHORT TERM BOND (QUA) (Cash)", "20,-10,,,,200"), "sell"),
    "Fidelity: sold short": (
        fidelity("YOU SOLD SHORT SALE QUARRY ALPHA ETF (QUA) (Short)", "20,-10,,,,200", "Short"),
        "other short_sale",
    ),
    "Fidelity: sold in the short account": (
        fidelity("YOU SOLD QUARRY ALPHA ETF (QUA) (Short)", "20,-10,,,,200", "Short"),
        "other short_sale",
    ),
    "Fidelity: covered": (
        fidelity("YOU BOUGHT SHORT COVER QUARRY ALPHA ETF (QUA) (Short)", "20,10,,,,-200", "Short"),
        "other short_sale",
    ),
    "Fidelity: a cancelled buy": (
        fidelity("BUY CANCEL QUARRY ALPHA ETF (QUA) (Cash)", "20,-10,,,,200"),
        "other cancelled_trade",
    ),
    "Fidelity: a buy that is taken back": (
        fidelity("YOU BOUGHT QUARRY ALPHA ETF (QUA) (Cash)", "20,-10,,,,200"),
        "other reversed_trade",
    ),
    "Fidelity: shares that a put delivered": (
        fidelity("YOU BOUGHT ASSIGNED PUTS AS OF 03-03-26 QUARRY ALPHA ETF (QUA) (Cash)", "20,100,,,,-2000"),
        "buy on 2026-03-03",
    ),
    "Fidelity: a day after the run's is not taken": (
        fidelity("YOU SOLD ASSIGNED CALLS AS OF 03-05-26 QUARRY ALPHA ETF (QUA) (Cash)", "20,-100,,,,2000"),
        "sell on 2026-03-04",
    ),
    "Fidelity: a day in words": (
        fidelity("DIVIDEND RECEIVED as of Feb-27-2026 QUARRY ALPHA ETF (QUA) (Cash)", ",0,,,,20"),
        "dividend on 2026-02-27",
    ),
    "Fidelity: margin interest": (fidelity("MARGIN INTEREST @ 9.000% (Margin)", ",0,,,,-20", "Margin"), "interest"),
    "Fidelity: split shares": (fidelity("DISTRIBUTION QUARRY ALPHA ETF (QUA) (Cash)", ",30,,,,"), "split"),
    "Fidelity: shares that went": (
        fidelity("TRANSFERRED TO VS X10000009-1 QUARRY ALPHA ETF (QUA) (Cash)", ",-30,,,,-600"),
        "transfer_out",
    ),
    "TD Ameritrade: a cancelled sale": (tda("CANCELLED - Sold 10 QUA @ 20", "10", "-200.00"), "other"),
    "TD Ameritrade: sold short": (tda("Sold Short 10 QUA @ 20", "10", "200.00"), "other short_sale"),
    "TD Ameritrade: bought to cover": (tda("Bought to Cover 10 QUA @ 20", "10", "-200.00"), "other short_sale"),
    "LPL: a cancelled buy": (
        f"{LPL}03/04/2026,Buy - Cancelled,QUA,QUARRY ALPHA ETF,10,20,200,Cash,--,12345678\n",
        "other cancelled_trade",
    ),
    "Merrill: a cancelled purchase": (
        f'{MERRILL}"3/4/2026","3/5/2026","99X-1","--","Purchase Cancelled","QUARRY","QUA","10","20","200"\n',
        "other cancelled_trade",
    ),
}


def read(file: Path) -> ImportResult:
    importer, claims = recognise(file)
    assert importer is not None, claims
    return importer.read(file, today=TODAY)


@pytest.mark.parametrize("name", TRADES)
def test_a_row_is_a_trade_only_where_it_moves_shares_that_are_owned(tmp_path: Path, name: str) -> None:
    text, said = TRADES[name]
    file = tmp_path / "Individual_XXX178_Transactions_20260305-115444.csv"
    file.write_text(text)
    result = read(file)
    told = {problem.code for problem in result.problems if problem.row} - {"unknown_action"}
    if said in {"formula", "no_quantity"}:
        assert not result.records
        assert told == {said}
        return
    (record,) = result.records
    meaning, _, rest = said.partition(" ")
    if meaning in {"buy", "sell", "reinvest"}:
        assert isinstance(record, TransactionRecord)
        assert record.action == meaning
        assert record.quantity > 0
        assert record.amount > 0
    else:
        assert isinstance(record, ActivityRecord)
        assert record.kind == meaning
    if rest.startswith("on "):
        assert record.date.isoformat() == rest.removeprefix("on ")
    elif rest:
        assert told == {rest}
    else:
        assert not told


OFX = "ofx/two_accounts.ofx"
STATEMENT = "ibkr_statement/activity_2026.csv"
FLEX = "ibkr_flex/all_sections.xml"
ELSEWHERE = {
    "OFX: sold short": (OFX, "<BUYTYPE>BUY</BUYTYPE>", "<BUYTYPE>BUYTOCOVER </BUYTYPE>", "short_sale"),
    "OFX: taken back": (OFX, "<FITID>1</FITID>", "<FITID>1</FITID><REVERSALFITID>0</REVERSALFITID>", "cancelled_trade"),
    "IBKR statement: opened short": (STATEMENT, "1500,498.95,-5,C\n", "1500,498.95,-5,O;P\n", "short_sale"),
    "IBKR statement: cancelled": (STATEMENT, "11940,0,66,O\n", "11940,0,66,O;Ca\n", "cancelled_trade"),
    "IBKR statement: covered": (STATEMENT, "11940,0,66,O\n", "11940,0,66,C\n", "short_sale"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_trade_that_opens_or_covers_a_short_position_or_was_taken_back_is_told(tmp_path: Path, name: str) -> None:
    fixture, old, new, code = ELSEWHERE[name]
    text = (FIXTURES / fixture).read_text()
    assert text.count(old) == 1
    file = tmp_path / Path(fixture).name
    file.write_text(text.replace(old, new))
    was, result = read(FIXTURES / fixture), read(file)
    (problem,) = [problem for problem in result.problems if problem.code == code]
    trades = [len([r for r in one.records if isinstance(r, TransactionRecord)]) for one in (was, result)]
    assert trades[1] == trades[0] - 1
    (kept,) = [r for r in result.records if r.row == problem.row]
    assert isinstance(kept, ActivityRecord)
    assert kept.kind is ActivityKind.OTHER


def test_a_flex_trade_that_opens_a_short_position_is_told(tmp_path: Path) -> None:
    text = (FIXTURES / FLEX).read_text()
    file = tmp_path / "flex.xml"
    file.write_text(text.replace('buySell="SELL" openCloseIndicator="C"', 'buySell="SELL" openCloseIndicator="C;O"'))
    was, result = read(FIXTURES / FLEX), read(file)
    sold = [r for r in was.records if isinstance(r, TransactionRecord) and r.action == "sell"]
    assert sold
    told = [problem.row for problem in result.problems if problem.code == "short_sale"]
    assert told == [r.row for r in sold]
    assert not [r for r in result.records if isinstance(r, TransactionRecord) and r.action == "sell"]


TERMS = {
    # fixture, old text, new text, what is said: each states a term that its dates do not have
    "Schwab": (
        "schwab_realized/Joint_Tenant_GainLoss_Realized_Details_20260503-131820.csv",
        '"Long Term"',
        '"Short Term"',
        "long-term, the file says short-term",
    ),
    "TD Ameritrade": ("tda_realized/*", ",1.19 ,Short-term", ",1.19 ,Long-term", "short-term, the file says long-term"),
}


@pytest.mark.parametrize("name", TERMS)
def test_a_term_that_is_not_that_of_the_dates_is_told_and_the_dates_count(tmp_path: Path, name: str) -> None:
    fixture, old, new, said = TERMS[name]
    source = next(FIXTURES.glob(fixture))
    text = source.read_text()
    assert old in text
    file = tmp_path / source.name
    file.write_text(text.replace(old, new, 1))
    told = [problem for problem in read(file).problems if problem.code == "term_differs"]
    assert [problem.message.partition(": ")[2] for problem in told] == [
        f"by its dates the sale is {said}; the dates count"
    ]
    assert "term_differs" not in {problem.code for problem in read(source).problems}
    assert read(file).records == read(source).records
