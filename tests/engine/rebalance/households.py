"""Households on which one rule can be seen at work: sharp drift, two classes, lots without gain unless said."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from engine.portfolio import Account, Action, HistoryRow, Lot, Policy, Registration, Security
from engine.rebalance.case import Case
from tests.builders import AS_OF, account, case, lot, security

STOCK = security("STK")
OTHER = security("OTH")
"""Of the class of STOCK, and of another group."""
BOND = security("BND", "bond", "50")
TARGETS = {"us_equity": "0.6", "bond": "0.4"}
BUY_LIST: dict[str, tuple[str, ...]] = {"us_equity": ("STK",), "bond": ("BND",)}
EITHER: dict[str, tuple[str, ...]] = {"us_equity": ("STK", "OTH"), "bond": ("BND",)}
ALL_STOCK = {"us_equity": "1"}
IRA = account("IRA", Registration.TRADITIONAL_IRA, cash=Decimal(0))


def ago(days: int) -> date:
    """Return the day so many days before the case's."""
    return AS_OF - timedelta(days=days)


def sharp(**changes: object) -> Policy:
    """Return a policy without bands: each dollar off target costs four cents."""
    cost = Decimal("0.04")
    values: dict[str, object] = {
        "band_relative": Decimal(0),
        "band_absolute": Decimal(0),
        "drift_rate_inside": cost,
        "drift_rate_outside": cost,
        **changes,
    }
    return Policy(**values)  # type: ignore[arg-type]


def home(cash: int = 0, **changes: object) -> Account:
    """Return the taxable account A1."""
    return account("A1", Registration.TAXABLE, **{"cash": Decimal(cash), **changes})


def stock(basis: str = "100000", quantity: str = "1000", days: int = 900, **changes: object) -> Lot:
    """Return a lot of STK, 1,000 shares at their basis unless said; `name` is its id."""
    values = {"name": "L1", "symbol": "STK", **changes}
    return lot(str(values.pop("name")), str(values.pop("symbol")), quantity, basis, ago(days), **values)


def row(days: int, action: Action, quantity: str = "10", **changes: object) -> HistoryRow:
    """Return a row of the history in STK, account A1."""
    values: dict[str, object] = {"account": "A1", "symbol": "STK", **changes}
    return HistoryRow(date=ago(days), action=action, quantity=Decimal(quantity), **values)  # type: ignore[arg-type]


def household(
    accounts: Account | Sequence[Account],
    lots: Lot | Sequence[Lot] = (),
    *,
    securities: Sequence[Security] = (STOCK, OTHER, BOND),
    targets: dict[str, str] | None = None,
    buy_list: dict[str, tuple[str, ...]] | None = None,
    policy: Policy | None = None,
    **more: object,
) -> Case:
    """Return a case with the sharp policy, 60 % STK and 40 % BND, unless said."""
    return case(
        securities,
        [accounts] if isinstance(accounts, Account) else accounts,
        [lots] if isinstance(lots, Lot) else lots,
        targets=targets or TARGETS,
        buy_list=dict(BUY_LIST) if buy_list is None else buy_list,
        policy=policy or sharp(),
        **more,  # type: ignore[arg-type]
    )
