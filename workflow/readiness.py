"""Whether a household can be traded today: what is missing, what is stale, what does not add up, by name."""

from collections.abc import Iterator

from db.store.held import HeldAccount, HeldHousehold
from engine.portfolio import CASH_CLASS
from engine.problems import Problem, Severity
from engine.trading_days import trading_days_between

STALE_AFTER_DAYS = 5
"""A price or a holdings file older than this many trading days blocks the household."""
LOT_CODES = frozenset({"lots_missing", "lots_differ", "lots_do_not_add_up", "lots_unreadable"})
"""Problems of one position's lots: the position is held as it is, and the rest of the household trades."""

RAISED_HERE = frozenset(
    {"no_tax_profile", "no_model", "no_policy", "no_registration", "no_positions", "unclassified_security"}
)
"""Problems that an import keeps in the book too; here they are found anew, so they are told once."""


def blocking_problems(held: HeldHousehold) -> tuple[Problem, ...]:
    """Return every reason why the whole household is left out of a run on its day; empty when it can be traded."""
    return (*_assignments(held), *_accounts(held), *_securities(held), *_standing(held))


def _blocking(code: str, message: str, hint: str, *, account: str = "", symbol: str = "") -> Problem:
    return Problem(Severity.BLOCKING, code, message, hint, account=account, symbol=symbol)


def _assignments(held: HeldHousehold) -> Iterator[Problem]:
    sheet = "Fill the Households sheet of the office workbook and import it."
    for what, value in (("tax profile", held.tax), ("model", held.model), ("policy", held.policy)):
        if value is None:
            yield _blocking(f"no_{what.replace(' ', '_')}", f"{held.name} has no {what}", sheet)
    if not held.accounts:
        yield _blocking("no_account", f"{held.name} has no account", "Add its accounts to the Accounts sheet.")


def account_name(account: HeldAccount) -> str:
    """Return an account as people call it."""
    return f"{account.custodian} {account.number}".strip()


def _accounts(held: HeldHousehold) -> Iterator[Problem]:
    for account in held.accounts:
        name = account_name(account)
        if account.registration is None:
            yield _blocking(
                "no_registration", f"{name} has no registration", "Add it to the Accounts sheet.", account=name
            )
        if account.positions_as_of is None:
            hint = "Import the custodian's positions file."
            yield _blocking("no_positions", f"no holdings of {name} have been imported", hint, account=name)
        elif trading_days_between(account.positions_as_of, held.as_of) > STALE_AFTER_DAYS:
            message = f"the holdings of {name} are of {account.positions_as_of}"
            yield _blocking("stale_holdings", message, "Import a newer positions file.", account=name)


def _securities(held: HeldHousehold) -> Iterator[Problem]:
    held_symbols = sorted({p.symbol for p in held.positions} | {lot.symbol for lot in held.lots})
    for symbol in held_symbols:
        security = held.securities.get(symbol)
        if security is None or security.asset_class is None:
            hint = "Add it to the Securities sheet of the office workbook."
            yield _blocking("unclassified_security", f"{symbol} has no asset class", hint, symbol=symbol)
        elif security.asset_class == CASH_CLASS:
            hint = "Give it another class, or have the custodian file list it as cash."
            yield _blocking("cash_security", f"{symbol} is held as a security of class cash", hint, symbol=symbol)
        elif security.close is None or security.close_date is None:
            yield _blocking("no_price", f"there is no price of {symbol}", "Import a price file.", symbol=symbol)
        elif trading_days_between(security.close_date, held.as_of) > STALE_AFTER_DAYS:
            message = f"the last price of {symbol} is of {security.close_date}"
            yield _blocking("stale_price", message, "Import newer prices.", symbol=symbol)


def kept_problems(held: HeldHousehold) -> tuple[Problem, ...]:
    """Return the problems that imports have left with the household, without those that are found anew each day."""
    return tuple(s.problem for s in held.problems if s.problem.code not in RAISED_HERE)


def _standing(held: HeldHousehold) -> Iterator[Problem]:
    for problem in kept_problems(held):
        if problem.severity in {Severity.BLOCKING, Severity.FATAL} and problem.code not in LOT_CODES:
            yield problem
