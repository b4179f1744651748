"""The firm, securities, targets and policy that the synthetic households of these tests share."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from engine.portfolio import Lot, Policy, Security, TaxPosition
from exporters.run_report import AccountFacts, SecurityFacts

D = Decimal
SCHEMA: Final = "plimsoll.case/1"
AS_OF = date(2026, 10, 30)
CREATED = datetime(2026, 10, 30, 20, 15, 7, tzinfo=UTC)
RUN = "2026-10-30-1"

SECURITIES = (
    Security("VTI", "us_equity", D("301.44"), "US total market", D(1), D(3), D(3500000)),
    Security("ITOT", "us_equity", D("131.07"), "US total market ITOT", D(1), D(3), D(2100000)),
    Security("VB", "us_small", D("251.8"), None, D(2), D(5), D(700000)),
    Security("VEA", "intl_equity", D("52.315"), "Developed ex-US FTSE", D(1), D(5), D(9000000)),
    Security("IEFA", "intl_equity", D("78.92"), "Developed ex-US MSCI", D(1), D(7), D(8000000)),
    Security("VWO", "em_equity", D("46.11"), None, D(2), D(8), D(9500000)),
    Security("VNQ", "real_estate", D("88.27"), None, D(2), D(12), D(4100000)),
    Security("BND", "us_bond", D("73.6"), None, D(1), D(3), D(6500000)),
    Security("SCHP", "tips", D("26.4"), None, D(2), D(3), D(2500000)),
)
NAMES = {
    "VTI": "Vanguard Total Stock Market ETF",
    "ITOT": "iShares Core S&P Total US Stock Market ETF",
    "VB": "Vanguard Small-Cap ETF",
    "VEA": "Vanguard FTSE Developed Markets ETF",
    "IEFA": "iShares Core MSCI EAFE ETF",
    "VWO": "Vanguard FTSE Emerging Markets ETF",
    "VNQ": "Vanguard Real Estate ETF",
    "BND": "Vanguard Total Bond Market ETF",
    "SCHP": "Schwab US TIPS ETF",
}
FACTS = tuple(SecurityFacts(s, name, f"99000{i}10{i}", "ETF") for i, (s, name) in enumerate(NAMES.items()))
TARGETS = {
    "us_equity": D("0.38"),
    "us_small": D("0.06"),
    "intl_equity": D("0.14"),
    "em_equity": D("0.05"),
    "real_estate": D("0.05"),
    "us_bond": D("0.24"),
    "tips": D("0.06"),
    "cash": D("0.02"),
}
STRATEGIC = TARGETS | {"us_equity": D("0.34"), "us_bond": D("0.28")}
BUY_LIST = {
    "us_equity": ("VTI", "ITOT"),
    "us_small": ("VB",),
    "intl_equity": ("IEFA", "VEA"),
    "em_equity": ("VWO",),
    "real_estate": ("VNQ",),
    "us_bond": ("BND",),
    "tips": ("SCHP",),
}
POLICY = Policy(
    harvest_min_loss=D(500),
    harvest_min_loss_pct=D("0.03"),
    ripening_days=30,
    max_net_gain=D(25000),
    max_turnover=D("0.20"),
    class_cap=D("0.60"),
    adv_limit=D("0.10"),
)
TAX = TaxPosition(
    D("0.408"),
    D("0.238"),
    D("0.37"),
    ytd_short_term=D("2150.4"),
    ytd_long_term=D("18420.75"),
    carryforward_long_term=D(1200),
)


def lots(account: str, symbol: str, *rows: tuple[str, str, str]) -> tuple[Lot, ...]:
    """Rows of acquired, quantity, basis of each lot."""
    return tuple(
        Lot(f"{account}-{symbol}-{i}", account, symbol, date.fromisoformat(day), D(quantity), D(basis))
        for i, (day, quantity, basis) in enumerate(rows, start=1)
    )


def account(key: str, custodian: str, number: str, name: str, registration: str = "taxable") -> AccountFacts:
    return AccountFacts(
        key, custodian, number, name, "Dana Ackerman", registration, f"{name} title", discretionary=True
    )
