"""Reinvested dividends to come: when and how much, and what they would wash (IRC 1091; Pub. 550, wash sales).

A reinvested dividend is a purchase. The next ones are estimated from those of the past year: regular gaps give the
frequency, the last dates the day. An estimate warns; it never changes a figure.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from engine.money import ZERO, cents
from engine.portfolio import Action, HistoryRow
from engine.tax.pretrade_types import WINDOW, SaleWash

YEAR = timedelta(days=366)
LEAD = timedelta(days=7)
"""How long before the day expected reinvestment is to be off: payers and custodians move some days."""
NAMED = 20
"""The most reinvestments of one holding that are looked at, the newest first."""


class Frequency(StrEnum):
    """How often a holding reinvests."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMIANNUAL = "semiannual"
    ANNUAL = "annual"


_GAPS = (
    (Frequency.MONTHLY, range(20, 46), 1),
    (Frequency.QUARTERLY, range(70, 116), 3),
    (Frequency.SEMIANNUAL, range(150, 216), 6),
    (Frequency.ANNUAL, range(330, 401), 12),
)
"""Frequency, the days between two payments that it goes by, and its months."""


@dataclass(frozen=True, slots=True)
class ExpectedReinvestment:
    """A reinvestment to come in one account. `shares` and `amount` (dollars) are those of the last one.

    `seen` are the reinvestments of the past year that the estimate rests on.
    """

    account: str
    symbol: str
    day: date
    shares: Decimal
    amount: Decimal
    frequency: Frequency
    last: date
    seen: int


@dataclass(frozen=True, slots=True)
class ReinvestmentRisk:
    """A reinvestment that is expected within 30 days after a proposed loss sale.

    `shares` of it could replace shares of the loss and `at_risk` are the dollars of loss that go with them, gone for
    good when `permanent`. `off_by` is the day by which reinvestment is to be off, never before the sale.
    """

    expected: ExpectedReinvestment
    identity_group: str
    sold: date
    shares: Decimal
    at_risk: Decimal
    permanent: bool
    off_by: date

    @property
    def sentence(self) -> str:
        """Say what is expected, what it would cost and what to do."""
        one = self.expected
        fate = "lost for good" if self.permanent else "disallowed for now"
        seen = f"{one.frequency}, last on {one.last}" if one.seen > 1 else f"seen once, on {one.last}"
        return (
            f"Account {one.account} is expected to reinvest a dividend of {one.symbol} about {one.day} ({seen}): "
            f"${self.at_risk:,.2f} of the loss on {self.identity_group} could be {fate}. "
            f"Switch reinvestment off by {self.off_by}, through {self.sold + WINDOW}."
        )


def expected_reinvestments(history: Iterable[HistoryRow], as_of: date, until: date) -> tuple[ExpectedReinvestment, ...]:
    """Return the reinvestments expected after `as_of` up to `until`, by day.

    `history` is the trades of the past year. A single reinvestment is taken for a quarterly one; gaps that no
    frequency fits give no estimate. A holding that has missed two dates in a row counts as switched off.
    """
    rows: dict[tuple[str, str], dict[date, list[HistoryRow]]] = defaultdict(lambda: defaultdict(list))
    for row in history:
        if row.action is Action.REINVEST and as_of - YEAR < row.date <= as_of:
            rows[row.account, row.symbol][row.date].append(row)
    found = [one for place, days in rows.items() for one in _expected(place, days, as_of, until)]
    return tuple(sorted(found, key=lambda e: (e.day, e.account, e.symbol)))


def _expected(
    place: tuple[str, str], rows: dict[date, list[HistoryRow]], as_of: date, until: date
) -> Iterable[ExpectedReinvestment]:
    days = sorted(rows)[-NAMED:]
    rhythm = _rhythm(days)
    if rhythm is None:
        return
    frequency, months = rhythm
    last = days[-1]
    shares = sum((r.quantity for r in rows[last]), ZERO)
    amount = sum((r.amount for r in rows[last]), ZERO)
    missed = ahead = 0
    while True:
        ahead += months
        day = _months_later(last, ahead)
        late = day <= as_of
        missed += day + LEAD < as_of
        if missed > 1 or (day > until and not late):
            return
        if day + LEAD >= as_of:
            # what was due some days ago may come tomorrow
            soon = as_of + timedelta(days=1) if late else day
            yield ExpectedReinvestment(*place, soon, shares, amount, frequency, last, len(days))


def _rhythm(days: Sequence[date]) -> tuple[Frequency, int] | None:
    """Return the frequency of payments and its months: by the middle gap, so that an extra payment does not matter."""
    if len(days) == 1:
        return Frequency.QUARTERLY, 3
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    gap = gaps[len(gaps) // 2]
    return next(((frequency, months) for frequency, fits, months in _GAPS if gap in fits), None)


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, the last one of a shorter month."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def reinvestment_risks(
    outcome: SaleWash,
    expected: Iterable[ExpectedReinvestment],
    *,
    symbols: Iterable[str],
    sold_out: Iterable[tuple[str, str]] = (),
    taxable: Iterable[str],
) -> tuple[ReinvestmentRisk, ...]:
    """Return the expected reinvestments that would wash what counts of a proposed loss, in order of day.

    `symbols` are those of the loss's identity group, `sold_out` the positions (account, symbol) that the plan closes:
    they earn no further dividend. `taxable` are the household's taxable accounts. Each share of the loss is at risk
    once, by the earliest reinvestment.
    """
    group, closed, own = set(symbols), set(sold_out), set(taxable)
    left = outcome.loss_shares - outcome.disallowed_shares
    per_share = outcome.counted_loss / left if left else ZERO
    risks = []
    for one in sorted(expected, key=lambda e: e.day):
        in_window = outcome.day < one.day <= outcome.day + WINDOW
        if not in_window or one.symbol not in group or (one.account, one.symbol) in closed or not left:
            continue
        shares = min(left, one.shares)
        left -= shares
        risks.append(
            ReinvestmentRisk(
                one,
                outcome.identity_group,
                outcome.day,
                shares,
                cents(per_share * shares),
                permanent=one.account not in own,
                off_by=max(outcome.day, one.day - LEAD),
            )
        )
    return tuple(risks)
