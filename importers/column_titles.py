"""The titles under which spreadsheets keep each field, in lower case, the most telling first."""

from collections.abc import Mapping

from importers.column_map import TableKind

_ACCOUNT = {
    "account": (
        *("account number", "account no", "account no.", "account #", "acct number", "acct no", "acct #"),
        *("account id", "acct", "account", "portfolio"),
    ),
    "account_name": ("account name", "account title", "acct name", "nickname", "account nickname"),
    "custodian": ("custodian", "held at", "broker", "firm", "institution"),
    "symbol": ("symbol", "ticker", "ticker symbol", "security symbol", "security id", "security", "fund"),
    "cusip": ("cusip", "cusip #", "cusip number", "cusip no", "cusip no."),
    "isin": ("isin", "isin code", "isin number", "isin no", "isin no."),
}

_QUANTITY = (
    *("quantity", "qty", "shares", "units", "number of shares", "no. of shares", "share quantity", "share count"),
    *("shares held", "remaining shares", "remaining quantity", "lot quantity", "open quantity", "position"),
)
_BASIS = (
    *("cost basis", "total cost basis", "cost basis total", "adjusted cost basis", "total cost", "tax cost"),
    *("book value", "book cost", "purchase cost", "amount paid", "total paid", "amount invested", "basis", "cost"),
)
_UNIT_COST = (
    *("unit cost", "cost/share", "cost per share", "cost basis per share", "average cost", "avg cost"),
    *("average cost basis", "purchase price", "price paid", "cost price", "share cost", "buy price"),
)
_VALUE = ("market value", "mkt val", "current value", "total value", "value", "market value ($)", "mv")
_PRICE = ("price", "last price", "current price", "closing price", "share price", "unit price", "close")

TITLES: Mapping[TableKind, Mapping[str, tuple[str, ...]]] = {
    TableKind.HOLDINGS: {
        **_ACCOUNT,
        "description": ("description", "security description", "security name", "name", "holding"),
        "quantity": _QUANTITY,
        "price": _PRICE,
        "market_value": _VALUE,
        "cost_basis": _BASIS,
        "security_type": ("security type", "asset type", "type", "instrument type"),
        "as_of": ("as of", "as of date", "as-of date", "valuation date", "position date", "date"),
    },
    TableKind.LOTS: {
        **_ACCOUNT,
        "acquired": (
            *("acquired", "date acquired", "acquisition date", "acquired date", "purchase date", "open date"),
            *("opened", "opened date", "date opened", "bought", "bought on", "buy date", "date purchased"),
            *("date bought", "lot date", "trade date", "tax date", "purchased", "date"),
        ),
        "quantity": _QUANTITY,
        "cost_basis": _BASIS,
        "unit_cost": _UNIT_COST,
        "market_value": _VALUE,
        "lot_id": ("lot id", "lot", "tax lot", "tax lot id", "lot number", "lot no", "lot #", "taxlot id"),
        "holding_days_carried": ("holding days carried", "days carried", "wash sale days"),
    },
    TableKind.TRANSACTIONS: {
        **_ACCOUNT,
        "date": ("trade date", "transaction date", "date", "activity date", "run date", "executed"),
        "action": ("action", "transaction type", "type", "activity", "transaction", "side", "buy/sell"),
        "quantity": _QUANTITY,
        "amount": ("amount", "net amount", "total amount", "principal", "proceeds", "total", "value"),
        "price": ("price", "trade price", "execution price", "share price", "unit price"),
        "loss_quantity": ("loss quantity", "shares sold at a loss", "loss shares"),
        "lot_id": ("lot id", "lot", "tax lot", "tax lot id", "lot number"),
    },
    TableKind.PRICES: {
        "symbol": ("symbol", "ticker", "ticker symbol", "security"),
        "date": ("date", "price date", "as of", "day", "trade date"),
        "close": ("close", "price", "close price", "closing price", "last", "nav", "close/last", "unadjusted"),
        "adjusted": ("adj close", "adjusted close", "adjclose", "adj. close", "adjusted", "total return"),
    },
    TableKind.MACRO: {
        "series": ("series", "series id", "series name", "indicator"),
        "date": ("date", "observation date", "day", "month"),
        "value": ("value", "observation", "level"),
    },
}

DATE_TITLES = frozenset({"date", "observation date", "day", "month", "price date", "as of", "month end"})
"""Titles of the first column of a wide table."""

MACRO_TITLES = frozenset(
    {
        *("baa10y", "aaa10y", "baa", "aaa", "cpiaucsl", "cpilfesl", "dgs10", "dgs2", "dgs3mo", "dgs30"),
        *("fedfunds", "dff", "gs10", "icsa", "indpro", "payems", "t10y2y", "t10y3m", "t10yie", "tb3ms"),
        *("unrate", "usrec", "vixcls", "vix", "cpi", "umcsent", "walcl", "nfci", "bamlh0a0hym2", "sahmrealtime"),
    }
)
"""Series of economic data by the names under which they are published."""
