"""Writes all files of the sample office into a folder; the same content each time."""

from collections.abc import Sequence
from pathlib import Path

from resources.demo_office.custodian_files import custodian_files
from resources.demo_office.office import write_office_workbook
from resources.demo_office.plans import HouseholdPlan, read_plans, read_toml
from resources.demo_office.prices import make_market
from resources.demo_office.securities import AS_OF
from resources.demo_office.stories import SampleHousehold, make_household
from resources.demo_office.tables import table_files
from resources.demo_office.workbooks import LABEL, tables_workbook

OFFICE = "office.xlsx"
TABLES = f"holdings-lots-activity-{AS_OF}.xlsx"
README = "README.md"


def write_sample_office(out: Path) -> tuple[Path, ...]:
    """Write the sample office into a folder, made if need be, and return its files in order of name."""
    out.mkdir(parents=True, exist_ok=True)
    market = make_market()
    plans = read_plans()
    households = [make_household(plan, market) for plan in plans]
    texts = {**custodian_files(households, market), **table_files(market), README: _readme(plans, households)}
    for name, text in texts.items():
        (out / name).write_bytes(text.encode("utf-8"))
    (out / TABLES).write_bytes(tables_workbook(households, market))
    write_office_workbook(out / OFFICE, plans)
    return tuple(sorted(out / name for name in (*texts, TABLES, OFFICE)))


def _readme(plans: Sequence[HouseholdPlan], households: Sequence[SampleHousehold]) -> str:
    firm = read_toml("office.toml")["firm"]
    lots = sum(len(position.lots) for household in households for position in household.positions)
    accounts = sum(len(plan.accounts) for plan in plans)
    lines = [
        f"# {firm}",
        "",
        f"{LABEL} As of {AS_OF}: {len(plans)} households, {accounts} accounts, {lots:,} open tax lots.",
        "The funds are real tickers on invented prices, the stocks, people and account numbers do not exist.",
        "",
        "| file | what it is |",
        "|---|---|",
        "| `office.xlsx` | the office workbook: households, people, accounts, securities, models, policies, taxes |",
        "| `All-Accounts-Positions-*.csv` | Charles Schwab positions of all accounts |",
        "| `*-Lot-Details-*.csv` | Charles Schwab open lots, by account or by symbol |",
        "| `Portfolio_Positions_*.csv` | Fidelity positions; Fidelity writes no lots |",
        f"| `{TABLES}` | a third custodian's holdings, lots of it and of Fidelity, trades of 90 days |",
        "| `prices_close.csv`, `prices_adjusted.csv` | six years of daily prices, plain and total-return |",
        "| `macro_series.csv` | yields, consumer prices, volatility |",
        "",
        "Each household tells one story:",
        "",
        *(f"{number}. **{plan.name}.** {plan.story}" for number, plan in enumerate(plans, start=1)),
        "",
        "`python -m resources.demo_office FOLDER` writes these files anew.",
        "",
    ]
    return "\n".join(lines)
