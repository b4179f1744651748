"""The kinds of case about a sale before it is made, fund shares, dividends and gifts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from engine.money import ZERO
from engine.portfolio import Account, Action, HistoryRow, Lot, Registration, Security
from engine.tax.do_not_buy import do_not_buy, past_losses
from engine.tax.fund_losses import FundDividends, first_day_beyond_six_months, fund_loss
from engine.tax.pretrade import analyse_sales
from engine.tax.pretrade_types import ProposedBuy, ProposedSale, WashHousehold
from engine.tax.qualified_dividends import Dividend, days_held_around, first_safe_sale_day, lost_qualifications
from engine.tax.received_shares import gift_basis, gift_term
from engine.tax.wash_coverage import CoverageGap
from workflow.verify_kinds import Answer, Figure, Figures, Given, Kind, kind_of
from workflow.verify_tables import Columns, Row, read_table

ACCOUNTS = Columns(("account", "registration"))
LOTS = Columns(("lot", "account", "symbol", "acquired", "quantity", "cost_basis"), ("holding_days_carried",))
HISTORY = Columns(("account", "symbol", "date", "action", "quantity"), ("loss_quantity", "lot"))
NO_PURCHASES = Columns(("identity_group", "symbol", "sold", "shares", "until", "free_from"))


class Sale(Given):
    """A sale that is thought of. No price = there is none."""

    account: str
    symbol: str
    quantity: Decimal
    price: Decimal | None = None
    lots: dict[str, Decimal] = msgspec.field(default_factory=dict)


class Household(Given):
    """What is known of a household on a day.

    `accounts`: account, registration. `lots`: lot, account, symbol, acquired, quantity, cost_basis, and if need be
    holding_days_carried. `history`: account, symbol, date, action, quantity, loss_quantity, lot. `groups` are the
    identity groups of symbols that have one, `not_imported` the accounts of which nothing is known.
    """

    as_of: date
    accounts: str
    lots: str = ""
    history: str = ""
    groups: dict[str, str] = msgspec.field(default_factory=dict)
    not_imported: tuple[str, ...] = ()

    def household(self) -> WashHousehold:
        """Return the household as the engine takes it."""
        lots = tuple(_lot(row) for row in read_table(self.lots, LOTS)[1])
        history = tuple(_history_row(row) for row in read_table(self.history, HISTORY)[1])
        symbols = sorted({x.symbol for x in lots} | {r.symbol for r in history} | set(self.groups))
        return WashHousehold(
            self.as_of,
            tuple(Security(symbol, "", ZERO, self.groups.get(symbol)) for symbol in symbols),
            tuple(
                Account(row["account"], "", Registration(row["registration"]), ZERO)
                for row in read_table(self.accounts, ACCOUNTS)[1]
            ),
            lots,
            history,
            tuple(CoverageGap(name, f"nothing of {name} is imported", "", serious=True) for name in self.not_imported),
        )


class BeforeTrade(Household, kw_only=True):
    """A household and a sale that it thinks of, with purchases of the same day: symbol and shares by account."""

    sale: Sale
    buys: dict[str, dict[str, Decimal]] = msgspec.field(default_factory=dict)


def pretrade_figures(given: BeforeTrade) -> Answer:
    """Return what the sale would come to. Days that there are none of are no figures."""
    sale = given.sale
    proposed = ProposedSale(sale.account, sale.symbol, sale.quantity, sale.price, tuple(sale.lots.items()))
    buys = [ProposedBuy(name, symbol, n) for name, bought in given.buys.items() for symbol, n in bought.items()]
    (outcome,) = analyse_sales(given.household(), [proposed], buys)
    answer: dict[str, Figure | tuple[Figures, ...]] = {
        "state": outcome.state.value,
        "loss": outcome.loss,
        "disallowed": outcome.disallowed,
        "permanent": outcome.permanent,
    }
    days = {"wash_until": outcome.wash_until, "free_from": outcome.free_from}
    return answer | {name: day for name, day in days.items() if day is not None}


def do_not_buy_figures(given: Household) -> Answer:
    """Return the rows of the do-not-buy list."""
    household = given.household()
    rows = do_not_buy(household, past_losses(household))
    return {"do_not_buy": tuple({name: getattr(row, name) for name in NO_PURCHASES.must} for row in rows)}


class FundSale(Given):
    """A loss (> 0) on fund shares, and the dividends received on them."""

    acquired: date
    sold: date
    loss: Decimal
    capital_gain: Decimal = ZERO
    exempt_interest: Decimal = ZERO
    daily: bool = False


def fund_loss_figures(given: FundSale) -> Answer:
    """Return what the loss counts as, and the first day on which the six months are over."""
    dividends = FundDividends(given.capital_gain, given.exempt_interest, given.daily)
    loss = fund_loss(given.loss, given.acquired, given.sold, dividends)
    return {
        "short_term": loss.short_term,
        "long_term": loss.long_term,
        "disallowed": loss.disallowed,
        "first_day_beyond_six_months": first_day_beyond_six_months(given.acquired),
    }


class DividendSale(Given):
    """Shares bought before an ex-dividend date and a sale of them; `amount` is dollars a share."""

    acquired: date
    sold: date
    ex_date: date
    shares: Decimal
    amount: Decimal
    preferred: bool = False


def dividend_figures(given: DividendSale) -> Answer:
    """Return the days held in the period, the first day of sale that keeps the dividend qualified, and what is lost."""
    dividend = Dividend("fund", given.ex_date, given.amount, given.preferred)
    lot = Lot("lot", "", "fund", given.acquired, given.shares, ZERO)
    lost = lost_qualifications([(lot, given.shares)], given.sold, [dividend])
    answer: dict[str, Figure] = {
        "days_held": days_held_around(given.acquired, given.sold, dividend),
        "ordinary": sum((one.amount for one in lost), ZERO),
    }
    safe = first_safe_sale_day(given.acquired, dividend)
    return answer if safe is None else answer | {"first_safe_day": safe}


class GiftSale(Given):
    """A sale of shares received as a gift: dollars for all of them."""

    donor_basis: Decimal
    fair_value: Decimal
    price: Decimal
    donor_acquired: date
    given: date
    sold: date
    gift_tax_on_rise: Decimal = ZERO


def gift_figures(given: GiftSale) -> Answer:
    """Return the basis that counts, the gain or loss, and its term."""
    found = gift_basis(given.donor_basis, given.fair_value, given.price, gift_tax_on_rise=given.gift_tax_on_rise)
    term = gift_term(found.zone, given.donor_acquired, given.given, given.sold)
    return {"zone": found.zone.value, "basis": found.basis, "gain": found.gain, "term": term.value}


def _lot(row: Row) -> Lot:
    return Lot(
        row["lot"],
        row["account"],
        row["symbol"],
        date.fromisoformat(row["acquired"]),
        Decimal(row["quantity"]),
        Decimal(row["cost_basis"]),
        int(row.get("holding_days_carried", "0")),
    )


def _history_row(row: Row) -> HistoryRow:
    return HistoryRow(
        row["account"],
        row["symbol"],
        date.fromisoformat(row["date"]),
        Action(row["action"]),
        Decimal(row["quantity"]),
        loss_quantity=Decimal(row.get("loss_quantity") or "0"),
        lot=row.get("lot") or None,
    )


RULE_KINDS: Mapping[str, Kind] = {
    "before_a_trade": kind_of(BeforeTrade, pretrade_figures),
    "do_not_buy": kind_of(Household, do_not_buy_figures, {"do_not_buy": NO_PURCHASES}),
    "fund_loss": kind_of(FundSale, fund_loss_figures),
    "dividend": kind_of(DividendSale, dividend_figures),
    "gift": kind_of(GiftSale, gift_figures),
}
