"""The sample office's custodian files: Schwab positions and lot details, Fidelity positions, in their own layouts."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from resources.demo_office.plans import AccountPlan
from resources.demo_office.prices import Market
from resources.demo_office.securities import AS_OF, BY_SYMBOL
from resources.demo_office.stories import SampleHousehold, SampleLot, SamplePosition

LABEL = "SYNTHETIC SAMPLE: invented people, accounts and prices. Not a custodian record."
_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_OPENED = "10:15:00"

_SCHWAB_POSITIONS = (
    "Symbol",
    "Description",
    "Qty (Quantity)",
    "Price",
    "Price Chng % (Price Change %)",
    "Price Chng $ (Price Change $)",
    "Mkt Val (Market Value)",
    "Day Chng $ (Day Change $)",
    "Day Chng % (Day Change %)",
    "Cost Basis",
    "Gain $ (Gain/Loss $)",
    "Gain % (Gain/Loss %)",
    "Ratings",
    "Reinvest?",
    "Reinvest Capital Gains?",
    "% of Acct (% of Account)",
    "Asset Type",
)
_SHORT_LOTS = (
    "Open Date",
    "Quantity",
    "Price",
    "Cost/Share",
    "Market Value",
    "Cost Basis",
    "Gain/Loss ($)",
    "Gain/Loss (%)",
    "Holding Period",
)
_LONG_LOTS = (
    "Open Date",
    "Transaction Open",
    "Quantity",
    "Price",
    "Cost/Share",
    "Transaction CPS",
    "Market Value",
    "Cost Basis",
    "Transaction CB",
    "Gain/Loss $",
    "Transaction G/L $",
    "Gain/Loss %",
    "Transaction G/L %",
    "Holding Period",
    "Disallowed Loss",
)
_FIDELITY_POSITIONS = (
    "Account Number",
    "Account Name",
    "Symbol",
    "Description",
    "Quantity",
    "Last Price",
    "Last Price Change",
    "Current Value",
    "Today's Gain/Loss Dollar",
    "Today's Gain/Loss Percent",
    "Total Gain/Loss Dollar",
    "Total Gain/Loss Percent",
    "Percent Of Account",
    "Cost Basis Total",
    "Average Cost Basis",
    "Type",
)
_LONG_LAYOUT = {"...515"}
"""Accounts whose lots come as one file a symbol with the long columns; the others come with all symbols."""


@dataclass(frozen=True, slots=True)
class _Held:
    """An account with what it holds. `value` is dollars, cash included."""

    account: AccountPlan
    positions: tuple[SamplePosition, ...]
    cash: Decimal

    @property
    def value(self) -> Decimal:
        return self.cash + sum((p.market_value or _ZERO for p in self.positions), _ZERO)


def custodian_files(households: Sequence[SampleHousehold], market: Market) -> dict[str, str]:
    """Return the texts of all Schwab and Fidelity files by name."""
    held = [
        _Held(account, household.positions_of(account), household.cash[account.key])
        for household in households
        for account in household.plan.accounts
    ]
    schwab = [h for h in held if h.account.custodian == "schwab"]
    files = {f"All-Accounts-Positions-{AS_OF}-171203.csv": _schwab_positions(schwab, market)}
    for one in schwab:
        files.update(_schwab_lots(one))
    fidelity = [h for h in held if h.account.custodian == "fidelity"]
    files[f"Portfolio_Positions_{AS_OF:%b-%d-%Y}.csv"] = _fidelity_positions(fidelity, market)
    return files


def _change(market: Market, symbol: str) -> Decimal:
    """Return the last day's change of price in dollars."""
    today, before = market.closes[symbol][-1], market.closes[symbol][-2]
    return _ZERO if today is None or before is None else today - before


def _description(symbol: str) -> str:
    paper = BY_SYMBOL[symbol]
    return (paper.title if paper.is_stock else paper.name).upper()


def _part(amount: Decimal, of: Decimal) -> str:
    return f"{amount / of:.2%}" if of else "0%"


def _dollars(amount: Decimal) -> str:
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def _signed(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else '+'}${abs(amount):,.2f}"


def _plain(number: Decimal) -> str:
    return f"{number:,f}"


def _quoted(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as Schwab writes them: every cell in quotes."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _schwab_positions(held: Sequence[_Held], market: Market) -> str:
    rows: list[Sequence[str]] = [[LABEL], [f"Positions for All-Accounts as of 05:12 PM ET, {AS_OF:%Y/%m/%d}"], []]
    for one in held:
        rows += [[f"{one.account.kind} {one.account.number}"], [*_SCHWAB_POSITIONS, ""]]
        rows += [_schwab_position(p, one.value, market) for p in one.positions]
        cash = ["Cash & Cash Investments", *["--"] * 5, _dollars(one.cash), "$0.00", "0%", *["--"] * 6]
        rows.append([*cash, _part(one.cash, one.value), "Cash and Money Market", ""])
        basis = sum((p.cost_basis for p in one.positions), _ZERO)
        gain = one.value - one.cash - basis
        total = ["Positions Total", "", *["--"] * 4, _dollars(one.value), *["--"] * 2, _dollars(basis)]
        rows += [[*total, _dollars(gain), _part(gain, basis), *["--"] * 5, ""], [], []]
    return _quoted(rows)


def _schwab_position(position: SamplePosition, account_value: Decimal, market: Market) -> list[str]:
    paper = BY_SYMBOL[position.symbol]
    price, value = position.price or _ZERO, position.market_value or _ZERO
    change = _change(market, position.symbol)
    gain = value - position.cost_basis
    return [
        position.symbol,
        _description(position.symbol),
        _plain(position.shares),
        _plain(price),
        _part(change, price - change),
        _plain(change),
        _dollars(value),
        _dollars(position.shares * change),
        _part(change, price - change),
        _dollars(position.cost_basis),
        _dollars(gain),
        _part(gain, position.cost_basis),
        "--",
        "No" if position.account.is_taxable else "Yes",
        "N/A",
        _part(value, account_value),
        "Equity" if paper.is_stock else "ETFs & Closed End Funds",
        "",
    ]


def _schwab_lots(one: _Held) -> dict[str, str]:
    account = one.account
    mask = account.number.strip(".")
    who = f"{account.kind} {account.number} as of 05:15 PM ET, {AS_OF:%m/%d/%Y}"
    if account.number in _LONG_LAYOUT:
        return {
            f"{p.symbol}-Lot-Details-XXX{mask}-{AS_OF}.csv": _quoted(
                ([LABEL], [f"{p.symbol} Lot Details for {who}"], [], [*_LONG_LOTS, ""], *_long_lots(p))
            )
            for p in one.positions
        }
    rows = [[LABEL], [f"Lot Details for {who}"], [], ["Symbol", *_SHORT_LOTS, ""], *_short_lots(one.positions)]
    return {f"All-Symbols-Lot-Details-XXX{mask}-{AS_OF}.csv": _quoted(rows)}


@dataclass(frozen=True, slots=True)
class _LotFigures:
    """What a lot row shows, as text: price, cost a share, value, basis, gain in dollars and as a part, term."""

    price: str
    unit_cost: str
    value: str
    basis: str
    gain: str
    gain_part: str
    term: str


def _lot_value(lot: SampleLot, position: SamplePosition) -> Decimal:
    return (lot.shares * (position.price or _ZERO)).quantize(_CENT)


def _lot_figures(lot: SampleLot, position: SamplePosition) -> _LotFigures:
    value = _lot_value(lot, position)
    gain = value - lot.cost_basis
    bought = lot.acquired
    is_long = (bought.year + 1, bought.month, bought.day) < (AS_OF.year, AS_OF.month, AS_OF.day)
    return _LotFigures(
        price=_dollars(position.price or _ZERO),
        unit_cost=_dollars(lot.cost_basis / lot.shares),
        value=_dollars(value),
        basis=_dollars(lot.cost_basis),
        gain=_dollars(gain),
        gain_part=_part(gain, lot.cost_basis),
        term="Long Term" if is_long else "Short Term",
    )


def _lot_sums(positions: Sequence[SamplePosition]) -> tuple[str, str, str, str]:
    """Return value, basis, gain in dollars and gain as a part, summed over all lots of the positions."""
    value = sum((_lot_value(lot, p) for p in positions for lot in p.lots), _ZERO)
    basis = sum((p.cost_basis for p in positions), _ZERO)
    return _dollars(value), _dollars(basis), _dollars(value - basis), _part(value - basis, basis)


def _short_lots(positions: Sequence[SamplePosition]) -> list[list[str]]:
    """Return the rows of all symbols of an account and their total."""
    rows = []
    for position in positions:
        for lot in position.lots:
            f = _lot_figures(lot, position)
            opened = f"{lot.acquired:%m/%d/%Y} {_OPENED}"
            row = [lot.symbol, opened, _plain(lot.shares), f.price, f.unit_cost, f.value, f.basis]
            rows.append([*row, f.gain, f.gain_part, f.term, ""])
    return [*rows, ["Total", *["--"] * 4, *_lot_sums(positions), "--", ""]]


def _long_lots(position: SamplePosition) -> list[list[str]]:
    """Return the rows of one symbol with the long columns, and their total."""
    rows = []
    for lot in position.lots:
        f = _lot_figures(lot, position)
        opened = f"{lot.acquired:%m/%d/%Y} {_OPENED}"
        row = [opened, opened, _plain(lot.shares), f.price, f.unit_cost, f.unit_cost, f.value, f.basis, f.basis]
        rows.append([*row, f.gain, f.gain, f.gain_part, f.gain_part, f.term, "--", ""])
    shares = sum((lot.shares for lot in position.lots), _ZERO)
    value, basis, gain, part = _lot_sums([position])
    total = ["Total", "--", _plain(shares), "--", "--", "--", value, basis, basis, gain, gain, part, part, "--", "--"]
    return [*rows, [*total, ""]]


def _fidelity_positions(held: Sequence[_Held], market: Market) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([LABEL])
    writer.writerow(_FIDELITY_POSITIONS)
    for one in held:
        place = [one.account.number, one.account.kind]
        cash = ["SPAXX**", "HELD IN MONEY MARKET", "", "", "", _dollars(one.cash), "", "", "", ""]
        writer.writerow([*place, *cash, _part(one.cash, one.value), "", "", "Cash", ""])
        for position in one.positions:
            writer.writerow([*place, *_fidelity_position(position, one.value, market), ""])
    writer.writerows([[], [LABEL], [f"Date downloaded {AS_OF:%m/%d/%Y} 5:21 PM ET"]])
    return "\ufeff" + out.getvalue()


def _fidelity_position(position: SamplePosition, account_value: Decimal, market: Market) -> list[str]:
    price, value = position.price or _ZERO, position.market_value or _ZERO
    change = _change(market, position.symbol)
    gain = value - position.cost_basis
    return [
        position.symbol,
        _description(position.symbol),
        _plain(position.shares),
        _dollars(price),
        _signed(change),
        _dollars(value),
        _signed(position.shares * change),
        f"{change / (price - change):+.2%}",
        _signed(gain),
        f"{gain / position.cost_basis:+.2%}",
        _part(value, account_value),
        _dollars(position.cost_basis),
        _dollars(position.cost_basis / position.shares),
        "Cash",
    ]
