"""Reads engine values from the book and writes records to it: functions over a session, by topic."""

from db.store.accounts import list_accounts
from db.store.files import list_files, source_files
from db.store.households import HISTORY_DAYS, list_households, load_household, load_households
from db.store.office import Office, load_office, save_office
from db.store.policies import load_models, load_policies, load_tax_profiles
from db.store.problems import add_problem, book_problems, standing_problems
from db.store.runs import (
    current_proposals,
    insert_approval,
    insert_proposal,
    insert_run,
    list_runs,
    load_run,
)
from db.store.securities import load_adjusted_closes, load_macro, load_securities, prices_as_of

__all__ = [
    "HISTORY_DAYS",
    "Office",
    "add_problem",
    "book_problems",
    "current_proposals",
    "insert_approval",
    "insert_proposal",
    "insert_run",
    "list_accounts",
    "list_files",
    "list_households",
    "list_runs",
    "load_adjusted_closes",
    "load_household",
    "load_households",
    "load_macro",
    "load_models",
    "load_office",
    "load_policies",
    "load_run",
    "load_securities",
    "load_tax_profiles",
    "prices_as_of",
    "save_office",
    "source_files",
    "standing_problems",
]
