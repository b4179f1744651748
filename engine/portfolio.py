"""The nouns of the house: household, account, lot, security, tax position, policy.

Field names are those of the case file (`plimsoll.case/1`), so a case is these values and nothing else.
Money, prices and quantities are `Decimal`; rates are fractions of one; basis points say so in their name.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

CASH_CLASS = "cash"
"""The asset class that is the cash itself."""
_WORDS = {"us": "US", "em": "emerging-market", "intl": "international", "tips": "TIPS"}


def class_words(name: str) -> str:
    """Return an asset class as words: us_equity -> US equity."""
    return " ".join(_WORDS.get(word, word) for word in name.split("_"))


class Registration(StrEnum):
    """How an account is registered for tax. Only taxable accounts realise gains."""

    TAXABLE = "taxable"
    TRADITIONAL_IRA = "traditional_ira"
    ROTH_IRA = "roth_ira"
    HSA = "hsa"
    PLAN_401K = "401k"
    PLAN_529 = "529"

    @property
    def is_taxable(self) -> bool:
        """Whether sales in such an account are gains and losses of its owner."""
        return self is Registration.TAXABLE


class Side(StrEnum):
    """Side of an order."""

    BUY = "buy"
    SELL = "sell"


class Action(StrEnum):
    """What a row of the trade history did."""

    BUY = "buy"
    SELL = "sell"
    REINVEST = "reinvest"


class PlanKind(StrEnum):
    """What a plan may do: everything, or a part of it. `full` weighs drift, tax and cost against each other.

    `band_edge` brings each class to the edge of its band in the fewest orders; `cash_only` invests the cash there is
    and raises the cash that is needed; `harvest_only` replaces lots at a loss, class by class; with
    `harvest_and_rebalance` no taxable gain is realised but to raise cash; `nothing` trades nothing.
    """

    FULL = "full"
    BAND_EDGE = "band_edge"
    CASH_ONLY = "cash_only"
    HARVEST_ONLY = "harvest_only"
    HARVEST_AND_REBALANCE = "harvest_and_rebalance"
    NOTHING = "nothing"


class WashSalePolicy(StrEnum):
    """What to do with a loss sale that a taxable purchase of the last 30 days would disallow in part."""

    PRICE = "price"
    """Make it where it pays, counting only the loss that the ledger allows."""
    NEVER = "never"
    """Do not make it."""


class Term(StrEnum):
    """Holding period of a gain or loss (IRC 1222)."""

    SHORT = "short"
    LONG = "long"


class LotMethod(StrEnum):
    """How the lots of a sale are chosen (`engine.tax.lot_methods`)."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    """Highest cost first."""
    LOWEST_COST = "lowest_cost"
    MINIMUM_TAX = "minimum_tax"
    """Short-term losses from the largest, long-term losses, lots at cost, long-term gains from the smallest,
    short-term gains."""
    MAXIMUM_LOSS = "maximum_loss"
    """Largest loss first; of equal ones the short-term first, which offsets the income taxed highest."""
    SPECIFIC = "specific"
    AVERAGE_COST = "average_cost"
    """Average basis of all shares, taken first in, first out (single-category method)."""


class RatesFrom(StrEnum):
    """Where the rates of a household come from."""

    TYPED = "typed"
    """The firm typed them."""
    TABLES = "tables"
    """The tables of the year, by filing status, income and state."""


@dataclass(frozen=True, slots=True)
class TaxPosition:
    """Rates and the year so far, in the household's own figures.

    Rates are fractions of one. Year-to-date figures are net gains (+) or losses (-) in dollars;
    carryforwards are losses carried into the year, as positive dollars.
    """

    short_term_rate: Decimal
    long_term_rate: Decimal
    ordinary_rate: Decimal
    ordinary_loss_limit: Decimal = Decimal(3000)
    loss_carry_rate: Decimal = Decimal("0.12")
    deferred_tax_rate: Decimal = Decimal("0.10")
    ytd_short_term: Decimal = Decimal(0)
    ytd_long_term: Decimal = Decimal(0)
    carryforward_short_term: Decimal = Decimal(0)
    carryforward_long_term: Decimal = Decimal(0)
    ytd_loss_deduction_used: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Security:
    """What can be held: its class, what it is substantially identical to, its price and what trading it costs.

    `identity_group` missing means the symbol itself. `half_spread_bp` is paid on each side of a trade,
    `carry_bp` is the yearly cost of holding, `adv_shares` the average daily volume.
    """

    symbol: str
    asset_class: str
    price: Decimal
    identity_group: str | None = None
    half_spread_bp: Decimal = Decimal(0)
    carry_bp: Decimal = Decimal(0)
    adv_shares: Decimal | None = None

    @property
    def group(self) -> str:
        """The identity group, the symbol itself where none is declared."""
        return self.identity_group or self.symbol


@dataclass(frozen=True, slots=True)
class Account:
    """One account at one custodian. `withdraw` is cash to be left over the reserve, to be paid out.

    `lot_method` is how the custodian chooses lots where it takes no lot instruction; None or `specific` = it does.
    """

    id: str
    owner: str
    registration: Registration
    cash: Decimal
    cash_reserve: Decimal = Decimal(0)
    withdraw: Decimal = Decimal(0)
    fractional: bool = False
    ticket_charge: Decimal = Decimal(0)
    min_trade: Decimal = Decimal(0)
    do_not_buy: tuple[str, ...] = ()
    do_not_sell: tuple[str, ...] = ()
    lot_method: LotMethod | None = None

    @property
    def takes_lots(self) -> bool:
        """Whether the custodian sells the lots that an order names."""
        return self.lot_method in {None, LotMethod.SPECIFIC}


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares bought together. `cost_basis` is the total basis of the lot, in dollars.

    `holding_days_carried` are days held that a wash sale added (IRC 1223(3)).
    """

    id: str
    account: str
    symbol: str
    acquired: date
    quantity: Decimal
    cost_basis: Decimal
    holding_days_carried: int = 0
    locked: bool = False


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A trade of the recent past, for wash sales. `loss_quantity` are shares of a sell sold at a loss.

    A buy whose `lot` is an open lot is how that lot was acquired.
    """

    account: str
    symbol: str
    date: date
    action: Action
    quantity: Decimal
    amount: Decimal = Decimal(0)
    loss_quantity: Decimal = Decimal(0)
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits and prices of deviation. None = no limit. Rates are yearly, per dollar.

    Bands are fractions: relative to the class's target, absolute of the household's value.
    Defaults: relative band 20 % (Daryanani 2008), harvest thresholds in dollars and per cent, class cap
    and turnover unlimited unless the firm sets them.
    """

    band_relative: Decimal = Decimal("0.20")
    band_absolute: Decimal = Decimal("0.01")
    drift_rate_inside: Decimal = Decimal("0.004")
    drift_rate_outside: Decimal = Decimal("0.04")
    location_rate: dict[str, dict[str, Decimal]] | None = None
    harvest_min_loss: Decimal | None = None
    harvest_min_loss_pct: Decimal | None = None
    ripening_days: int | None = None
    max_net_gain: Decimal | None = None
    max_short_term_gain: Decimal | None = None
    max_tax: Decimal | None = None
    """Most dollars that a plan may add to the tax of the year."""
    max_turnover: Decimal | None = None
    turnover_used: Decimal = Decimal(0)
    class_cap: Decimal | None = None
    adv_limit: Decimal | None = None
    max_position: Decimal | None = None
    wash_sales: WashSalePolicy = WashSalePolicy.PRICE
    plan: PlanKind = PlanKind.FULL

    def holding_rate(self, asset_class: str, registration: Registration) -> Decimal:
        """Return the yearly location cost of a dollar of `asset_class` in such an account."""
        return (self.location_rate or {}).get(asset_class, {}).get(registration.value, Decimal(0))
