"""The tables of a book, by room: typed declarative classes without behaviour."""

from db.tables.audit import AuditLine
from db.tables.base import Base
from db.tables.holding import Lot, Position, Realized, Transaction
from db.tables.household import Account, AccountAlias, Household, OfficeSetting, Person, Restriction
from db.tables.imports import DataProblem, ImportBatch, ImportFile
from db.tables.policy import BuyListEntry, Model, ModelTarget, Policy, TaxProfile
from db.tables.runs import Approval, Proposal, Run, RunSource, SkippedHousehold, Trade, TradeLot
from db.tables.security import IdentityGroup, MacroSeries, MacroValue, Price, Security, Substitute

__all__ = [
    "Account",
    "AccountAlias",
    "Approval",
    "AuditLine",
    "Base",
    "BuyListEntry",
    "DataProblem",
    "Household",
    "IdentityGroup",
    "ImportBatch",
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
    "Substitute",
    "TaxProfile",
    "Trade",
    "TradeLot",
    "Transaction",
]
