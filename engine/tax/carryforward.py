"""Losses carried from year to year by character: the Capital Loss Carryover Worksheet of Schedule D, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from engine.money import ZERO
from engine.trail import Trail

WORKSHEET = "Schedule D (Form 1040) Instructions, Capital Loss Carryover Worksheet; IRC 1212(b)"
LOSS_LIMIT = Decimal(3000)
"""Net loss that reduces other income in a year (IRC 1211(b)(1))."""
LOSS_LIMIT_SEPARATE = Decimal(1500)
"""The same on a separate return of a married person."""


def loss_limit(filing_status: str) -> Decimal:
    """Return the dollars of net loss that may be deducted in a year (IRC 1211(b)); a trust has the limit of others."""
    return LOSS_LIMIT_SEPARATE if filing_status == "married_separate" else LOSS_LIMIT


@dataclass(frozen=True, slots=True)
class YearOfGains:
    """What a year realised, in dollars: gain (+) or loss (-) of each term without the losses carried in.

    `taxable_income` is that of the return, the loss deducted, and below zero where deductions exceed income;
    None = not known, taken as not below zero.
    """

    year: int
    short_term: Decimal = ZERO
    long_term: Decimal = ZERO
    taxable_income: Decimal | None = None
    limit: Decimal = LOSS_LIMIT


@dataclass(frozen=True, slots=True)
class CarriedLoss:
    """Losses carried into a year, as positive dollars."""

    short_term: Decimal = ZERO
    long_term: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class CarriedYear:
    """A year after its carryover worksheet, in dollars. Nets have the losses carried in taken off.

    `deduction` (>= 0) is the loss on the return; `trails` are those of the deduction, of the short-term and of the
    long-term loss that is carried out.
    """

    year: int
    net_short_term: Decimal
    net_long_term: Decimal
    deduction: Decimal
    carried: CarriedLoss
    trails: tuple[Trail, Trail, Trail]


def carry_years(years: Iterable[YearOfGains], carried_in: CarriedLoss | None = None) -> tuple[CarriedYear, ...]:
    """Return the years in order of time, each with what the one before carries into it; no loss is ever forgotten.

    Years without gains must be stated too: each deducts its part. Raises ValueError for a year that is missing or
    stands twice.
    """
    carried, out = carried_in or CarriedLoss(), list[CarriedYear]()
    for year in sorted(years, key=lambda one: one.year):
        if out and year.year != out[-1].year + 1:
            raise ValueError(f"the year after {out[-1].year} is {out[-1].year + 1}, not {year.year}")
        out.append(carry_year(year, carried))
        carried = out[-1].carried
    return tuple(out)


def carry_year(year: YearOfGains, carried_in: CarriedLoss) -> CarriedYear:
    """Return one year: its nets (lines 7 and 15), its deduction (line 21), and the losses that it carries out."""
    short = _net("short", "Schedule D, lines 6 and 7", year.year, year.short_term, carried_in.short_term)
    long = _net("long", "Schedule D, lines 14 and 15", year.year, year.long_term, carried_in.long_term)
    net = Trail("Net result", short.value + long.value, (short, long), source="Schedule D, line 16")
    limit = Trail("Most that may be deducted in a year", year.limit, source="IRC 1211(b)")
    deducted = max(ZERO, min(-net.value, year.limit))
    deduction = Trail(
        f"Loss deducted from other income in {year.year}", deducted, (net, limit), source="Schedule D, line 21"
    )
    short_out, long_out = _worksheet(year, short, long, deduction)
    return CarriedYear(
        year=year.year,
        net_short_term=short.value,
        net_long_term=long.value,
        deduction=deduction.value,
        carried=CarriedLoss(short_out.value, long_out.value),
        trails=(deduction, short_out, long_out),
    )


def _net(term: str, source: str, year: int, realized: Decimal, carried: Decimal) -> Trail:
    inputs = (
        Trail(f"{term.title()}-term gains and losses of {year}", realized),
        Trail(f"{term.title()}-term loss carried in from {year - 1}", carried),
    )
    return Trail(f"Net {term}-term result of {year}", realized - carried, inputs, source=source)


def _worksheet(year: YearOfGains, short: Trail, long: Trail, deduction: Trail) -> tuple[Trail, Trail]:
    """Return lines 8 and 13: the short-term and the long-term loss carried to the next year.

    Lines 1 to 4 are IRC 1212(b)(2)(B): only as much of the deduction counts as used as there was income for it.
    """
    line2 = _line(2, "loss deducted", deduction.value, deduction)
    line4 = _line(4, "deduction that counts as used", *_used(year, line2))
    line5 = _line(5, "net short-term loss", max(ZERO, -short.value), short)
    line6 = _line(6, "net long-term gain", max(ZERO, long.value), long)
    line7 = _line(7, "lines 4 and 6", line4.value + line6.value, line4, line6)
    line9 = _line(9, "net long-term loss", max(ZERO, -long.value), long)
    line10 = _line(10, "net short-term gain", max(ZERO, short.value), short)
    line11 = _line(11, "line 4 less line 5", max(ZERO, line4.value - line5.value), line4, line5)
    line12 = _line(12, "lines 10 and 11", line10.value + line11.value, line10, line11)
    return (
        _line(8, f"short-term loss carried to {year.year + 1}", max(ZERO, line5.value - line7.value), line5, line7),
        _line(13, f"long-term loss carried to {year.year + 1}", max(ZERO, line9.value - line12.value), line9, line12),
    )


def _used(year: YearOfGains, line2: Trail) -> tuple[Decimal, *tuple[Trail, ...]]:
    """Return line 4 and what it comes from: the smaller of line 2 and line 3."""
    if year.taxable_income is None:
        return line2.value, line2
    line1 = _line(1, "taxable income, below zero as it is", year.taxable_income)
    line3 = _line(3, "lines 1 and 2, not below zero", max(ZERO, line1.value + line2.value), line1, line2)
    return min(line2.value, line3.value), line2, line3


def _line(number: int, what: str, value: Decimal, *inputs: Trail) -> Trail:
    return Trail(f"Line {number}: {what}", value, inputs, source=WORKSHEET)
