"""Faults that make a case unsolvable: each one line with the path of the field. Collected, all of them."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, Action
from engine.rebalance.case import SCHEMA, Case

_ONE = Decimal(1)
_SLACK = Decimal("0.000001")


def case_faults(case: Case) -> tuple[str, ...]:
    """Return what is wrong with a case, as `path: what` lines; empty when it can be solved."""
    unreal = tuple(_numbers(case))
    if unreal:  # nothing can be compared with a NaN, so these come alone
        return unreal
    return (
        *_schema(case),
        *_securities(case),
        *_accounts(case),
        *_lots(case),
        *_history(case),
        *_targets(case),
        *_policy(case),
    )


def case_warnings(case: Case) -> tuple[str, ...]:
    """Return what a person should know about a case that can be solved all the same."""
    known = {s.symbol: s.asset_class for s in case.securities}
    lines = []
    for name, symbols in sorted(case.buy_list.items()):
        lines += [
            f"buy_list.{name}: {symbol} is not among the securities and cannot be bought"
            for symbol in symbols
            if symbol not in known
        ]
        lines += [
            f"buy_list.{name}: {symbol} is of class {known[symbol]} and is not bought for {name}"
            for symbol in symbols
            if symbol in known and known[symbol] != name
        ]
    total = sum(case.targets.values(), ZERO)
    if case.targets and abs(total - _ONE) > _SLACK:
        lines.append(f"targets add up to {total:.4f}, not 1")
    if CASH_CLASS in (case.policy.location_rate or {}):
        lines.append("policy.location_rate.cash is not used: cash is no holding")
    return tuple(lines)


def _schema(case: Case) -> Iterator[str]:
    if case.schema != SCHEMA:
        yield f"schema: {case.schema!r} is not {SCHEMA}"


def _numbers(case: Case) -> Iterator[str]:
    """Amounts that Decimal would accept but no market has: NaN, infinity."""
    for name, value in _all_numbers(case):
        if not value.is_finite():
            yield f"{name}: {value} is not a finite number"


def _all_numbers(case: Case) -> Iterator[tuple[str, Decimal]]:
    parts: list[tuple[str, object]] = [("tax", case.tax), ("policy", case.policy)]
    for name in ("securities", "accounts", "history"):
        parts += [(f"{name}[{i}]", item) for i, item in enumerate(getattr(case, name))]
    for i, lot in enumerate(case.lots):  # there are many of them
        if not (lot.quantity.is_finite() and lot.cost_basis.is_finite()):
            parts.append((f"lots[{i}]", lot))
    for path, item in parts:
        for field in item.__slots__:  # type: ignore[attr-defined]
            value = getattr(item, field)
            if isinstance(value, Decimal):
                yield f"{path}.{field}", value
    yield from ((f"targets.{k}", v) for k, v in case.targets.items())
    for name, rates in (case.policy.location_rate or {}).items():
        yield from ((f"policy.location_rate.{name}.{k}", v) for k, v in rates.items())


def _twice(path: str, what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield f"{path}[{i}]: {what} {name!r} appears twice"
        if not name:
            yield f"{path}[{i}]: {what} is empty"
        seen.add(name)


def _securities(case: Case) -> Iterator[str]:
    yield from _twice("securities", "symbol", (s.symbol for s in case.securities))
    for i, s in enumerate(case.securities):
        if not s.price > 0:
            yield f"securities[{i}].price: the price of {s.symbol} is {s.price}; give the last close"
        if s.half_spread_bp < 0 or s.half_spread_bp >= 10_000:
            yield f"securities[{i}].half_spread_bp: {s.half_spread_bp} is not between 0 and 10,000"
        if s.adv_shares is not None and s.adv_shares < 0:
            yield f"securities[{i}].adv_shares: {s.adv_shares} is negative"
        if s.asset_class == CASH_CLASS:
            yield f"securities[{i}].asset_class: {s.symbol} cannot be of class cash; give it as the account's cash"


def _accounts(case: Case) -> Iterator[str]:
    yield from _twice("accounts", "account", (a.id for a in case.accounts))
    if not case.accounts:
        yield "accounts: there is none"
    for i, a in enumerate(case.accounts):
        for field in ("cash_reserve", "withdraw", "ticket_charge", "min_trade"):
            if getattr(a, field) < 0:
                yield f"accounts[{i}].{field}: {getattr(a, field)} is negative"


def _lots(case: Case) -> Iterator[str]:
    yield from _twice("lots", "lot", (x.id for x in case.lots))
    accounts = {a.id for a in case.accounts}
    symbols = {s.symbol for s in case.securities}
    for i, lot in enumerate(case.lots):
        if lot.account not in accounts:
            yield f"lots[{i}].account: {lot.account!r} is not among the accounts"
        if lot.symbol not in symbols:
            yield f"lots[{i}].symbol: {lot.symbol!r} is not among the securities"
        if not lot.quantity > 0:
            yield f"lots[{i}].quantity: lot {lot.id} has {lot.quantity} shares; short positions are not handled"
        if lot.cost_basis < 0:
            yield f"lots[{i}].cost_basis: {lot.cost_basis} is negative"
        if lot.holding_days_carried < 0:
            yield f"lots[{i}].holding_days_carried: {lot.holding_days_carried} is negative"
        if lot.acquired > case.as_of:
            yield f"lots[{i}].acquired: {lot.acquired} is after as_of {case.as_of}"


def _history(case: Case) -> Iterator[str]:
    accounts = {a.id for a in case.accounts}
    for i, row in enumerate(case.history):
        if row.account not in accounts:
            yield f"history[{i}].account: {row.account!r} is not among the accounts"
        if row.date > case.as_of:
            yield f"history[{i}].date: {row.date} is after as_of {case.as_of}"
        if not row.quantity > 0:
            yield f"history[{i}].quantity: {row.quantity} is not above 0"
        if row.loss_quantity < 0 or row.loss_quantity > row.quantity:
            yield f"history[{i}].loss_quantity: {row.loss_quantity} is not between 0 and {row.quantity}"
        if row.action is not Action.SELL and row.loss_quantity:
            yield f"history[{i}].loss_quantity: only a sell can be at a loss"


def _targets(case: Case) -> Iterator[str]:
    for name, weight in case.targets.items():
        if not ZERO <= weight <= _ONE:
            yield f"targets.{name}: {weight} is not between 0 and 1"
    total = sum(case.targets.values(), ZERO)
    if total > _ONE + _SLACK:
        yield f"targets: they add up to {total}, more than 1"


def _policy(case: Case) -> Iterator[str]:
    p, t = case.policy, case.tax
    for field in ("band_relative", "band_absolute", "drift_rate_inside", "turnover_used"):
        if getattr(p, field) < 0:
            yield f"policy.{field}: {getattr(p, field)} is negative"
    if p.drift_rate_outside < p.drift_rate_inside:
        yield "policy.drift_rate_outside: it must be at least drift_rate_inside"
    for field in ("harvest_min_loss", "harvest_min_loss_pct", "ripening_days", "max_turnover", "max_tax"):
        value = getattr(p, field)
        if value is not None and value < 0:
            yield f"policy.{field}: {value} is negative"
    for field in ("class_cap", "adv_limit", "max_position"):
        value = getattr(p, field)
        if value is not None and value < 0:
            yield f"policy.{field}: {value} is negative"
    for field in ("short_term_rate", "long_term_rate", "ordinary_rate", "loss_carry_rate", "deferred_tax_rate"):
        value = getattr(t, field)
        if not ZERO <= value <= _ONE:
            yield f"tax.{field}: {value} is not between 0 and 1"
    for field in (
        "ordinary_loss_limit",
        "carryforward_short_term",
        "carryforward_long_term",
        "ytd_loss_deduction_used",
    ):
        if getattr(t, field) < 0:
            yield f"tax.{field}: {getattr(t, field)} is negative"
