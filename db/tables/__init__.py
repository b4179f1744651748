"""The tables of a book, by room: typed declarative classes without behaviour."""

from db.tables.audit import AuditLine
from db.tables.base import Base
from db.tables.discipline import Strategy, StrategyMove, StrategyVersion, TiltOverrideRow
from db.tables.holding import Activity, Lot, Position, Realized, Transaction
from db.tables.household import Account, AccountAlias, Household, OfficeSetting, Person, Restriction
from db.tables.imports import DataProblem, ImportBatch, ImportChange, ImportFile
from db.tables.policy import BuyListEntry, Model, ModelTarget, Policy, TaxProfile
from db.tables.runs import Approval, Proposal, Run, RunSource, SkippedHousehold, Trade, TradeLot
from db.tables.security import IdentityGroup, MacroSeries, MacroValue, Price, Security, Substitute, SymbolChange

__all__ = [
    "Account",
    "AccountAlias",
    "Activity",
    "Approval",
    "AuditLine",
    "Base",
    "BuyListEntry",
    "DataProblem",
    "Household",
    "IdentityGroup",
    "ImportBatch",
    "ImportChange",
    "ImportFile",
    "Lot",
    "MacroSeries",
    "MacroValue",
    "Model",
    "ModelTarget",
    "OfficeSetting",
    "Person",
    "Policy",
    "Position",
    "Price",
    "Proposal",
    "Realized",
    "Restriction",
    "Run",
    "RunSource",
    "Security",
    "SkippedHousehold",
    "Strategy",
    "StrategyMove",
    "StrategyVersion",
    "Substitute",
    "SymbolChange",
    "TaxProfile",
    "TiltOverrideRow",
    "Trade",
    "TradeLot",
    "Transaction",
]
