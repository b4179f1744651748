"""What files say, as frozen values. A record is never what we hold: missing stays missing (None), not zero."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.portfolio import Action


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account as a file names it: the custodian, the number or mask exactly as text, the title beside it."""

    custodian: str
    number: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class PositionRecord:
    """A holding of one security at the file's as-of date. `market_value` and `cost_basis` are dollars."""

    row: int
    account: AccountRef
    symbol: str
    description: str
    quantity: Decimal
    price: Decimal | None
    market_value: Decimal | None
    cost_basis: Decimal | None
    security_type: str = ""
    cusip: str = ""
    """As the file has it, right or wrong; from an ISIN of the United States or Canada the nine signs inside."""


@dataclass(frozen=True, slots=True)
class CashRecord:
    """Cash or a cash sweep of one account, in dollars."""

    row: int
    account: AccountRef
    amount: Decimal
    description: str = ""
    cash_only: bool = False
    """Whether the file states all cash of the account and none of its positions, which then stay as they are."""


@dataclass(frozen=True, slots=True)
class LotRecord:
    """An open tax lot. `cost_basis` is the lot's total basis in dollars, adjusted where the file adjusts it."""

    row: int
    account: AccountRef
    symbol: str
    acquired: date
    quantity: Decimal
    cost_basis: Decimal
    market_value: Decimal | None = None
    lot_id: str = ""
    holding_days_carried: int = 0
    cusip: str = ""


@dataclass(frozen=True, slots=True)
class TransactionRecord:
    """A buy, sell or reinvestment. `quantity` and `amount` are positive; the side is in `action`."""

    row: int
    account: AccountRef
    date: date
    action: Action
    symbol: str
    quantity: Decimal
    amount: Decimal
    loss_quantity: Decimal = Decimal(0)
    lot_id: str = ""


class ActivityKind(StrEnum):
    """What a row of a history did, other than buy, sell or reinvest."""

    DIVIDEND = "dividend"
    CAPITAL_GAIN_SHORT = "capital_gain_short"
    CAPITAL_GAIN_LONG = "capital_gain_long"
    INTEREST = "interest"
    FEE = "fee"
    TAX_WITHHELD = "tax_withheld"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    SPLIT = "split"
    MERGER = "merger"
    CASH_IN_LIEU = "cash_in_lieu"
    JOURNAL = "journal"
    OPTION = "option"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """A row of a history that is no buy, sell or reinvestment: cash that came or went, or shares that changed.

    `quantity` is signed as the file has it (of a split the extra shares), `amount` is dollars into the account (+) or
    out of it (-). `qualified` says of a dividend whether the file calls it so; None = it does not say.
    """

    row: int
    account: AccountRef
    date: date
    kind: ActivityKind
    symbol: str
    description: str
    quantity: Decimal | None = None
    amount: Decimal | None = None
    qualified: bool | None = None


@dataclass(frozen=True, slots=True)
class RealizedRecord:
    """A closed lot. `gain` is dollars, negative for a loss; `disallowed` >= 0 is what a wash sale took away."""

    row: int
    account: AccountRef
    symbol: str
    acquired: date | None
    sold: date
    quantity: Decimal
    proceeds: Decimal
    cost_basis: Decimal
    gain: Decimal
    disallowed: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PriceRecord:
    """One close. `close` is unadjusted, for valuation; `adjusted` is the total-return close, for signals."""

    row: int
    symbol: str
    date: date
    close: Decimal | None
    adjusted: Decimal | None


@dataclass(frozen=True, slots=True)
class MacroRecord:
    """One observation of a macro series."""

    row: int
    series: str
    date: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class HouseholdRecord:
    """A household of the office workbook: what it is taxed as and which model and policy it follows."""

    row: int
    name: str
    tax_profile: str
    model: str
    policy: str
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A member of a household. `role` is client, spouse, child, trust or other."""

    row: int
    household: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account of the office workbook, joined to custodian files by custodian and number or mask."""

    row: int
    household: str
    account: AccountRef
    owner: str
    registration: str
    title: str
    cash_reserve: Decimal
    withdraw: Decimal
    fractional: bool
    ticket_charge: Decimal
    min_trade: Decimal
    discretionary: bool
    lot_method: str = ""
    """How the custodian chooses lots where it takes no lot instruction; empty = it takes them."""


@dataclass(frozen=True, slots=True)
class SecurityRecord:
    """A security of the office workbook. `substitutes` are symbols, best first."""

    row: int
    symbol: str
    name: str
    asset_class: str
    identity_group: str
    security_type: str
    cusip: str
    half_spread_bp: Decimal
    carry_bp: Decimal
    adv_shares: Decimal | None
    substitutes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelTargetRecord:
    """One class of one model: strategic weight (fraction) and what may be bought for it, best first."""

    row: int
    model: str
    asset_class: str
    weight: Decimal
    buy_list: tuple[str, ...]
    overlay_etf: str = ""
    """The ETF whose signals tilt this class; empty = the class is not tilted."""


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """A named policy. `settings` maps a setting's name (case `policy` key or overlay key) to its text."""

    row: int
    name: str
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class TaxProfileRecord:
    """A named tax profile. `settings` maps a case `tax` key to its text.

    Further keys are filing_status, rates_from, state and ordinary_income.
    """

    row: int
    name: str
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class RestrictionRecord:
    """Do not buy / do not sell / lock: `account` empty = every account of the household."""

    row: int
    household: str
    account: str
    symbol: str
    kind: str
    reason: str
    until: date | None


Record = (
    PositionRecord
    | CashRecord
    | LotRecord
    | TransactionRecord
    | ActivityRecord
    | RealizedRecord
    | PriceRecord
    | MacroRecord
    | HouseholdRecord
    | PersonRecord
    | AccountRecord
    | SecurityRecord
    | ModelTargetRecord
    | PolicyRecord
    | TaxProfileRecord
    | RestrictionRecord
)
