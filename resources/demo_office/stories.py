"""How a household's plan becomes positions, lots, cash and recent trades at the sample prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from random import Random

from resources.demo_office.plans import AccountPlan, HouseholdPlan, PastTrade, Tranche
from resources.demo_office.prices import Market, pay_days, seeded
from resources.demo_office.securities import AS_OF, BY_SYMBOL, CLASS_PATHS

_CENT = Decimal("0.01")
_SHARE = Decimal("0.001")
_NO_LOSS = Decimal("0.97")
_EARLIEST = date(2021, 3, 1)
_TRADES_FROM = date(2026, 8, 3)
_STEADY = ("us_bond", "tips")


@dataclass(frozen=True, slots=True)
class SampleLot:
    """An open lot as the files show it. `cost_basis` in dollars; `id` is the office's own."""

    id: str
    account: AccountPlan
    symbol: str
    acquired: date
    shares: Decimal
    cost_basis: Decimal
    reinvested: bool


@dataclass(frozen=True, slots=True)
class SamplePosition:
    """A holding as the custodian shows it, with its lots. `price` is None where the custodian has none."""

    account: AccountPlan
    symbol: str
    shares: Decimal
    price: Decimal | None
    lots: tuple[SampleLot, ...]

    @property
    def market_value(self) -> Decimal | None:
        """Dollars, to the cent; None without a price."""
        return None if self.price is None else (self.shares * self.price).quantize(_CENT)

    @property
    def cost_basis(self) -> Decimal:
        """Dollars, the sum over the lots."""
        return sum((lot.cost_basis for lot in self.lots), Decimal(0))


@dataclass(frozen=True, slots=True)
class SampleHousehold:
    """A plan made into positions, cash by account key (dollars), and trades."""

    plan: HouseholdPlan
    positions: tuple[SamplePosition, ...]
    cash: dict[str, Decimal]
    trades: tuple[PastTrade, ...]

    def positions_of(self, account: AccountPlan) -> tuple[SamplePosition, ...]:
        """Return the positions of one account."""
        return tuple(p for p in self.positions if p.account is account)


def make_household(plan: HouseholdPlan, market: Market) -> SampleHousehold:
    """Make the positions and lots of a plan on given prices, the same each time."""
    positions = []
    for account in plan.accounts:
        for symbol, part in account.holdings.items():
            lots = _lots(account, symbol, _whole(plan.value * part / market.last(symbol)), market)
            lost = plan.lost_shares.get((account.key, symbol), Decimal(0))
            shares = sum((lot.shares for lot in lots), Decimal(0)) + lost
            price = market.last(symbol) if BY_SYMBOL[symbol].last_day == AS_OF else None
            positions.append(SamplePosition(account, symbol, shares, price, lots))
    cash = {a.key: _cash(plan, a) for a in plan.accounts}
    return SampleHousehold(plan, tuple(positions), cash, _trades(plan, positions))


def _whole(shares: Decimal) -> Decimal:
    return shares.quantize(Decimal(1), rounding=ROUND_FLOOR)


def _cash(plan: HouseholdPlan, account: AccountPlan) -> Decimal:
    odd = Decimal(int(seeded(f"{account.number}/cash").random() * 9_900) + 100) / 100
    return (plan.value * account.cash).quantize(_CENT) + odd


def _lots(account: AccountPlan, symbol: str, shares: Decimal, market: Market) -> tuple[SampleLot, ...]:
    given = [lot for lot in account.lots if lot.symbol == symbol]
    rest = shares - sum((_whole(t.shares) for t in given), Decimal(0))
    if rest < 0:
        raise ValueError(f"{account.number} {symbol}: the story's lots are more than the position")
    random = seeded(f"{account.number}/{symbol}")
    spread = _spread(random, symbol, rest, _quiet_days(account, symbol, market))
    spread += _reinvested(random, account, symbol, rest, market)
    return tuple(
        SampleLot(
            f"{account.number}-{symbol}-{i:02d}".replace("...", "S"),
            account,
            symbol,
            t.day,
            t.shares,
            (t.shares * market.close(symbol, t.day)).quantize(_CENT),
            t.reinvested,
        )
        for i, t in enumerate(sorted((*given, *spread), key=lambda t: (t.day, t.shares)), 1)
    )


def _quiet_days(account: AccountPlan, symbol: str, market: Market) -> list[date]:
    """Return days on which a purchase is a gain by now; outside taxable accounts any day will do."""
    last = market.last(symbol)
    return [
        day
        for day, close in zip(market.days, market.closes[symbol], strict=True)
        if _EARLIEST <= day <= account.bought_until
        and close is not None
        and (not account.is_taxable or close <= last * _NO_LOSS)
    ]


def _spread(random: Random, symbol: str, shares: Decimal, days: Sequence[date]) -> list[Tranche]:
    """Split whole shares over a handful of purchase days."""
    if shares <= 0:
        return []
    count = 1 if shares < 20 else 7 + int(random.random() * 6)
    chosen = sorted({days[int(random.random() * len(days))] for _ in range(count)})
    parts = [Decimal(str(round(1.0 + random.random(), 6))) for _ in chosen]
    sizes = [_whole(shares * part / sum(parts)) for part in parts[1:]]
    sizes = [shares - sum(sizes, Decimal(0)), *sizes]
    return [Tranche(symbol, size, day) for size, day in zip(sizes, chosen, strict=True) if size > 0]


def _reinvested(random: Random, account: AccountPlan, symbol: str, shares: Decimal, market: Market) -> list[Tranche]:
    """Return dividends that tax-advantaged accounts reinvested: a few fractional lots of each fund.

    Only bond funds have them to this day; elsewhere they could spoil a harvest that is not in the story.
    """
    paper = BY_SYMBOL[symbol]
    if account.is_taxable or shares < 20:
        return []
    until = AS_OF if paper.asset_class in _STEADY else account.bought_until
    days = [day for day in pay_days(paper, market.days) if _EARLIEST <= day <= until]
    path = CLASS_PATHS[paper.asset_class]
    part = Decimal(str(path.yield_rate)) / max(len(path.pay_months), 1)
    return [
        Tranche(
            symbol, (shares * part * Decimal(str(round(0.8 + 0.2 * random.random(), 4)))).quantize(_SHARE), day, True
        )
        for day in days[-4:]
    ]


def _trades(plan: HouseholdPlan, positions: Sequence[SamplePosition]) -> tuple[PastTrade, ...]:
    """Return the trades of the last 90 days: those of the story, and how each young lot was acquired."""
    young = [
        PastTrade(
            lot.account.key,
            lot.acquired,
            "reinvest" if lot.reinvested else "buy",
            lot.symbol,
            lot.shares,
            lot=lot.id,
        )
        for position in positions
        for lot in position.lots
        if lot.acquired >= _TRADES_FROM
    ]
    return tuple(sorted((*plan.trades, *young), key=lambda t: (t.day, t.account, t.symbol, t.action)))
