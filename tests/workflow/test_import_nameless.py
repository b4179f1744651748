from datetime import date
from decimal import Decimal

from importers import records as r
from tests.workflow.import_desk import OFFICE, Desk

D = Decimal


def sale(name: str) -> r.RealizedRecord:
    account = r.AccountRef("other", "", name)
    return r.RealizedRecord(2, account, "VTI", None, date(2026, 3, 2), D(1), D(10), D(8), D(2))


def test_lists_that_name_no_account_are_kept_apart_by_their_files(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE))
    outcome = desk.take(desk.file("nora.csv", sale("nora")), desk.file("owen.csv", sale("owen")))
    assert (outcome.changes["accounts added"], outcome.changes["realized gains added"]) == (2, 2)
    again = desk.take(desk.file("nora more.csv", sale("nora"), sale("nora")))
    assert "accounts added" not in again.changes
    assert again.changes["realized gains added"] == 1
