"""What to hold in place of a security sold at a loss: candidates with what speaks for and against each, ranked.

A replacement must not be substantially identical (IRC 1091(a)): nothing of the declared identity group is eligible.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt

import numpy as np

from engine.overlay.price_history import Closes, PriceHistory
from engine.portfolio import Account, Security, class_words
from engine.rebalance.case import Case
from engine.rebalance.eligibility import Survey

LOOKBACK = timedelta(days=3 * 365)
"""Returns older than this say little of how two funds move today."""
FEWEST = 12
"""Returns in common below which two securities are not compared: a year of months."""
SHORTEST = 180
"""Days that the returns in common must span: a few weeks of daily returns say nothing of a year."""
SWAP_BACK = timedelta(days=31)
"""The first day after the 30 days of IRC 1091(a)."""
_YEAR = 365.25


class Against(StrEnum):
    """Why a candidate cannot be the replacement."""

    SAME_GROUP = "same_identity_group"
    OTHER_CLASS = "other_asset_class"
    NO_PRICE = "no_price"
    WASH_WINDOW = "wash_sale_recent_loss"
    DO_NOT_BUY = "do_not_buy"
    SOLD_TOO = "sold_at_a_loss_too"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two securities moved together. `difference` is the yearly standard deviation of the difference of returns.

    `correlation` is None where one of them did not move at all. `observations` are the returns in common.
    """

    correlation: float | None
    difference: float
    observations: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A security that might stand in. `against` None = eligible; `until` is the last day of what stands against it.

    `declared` is its place among the declared substitutes (1 = best), `listed` its place on the buy list; None = not
    there.
    """

    symbol: str
    identity_group: str
    declared: int | None
    listed: int | None
    likeness: Likeness | None
    against: Against | None
    why: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Replacements:
    """Candidates for one symbol in one account, the eligible ones first and best first.

    `second` is for when the first falls too: of neither group. `swap_back` is the first day on which the security may
    be bought back after a sale today. `ranked_by` says what the order rests on.
    """

    account: str
    symbol: str
    identity_group: str
    candidates: tuple[Candidate, ...]
    first: str | None
    second: str | None
    swap_back: date
    ranked_by: str


def likeness(history: PriceHistory, one: str, other: str, as_of: date) -> Likeness | None:
    """Return how two securities moved together in the three years to `as_of`; None with too few returns.

    Returns are those between days on which both have a close, yearly by how many of them a year holds.
    """
    known = history.known_on(as_of)
    first = bisect_left(history.dates, as_of - LOOKBACK, hi=known)
    a, b = history.column(one, as_of)[first:], history.column(other, as_of)[first:]
    both = np.flatnonzero(~(np.isnan(a) | np.isnan(b)))
    if len(both) <= FEWEST:
        return None
    days = (history.dates[first + int(both[-1])] - history.dates[first + int(both[0])]).days
    if days < SHORTEST:
        return None
    left, right = _returns(a[both]), _returns(b[both])
    a_year = len(left) * _YEAR / days
    difference = float(np.std(left - right, ddof=1)) * sqrt(a_year)
    moved = float(np.std(left)) > 0 and float(np.std(right)) > 0
    correlation = float(np.corrcoef(left, right)[0, 1]) if moved else None
    return Likeness(correlation, difference, len(left))


def _returns(closes: Closes) -> Closes:
    returns: Closes = closes[1:] / closes[:-1] - 1
    return returns


def replacements(
    view: Survey,
    account: Account,
    symbol: str,
    *,
    substitutes: Sequence[str] = (),
    alike: Mapping[str, Likeness] | None = None,
    selling: Collection[str] = (),
) -> Replacements:
    """Return what may replace `symbol`, sold at a loss in `account` on the day of the survey.

    `substitutes` are the declared ones, best first; `alike` the likeness to `symbol` by candidate; `selling` the
    identity groups that are sold at a loss the same day. Raises KeyError for a symbol that the case does not have.
    """
    securities = {s.symbol: s for s in view.case.securities}
    own = securities[symbol]
    found = [
        _candidate(_Question(view, account, own, selling), name, securities.get(name), (declared, listed), alike or {})
        for name, declared, listed in _names(view.case, own, substitutes)
    ]
    ranked = sorted(found, key=_rank)
    first = next((c for c in ranked if c.against is None), None)
    taken = {own.group, first.identity_group if first else own.group}
    second = next((c for c in ranked if c.against is None and c.identity_group not in taken), None)
    return Replacements(
        account.id,
        symbol,
        own.group,
        tuple(ranked),
        first.symbol if first else None,
        second.symbol if second else None,
        view.case.as_of + SWAP_BACK,
        _basis(ranked),
    )


@dataclass(frozen=True, slots=True)
class _Question:
    view: Survey
    account: Account
    own: Security
    selling: Collection[str]


def _names(case: Case, own: Security, substitutes: Sequence[str]) -> list[tuple[str, int | None, int | None]]:
    """Return each candidate once: substitutes, buy list, then the rest of the identity group, with its places."""
    listed = {name: i for i, name in enumerate(case.buy_list.get(own.asset_class, ()), 1)}
    declared = {name: i for i, name in enumerate(substitutes, 1)}
    twins = sorted(s.symbol for s in case.securities if s.group == own.group)
    names = dict.fromkeys((*declared, *listed, *twins))
    return [(name, declared.get(name), listed.get(name)) for name in names if name != own.symbol]


def _candidate(
    question: _Question,
    name: str,
    security: Security | None,
    places: tuple[int | None, int | None],
    alike: Mapping[str, Likeness],
) -> Candidate:
    declared, listed = places
    like = alike.get(name)
    if security is None:
        return Candidate(name, name, declared, listed, like, Against.NO_PRICE, f"there is no class or price of {name}")
    against, why, until = _against(question, security)
    return Candidate(name, security.group, declared, listed, like, against, why or _for(like, declared), until)


def _against(question: _Question, candidate: Security) -> tuple[Against | None, str, date | None]:
    own, name = question.own, candidate.symbol
    if candidate.group == own.group:
        return Against.SAME_GROUP, f"{name} and {own.symbol} are both of {own.group}: substantially identical", None
    if candidate.asset_class != own.asset_class:
        words = f"{name} is {class_words(candidate.asset_class)}, {own.symbol} is {class_words(own.asset_class)}"
        return Against.OTHER_CLASS, words, None
    window = question.view.windows.get(candidate.group)
    if window is not None and window.no_purchase_until is not None:
        until = window.no_purchase_until
        return Against.WASH_WINDOW, f"{candidate.group} was sold at a loss: buying it by {until} washes that", until
    if name in question.account.do_not_buy:
        return Against.DO_NOT_BUY, f"{name} is on the do-not-buy list of this account", None
    if candidate.group in question.selling:
        return Against.SOLD_TOO, f"{candidate.group} stands at a loss itself and may be sold the same day", None
    return None, "", None


def _for(like: Likeness | None, declared: int | None) -> str:
    if like is None:
        return f"declared substitute {declared}, no common price history" if declared else "no common price history"
    together = "" if like.correlation is None else f"correlation {like.correlation:.3f}, "
    return f"{together}tracking difference {like.difference:.2%} a year over {like.observations:,} returns"


def _rank(candidate: Candidate) -> tuple[bool, bool, float, float, int, int, str]:
    """Eligible first; then least tracking difference, which has volatility in it too; then declared, then listed."""
    like = candidate.likeness
    return (
        candidate.against is not None,
        like is None,
        like.difference if like else 0.0,
        -(like.correlation or 0.0) if like else 0.0,
        candidate.declared or 1_000,
        candidate.listed or 1_000,
        candidate.symbol,
    )


def _basis(ranked: Sequence[Candidate]) -> str:
    eligible = [c for c in ranked if c.against is None]
    seen = [c.likeness.observations for c in eligible if c.likeness]
    if not eligible:
        return "No candidate is eligible."
    if not seen:
        return "Ranked by declared order: there is no common price history."
    rest = "" if len(seen) == len(eligible) else "; those without a history follow in declared order"
    span = f"{seen[0]:,}" if min(seen) == max(seen) else f"{min(seen):,} to {max(seen):,}"
    return f"Ranked by tracking difference, then correlation, over {span} returns{rest}."
