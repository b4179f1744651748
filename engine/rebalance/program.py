"""The contract's objective and constraints as one mixed-integer program over a surveyed case.

Without `choices` shares are continuous and every allowed order is open; with `choices` only those orders exist
and their shares are whole, inside a window around the continuous answer (fractional accounts stay continuous).
"""

from collections.abc import Collection, Mapping

import numpy as np

from engine.portfolio import CASH_CLASS, Side
from engine.rebalance.eligibility import Survey
from engine.rebalance.milp import INF, Terms
from engine.rebalance.orders import (
    UNIT,
    OrderKey,
    Program,
    ShareWindow,
    add_position,
    add_whole_shares,
    cash_effect,
    holding_rate,
)
from engine.rebalance.program_limits import add_limits
from engine.rebalance.program_tax import add_tax


def build_program(
    survey: Survey,
    choices: Mapping[OrderKey, ShareWindow] | None = None,
    *,
    only: Collection[OrderKey] | None = None,
    lots: Collection[str] | None = None,
    settled: Collection[OrderKey] = (),
    margin: float = 0.02,
    gain_margin: float = 0.0,
) -> Program:
    """Return the program of a surveyed case; margins are what rounding an order may cost, in dollars."""
    only = choices if only is None else only
    program = Program(survey, choices, margin / UNIT, only, lots, settled, gain_margin / UNIT)
    for position in survey.positions:
        add_position(program, position)
    if choices is not None:
        for order in program.orders:
            add_whole_shares(program, order, choices[order.key])
    _class_values(program)
    _account_cash(program)
    add_limits(program)
    add_tax(program)
    program.milp.constant += sum(holding_rate(survey, p) * float(p.value) for p in survey.positions) / UNIT
    return program


def solver_gap(survey: Survey) -> float:
    """Return the gap that a solve may leave, in UNIT dollars: 1, or a fiftieth of a basis point of the value."""
    return max(1.0, float(survey.value) * 2e-6) / UNIT


def _class_values(program: Program) -> None:
    """Price each class's distance from its target: free, then inside, then outside the band (convex)."""
    milp, policy = program.milp, program.survey.case.policy
    for name, view in program.survey.classes.items():
        half = float(view.band) / 2 / UNIT
        tops = np.array([half, half, INF, half, half, INF])
        inside, outside = float(policy.drift_rate_inside), float(policy.drift_rate_outside)
        away = milp.add(6, upper=tops, cost=[0.0, inside, outside] * 2)
        terms: Terms = [(away[:3], -1.0), (away[3:], 1.0)]
        if name == CASH_CLASS:
            terms += [t for o in program.orders for t in cash_effect(o)]
        else:
            for order in program.orders:
                if order.position.security.asset_class == name:
                    terms.append((order.columns, 1.0 if order.side is Side.BUY else -1.0))
        level = float(view.target_value - view.value) / UNIT
        milp.row(terms, lower=level, upper=level)


def _account_cash(program: Program) -> None:
    """Each account ends with its reserve and what is withdrawn; no cash moves between accounts."""
    for account in program.survey.case.accounts:
        orders = [o for o in program.orders if o.position.account.id == account.id]
        terms = [t for o in orders for t in cash_effect(o)]
        if program.exact:
            terms += [(o.switch, -program.margin) for o in orders if o.switch is not None]
        need = float(account.cash_reserve + account.withdraw - account.cash) / UNIT
        if terms or need > 0:
            program.milp.row(terms, lower=need)
