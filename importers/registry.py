"""The importers, and who reads a file: exactly one custodian layout must claim it, else it is asked."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.errors import AppError
from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, Importer
from importers.column_guess import guess_map, seen_columns
from importers.column_map import ColumnMap, read_map
from importers.etrade_gains_expanded import EtradeGainsExpanded
from importers.etrade_positions import EtradePositions
from importers.etrade_realized import EtradeRealized
from importers.etrade_transactions import EtradeTransactions
from importers.fidelity_closed_lots import FidelityClosedLots
from importers.fidelity_closed_positions import FidelityClosedPositions
from importers.fidelity_history import FidelityHistory
from importers.fidelity_positions import FidelityPositions
from importers.fidelity_statement import FidelityStatement
from importers.generic_table import GenericTable
from importers.head import read_head
from importers.ibkr_flex import IbkrFlex
from importers.ibkr_history import IbkrHistory
from importers.ibkr_statement import IbkrStatement
from importers.jpm_positions import JpmPositions
from importers.lpl_activity import LplActivity
from importers.lpl_positions import LplPositions
from importers.merrill_activity import MerrillActivity
from importers.merrill_holdings import MerrillHoldings
from importers.merrill_summary import MerrillSummary
from importers.morgan_stanley_holdings import MorganStanleyHoldings
from importers.office_workbook import OfficeWorkbook
from importers.ofx import Ofx
from importers.pershing_holdings import PershingHoldings
from importers.pershing_lots import PershingLots
from importers.pershing_realized import PershingRealized
from importers.prices_daily import STOOQ, TIINGO, YAHOO, YFINANCE_HISTORY
from importers.prices_fred import FredSeries
from importers.prices_shiller import ShillerSeries
from importers.prices_stooq_bulk import StooqBulk
from importers.prices_yfinance import YfinanceDump
from importers.schwab_1099 import Schwab1099
from importers.schwab_awards import SchwabAwards
from importers.schwab_json import SchwabJson
from importers.schwab_lots import SchwabLots
from importers.schwab_positions import SchwabPositions
from importers.schwab_realized import SchwabRealized, SchwabRealizedSummary
from importers.schwab_transactions import SchwabTransactions
from importers.tax_1099b import Tax1099b
from importers.tax_1099b_wash_sales import Tax1099bWashSales
from importers.tda_realized import TdaRealized
from importers.tda_transactions import TdaTransactions
from importers.vanguard_download import VanguardDownload
from importers.vanguard_lots import VanguardLots

LAYOUTS: tuple[Importer, ...] = (
    SchwabPositions(),
    SchwabLots(),
    SchwabTransactions(),
    SchwabRealized(),
    SchwabRealizedSummary(),
    SchwabJson(),
    SchwabAwards(),
    Schwab1099(),
    FidelityPositions(),
    FidelityHistory(),
    FidelityClosedLots(),
    FidelityClosedPositions(),
    FidelityStatement(),
    EtradePositions(),
    EtradeRealized(),
    EtradeGainsExpanded(),
    EtradeTransactions(),
    PershingHoldings(),
    PershingLots(),
    PershingRealized(),
    MerrillHoldings(),
    MerrillSummary(),
    MerrillActivity(),
    MorganStanleyHoldings(),
    LplPositions(),
    LplActivity(),
    JpmPositions(),
    Tax1099b(),
    Tax1099bWashSales(),
    YAHOO,
    TIINGO,
    STOOQ,
    StooqBulk(),
    YfinanceDump(),
    YFINANCE_HISTORY,
    FredSeries(),
    ShillerSeries(),
    OfficeWorkbook(),
    Ofx(),
    IbkrFlex(),
    IbkrHistory(),
    IbkrStatement(),
    VanguardDownload(),
    VanguardLots(),
    TdaRealized(),
    TdaTransactions(),
)
"""Exact layouts. Adding one is one module, one line here and one fixture folder."""

GENERAL: tuple[Importer, ...] = (GenericTable(),)
"""Asked only when no exact layout takes a file."""

IMPORTERS: tuple[Importer, ...] = LAYOUTS + GENERAL


def by_name(name: str) -> Importer:
    """Return the importer of that name, as --format gives it; AppError lists the names when there is none."""
    for importer in IMPORTERS:
        if importer.name == name:
            return importer
    known = ", ".join(importer.name for importer in IMPORTERS)
    raise AppError(f"There is no file format called '{name}'", hint=f"Formats are: {known}.")


def with_map(column_map: Path) -> Importer:
    """Return the spreadsheet importer that reads by a column map; AppError when the map cannot be used."""
    return GenericTable(read_map(column_map))


def mapped(columns: ColumnMap) -> Importer:
    """Return the spreadsheet importer that reads by a column map that was read before."""
    return GenericTable(columns)


def recognise(path: Path) -> tuple[Importer | None, tuple[Claim, ...]]:
    """Return the one importer that takes the file, and what each said.

    None when the file is no table, when nobody takes it, when several exact layouts do, or when one nearly does
    (a custodian changed its columns: that is not to be guessed at). `refusal` then says so in one problem.
    """
    head = read_head(path)
    if isinstance(head, Problem):
        return None, (Claim("", takes=False, why=head.message),)
    claims: tuple[Claim, ...] = ()
    for group in (LAYOUTS, GENERAL):
        asked = tuple((importer, importer.claim(path, head)) for importer in group)
        claims += tuple(claim for _, claim in asked)
        takers = [importer for importer, claim in asked if claim.takes]
        nearly = any(claim.why.startswith(NEARLY) for _, claim in asked)
        if nearly and not takers:
            break
        if takers:
            return (takers[0] if len(takers) == 1 else None), claims
    return None, claims


def _rows_of(head: FileHead, sheet: str) -> Sequence[tuple[str, ...]]:
    return next((rows for name, rows in head.sheets if name == sheet), head.first_rows())


def _offer(head: FileHead) -> str:
    """Offer the spreadsheet importer with the columns that it understands; empty where it understands none."""
    guess = guess_map(head)
    if guess.kind is None or not guess.columns:
        return ""
    known = ", ".join(f"{title} = {name}" for name, title in guess.columns.items())
    new = [column.title for column in seen_columns(_rows_of(head, guess.sheet), guess) if not column.field]
    rest = f"; not understood: {', '.join(new)}" if new else ""
    return f"`plimsoll map {head.name} -o map.toml` writes one with {known}{rest}."


def refusal(path: Path, claims: tuple[Claim, ...]) -> Problem:
    """Return the fatal problem for a file that `recognise` gave to nobody."""
    head = read_head(path)
    if isinstance(head, Problem):
        return head
    takers = [claim.importer for claim in claims if claim.takes]
    if takers:
        return Problem(
            Severity.FATAL,
            "several_formats",
            f"the file could be {' or '.join(takers)}",
            "Say which with --format.",
            file=path.name,
        )
    near = "; ".join(f"{c.importer}: {c.why}" for c in claims if c.why.startswith(NEARLY))
    tried = GENERAL[-1].read(path, today=date.max).problems
    fatal = next((problem for problem in tried if problem.severity is Severity.FATAL), None)
    message = near or (fatal.message if fatal else "nothing in it is known")
    hint = fatal.hint if fatal and not near else "Download it again with all columns, or give a column map (--map)."
    hint = f"{hint} {_offer(head)}".strip()
    return Problem(
        Severity.FATAL, "not_recognized", f"no known layout fits this file ({message})", hint, file=path.name
    )
