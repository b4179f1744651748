"""What may be traded at all: each lot and each possible purchase with the rule that blocks it, if one does."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, Account, Lot, Security, Term, WashSalePolicy, class_words
from engine.rebalance.case import Case
from engine.rebalance.plan_rules import must_raise, purchase_left_alone, sale_left_alone
from engine.tax.holding_period import first_long_term_day, lot_term
from engine.tax.wash_sales import GroupWindow, group_windows


@dataclass(frozen=True, slots=True)
class Block:
    """A rule that forbids a sale or a purchase. `until` is the last blocked day, where it ends by itself.

    `of_plan` = it is the kind of plan that leaves it alone, and not a rule of the household.
    """

    code: str
    why: str
    until: date | None = None
    of_plan: bool = False


@dataclass(frozen=True, slots=True)
class LotView:
    """A lot at today's price. `gain` is dollars for the whole lot; `term` is None outside taxable accounts."""

    lot: Lot
    value: Decimal
    gain: Decimal
    term: Term | None
    block: Block | None

    @property
    def is_loss(self) -> bool:
        """Whether selling it would be a loss sale (taxable accounts only)."""
        return self.term is not None and self.gain < 0


@dataclass(frozen=True, slots=True)
class Position:
    """One security in one account, held or only buyable. `buy_block` None and `buyable` = may be bought."""

    account: Account
    security: Security
    lots: tuple[LotView, ...]
    buyable: bool
    buy_block: Block | None

    @property
    def key(self) -> tuple[str, str]:
        """Account id and symbol."""
        return (self.account.id, self.security.symbol)

    @property
    def quantity(self) -> Decimal:
        """Shares held."""
        return sum((v.lot.quantity for v in self.lots), ZERO)

    @property
    def value(self) -> Decimal:
        """Market value in dollars."""
        return sum((v.value for v in self.lots), ZERO)

    @property
    def is_stepped(self) -> bool:
        """Whether shares are rounded after the solve: fractional ones, and whole ones that cost under a dollar."""
        return self.account.fractional or self.security.price < 1

    @property
    def fraction_step(self) -> Decimal:
        """The smallest part of a share that is traded: a ten-thousandth, or less where that is over a dollar."""
        price = self.security.price
        return Decimal(1).scaleb(-4 if price <= 10_000 else -6 if price <= 1_000_000 else -8)

    @property
    def share_step(self) -> Decimal:
        """What the shares of an order are a multiple of, unless it closes the position."""
        return self.fraction_step if self.account.fractional else Decimal(1)

    @property
    def sellable(self) -> tuple[LotView, ...]:
        """Lots that no rule blocks."""
        return tuple(v for v in self.lots if v.block is None)

    @property
    def may_buy(self) -> bool:
        """Whether a purchase is allowed."""
        return self.buyable and self.buy_block is None


@dataclass(frozen=True, slots=True)
class ClassView:
    """An asset class before the trades: value, target and band in dollars, target as a fraction."""

    name: str
    target: Decimal
    value: Decimal
    target_value: Decimal
    band: Decimal


@dataclass(frozen=True, slots=True)
class Survey:
    """A case in canonical order with everything that the rules say before any trade is chosen."""

    case: Case
    value: Decimal
    """The household's value V in dollars, less what is withdrawn."""
    classes: dict[str, ClassView]
    positions: tuple[Position, ...]
    windows: dict[str, GroupWindow]
    traded_today: dict[str, Decimal]
    """Shares of each symbol that the household has traded on the day already."""
    lifted: bool
    """True when the rules that can suppress a trade are lifted, to see what they cost."""


def survey(case: Case) -> Survey:
    """Return the case in canonical order, each lot and purchase with the rule that blocks it."""
    case = _canonical(case)
    securities = {s.symbol: s for s in case.securities}
    accounts = case.accounts
    value = _household_value(case, securities)
    classes = _classes(case, securities, value)
    windows = dict(group_windows(case.as_of, case.securities, accounts, case.lots, case.history))
    lots_at: dict[tuple[str, str], list[Lot]] = {}
    for lot in case.lots:
        lots_at.setdefault((lot.account, lot.symbol), []).append(lot)
    listed = {
        symbol
        for name, symbols in case.buy_list.items()
        for symbol in symbols
        if symbol in securities and securities[symbol].asset_class == name
    }
    rules = _Rules(case, classes, windows, value)
    positions = [
        Position(
            account,
            security,
            tuple(rules.lot_view(lot, account, security) for lot in lots_at.get((account.id, symbol), [])),
            symbol in listed,
            rules.buy_block(account, security) if symbol in listed else None,
        )
        for account in accounts
        for symbol, security in securities.items()
        if symbol in listed or (account.id, symbol) in lots_at
    ]
    traded: dict[str, Decimal] = {}
    for row in case.history:
        if row.date == case.as_of:
            traded[row.symbol] = traded.get(row.symbol, ZERO) + row.quantity
    return Survey(case, value, classes, tuple(positions), windows, traded, lifted=False)


def lifted(view: Survey) -> Survey:
    """Return the survey without the rules that can suppress a trade."""
    return replace(view, positions=tuple(_freed(position) for position in view.positions), windows={}, lifted=True)


def _freed(position: Position) -> Position:
    if not is_rule(position.buy_block) and not any(is_rule(lot.block) for lot in position.lots):
        return position
    lots = tuple(replace(lot, block=None) if is_rule(lot.block) else lot for lot in position.lots)
    return replace(position, lots=lots, buy_block=None if is_rule(position.buy_block) else position.buy_block)


def is_rule(block: Block | None) -> bool:
    """Whether a rule of the household blocks, and not the kind of plan."""
    return block is not None and not block.of_plan


def shares_left(view: Survey, security: Security) -> Decimal | None:
    """Return the shares of a security that may still be traded on the day, over all accounts; None = no limit."""
    limit = view.case.policy.adv_limit
    if limit is None or security.adv_shares is None:
        return None
    return max(ZERO, limit * security.adv_shares - view.traded_today.get(security.symbol, ZERO))


def worth_trading(view: Survey) -> Decimal:
    """Return the dollars by which a plan must beat doing nothing: 10, or a tenth of a basis point of the value."""
    return max(Decimal(10), view.value / 100_000)


def _canonical(case: Case) -> Case:
    """Return the case in one order, whatever the order of its rows: the same plan each time."""
    return replace(
        case,
        securities=tuple(sorted(case.securities, key=lambda s: s.symbol)),
        accounts=tuple(sorted(case.accounts, key=lambda a: a.id)),
        lots=tuple(sorted(case.lots, key=lambda x: (x.acquired, x.id))),
        history=tuple(
            sorted(case.history, key=lambda r: (r.date, r.account, r.symbol, r.action, r.quantity, r.lot or ""))
        ),
    )


def _household_value(case: Case, securities: dict[str, Security]) -> Decimal:
    cash = sum((a.cash - a.withdraw for a in case.accounts), ZERO)
    return cash + sum((lot.quantity * securities[lot.symbol].price for lot in case.lots), ZERO)


def _classes(case: Case, securities: dict[str, Security], value: Decimal) -> dict[str, ClassView]:
    """Every class that is targeted, held or buyable, and cash; an untargeted one has target 0."""
    held: dict[str, Decimal] = dict.fromkeys(case.targets, ZERO)
    held.setdefault(CASH_CLASS, ZERO)
    for security in securities.values():
        held.setdefault(security.asset_class, ZERO)
    for lot in case.lots:
        security = securities[lot.symbol]
        held[security.asset_class] += lot.quantity * security.price
    held[CASH_CLASS] = sum((a.cash - a.withdraw for a in case.accounts), ZERO)
    policy = case.policy
    views = {}
    for name in sorted(held):
        target = case.targets.get(name, ZERO)
        band = max(policy.band_relative * target, policy.band_absolute) * value
        views[name] = ClassView(name, target, held[name], target * value, band)
    return views


@dataclass(frozen=True, slots=True)
class _Rules:
    case: Case
    classes: dict[str, ClassView]
    windows: dict[str, GroupWindow]
    value: Decimal

    def lot_view(self, lot: Lot, account: Account, security: Security) -> LotView:
        value = lot.quantity * security.price
        gain = value - lot.cost_basis
        term = lot_term(lot, self.case.as_of) if account.registration.is_taxable else None
        block = self._sale_block(lot, account, security, gain, term)
        return LotView(lot, value, gain, term, block)

    def _sale_block(
        self, lot: Lot, account: Account, security: Security, gain: Decimal, term: Term | None
    ) -> Block | None:
        if lot.locked:
            return Block("locked", f"lot {lot.id} is locked")
        if lot.symbol in account.do_not_sell:
            return Block("do_not_sell", f"{lot.symbol} is on the do-not-sell list of this account")
        alone = sale_left_alone(self.case.policy.plan, account, gain, self._over_target(security))
        if alone:
            return Block("plan", alone, of_plan=True)
        if term is None:
            return None
        if gain < 0:
            return self._loss_block(security) or self._harvest_block(lot, account, security, -gain)
        return self._ripening_block(lot, gain, term)

    def _loss_block(self, security: Security) -> Block | None:
        window = self.windows.get(security.group)
        if window is None:
            return None
        if window.no_loss_until:
            return Block(
                "wash_sale_ira_purchase",
                f"an IRA or other tax-advantaged account of the household bought {security.group} in the last 30 days, "
                "so the loss would be gone for good (Rev. Rul. 2008-5)",
                window.no_loss_until,
            )
        if window.washed_until and self.case.policy.wash_sales is WashSalePolicy.NEVER:
            return Block(
                "wash_sale_recent_purchase",
                f"{security.group} was bought in the last 30 days and the policy makes no such loss sale",
                window.washed_until,
            )
        return None

    def _harvest_block(self, lot: Lot, account: Account, security: Security, loss: Decimal) -> Block | None:
        policy = self.case.policy
        under_dollars = policy.harvest_min_loss is not None and loss < policy.harvest_min_loss
        under_fraction = policy.harvest_min_loss_pct is not None and loss < policy.harvest_min_loss_pct * lot.cost_basis
        if not (under_dollars or under_fraction):
            return None
        view = self.classes[security.asset_class]
        if view.value > view.target_value + view.band or must_raise(account):
            return None
        return Block("harvest_threshold", f"its loss of ${loss:,.2f} is under the harvest thresholds")

    def _ripening_block(self, lot: Lot, gain: Decimal, term: Term) -> Block | None:
        days = self.case.policy.ripening_days
        if days is None or gain <= 0 or term is Term.LONG:
            return None
        ripe = first_long_term_day(lot.acquired, lot.holding_days_carried)
        if ripe > self.case.as_of + timedelta(days=days):
            return None
        wait = (ripe - self.case.as_of).days
        return Block(
            "ripening",
            f"lot {lot.id} turns long-term on {ripe} ({wait} days); "
            f"selling now would make ${gain:,.2f} a short-term gain",
            ripe - timedelta(days=1),
        )

    def buy_block(self, account: Account, security: Security) -> Block | None:
        if security.symbol in account.do_not_buy:
            return Block("do_not_buy", f"{security.symbol} is on the do-not-buy list of this account")
        alone = purchase_left_alone(self.case.policy.plan, account, self._over_target(security))
        if alone:
            return Block("plan", alone, of_plan=True)
        window = self.windows.get(security.group)
        if window and window.no_purchase_until:
            return Block(
                "wash_sale_recent_loss",
                f"{security.group} was sold at a loss in the last 30 days; "
                "buying it now would wash that loss (IRC 1091)",
                window.no_purchase_until,
            )
        cap = self.case.policy.class_cap
        view = self.classes[security.asset_class]
        if cap is not None and view.value > cap * self.value:
            return Block("class_cap", f"{class_words(security.asset_class)} is above its cap of {cap:.0%} already")
        return None

    def _over_target(self, security: Security) -> Decimal:
        view = self.classes[security.asset_class]
        return view.value - view.target_value
