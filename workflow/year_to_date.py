"""The year so far of a household: realized gains as the custodians' files tell them, against the figures typed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from db.store.held import HeldAccount, HeldHousehold, HeldRealized
from engine.money import CENT, ZERO
from engine.portfolio import TaxPosition, Term
from engine.problems import Problem, Severity
from engine.tax.holding_period import term
from engine.trail import Trail
from workflow.readiness import account_name

SLACK = Decimal(1)
"""Dollars by which the imported and the typed figure of a term may differ without a word."""


@dataclass(frozen=True, slots=True)
class NetGains:
    """Net gain (+) or loss (-) of each term, in dollars."""

    short_term: Decimal = ZERO
    long_term: Decimal = ZERO

    def differs(self, other: "NetGains") -> bool:
        """Whether one of the two terms differs by more than a dollar."""
        return abs(self.short_term - other.short_term) > SLACK or abs(self.long_term - other.long_term) > SLACK

    @property
    def words(self) -> str:
        """As people read it."""
        return f"short-term {self.short_term:,.2f}, long-term {self.long_term:,.2f}"


@dataclass(frozen=True, slots=True)
class AccountCoverage:
    """What the files tell of the sales of one taxable account in the year.

    `lines` realized gains, the last of `until`; `last_sale` is that of the trades; `undated` lines have no day of
    purchase, so that their term is not known.
    """

    account: str
    name: str
    lines: int
    until: date | None
    last_sale: date | None
    undated: int

    @property
    def is_active(self) -> bool:
        """Whether the files know of a sale."""
        return self.until is not None or self.last_sale is not None

    @property
    def gap(self) -> str:
        """What is missing, in words; empty = nothing that the files know of."""
        if self.undated:
            return f"{self.undated} realized gains of {self.name} have no day of purchase"
        if self.last_sale is not None and self.until is None:
            return f"{self.name} sold on {self.last_sale} and has no realized gains"
        if self.last_sale is not None and self.until is not None and self.until < self.last_sale:
            return f"{self.name} sold on {self.last_sale}, its realized gains end on {self.until}"
        return ""


@dataclass(frozen=True, slots=True)
class YearToDate:
    """The year so far: `used` is what counts, the imported figures where they are whole, else the typed ones."""

    used: NetGains
    imported: NetGains
    typed: NetGains
    from_files: bool
    coverage: tuple[AccountCoverage, ...]
    warnings: tuple[Problem, ...]
    trail: Trail


def year_to_date(held: HeldHousehold, typed: TaxPosition) -> YearToDate:
    """Return the household's net gains of the calendar year up to its day, losses carried in not taken off.

    Imported are the realized gains of its taxable accounts, losses that a wash sale disallowed added back. They are
    used where they cover every taxable account that is known to have sold; figures typed as nothing at all
    count as not typed.
    """
    taxable = [a for a in held.accounts if a.registration is not None and a.registration.is_taxable]
    lines = {a.key: _lines_of_year(held, a) for a in taxable}
    coverage = tuple(_coverage(held, a, lines[a.key]) for a in taxable)
    imported = _net(line for own in lines.values() for line in own)
    by_hand = NetGains(typed.ytd_short_term, typed.ytd_long_term)
    whole = any(one.lines for one in coverage) and not any(one.gap for one in coverage)
    used = imported if whole else by_hand
    warnings = tuple(_warnings(held, imported, by_hand, coverage))
    trail = _trail(used, whole, lines, coverage)
    return YearToDate(used, imported, by_hand, whole, coverage, warnings, trail)


def allowed_gain(line: HeldRealized) -> Decimal:
    """Return a closed lot's gain with the loss that a wash sale disallowed added back (Form 8949, column h).

    Custodians state the gain before or after that adjustment; proceeds and basis tell which.
    """
    adjusted = line.proceeds - line.cost_basis + line.disallowed
    return line.gain if abs(line.gain - adjusted) <= CENT else line.gain + line.disallowed


def _lines_of_year(held: HeldHousehold, account: HeldAccount) -> list[HeldRealized]:
    year = held.as_of.year
    return [
        line
        for line in held.realized
        if line.account == account.key and line.sold.year == year and line.sold <= held.as_of
    ]


def _coverage(held: HeldHousehold, account: HeldAccount, lines: list[HeldRealized]) -> AccountCoverage:
    return AccountCoverage(
        account=account.key,
        name=account_name(account),
        lines=len(lines),
        until=max((line.sold for line in lines), default=None),
        last_sale=held.last_sales.get(account.key),
        undated=sum(1 for line in lines if line.acquired is None),
    )


def _net(lines: Iterable[HeldRealized]) -> NetGains:
    """Add up the lines by term; one without a day of purchase counts as short-term."""
    sums = {Term.SHORT: ZERO, Term.LONG: ZERO}
    for line in lines:
        sums[Term.SHORT if line.acquired is None else term(line.acquired, line.sold)] += allowed_gain(line)
    return NetGains(sums[Term.SHORT], sums[Term.LONG])


def _warnings(
    held: HeldHousehold, imported: NetGains, typed: NetGains, coverage: tuple[AccountCoverage, ...]
) -> Iterator[Problem]:
    """Tell of figures that differ, and of imported ones that are not whole."""
    if not any(one.lines for one in coverage):
        return
    gaps = "; ".join(one.gap for one in coverage if one.gap)
    if imported.differs(typed) and (gaps or typed != NetGains()):
        until = max(one.until for one in coverage if one.until is not None)
        message = (
            f"the year so far of {held.name}: the imported realized gains up to {until} are {imported.words}, "
            f"the tax profile says {typed.words}; the {'typed' if gaps else 'imported'} figures are used"
        )
        if gaps:
            yield _warning(f"{message}, because {gaps}", "Import the realized gains of the whole year.")
        else:
            yield _warning(message, "Correct the tax profile, or import what is missing.")


def _warning(message: str, hint: str) -> Problem:
    return Problem(Severity.WARNING, "year_to_date", message, hint)


def _trail(
    used: NetGains, whole: bool, lines: dict[str, list[HeldRealized]], coverage: tuple[AccountCoverage, ...]
) -> Trail:
    """Return net gains of the year with what they come from: each account's lines, or the tax profile."""
    parts = tuple(Trail(*part) for part in (("Short-term", used.short_term), ("Long-term", used.long_term)))
    if whole:
        parts += tuple(_account_trail(one, _net(lines[one.account])) for one in coverage if one.lines)
        return Trail("Net gains of the year so far, as imported", used.short_term + used.long_term, parts)
    return Trail("Net gains of the year so far, as typed in the tax profile", used.short_term + used.long_term, parts)


def _account_trail(one: AccountCoverage, net: NetGains) -> Trail:
    return Trail(
        f"{one.name}: {one.lines:,} closed lots up to {one.until}",
        net.short_term + net.long_term,
        (Trail("Short-term", net.short_term), Trail("Long-term", net.long_term)),
        source="Form 8949, column h",
    )
