"""Every fault of a case is one line that starts with the path of the field; warnings do not stop it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Action, HistoryRow, Policy
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults, case_warnings
from tests.builders import AS_OF, account, case, lot, security, tax

D = Decimal
LOT = lot("L1", "VTI", "10", "900", date(2024, 1, 2))
ROW = HistoryRow("A1", "VTI", AS_OF - timedelta(days=3), Action.SELL, D(5), D(500), D(5))
GOOD = case(
    [security("VTI")],
    [account()],
    [LOT],
    targets={"us_equity": "0.9", "cash": "0.1"},
    buy_list={"us_equity": ("VTI",)},
    history=[ROW],
)


def policy(**changes: object) -> Case:
    return replace(GOOD, policy=replace(Policy(), **changes))  # type: ignore[arg-type]


FAULTS = [
    ("schema", replace(GOOD, schema="plimsoll.case/9")),  # type: ignore[arg-type]
    ("securities[1]", replace(GOOD, securities=(security("VTI"), security("VTI")))),
    ("securities[0]", replace(GOOD, securities=(security(""), security("VTI")))),
    ("securities[0].price", replace(GOOD, securities=(security("VTI", price="0"),))),
    ("securities[0].price", replace(GOOD, securities=(security("VTI", price="-1"),))),
    ("securities[0].price", replace(GOOD, securities=(security("VTI", price="NaN"),))),
    ("lots[0].quantity", replace(GOOD, lots=(replace(LOT, quantity=D("Infinity")),))),
    ("securities[0].half_spread_bp", replace(GOOD, securities=(security("VTI", half_spread_bp=D(-1)),))),
    ("securities[0].half_spread_bp", replace(GOOD, securities=(security("VTI", half_spread_bp=D(10_000)),))),
    ("securities[0].adv_shares", replace(GOOD, securities=(security("VTI", adv_shares=D(-1)),))),
    ("securities[1].asset_class", replace(GOOD, securities=(security("VTI"), security("SGOV", "cash")))),
    ("securities[0].carry_bp", replace(GOOD, securities=(security("VTI", carry_bp=D("Infinity")),))),
    ("accounts", replace(GOOD, accounts=())),
    ("accounts[1]", replace(GOOD, accounts=(account(), account()))),
    *[
        (f"accounts[0].{name}", replace(GOOD, accounts=(replace(account(), **{name: D(-1)}),)))  # type: ignore[arg-type]
        for name in ("cash_reserve", "withdraw", "ticket_charge", "min_trade")
    ],
    ("lots[1]", replace(GOOD, lots=(LOT, LOT))),
    ("lots[0].account", replace(GOOD, lots=(replace(LOT, account="A9"),))),
    ("lots[0].symbol", replace(GOOD, lots=(replace(LOT, symbol="XYZ"),))),
    ("lots[0].quantity", replace(GOOD, lots=(replace(LOT, quantity=D(0)),))),
    ("lots[0].quantity", replace(GOOD, lots=(replace(LOT, quantity=D(-4)),))),
    ("lots[0].cost_basis", replace(GOOD, lots=(replace(LOT, cost_basis=D(-1)),))),
    ("lots[0].holding_days_carried", replace(GOOD, lots=(replace(LOT, holding_days_carried=-1),))),
    ("lots[0].acquired", replace(GOOD, lots=(replace(LOT, acquired=AS_OF + timedelta(days=1)),))),
    ("history[0].account", replace(GOOD, history=(replace(ROW, account="A9"),))),
    ("history[0].date", replace(GOOD, history=(replace(ROW, date=AS_OF + timedelta(days=1)),))),
    ("history[0].quantity", replace(GOOD, history=(replace(ROW, quantity=D(0), loss_quantity=D(0)),))),
    ("history[0].loss_quantity", replace(GOOD, history=(replace(ROW, loss_quantity=D(6)),))),
    ("history[0].loss_quantity", replace(GOOD, history=(replace(ROW, loss_quantity=D(-1)),))),
    ("history[0].loss_quantity", replace(GOOD, history=(replace(ROW, action=Action.BUY),))),
    ("targets.us_equity", replace(GOOD, targets={"us_equity": D("1.2")})),
    ("targets.us_equity", replace(GOOD, targets={"us_equity": D("-0.2")})),
    ("targets:", replace(GOOD, targets={"us_equity": D("0.7"), "cash": D("0.4")})),
    *[
        (f"policy.{name}", policy(**{name: D(-1)}))
        for name in (
            "band_relative",
            "band_absolute",
            "drift_rate_inside",
            "turnover_used",
            "harvest_min_loss",
            "harvest_min_loss_pct",
            "max_turnover",
            "class_cap",
            "adv_limit",
            "max_position",
        )
    ],
    ("policy.ripening_days", policy(ripening_days=-1)),
    ("policy.drift_rate_outside", policy(drift_rate_outside=D("0.001"))),
    ("policy.location_rate.us_bond.taxable", policy(location_rate={"us_bond": {"taxable": D("NaN")}})),
    *[
        (f"tax.{name}", replace(GOOD, tax=tax(**{name: D("1.5")})))
        for name in ("short_term_rate", "long_term_rate", "ordinary_rate", "loss_carry_rate", "deferred_tax_rate")
    ],
    *[
        (f"tax.{name}", replace(GOOD, tax=tax(**{name: D(-1)})))
        for name in (
            "ordinary_loss_limit",
            "carryforward_short_term",
            "carryforward_long_term",
            "ytd_loss_deduction_used",
        )
    ],
]


def test_a_good_case_has_no_fault() -> None:
    assert case_faults(GOOD) == ()
    assert case_warnings(GOOD) == ()


@pytest.mark.parametrize(("path", "bad"), FAULTS, ids=[path for path, _ in FAULTS])
def test_a_fault_is_one_line_with_its_path(path: str, bad: Case) -> None:
    faults = case_faults(bad)
    assert any(line.startswith(path) for line in faults), faults
    assert all("\n" not in line for line in faults)


def test_all_faults_are_collected() -> None:
    bad = replace(GOOD, accounts=(account(min_trade=D(-1)),), lots=(replace(LOT, symbol="XYZ"),))
    assert len(case_faults(bad)) == 2


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (replace(GOOD, buy_list={"us_equity": ("VTI", "ITOT")}), "ITOT is not among the securities"),
        (replace(GOOD, buy_list={"us_bond": ("VTI",)}), "VTI is of class us_equity"),
        (replace(GOOD, targets={"us_equity": D("0.5")}), "targets add up to 0.5000, not 1"),
        (policy(location_rate={"cash": {"taxable": D("0.01")}}), "location_rate.cash is not used"),
    ],
)
def test_what_can_be_solved_all_the_same_is_a_warning(odd: Case, words: str) -> None:
    assert case_faults(odd) == ()
    assert any(words in line for line in case_warnings(odd))
