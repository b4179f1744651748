"""Lots that turn long-term soon: the day, the days to wait, and the tax that waiting saves (IRC 1222, 1223(3))."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import Account, Lot, TaxPosition
from engine.tax.holding_period import days_to_long_term, first_long_term_day


@dataclass(frozen=True, slots=True)
class RipeningLot:
    """A short-term lot of a taxable account. Money in dollars.

    `day` is the first trade date on which a sale is long-term, `days` how far away it is. `gain` is None without a
    price; `saved` is what the lower rate would save on a gain, 0 on a loss.
    """

    lot: str
    account: str
    symbol: str
    acquired: date
    holding_days_carried: int
    quantity: Decimal
    day: date
    days: int
    gain: Decimal | None
    saved: Decimal


def ripening_lots(
    lots: Iterable[Lot],
    accounts: Iterable[Account],
    prices: Mapping[str, Decimal],
    today: date,
    *,
    within: int | None = None,
    tax: TaxPosition | None = None,
) -> tuple[RipeningLot, ...]:
    """Return the short-term lots of taxable accounts, the first to turn long-term first.

    `within` keeps those that turn within so many days, None = all. `prices` are dollars a share by symbol.
    """
    taxable = {a.id for a in accounts if a.registration.is_taxable}
    spread = tax.short_term_rate - tax.long_term_rate if tax else ZERO
    found = []
    for lot in lots:
        days = days_to_long_term(lot, today)
        if lot.account not in taxable or not days or (within is not None and days > within):
            continue
        price = prices.get(lot.symbol)
        gain = None if price is None else cents(lot.quantity * price - lot.cost_basis)
        found.append(
            RipeningLot(
                lot.id,
                lot.account,
                lot.symbol,
                lot.acquired,
                lot.holding_days_carried,
                lot.quantity,
                first_long_term_day(lot.acquired, lot.holding_days_carried),
                days,
                gain,
                cents(max(ZERO, gain or ZERO) * max(ZERO, spread)),
            )
        )
    return tuple(sorted(found, key=lambda r: (r.day, r.account, r.symbol, r.lot)))
