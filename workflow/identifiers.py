"""CUSIPs that files tell of securities: kept where they are right and the book has none, compared where it has."""

from db import tables
from importers import records as r
from importers.instruments import cusip_problem
from importers.lot_columns import LotColumns
from workflow.intake.intake import Intake, warning


def keep_identifiers(intake: Intake) -> None:
    """Keep the CUSIP of each security that the files of a call tell of; one that differs from the book's is told."""
    told: dict[tuple[str, str], tuple[int, int]] = {}
    for number, arrival in enumerate(intake.arrivals):
        records = arrival.records.apart.values() if isinstance(arrival.records, LotColumns) else arrival.records
        for record in records:
            if isinstance(record, (r.PositionRecord, r.LotRecord)) and record.cusip:
                told.setdefault((record.symbol, record.cusip), (number, record.row))
    for (symbol, cusip), (number, row) in told.items():
        security = intake.securities.get(symbol)
        if security is None or cusip_problem(cusip):
            continue
        if not security.cusip:
            intake.changed("securities", security, {"cusip": cusip})
        elif security.cusip != cusip and not cusip_problem(security.cusip):
            _differs(intake, security, cusip, (number, row))
    intake.session.flush()


def _differs(intake: Intake, security: tables.Security, cusip: str, place: tuple[int, int]) -> None:
    number, row = place
    file = intake.arrivals[number].name
    message = f"{security.symbol} has CUSIP {cusip} here and {security.cusip} in the book: two securities, or one wrong"
    hint = "A symbol given to another company, a reverse split or a slip: check it, then correct the sheet Securities."
    intake.note(number, warning("cusip_differs", message, hint, file=file, row=row, symbol=security.symbol))
