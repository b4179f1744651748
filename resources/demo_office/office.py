"""The sample office's own workbook: households, people, accounts, securities, models, policies, tax profiles."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.styles import Font

from importers.office_writer import OfficeValue, write_office
from resources.demo_office.plans import CASH_RESERVE, MIN_TRADE, HouseholdPlan, read_toml
from resources.demo_office.securities import BUY_LISTS, PAPERS
from resources.demo_office.workbooks import LABEL, settled

Rows = list[Mapping[str, OfficeValue]]


def write_office_workbook(path: Path, plans: Sequence[HouseholdPlan]) -> None:
    """Write the office workbook of the plans, labelled as a sample on its first page."""
    write_office(
        path,
        {
            "Households": _households(plans),
            "People": [{"name": n, "household": p.name, "role": r} for p in plans for n, r in p.people.items()],
            "Accounts": _accounts(plans),
            "Securities": _securities(),
            "Models": _models(),
            "Policies": _policies(),
            "Tax profiles": [{"name": tax_profile(plan), **plan.tax} for plan in plans],
            "Restrictions": [
                {"household": p.name, "symbol": r.symbol, "kind": r.kind, "reason": r.reason}
                for p in plans
                for r in p.restrictions
            ],
        },
    )
    book = load_workbook(path)
    book.properties.title = LABEL
    label = book["Read me"]["B1"]
    label.value, label.font = LABEL, Font(bold=True, color="B00020")
    stream = BytesIO()
    book.save(stream)
    path.write_bytes(settled(stream.getvalue()))


def tax_profile(plan: HouseholdPlan) -> str:
    """Return the name of a household's tax profile."""
    return f"{plan.name} 2026"


def _households(plans: Sequence[HouseholdPlan]) -> Rows:
    return [
        {
            "name": plan.name,
            "tax_profile": tax_profile(plan),
            "model": plan.model,
            "policy": plan.policy,
            "notes": f"Synthetic sample household, story {number}. {plan.story}",
        }
        for number, plan in enumerate(plans, start=1)
    ]


def _accounts(plans: Sequence[HouseholdPlan]) -> Rows:
    return [
        {
            "number": account.number,
            "custodian": account.custodian,
            "household": plan.name,
            "owner": account.owner,
            "registration": account.registration,
            "title": f"{plan.name} {account.kind}",
            "cash_reserve": CASH_RESERVE,
            "withdraw": account.withdraw,
            "fractional": False,
            "ticket_charge": account.ticket_charge,
            "min_trade": MIN_TRADE,
            "discretionary": True,
        }
        for plan in plans
        for account in plan.accounts
    ]


def _securities() -> Rows:
    return [
        {
            "symbol": paper.symbol,
            "name": paper.title,
            "asset_class": paper.asset_class,
            "identity_group": None if paper.is_stock else paper.group,
            "security_type": "stock" if paper.is_stock else "etf",
            "half_spread_bp": paper.half_spread_bp,
            "carry_bp": paper.carry_bp,
            "adv_shares": paper.adv_shares,
            "substitutes": paper.substitutes,
        }
        for paper in PAPERS
    ]


def _models() -> Rows:
    return [
        {
            "model": model,
            "asset_class": name,
            "weight": row["weight"],
            "buy_list": BUY_LISTS.get(name, ()),
            "overlay_etf": row.get("overlay_etf"),
        }
        for model, classes in read_toml("office.toml")["models"].items()
        for name, row in classes.items()
    ]


def _policies() -> Rows:
    office = read_toml("office.toml")
    return [{"name": name, **office["every_policy"], **settings} for name, settings in office["policies"].items()]
