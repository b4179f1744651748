"""Books a list of wished trades on a case, so that every figure of a synthetic proposal adds up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import CASH_CLASS, Side, TaxPosition, Term
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

D = Decimal
PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Wish:
    """A trade to book: for a sale, shares by lot."""

    account: str
    symbol: str
    side: Side
    lots: dict[str, Decimal] = field(default_factory=dict)
    quantity: Decimal = ZERO
    reason: str = ""
    code: str = ""


def household_value(case: Case) -> Decimal:
    prices = {s.symbol: s.price for s in case.securities}
    held = sum((x.quantity * prices[x.symbol] for x in case.lots), ZERO)
    return held + sum((a.cash - a.withdraw for a in case.accounts), ZERO)


def tax_of(tax: TaxPosition, short: Decimal, long: Decimal) -> Decimal:
    if short >= 0 and long >= 0:
        return tax.short_term_rate * short + tax.long_term_rate * long
    net = short + long
    if net >= 0:
        return net * (tax.long_term_rate if long > 0 else tax.short_term_rate)
    room = tax.ordinary_loss_limit - tax.ytd_loss_deduction_used
    return -(tax.ordinary_rate * min(-net, room) + tax.loss_carry_rate * max(ZERO, -net - room))


def book_trades(case: Case, wishes: Sequence[Wish]) -> tuple[Trade, ...]:
    prices = {s.symbol: s.price for s in case.securities}
    lots = {x.id: x for x in case.lots}
    taxable = {a.id: a.registration.is_taxable for a in case.accounts}
    trades = []
    for wish in wishes:
        price = prices[wish.symbol]
        sales = []
        for lot_id, quantity in wish.lots.items():
            lot = lots[lot_id]
            gain = cents(quantity * price) - cents(lot.cost_basis * quantity / lot.quantity)
            long = (case.as_of - lot.acquired).days + lot.holding_days_carried > 365
            term = (Term.LONG if long else Term.SHORT) if taxable[wish.account] else None
            sales.append(LotSale(lot_id, quantity, gain, term))
        quantity = sum(wish.lots.values(), ZERO) or wish.quantity
        trades.append(
            Trade(
                wish.account,
                wish.symbol,
                wish.side,
                quantity,
                price,
                cents(quantity * price),
                tuple(sales),
                wish.reason,
                wish.code,
            )
        )
    return tuple(trades)


def cost_of(case: Case, trade: Trade) -> Decimal:
    spread = next(s.half_spread_bp for s in case.securities if s.symbol == trade.symbol)
    ticket = next(a.ticket_charge for a in case.accounts if a.id == trade.account)
    return cents(trade.amount * spread / 10000 + ticket)


def class_weights(case: Case, trades: Sequence[Trade]) -> tuple[ClassWeight, ...]:
    classes = {s.symbol: s.asset_class for s in case.securities}
    prices = {s.symbol: s.price for s in case.securities}
    value = household_value(case)
    before: dict[str, Decimal] = defaultdict(Decimal)
    for lot in case.lots:
        before[classes[lot.symbol]] += lot.quantity * prices[lot.symbol]
    before[CASH_CLASS] = sum((a.cash - a.withdraw for a in case.accounts), ZERO)
    after = dict(before)
    for trade in trades:
        sign = 1 if trade.side is Side.BUY else -1
        name = classes[trade.symbol]
        after[name] = after.get(name, ZERO) + sign * trade.amount
        after[CASH_CLASS] -= sign * trade.amount + cost_of(case, trade)
    rows = []
    for name in sorted(set(before) | set(after) | set(case.targets)):
        target = case.targets.get(name, ZERO)
        band = max(case.policy.band_relative * target, case.policy.band_absolute)
        rows.append(
            ClassWeight(
                name,
                (before.get(name, ZERO) / value).quantize(PLACES),
                target,
                (after.get(name, ZERO) / value).quantize(PLACES),
                band,
            )
        )
    return tuple(rows)


def cash_lines(case: Case, trades: Sequence[Trade]) -> tuple[CashLine, ...]:
    lines = []
    for account in case.accounts:
        after = account.cash
        for trade in trades:
            if trade.account == account.id:
                after += (1 if trade.side is Side.SELL else -1) * trade.amount - cost_of(case, trade)
        lines.append(CashLine(account.id, account.cash, after))
    return tuple(lines)


def proposal_for(
    case: Case,
    wishes: Sequence[Wish] = (),
    *,
    suppressed: tuple[Suppressed, ...] = (),
    reasons: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
    status: Status = Status.OPTIMAL,
) -> Proposal:
    trades = book_trades(case, wishes)
    sales = [sale for trade in trades for sale in trade.lots if sale.term is not None]
    short = sum((s.gain for s in sales if s.term is Term.SHORT), ZERO)
    long = sum((s.gain for s in sales if s.term is Term.LONG), ZERO)
    tax = case.tax
    s0 = tax.ytd_short_term - tax.carryforward_short_term
    l0 = tax.ytd_long_term - tax.carryforward_long_term
    before, after = cents(tax_of(tax, s0, l0)), cents(tax_of(tax, s0 + short, l0 + long))
    groups = {s.symbol: s.group for s in case.securities}
    lost = {groups[t.symbol] for t in trades for sale in t.lots if sale.gain < 0 and sale.term is not None}
    breakdown = Breakdown(
        drift=D("12.50"),
        tax=after - before,
        deferred=cents(-tax.deferred_tax_rate * (short + long)),
        trading=sum((cost_of(case, t) for t in trades), ZERO),
        holding=D("148.20"),
    )
    gross = sum((t.amount for t in trades), ZERO)
    return Proposal(
        schema="plimsoll.proposal/1",
        status=status,
        objective=breakdown.total,
        bound=breakdown.total - D("3.10"),
        gap=D("3.10"),
        breakdown=breakdown,
        trades=trades,
        suppressed=suppressed,
        classes=class_weights(case, trades),
        cash=cash_lines(case, trades),
        tax=TaxOutcome(
            before=before,
            after=after,
            short_term=short,
            long_term=long,
            harvested_loss=-sum((s.gain for s in sales if s.gain < 0), ZERO),
            disallowed=ZERO,
        ),
        turnover=(gross / 2 / household_value(case)).quantize(PLACES),
        warnings=warnings,
        reasons=reasons,
        do_not_buy=tuple(DoNotBuy(g, case.as_of + timedelta(days=30)) for g in sorted(lost)),
        case_sha256="5f" * 32,
        engine_version="0.1.0",
    )
