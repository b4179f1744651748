"""A small office as rows of the workbook, in the fields of the layout."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from importers.office_writer import OfficeValue

Rows = dict[str, list[Mapping[str, OfficeValue]]]


def office_rows() -> Rows:
    """Return two households' worth of rows, new lists each time."""
    return {
        "Households": [
            {"name": "Abbott", "tax_profile": "Abbott 2026", "model": "Balanced", "policy": "Standard"},
            {
                "name": "=Borg & Sons",
                "tax_profile": "Abbott 2026",
                "model": "Balanced",
                "policy": "Standard",
                "notes": "+1 555 0100",
            },
        ],
        "People": [
            {"name": "Jane Abbott", "household": "Abbott", "role": "client"},
            {"name": "Jo Abbott", "household": "Abbott", "role": "spouse"},
        ],
        "Accounts": [
            {
                "number": "00012345",
                "custodian": "schwab",
                "household": "Abbott",
                "owner": "Jane Abbott",
                "registration": "taxable",
                "title": "Jane individual",
                "cash_reserve": Decimal("5000.25"),
                "withdraw": Decimal(80000),
                "fractional": True,
                "ticket_charge": Decimal("4.95"),
                "min_trade": Decimal(250),
                "discretionary": False,
            },
            {
                "number": "...321",
                "custodian": "fidelity",
                "household": "Abbott",
                "owner": "joint",
                "registration": "401k",
            },
        ],
        "Securities": [
            {
                "symbol": "QAAA",
                "name": "Quarry Alpha Equity ETF",
                "asset_class": "us_equity",
                "identity_group": "Quarry Alpha",
                "security_type": "etf",
                "cusip": "012345678",
                "half_spread_bp": Decimal("0.5"),
                "carry_bp": Decimal(3),
                "adv_shares": Decimal(3_500_000),
                "substitutes": ("QBBB", "BRK/B"),
            },
            {"symbol": "QBBB", "asset_class": "us_equity"},
        ],
        "Models": [
            {
                "model": "Balanced",
                "asset_class": "us_equity",
                "weight": Decimal("0.605"),
                "buy_list": ("QAAA", "QBBB"),
                "overlay_etf": "QAAA",
            },
            {"model": "Balanced", "asset_class": "cash", "weight": Decimal("0.395")},
        ],
        "Policies": [
            {
                "name": "Standard",
                "band_relative": Decimal("0.25"),
                "location_rate": {"us_bond": {"taxable": Decimal("0.012"), "roth_ira": Decimal("0.001")}},
                "harvest_min_loss": Decimal(500),
                "ripening_days": 30,
                "wash_sales": "never",
                "overlay": True,
            },
        ],
        "Tax profiles": [
            {
                "name": "Abbott 2026",
                "filing_status": "married_joint",
                "short_term_rate": Decimal("0.408"),
                "long_term_rate": Decimal("0.238"),
                "ordinary_rate": Decimal("0.37"),
                "ytd_short_term": Decimal(-1200),
            },
        ],
        "Restrictions": [
            {
                "household": "Abbott",
                "account": "00012345",
                "symbol": "QAAA",
                "kind": "do_not_sell",
                "reason": "Family stock",
                "until": date(2027, 6, 30),
            },
        ],
    }
