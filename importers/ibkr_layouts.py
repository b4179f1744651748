"""The sections of an Interactive Brokers activity statement that are read, with their columns."""

from importers.table_grammar import Layout

_COMMON = {"discriminator": ("datadiscriminator",), "asset": ("asset category",), "currency": ("currency",)}
_IGNORED = frozenset({"header", "data"})


def _layout(required: tuple[str, ...], **columns: tuple[str, ...]) -> Layout:
    return Layout(columns=_COMMON | columns, required=required, ignored=_IGNORED)


def is_short(codes: str, *, sells: bool) -> bool:
    """Whether a trade opened or covered a short position, by its codes O (opens) and C (closes), set apart by ;."""
    said = {code.strip().upper() for code in codes.replace(",", ";").split(";")}
    return ("O" in said) if sells else ("C" in said)


def is_cancelled(codes: str) -> bool:
    """Whether a trade was cancelled (code Ca)."""
    return "CA" in {code.strip().upper() for code in codes.replace(",", ";").split(";")}


_PAID = _layout(
    ("currency", "date", "description", "amount"),
    subtitle=("subtitle",),
    date=("date", "settle date"),
    description=("description",),
    amount=("amount",),
    account=("account",),
)
LAYOUTS = {
    "open positions": _layout(
        ("discriminator", "asset", "symbol", "quantity", "cost_basis", "market_value"),
        symbol=("symbol",),
        acquired=("open",),
        quantity=("quantity",),
        cost_basis=("cost basis",),
        price=("close price",),
        market_value=("value",),
        account=("account",),
    ),
    "trades": _layout(
        ("discriminator", "asset", "symbol", "date", "quantity", "proceeds"),
        symbol=("symbol",),
        date=("date/time",),
        quantity=("quantity",),
        proceeds=("proceeds",),
        fee=("comm/fee", "comm in usd", "commission"),
        basis=("basis",),
        realized=("realized p/l",),
        codes=("code",),
        account=("account",),
    ),
    "cash report": _layout(
        ("item", "currency", "total"),
        item=("currency summary",),
        total=("total",),
    ),
    "dividends": _PAID,
    "withholding tax": _PAID,
    "interest": _PAID,
    "fees": _PAID,
    "deposits & withdrawals": _PAID,
    "transfers": _layout(
        ("asset", "symbol", "date", "direction", "quantity"),
        symbol=("symbol",),
        date=("date",),
        direction=("direction",),
        kind=("type",),
        quantity=("qty",),
        amount=("cash amount",),
        account=("account",),
    ),
    "corporate actions": _layout(
        ("asset", "date", "description", "quantity"),
        date=("date/time", "report date"),
        description=("description",),
        quantity=("quantity",),
        amount=("proceeds",),
        account=("account",),
    ),
}
