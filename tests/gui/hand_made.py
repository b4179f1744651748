"""Rows made by hand for the pages: small, made up, one of each kind."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from engine.overlay.reading import OverlayReading, SignalReading
from engine.portfolio import Account, Lot, Registration, Security, Side, TaxPosition, Term
from engine.problems import Problem, Severity
from engine.rebalance.case import Case
from engine.rebalance.proposal import (
    Breakdown,
    CashLine,
    ClassWeight,
    DoNotBuy,
    LotSale,
    Proposal,
    Status,
    Suppressed,
    TaxOutcome,
    Trade,
)
from engine.trail import Trail
from exporters.order_lines import run_orders
from exporters.run_report import (
    AccountFacts,
    ApprovalLine,
    HouseholdReport,
    RunReport,
    RunState,
    SecurityFacts,
    Skipped,
)
from gui.runs import Runs
from importers.base import Claim, RowKind, Total
from workflow.views import (
    Dashboard,
    FileOutcome,
    HouseholdRow,
    ImportOutcome,
    ProposalRow,
    RunSummary,
    Tile,
)

DAY = date(2026, 10, 30)
NOW = datetime(2026, 10, 30, 21, 30, tzinfo=UTC)
D = Decimal


def household(name: str, *tags: str, **changes: object) -> HouseholdRow:
    """Return a household of 1,000,000 dollars inside its bands."""
    row = HouseholdRow(
        id=1, name=name, model="Growth", accounts=3, value=D("1000000.00"), taxable_value=D("600000.00"),
        cash=D("20000.00"), cash_needed=D(0), cash_weight=D("0.02"), cash_target=D("0.02"),
        drift={"us_equity": D("0.012"), "us_bond": D("-0.012"), "cash": D(0)},
        band={"us_equity": D("0.08"), "us_bond": D("0.05"), "cash": D("0.01")}, out_of_band=(),
        worst_drift=D("0.012"), ytd_short_term=D("-1250.00"), ytd_long_term=D("3100.00"),
        harvestable_loss=D(0), lots_ripening=0, wash_windows=0, tags=frozenset(tags), problems=(), blocked=False,
    )  # fmt: skip
    return replace(row, **changes)  # type: ignore[arg-type]


LOST_LOTS = Problem(
    Severity.BLOCKING, "lots_short", "the lots of ITOT add up to 90, the position is 100",
    "Import the lot details.", "positions.csv", 12, "Quantity", "A1", "ITOT",
)  # fmt: skip


def dashboard() -> Dashboard:
    """Return three households: one out of band, one that harvests, one blocked."""
    rows = (
        household("Alder", "out_of_band", "wash", drift={"us_equity": D("0.10"), "us_bond": D("-0.10"), "cash": D(0)}),
        household("Birch", "harvest", "wash", harvestable_loss=D("4321.00"), cash_needed=D("500.00")),
        household("Cedar", "problems", model="Income", drift={}, band={}, problems=(LOST_LOTS,), blocked=True),
    )
    tiles = (
        Tile("out_of_band", "Out of band", 1, "A class is outside its band"),
        Tile("harvest", "Harvest", 1, "Losses over the thresholds"),
        Tile("wash", "Wash windows", 2, "Limits trading"),
        Tile("problems", "Data problems", 1, "Needs a person"),
    )
    return Dashboard(
        as_of=DAY, prices_as_of=DAY, value=D(3_000_000), taxable_value=D(1_800_000), ytd_short_term=D(-3750),
        ytd_long_term=D(9300), tiles=tiles, classes=("us_equity", "us_bond", "cash"), households=rows,
    )  # fmt: skip


def _case() -> Case:
    return Case(
        schema="plimsoll.case/1",
        as_of=DAY,
        tax=TaxPosition(D("0.40"), D("0.20"), D("0.37")),
        securities=(
            Security("ITOT", "us_equity", D("150.00")),
            Security("BND", "us_bond", D("74.505")),
        ),
        accounts=(
            Account("A1", "Kim Alder", Registration.TAXABLE, D(5000)),
            Account("A2", "Kim Alder", Registration.ROTH_IRA, D(1000)),
        ),
        lots=(
            Lot("L1", "A1", "ITOT", date(2026, 8, 1), D(60), D("9900.00"), holding_days_carried=10),
            Lot("L2", "A1", "ITOT", date(2020, 1, 2), D(40), D("4000.00")),
            Lot("L3", "A2", "BND", date(2024, 1, 2), D("10.125"), D("700.00")),
        ),
        targets={"us_equity": D("0.5"), "us_bond": D("0.48"), "cash": D("0.02")},
    )


def _proposal() -> Proposal:
    sales = (LotSale("L1", D(60), D("-900.00"), Term.SHORT), LotSale("L2", D(10), D("500.00"), Term.LONG))
    return Proposal(
        schema="plimsoll.proposal/1", status=Status.OPTIMAL, objective=D("120.00"), bound=D("119.50"), gap=D("0.50"),
        breakdown=Breakdown(D(100), D(10), D(5), D(3), D(2)),
        trades=(
            Trade("A1", "ITOT", Side.SELL, D(70), D("150.00"), D("10500.00"), sales, "US equity is over.", "drift"),
            Trade("A2", "BND", Side.SELL, D("10.125"), D("74.505"), D("754.36"),
                  (LotSale("L3", D("10.125"), D("54.36"), None),), "Pays for purchases.", "cash"),
            Trade("A1", "BND", Side.BUY, D(100), D("74.505"), D("7450.50"), (), "US bonds are under.", "drift"),
        ),
        suppressed=(
            Suppressed("A1", "BND", Side.SELL, "wash_ira", "An IRA bought BND on 2026-10-20.", date(2026, 11, 19)),
        ),
        classes=(
            ClassWeight("cash", D("0.02"), D("0.02"), D("0.02"), D("0.01")),
            ClassWeight("us_bond", D("0.30"), D("0.48"), D("0.46"), D("0.096")),
            ClassWeight("us_equity", D("0.68"), D("0.50"), D("0.52"), D("0.10")),
        ),
        cash=(CashLine("A1", D(5000), D(8049)),),
        tax=TaxOutcome(D("1000.00"), D("840.00"), D("-900.00"), D("500.00"), D("900.00"), D("0.00")),
        turnover=D("0.031"), warnings=("The price of BND is two days old.",), reasons=("Sold for drift.",),
        do_not_buy=(DoNotBuy("ITOT", date(2026, 11, 29)),), case_sha256="0" * 64, engine_version="0.1.0",
    )  # fmt: skip


def _overlay() -> OverlayReading:
    return OverlayReading(
        as_of=DAY,
        signals=(
            SignalReading("sma", "us_equity", D("0.045"), 1, DAY),
            SignalReading("momentum", "us_bond", D("-0.021"), -1, DAY),
        ),
        votes={"us_equity": D(1), "us_bond": D(-1)},
        regime="mixed",
        tilts={"us_equity": D("0.03"), "us_bond": D("-0.03")},
        targets={"us_equity": D("0.50"), "us_bond": D("0.48"), "cash": D("0.02")},
        warnings=(),
    )


def household_report(name: str = "Alder", **changes: object) -> HouseholdReport:
    """Return a household with two sales, a purchase, one suppressed trade and an overlay."""
    rate = Trail("Short-term rate", D("0.40"), unit="fraction")
    trail = (
        Trail("Tax of the year after", D("840.00"), (rate,), source="IRC 1222"),
        Trail("Shares sold", D("70"), unit="shares"),
    )  # fmt: skip
    report = HouseholdReport(
        household=name, people=("Kim Alder",), model="Growth", case=_case(), proposal=_proposal(),
        accounts=(
            AccountFacts("A1", "schwab", "12345678", "Joint", "Kim Alder", "taxable", "Joint Tenant", True),
            AccountFacts("A2", "fidelity", "Z8765", "Roth", "Kim Alder", "roth_ira", "Roth IRA", True),
        ),
        securities=(SecurityFacts("ITOT", "Total Market ETF", "", "ETF"),),
        strategic={"us_equity": D("0.47"), "us_bond": D("0.51"), "cash": D("0.02")}, overlay=_overlay(),
        problems=(LOST_LOTS,), tax_trail=trail,
    )  # fmt: skip
    return replace(report, **changes)  # type: ignore[arg-type]


def quiet_report(name: str = "Birch") -> HouseholdReport:
    """Return a household with nothing to do and no overlay."""
    nothing = replace(
        _proposal(), trades=(), suppressed=(), warnings=(), do_not_buy=(), reasons=("Every class is inside its band.",)
    )
    return household_report(name, proposal=nothing, overlay=None, problems=(), tax_trail=())


def run_report(run: str = "R-1", state: RunState = RunState.DRAFT) -> RunReport:
    """Return a run over two households, one left out; past review it is approved."""
    approvals = (
        (ApprovalLine(NOW, "Dana", RunState.REVIEW, RunState.APPROVED, "looked at it"),) if state > "Draft" else ()
    )
    return RunReport(
        firm="Sample office", run=run, as_of=DAY, prices_as_of=DAY, state=state, created_at=NOW, created_by="Dana",
        synthetic=True, households=(household_report(), quiet_report()),
        skipped=(Skipped("Cedar", "The lots of ITOT do not add up."),), sources=(), approvals=approvals,
    )  # fmt: skip


def summary(report: RunReport) -> RunSummary:
    """Return the summary of a report made by hand."""
    rows = tuple(
        ProposalRow(
            household=one.household, status="optimal", trades=len(one.proposal.trades), buys=D("7450.50"),
            sells=D("11254.36"), tax_before=D("1000.00"), tax_after=D("840.00"), harvested_loss=D("900.00"),
            worst_drift_before=D("0.18"), worst_drift_after=D("0.02"), objective=D(120), gap=D("0.50"),
            suppressed=len(one.proposal.suppressed), note="",
        )
        for one in report.households
    )  # fmt: skip
    return RunSummary(report.run, report.as_of, report.state, report.created_at, rows, report.skipped)


def show_run(runs: Runs, *reports: RunReport) -> None:
    """Make the window look at the first of these runs, as if it had been read from a book."""
    runs.runs = tuple(summary(report) for report in reports)
    runs.current = runs.runs[0]
    runs.report = reports[0]
    runs.orders = run_orders(reports[0])
    runs.changed.emit()


def file_outcome(name: str, **changes: object) -> FileOutcome:
    """Return a file of 31 lots whose total agrees."""
    outcome = FileOutcome(
        file=name, sha256="0" * 64, importer="schwab_lots", title="Charles Schwab lot details", as_of=DAY,
        already_imported=False, records={"lots": 31}, rows={RowKind.RECORD: 31, RowKind.HEADER: 2, RowKind.TOTAL: 1},
        totals=(Total(34, "Market value", D("1234.56"), D("1234.56")),), problems=(), claims=(),
    )  # fmt: skip
    return replace(outcome, **changes)  # type: ignore[arg-type]


def import_outcome(*files: FileOutcome, **changes: object) -> ImportOutcome:
    """Return the preview of files that would add 31 lots."""
    outcome = ImportOutcome(files, (), None, written=False, dry_run=True, changes={"lots added": 31})
    return replace(outcome, **changes)  # type: ignore[arg-type]


UNKNOWN = file_outcome(
    "notes.txt", importer="", title="", as_of=None, records={}, rows={}, totals=(),
    problems=(Problem(Severity.FATAL, "unknown_format", "nobody reads this file", "Say how to read it.", "notes.txt"),),
    claims=(Claim("schwab_lots", takes=False, why="no header of lot details"),),
)  # fmt: skip
HERE = Path("inbox")
