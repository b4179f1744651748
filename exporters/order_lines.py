"""Orders, lots sold, blocks and allocations of a run, derived from its proposals and reconciled by construction.

Lots sum to their order, orders to their block, allocations to 100 %. Everything is a pure function of the
run, so the same run gives the same identifiers each time it is exported.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO, allocate, cents
from engine.portfolio import Account, Lot, Security, Side, Term
from engine.rebalance.proposal import LotSale, Status, Trade
from exporters.order_terms import AT_MARKET, OrderTerms
from exporters.run_report import AccountFacts, HouseholdReport, RunReport, SecurityFacts
from exporters.wash_watch import WashState, wash_of_buy, wash_of_sale

BASIS_POINT = Decimal("0.0001")
UNIT_COST_STEP = Decimal("0.000001")
TIME_IN_FORCE = "DAY"
CURRENCY = "USD"
ALLOCATION_METHOD = "pro rata at average price"


class LotMethod(StrEnum):
    """How the custodian is told which shares to sell."""

    SPECIFIC = "SPECIFIC_LOT"
    NOT_APPLICABLE = ""


@dataclass(frozen=True, slots=True)
class LotLine:
    """Shares of one lot sold by an order. Dollars; `gain` is None in accounts that realise no gains."""

    order_id: str
    lot_id: str
    acquired: date
    term: Term | None
    lot_quantity: Decimal
    quantity: Decimal
    unit_cost: Decimal
    cost_basis: Decimal
    proceeds: Decimal
    gain: Decimal | None
    wash: WashState


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order: account, symbol, side. `cost` is the estimated spread and ticket charge in dollars.

    The gains are dollars, losses negative; None for buys and in accounts that realise no gains.
    """

    order_id: str
    block_id: str
    household: str
    account: AccountFacts
    security: SecurityFacts
    asset_class: str
    side: Side
    quantity: Decimal
    price: Decimal
    amount: Decimal
    cost: Decimal
    short_term_gain: Decimal | None
    long_term_gain: Decimal | None
    wash: WashState
    closes_position: bool
    reason: str
    reason_code: str
    lots: tuple[LotLine, ...]

    @property
    def lot_method(self) -> LotMethod:
        """Specific lots for every sale whose lots are known."""
        return LotMethod.SPECIFIC if self.lots else LotMethod.NOT_APPLICABLE

    @property
    def gain(self) -> Decimal | None:
        """Net estimated gain in dollars, None where no gain is realised."""
        known = [g for g in (self.short_term_gain, self.long_term_gain) if g is not None]
        return sum(known, ZERO) if known else None


@dataclass(frozen=True, slots=True)
class Allocation:
    """One account's part of a block. `share` is per cent of the block; the shares of a block sum to 100."""

    block_id: str
    order: OrderLine
    quantity: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Block:
    """Orders of several accounts at one custodian in one symbol and side, placed together."""

    block_id: str
    custodian: str
    security: SecurityFacts
    side: Side
    quantity: Decimal
    amount: Decimal
    orders: tuple[OrderLine, ...]

    @property
    def accounts(self) -> int:
        """How many accounts take part."""
        return len(self.orders)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A trade that is not exported, and why."""

    household: str
    trade: Trade
    why: str


@dataclass(frozen=True, slots=True)
class RunOrders:
    """All orders of a run, by custodian, account, sells first, symbol."""

    orders: tuple[OrderLine, ...]
    blocks: tuple[Block, ...]
    allocations: tuple[Allocation, ...]
    held_back: tuple[HeldBack, ...]
    terms: OrderTerms = AT_MARKET

    @property
    def custodians(self) -> tuple[str, ...]:
        """The custodians that get orders, in alphabetical order."""
        return tuple(sorted({order.account.custodian for order in self.orders}))


def run_orders(report: RunReport, terms: OrderTerms = AT_MARKET) -> RunOrders:
    """Return the numbered orders of a run with their blocks and allocations, to be placed on these terms."""
    lines = [line for household in report.households for line in lines_of(household)]
    lines.sort(key=_rank)
    groups: dict[tuple[str, str, Side], int] = defaultdict(int)
    for line in lines:
        groups[_block_key(line)] += 1
    block_ids: dict[tuple[str, str, Side], str] = {}
    for key, count in groups.items():
        if count > 1:
            block_ids[key] = f"{report.run}-B{len(block_ids) + 1:03d}"
    orders = tuple(
        _numbered(line, f"{report.run}-{i:04d}", block_ids.get(_block_key(line), ""))
        for i, line in enumerate(lines, start=1)
    )
    blocks = tuple(_block(block_id, orders) for block_id in block_ids.values())
    allocations = tuple(a for block in blocks for a in _allocations(block))
    held = tuple(h for household in report.households for h in _held_back(household))
    return RunOrders(orders, blocks, allocations, held, terms)


def lines_of(household: HouseholdReport) -> tuple[OrderLine, ...]:
    """Return one household's orders, not yet numbered. An infeasible proposal has none."""
    if household.proposal.status is Status.INFEASIBLE:
        return ()
    return tuple(_line(household, trade) for trade in household.proposal.trades)


def security_facts(household: HouseholdReport, symbol: str) -> SecurityFacts:
    """Return what is known of a security; its symbol stands in for a name that nobody gave."""
    for facts in household.securities:
        if facts.symbol == symbol:
            return facts
    return SecurityFacts(symbol=symbol, name=symbol, cusip="", security_type="")


def sum_gains(gains: Iterable[Decimal | None]) -> Decimal:
    """Sum estimated gains in dollars; None counts as nothing realised."""
    return sum((g for g in gains if g is not None), ZERO)


def _line(household: HouseholdReport, trade: Trade) -> OrderLine:
    case = household.case
    facts = next(a for a in household.accounts if a.key == trade.account)
    account = next(a for a in case.accounts if a.id == trade.account)
    security = next(s for s in case.securities if s.symbol == trade.symbol)
    lots = _lot_lines(household, trade, taxable=account.registration.is_taxable)
    held = sum((x.quantity for x in case.lots if (x.account, x.symbol) == (trade.account, trade.symbol)), ZERO)
    realises = trade.side is Side.SELL and account.registration.is_taxable
    if trade.side is Side.BUY:
        wash = wash_of_buy(household, security)
    else:
        wash = max((lot.wash for lot in lots), key=list(WashState).index, default=WashState.NONE)
    return OrderLine(
        order_id="",
        block_id="",
        household=household.household,
        account=facts,
        security=security_facts(household, trade.symbol),
        asset_class=security.asset_class,
        side=trade.side,
        quantity=trade.quantity,
        price=trade.price,
        amount=trade.amount,
        cost=_cost(trade, account, security),
        short_term_gain=_gain_of(lots, Term.SHORT) if realises else None,
        long_term_gain=_gain_of(lots, Term.LONG) if realises else None,
        wash=wash,
        closes_position=trade.side is Side.SELL and trade.quantity == held,
        reason=trade.reason,
        reason_code=trade.reason_code,
        lots=lots,
    )


def _lot_lines(household: HouseholdReport, trade: Trade, *, taxable: bool) -> tuple[LotLine, ...]:
    """Split the order's amount over its lots by shares, so that proceeds sum to the order to the cent."""
    if not trade.lots:
        return ()
    known = {lot.id: lot for lot in household.case.lots}
    proceeds = allocate(cents(trade.amount), [sale.quantity for sale in trade.lots])
    return tuple(
        _lot_line(household, known[sale.id], sale, part, taxable=taxable)
        for sale, part in zip(trade.lots, proceeds, strict=True)
    )


def _lot_line(household: HouseholdReport, lot: Lot, sale: LotSale, proceeds: Decimal, *, taxable: bool) -> LotLine:
    # The gain is the engine's; the basis shown is what makes the row add up, within a cent of pro rata.
    basis = proceeds - sale.gain if taxable else cents(lot.cost_basis * sale.quantity / lot.quantity)
    return LotLine(
        order_id="",
        lot_id=lot.id,
        acquired=lot.acquired,
        term=sale.term,
        lot_quantity=lot.quantity,
        quantity=sale.quantity,
        unit_cost=(lot.cost_basis / lot.quantity).quantize(UNIT_COST_STEP),
        cost_basis=basis,
        proceeds=proceeds,
        gain=sale.gain if taxable else None,
        wash=wash_of_sale(household, lot, sale.gain) if taxable else WashState.NONE,
    )


def _gain_of(lots: tuple[LotLine, ...], term: Term) -> Decimal:
    return sum_gains(lot.gain for lot in lots if lot.term is term)


def _cost(trade: Trade, account: Account, security: Security) -> Decimal:
    return cents(trade.amount * security.half_spread_bp * BASIS_POINT + account.ticket_charge)


def _rank(line: OrderLine) -> tuple[str, str, str, bool, str]:
    account = line.account
    return (account.custodian, account.number, account.key, line.side is Side.BUY, line.security.symbol)


def _block_key(line: OrderLine) -> tuple[str, str, Side]:
    return (line.account.custodian, line.security.symbol, line.side)


def _numbered(line: OrderLine, order_id: str, block_id: str) -> OrderLine:
    lots = tuple(replace(lot, order_id=order_id) for lot in line.lots)
    return replace(line, order_id=order_id, block_id=block_id, lots=lots)


def _block(block_id: str, orders: tuple[OrderLine, ...]) -> Block:
    parts = tuple(order for order in orders if order.block_id == block_id)
    first = parts[0]
    return Block(
        block_id=block_id,
        custodian=first.account.custodian,
        security=first.security,
        side=first.side,
        quantity=sum((o.quantity for o in parts), ZERO),
        amount=sum((o.amount for o in parts), ZERO),
        orders=parts,
    )


def _allocations(block: Block) -> tuple[Allocation, ...]:
    """Shares in per cent with four decimals that sum to exactly 100."""
    parts = allocate(Decimal(10000), [order.quantity for order in block.orders])
    return tuple(
        Allocation(block.block_id, order, order.quantity, part / 100)
        for order, part in zip(block.orders, parts, strict=True)
    )


def _held_back(household: HouseholdReport) -> tuple[HeldBack, ...]:
    if household.proposal.status is not Status.INFEASIBLE:
        return ()
    why = "The household's rules cannot all be met; nothing of this proposal is sent."
    return tuple(HeldBack(household.household, trade, why) for trade in household.proposal.trades)
