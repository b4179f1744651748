"""What the sample office can hold: 21 real ETF tickers on synthetic prices, and 15 invented stocks.

Levels are relative heights at the nodes of the price paths; the last one is the as-of date. Trading costs
are illustrative: `carry_bp` is a fund's yearly cost above the cheapest fund of its class.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

AS_OF = date(2026, 10, 30)
FIRST_DAY = date(2020, 10, 30)

NODES = (
    FIRST_DAY,
    date(2021, 12, 31),
    date(2022, 10, 14),
    date(2023, 7, 31),
    date(2024, 6, 28),
    date(2025, 3, 31),
    date(2025, 10, 31),
    date(2026, 1, 30),
    date(2026, 4, 30),
    date(2026, 7, 31),
    date(2026, 9, 25),
    date(2026, 10, 19),
    AS_OF,
)
"""Days on which a path is pinned to its level; between them it wanders."""


@dataclass(frozen=True, slots=True)
class ClassPath:
    """The common path of an asset class: levels at the nodes, daily volatility, and how its funds pay out.

    `yield_rate` is the yearly distribution as a fraction of price, paid from `pay_day` in each of `pay_months`.
    """

    levels: tuple[float, ...]
    daily: float
    yield_rate: float
    pay_months: tuple[int, ...]
    pay_day: int


_QUARTERLY = (3, 6, 9, 12)
_OFF_QUARTER = (1, 4, 7, 10)
_MONTHLY = tuple(range(1, 13))

CLASS_PATHS: dict[str, ClassPath] = {
    "us_equity": ClassPath(
        (60, 84, 64, 81, 100, 98, 118, 121, 116, 125, 129, 122.5, 126), 0.0080, 0.012, _QUARTERLY, 21
    ),
    "us_small": ClassPath((70, 92, 70, 84, 88, 82, 104, 108, 101, 99, 98, 95, 96), 0.0100, 0.014, _QUARTERLY, 22),
    "intl_equity": ClassPath(
        (70, 84, 60, 76, 84, 88, 110, 116, 108, 104, 102, 99, 100), 0.0075, 0.028, _OFF_QUARTER, 15
    ),
    "em_equity": ClassPath((85, 92, 64, 76, 82, 84, 108, 114, 103, 98, 95, 92, 93), 0.0090, 0.027, _OFF_QUARTER, 15),
    "real_estate": ClassPath((80, 112, 78, 84, 83, 90, 96, 99, 92, 88, 87, 85, 85.5), 0.0095, 0.037, _OFF_QUARTER, 20),
    "us_bond": ClassPath(
        (104, 100, 84, 85, 86, 87.5, 89, 89.5, 90, 90.8, 91.5, 91.4, 91.6), 0.0022, 0.040, _MONTHLY, 5
    ),
    "tips": ClassPath((103, 106, 92, 91, 91.5, 94, 95, 95.4, 96, 96.8, 97.3, 97.2, 97.4), 0.0020, 0.034, _MONTHLY, 6),
    "commodities": ClassPath((60, 88, 110, 100, 98, 92, 94, 97, 104, 112, 117, 116, 118), 0.0090, 0.0, (), 1),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A security of the sample office. `last` is its close on the as-of date, in dollars.

    `levels` empty = it follows its class. `last_day` earlier than the as-of date = its price is stale.
    """

    symbol: str
    name: str
    asset_class: str
    group: str
    last: Decimal
    half_spread_bp: Decimal
    carry_bp: Decimal
    adv_shares: int
    substitutes: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    last_day: date = AS_OF

    @property
    def title(self) -> str:
        """Its name with what is made up about it."""
        return f"{self.name} ({'invented' if self.is_stock else 'synthetic prices'})"

    @property
    def is_stock(self) -> bool:
        """Whether it is one of the invented stocks."""
        return bool(self.levels)


def _fund(words: str, *substitutes: str) -> Paper:
    symbol, last, spread, carry, adv, asset_class, rest = words.split(maxsplit=6)
    name, group = rest.split(" | ")
    return Paper(
        symbol,
        name,
        asset_class,
        group,
        Decimal(last),
        Decimal(spread),
        Decimal(carry),
        int(adv),
        substitutes,
    )


FUNDS = (
    _fund("VTI 336.40 1 0 3600000 us_equity Vanguard Total Stock Market ETF | CRSP US Total Market", "ITOT", "SCHB"),
    _fund("ITOT 147.85 1.5 0 2100000 us_equity iShares Core S&P Total US Market ETF | S&P Total Market", "VTI", "SCHB"),
    _fund("SCHB 26.14 2 0 4800000 us_equity Schwab US Broad Market ETF | DJ US Broad Stock Market", "ITOT", "VTI"),
    _fund("VB 246.30 2 0 900000 us_small Vanguard Small-Cap ETF | CRSP US Small Cap", "SCHA", "IJR"),
    _fund("SCHA 27.45 2.2 0 2500000 us_small Schwab US Small-Cap ETF | DJ US Small Cap", "VB", "IJR"),
    _fund("IJR 112.75 2.4 1 4200000 us_small iShares Core S&P Small-Cap ETF | S&P SmallCap 600", "VB", "SCHA"),
    _fund(
        "VXUS 74.35 2 0 4100000 intl_equity Vanguard Total International ETF | FTSE Global All Cap ex US", "IXUS", "VEU"
    ),
    _fund("IXUS 84.60 2.2 0 1700000 intl_equity iShares Core MSCI Total Intl ETF | MSCI ACWI ex US IMI", "VXUS", "VEU"),
    _fund("VEU 70.90 2 1 2300000 intl_equity Vanguard All-World ex-US ETF | FTSE All-World ex US", "IXUS"),
    _fund("VWO 52.18 2.5 0 7900000 em_equity Vanguard Emerging Markets ETF | FTSE Emerging Markets", "IEMG"),
    _fund("IEMG 63.92 2.5 1 8800000 em_equity iShares Core Emerging Markets ETF | MSCI Emerging Markets IMI", "VWO"),
    _fund("VNQ 85.40 2 2 3900000 real_estate Vanguard Real Estate ETF | MSCI US Real Estate 25/50", "SCHH"),
    _fund("SCHH 20.12 2.5 0 5100000 real_estate Schwab US REIT ETF | DJ Equity All REIT Capped", "VNQ"),
    _fund(
        "BND 74.52 1 0 6200000 us_bond Vanguard Total Bond Market ETF | Bloomberg US Aggregate Float Adjusted", "AGG"
    ),
    _fund("AGG 100.94 1.2 0 8300000 us_bond iShares Core US Aggregate Bond ETF | Bloomberg US Aggregate", "BND"),
    _fund("SCHZ 23.61 1.5 0 1400000 us_bond Schwab US Aggregate Bond ETF | Bloomberg US Aggregate", "BND"),
    _fund("SCHP 27.08 1.5 0 2600000 tips Schwab US TIPS ETF | Bloomberg US TIPS", "VTIP"),
    _fund("VTIP 50.31 1.8 0 1300000 tips Vanguard Short-Term TIPS ETF | Bloomberg US TIPS 0-5 Year", "SCHP"),
    _fund("PDBC 15.92 3 0 4400000 commodities Invesco Optimum Yield K-1 Free ETF | DBIQ Optimum Yield", "GSG"),
    _fund("DBC 26.77 3 2 1900000 commodities Invesco DB Commodity Index Fund | DBIQ Optimum Yield", "GSG"),
    _fund("GSG 27.36 3 2 1200000 commodities iShares S&P GSCI Commodity Trust | S&P GSCI", "PDBC"),
)


def _stock(words: str, levels: tuple[float, ...], last_day: date = AS_OF) -> Paper:
    symbol, last, spread, adv, name = words.split(maxsplit=4)
    return Paper(
        symbol,
        name,
        "us_equity",
        name,
        Decimal(last),
        Decimal(spread),
        Decimal(0),
        int(adv),
        (),
        levels,
        last_day,
    )


STALE_DAY = date(2026, 9, 18)
"""The last day on which the invented Northquay Shipping has a price."""

STOCKS = (
    _stock("ALDQ 58.40 4 800000 Alder Creek Foods", (38, 44, 42, 47, 49, 50, 54, 55, 55, 57, 58, 58, 58.4)),
    _stock("BLZQ 142.75 4 900000 Bluestem Software", (60, 96, 58, 82, 105, 102, 128, 134, 122, 136, 144, 138, 142)),
    _stock("CPZL 77.15 4 600000 Copperline Rail", (44, 58, 50, 60, 64, 66, 70, 72, 71, 74, 77, 76, 77)),
    _stock("DNMQ 33.90 5 1100000 Dunmore Pharma", (46, 52, 44, 40, 36, 33, 31, 33, 32, 33, 34, 33.5, 33.9)),
    _stock("EGZB 41.20 4 1500000 Eastgate Bancorp", (24, 34, 27, 26, 31, 33, 37, 38, 37, 40, 41, 40, 41)),
    _stock("FRQH 64.85 4 1300000 Fernhill Energy", (22, 38, 52, 50, 55, 53, 56, 57, 60, 63, 64, 64, 65)),
    _stock(
        "GLZS 184.20 3 2400000 Granite Loop Semiconductor",
        (25, 52, 40, 70, 110, 120, 160, 172, 165, 178, 186, 181, 184),
    ),
    _stock("HPQT 47.60 5 400000 Hollow Pine Timber", (50, 66, 58, 57, 58, 56, 55, 56, 53, 50, 48, 47, 47.6)),
    _stock("IBQK 29.35 5 700000 Ironbark Tools", (18, 26, 20, 23, 25, 24, 27, 28, 27, 29, 29, 29, 29.3)),
    _stock("JVZM 21.80 6 500000 Juniper Vale Media", (20, 24, 17, 18, 19, 18, 20, 21, 20, 21, 22, 21.6, 21.8)),
    _stock("KBQA 36.25 5 1200000 Kestrel Bay Airlines", (22, 28, 20, 27, 30, 28, 33, 34, 33, 35, 36, 36, 36)),
    _stock("LKZR 88.10 4 650000 Larkspur Retail", (52, 74, 55, 62, 70, 72, 80, 82, 80, 85, 88, 87, 88)),
    _stock("MBQW 53.45 4 450000 Millbrook Water", (36, 44, 40, 42, 45, 46, 49, 50, 50, 52, 53, 53, 53.4)),
    _stock(
        "NQZS 12.85 12 90000 Northquay Shipping",
        (8, 10, 9, 10, 11, 11, 12, 12.4, 12, 12.6, 12.9, 12.8, 12.8),
        STALE_DAY,
    ),
    _stock("OLQH 119.30 4 750000 Orchard Lane Health", (70, 88, 76, 84, 92, 95, 106, 110, 108, 114, 119, 117, 119)),
)

PAPERS = FUNDS + STOCKS
BY_SYMBOL = {paper.symbol: paper for paper in PAPERS}

BUY_LISTS: dict[str, tuple[str, ...]] = {
    "us_equity": ("VTI", "ITOT", "SCHB"),
    "us_small": ("VB", "SCHA", "IJR"),
    "intl_equity": ("VXUS", "IXUS", "VEU"),
    "em_equity": ("VWO", "IEMG"),
    "real_estate": ("VNQ", "SCHH"),
    "us_bond": ("BND", "AGG", "SCHZ"),
    "tips": ("SCHP", "VTIP"),
    "commodities": ("PDBC", "DBC", "GSG"),
}
"""What may be bought for a class, best first; the first two are of different identity groups but for commodities."""
