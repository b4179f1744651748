"""Synthetic runs: a household that harvests, one with nothing to do, one that cannot be solved, one with a trust."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from engine.portfolio import (
    Account,
    Action,
    HistoryRow,
    Registration,
    Security,
    Side,
)
from engine.problems import Problem, Severity
from engine.rebalance.case import Case
from engine.rebalance.proposal import Status, Suppressed
from exporters.run_report import (
    ApprovalLine,
    HouseholdReport,
    RunReport,
    RunState,
    SecurityFacts,
    Skipped,
    SourceFile,
)
from tests.exporters.accountant import Wish, proposal_for
from tests.exporters.office import (
    AS_OF,
    BUY_LIST,
    CREATED,
    FACTS,
    POLICY,
    RUN,
    SCHEMA,
    SECURITIES,
    STRATEGIC,
    TARGETS,
    TAX,
    account,
    lots,
)
from tests.exporters.readings import overlay_reading, tax_trail

D = Decimal


def _ackerman_case() -> Case:
    accounts = (
        Account("A1", "client", Registration.TAXABLE, D("61250.18"), D(10000), ticket_charge=D(0)),
        Account("A2", "spouse", Registration.TRADITIONAL_IRA, D("18310.02"), D(500)),
        Account("A3", "client", Registration.ROTH_IRA, D("2204.5"), D(500), fractional=True),
    )
    held = (
        lots("A1", "VTI", ("2019-04-02", "640", "94080"), ("2026-02-11", "55", "15730.55"))
        + lots(
            "A1",
            "VEA",
            ("2024-11-06", "1200", "71400"),
            ("2025-03-18", "800", "46128.4"),
            ("2026-03-05", "410", "23985"),
        )
        + lots("A1", "VNQ", ("2022-01-10", "210", "23730"))
        + lots("A2", "BND", ("2023-07-03", "2900", "209960"))
        + lots("A2", "VTI", ("2021-08-20", "300", "68400"))
        + lots("A3", "VWO", ("2022-05-16", "512.337", "21518.15"))
        + lots("A3", "VB", ("2023-01-20", "88", "16940"))
    )
    history = (
        HistoryRow("A2", "BND", AS_OF - timedelta(days=12), Action.REINVEST, D("9.417"), D("693.1")),
        HistoryRow("A1", "VWO", AS_OF - timedelta(days=21), Action.SELL, D(90), D(4102), D(90)),
        HistoryRow("A3", "VB", AS_OF - timedelta(days=5), Action.BUY, D(2), D("503.6")),
    )
    return Case(SCHEMA, AS_OF, TAX, SECURITIES, accounts, held, history, TARGETS, BUY_LIST, POLICY)


ACKERMAN_WISHES = (
    Wish(
        "A1",
        "VEA",
        Side.SELL,
        {"A1-VEA-1": D(1200), "A1-VEA-2": D(800), "A1-VEA-3": D(410)},
        reason="Sold to realize losses of $15,436 that offset gains already taken this year; the position is "
        "replaced with IEFA so that your exposure to international equity stays the same.",
        code="harvest_loss",
    ),
    Wish(
        "A1",
        "VTI",
        Side.SELL,
        {"A1-VTI-1": D(90)},
        reason="US equity is above its target. The oldest shares are sold because their gain is taxed at the "
        "long-term rate.",
        code="rebalance_overweight",
    ),
    Wish(
        "A1",
        "IEFA",
        Side.BUY,
        quantity=D(1590),
        reason="Replaces VEA with a fund that follows a different index, so that the losses count.",
        code="rebalance_underweight",
    ),
    Wish(
        "A2",
        "VTI",
        Side.SELL,
        {"A2-VTI-1": D(45)},
        reason="US equity is reduced in the IRA first, where selling is not taxed.",
        code="rebalance_overweight",
    ),
    Wish(
        "A2",
        "BND",
        Side.BUY,
        quantity=D(380),
        reason="US bonds are below their target; bonds are held in the IRA, where their interest is not "
        "taxed each year.",
        code="rebalance_underweight",
    ),
    Wish(
        "A3",
        "VNQ",
        Side.BUY,
        quantity=D("16.25"),
        reason="Invests cash that is above the target.",
        code="invest_cash",
    ),
)
ACKERMAN_SUPPRESSED = (
    Suppressed(
        "A1",
        "VNQ",
        Side.SELL,
        "do_not_sell",
        "You asked us to keep this holding.",
        None,
    ),
    Suppressed(
        "A1",
        "VTI",
        Side.SELL,
        "ripening",
        "55 shares bought on February 11, 2026 would be taxed at the short-term rate today. They become "
        "long-term on February 12, 2027.",
        date(2027, 2, 11),
    ),
    Suppressed(
        "A3",
        "VWO",
        Side.BUY,
        "wash_sale_recent_loss",
        "Emerging-market shares were sold at a loss on October 9, 2026; buying them back too soon would "
        "take that loss away.",
        date(2026, 11, 8),
    ),
    Suppressed("A2", "SCHP", Side.BUY, "min_trade", "The order would be under the smallest trade.", None),
)


def ackerman() -> HouseholdReport:
    """Harvest with a substitute, an IRA, a Roth, suppressed trades, the overlay."""
    case = _ackerman_case()
    proposal = proposal_for(case, ACKERMAN_WISHES, suppressed=ACKERMAN_SUPPRESSED)
    return HouseholdReport(
        household="Ackerman-Whitfield Family",
        people=("Dana Ackerman", "Luis Whitfield"),
        model="Moderate growth with tactical overlay",
        case=case,
        proposal=proposal,
        accounts=(
            account("A1", "Schwab", "00812345", "Joint account"),
            account("A2", "Fidelity", "Z21-440917", "Rollover IRA", "traditional_ira"),
            account("A3", "Schwab", "00377120", "Roth IRA", "roth_ira"),
        ),
        securities=FACTS,
        strategic=STRATEGIC,
        overlay=overlay_reading(),
        problems=(),
        tax_trail=tax_trail(proposal),
    )


def castellano() -> HouseholdReport:
    """Nothing to do at all."""
    case = Case(
        SCHEMA,
        AS_OF,
        replace(TAX, ytd_short_term=D(0), ytd_long_term=D(-4200), carryforward_long_term=D(0)),
        SECURITIES,
        (Account("C1", "client", Registration.TAXABLE, D(4000), D(1000)),),
        lots("C1", "VTI", ("2020-01-06", "400", "66000")) + lots("C1", "BND", ("2021-06-01", "1000", "85000")),
        (),
        {"us_equity": D("0.61"), "us_bond": D("0.37"), "cash": D("0.02")},
        BUY_LIST,
        POLICY,
    )
    reason = "Every asset class is inside the inner half of its band, and no lot has a loss worth taking."
    return HouseholdReport(
        "Castellano Household",
        ("Rita Castellano",),
        "Balanced",
        case,
        proposal_for(case, reasons=(reason,)),
        (account("C1", "Fidelity", "X77123456", "Individual account"),),
        FACTS,
        dict(case.targets),
        None,
        (),
        (),
    )


def impossible() -> HouseholdReport:
    """A withdrawal that the account cannot pay: infeasible, with words why."""
    case = Case(
        SCHEMA,
        AS_OF,
        TAX,
        SECURITIES,
        (
            Account(
                "O1",
                "client",
                Registration.TAXABLE,
                D(1500),
                D(1000),
                withdraw=D(60000),
                do_not_sell=("VTI",),
            ),
        ),
        lots("O1", "VTI", ("2018-02-01", "300", "39000")),
        (),
        TARGETS,
        BUY_LIST,
        POLICY,
    )
    reason = (
        "Account O1 must raise $59,500, but its only holding, VTI, is marked do not sell. Lift the "
        "restriction or reduce the withdrawal."
    )
    return HouseholdReport(
        "O'Brien & Daughters",
        ("Maeve O'Brien",),
        "Growth",
        case,
        proposal_for(case, status=Status.INFEASIBLE, reasons=(reason,)),
        (account("O1", "Schwab", "00555001", "Individual account"),),
        FACTS,
        TARGETS,
        None,
        (),
        (),
    )


def lindqvist() -> HouseholdReport:
    """A trust at Schwab, not discretionary, and an IRA at Fidelity: shares blocks with the first household."""
    accounts = (
        Account("L1", "trust", Registration.TAXABLE, D("9120.4"), D(2000), ticket_charge=D("4.95")),
        Account("L2", "client", Registration.TRADITIONAL_IRA, D(40250), D(250)),
    )
    held = (
        lots("L1", "VEA", ("2025-09-08", "700", "39410"), ("2025-11-17", "350", "20125"))
        + lots("L1", "VTI", ("2017-05-09", "500", "61500"))
        + lots("L2", "VTI", ("2020-10-12", "410", "72980"))
    )
    history = (HistoryRow("L1", "VEA", AS_OF - timedelta(days=9), Action.REINVEST, D(3), D("157.4")),)
    case = Case(SCHEMA, AS_OF, TAX, SECURITIES, accounts, held, history, TARGETS, BUY_LIST, POLICY)
    wishes = (
        Wish("L1", "VEA", Side.SELL, {"L1-VEA-1": D(333), "L1-VEA-2": D(350)}, reason="Losses.", code="harvest_loss"),
        Wish("L1", "IEFA", Side.BUY, quantity=D(470), reason="Replaces VEA.", code="rebalance_underweight"),
        Wish("L2", "BND", Side.BUY, quantity=D(500), reason="Bonds are low.", code="rebalance_underweight"),
    )
    problem = Problem(
        Severity.BLOCKING,
        "lots_do_not_add_up",
        "The lots of VB add up to 88 shares, the position says 92.",
        "Import the lot details again.",
        "positions.csv",
        14,
        "quantity",
        "L1",
        "VB",
    )
    return HouseholdReport(
        "Lindqvist Trust",
        ("Anna Lindqvist",),
        "Moderate growth",
        case,
        proposal_for(case, wishes, warnings=("One reinvested share of VEA falls in the wash-sale window.",)),
        (
            replace(account("L1", "Schwab", "00990007", "Family trust"), discretionary=False),
            account("L2", "Fidelity", "Z30-118822", "Rollover IRA", "traditional_ira"),
        ),
        FACTS,
        TARGETS,
        None,
        (problem,),
        (),
    )


APPROVALS = (
    ApprovalLine(CREATED + timedelta(minutes=5), "p.ramos", RunState.DRAFT, RunState.REVIEW, "Ready for review"),
    ApprovalLine(CREATED + timedelta(minutes=31), "j.okafor", RunState.REVIEW, RunState.APPROVED, "Agreed"),
)


def sample_run(*households: HouseholdReport) -> RunReport:
    """A run of the given households, else of all four."""
    return RunReport(
        firm="Harborline Wealth Partners",
        run=RUN,
        as_of=AS_OF,
        prices_as_of=AS_OF,
        state=RunState.APPROVED,
        created_at=CREATED,
        created_by="p.ramos",
        synthetic=True,
        households=households or (ackerman(), castellano(), lindqvist(), impossible()),
        skipped=(Skipped("Marchetti Household", "The price of GSG is 9 days old."),),
        sources=(
            SourceFile("schwab_positions.csv", "a1" * 32, "Schwab positions", AS_OF, CREATED),
            SourceFile("fidelity_positions.csv", "b2" * 32, "Fidelity positions", None, CREATED),
        ),
        approvals=APPROVALS,
    )


def crowded(trades: int = 60) -> HouseholdReport:
    """A household with so many trades that its tables run over pages."""
    base = _ackerman_case()
    extra = tuple(Security(f"Q{i:03d}", "us_equity", D(40) + i, half_spread_bp=D(3)) for i in range(trades))
    held = tuple(lot for s in extra for lot in lots("A1", s.symbol, ("2021-05-03", "60", "3000")))
    case = replace(base, securities=SECURITIES + extra, lots=base.lots + held)
    wishes = tuple(
        Wish(
            "A1",
            s.symbol,
            Side.SELL,
            {f"A1-{s.symbol}-1": D(20)},
            reason="US equity is above its target, and this holding has the smallest gain per dollar sold.",
            code="rebalance_overweight",
        )
        for s in extra
    )
    names = tuple(
        SecurityFacts(s.symbol, f"Quarterstone {s.symbol} Industries Incorporated Class A", "", "Stock") for s in extra
    )
    proposal = proposal_for(case, ACKERMAN_WISHES + wishes, suppressed=ACKERMAN_SUPPRESSED * 8)
    return replace(
        ackerman(),
        household="Crowded Household",
        case=case,
        proposal=proposal,
        securities=FACTS + names,
        tax_trail=tax_trail(proposal) * 6,
    )
