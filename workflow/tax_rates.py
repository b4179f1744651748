"""Reads the tax rates: one file for each federal year and one table of the states, shipped or the firm's own."""

import csv
import tomllib
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec

from engine.errors import AppError
from engine.tax.rates import NO_STATE, Brackets, FederalRates, FederalYear, FilingStatus, Sourced, StateRates

STATES = "states.csv"
STATE_COLUMNS = (
    "code",
    "name",
    "ordinary_rate",
    "short_term_rate",
    "long_term_rate",
    "long_term_exempt",
    "year",
    "note",
)
HINT = "The files in resources/tax_rates show how it is written."

Text = Annotated[str, msgspec.Meta(pattern=r"\S")]


class _Block(msgspec.Struct, forbid_unknown_fields=True):
    """One block of a federal file: what is for each filing status, and its source."""

    source: Text


class _Schedule(_Block, kw_only=True):
    rates: list[Decimal]
    single: list[Decimal]
    married_joint: list[Decimal]
    married_separate: list[Decimal]
    head_of_household: list[Decimal]


class _Amounts(_Block, kw_only=True):
    single: Decimal
    married_joint: Decimal
    married_separate: Decimal
    head_of_household: Decimal


class _RatedAmounts(_Amounts, kw_only=True):
    rate: Decimal


class _Year(msgspec.Struct, forbid_unknown_fields=True):
    year: int
    ordinary: _Schedule
    long_term: _Schedule
    standard_deduction: _Amounts
    additional_deduction: _Amounts
    net_investment_income: _RatedAmounts
    loss_limit: _Amounts


def federal_year(year: int, folder: Path | None = None) -> FederalYear:
    """Return the federal figures of a tax year; `folder` is the firm's own, what it does not hold is as shipped.

    Raises AppError for a year that there is no file of, and for a file that cannot be used.
    """
    source = _file(f"{year}.toml", folder)
    if not source.is_file():
        known = ", ".join(str(one) for one in known_years(folder))
        raise AppError(f"there are no federal rates of {year}", detail=f"known are {known}", hint=HINT)
    try:
        read = msgspec.convert(tomllib.loads(_text(source), parse_float=Decimal), _Year)
        statuses = {status: _rates(read, status) for status in FilingStatus if status is status.schedule}
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise AppError("the federal rates cannot be used", detail=f"{source}: {error}", hint=HINT) from None
    if read.year != year:
        raise AppError("the federal rates are of another year", detail=f"{source}, year: {read.year}", hint=HINT)
    return FederalYear(year, statuses)


def known_years(folder: Path | None = None) -> tuple[int, ...]:
    """Return the tax years there are federal rates of."""
    names = {part.name for place in (_shipped(), folder) if place is not None for part in place.iterdir()}
    return tuple(sorted(int(name[:4]) for name in names if name[:4].isdigit() and name[4:] == ".toml"))


def state_rates(code: str, folder: Path | None = None) -> StateRates:
    """Return the rates of a state by its two letters; no letters = no state tax. Raises AppError."""
    if not code:
        return NO_STATE
    states = all_states(folder)
    found = states.get(code.upper())
    if found is None:
        raise AppError(f"there is no state {code!r}", detail=f"known are {', '.join(sorted(states))}")
    return found


def all_states(folder: Path | None = None) -> dict[str, StateRates]:
    """Return the states by code. Raises AppError with file, line and column for a table that cannot be used."""
    source = _file(STATES, folder)
    lines = _text(source).splitlines()
    table = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(line for _, line in table))
    if not rows or tuple(rows[0]) != STATE_COLUMNS:
        raise AppError(
            "the table of states has other columns", detail=f"{source}: expected {','.join(STATE_COLUMNS)}", hint=HINT
        )
    states: dict[str, StateRates] = {}
    for (number, _), row in zip(table[1:], rows[1:], strict=True):
        state = _state(row, f"{source}, line {number}")
        if state.code in states:
            raise AppError("a state stands twice in the table", detail=f"{source}, line {number}: {state.code}")
        states[state.code] = state
    return states


def _state(row: list[str], place: str) -> StateRates:
    if len(row) != len(STATE_COLUMNS):
        raise AppError(
            "a line of the states is not whole", detail=f"{place}: {len(row)} cells under {len(STATE_COLUMNS)} titles"
        )
    cells = dict(zip(STATE_COLUMNS, (cell.strip() for cell in row), strict=True))
    values = {name: _number(cells, name, place) for name in STATE_COLUMNS[2:6]}
    return StateRates(
        code=cells["code"].upper(),
        name=cells["name"],
        source=f"{cells['note']} ({cells['year']})",
        ordinary_rate=values["ordinary_rate"],
        short_term_rate=values["short_term_rate"],
        long_term_rate=values["long_term_rate"],
        long_term_exempt=values["long_term_exempt"],
    )


def _number(cells: dict[str, str], name: str, place: str) -> Decimal:
    """Return a rate (a fraction below one) or an amount of dollars."""
    try:
        value = Decimal(cells[name])
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0 or (name.endswith("_rate") and value >= 1):
        what = "a fraction from 0 to 1, 0.05 for 5 percent" if name.endswith("_rate") else "an amount of dollars"
        raise AppError(
            "a figure of the states cannot be used", detail=f"{place}, {name}: {cells[name]!r}", hint=f"Give {what}."
        )
    return value


def _shipped() -> Traversable:
    return files("resources") / "tax_rates"


def _file(name: str, folder: Path | None) -> Traversable:
    if folder is None:
        return _shipped() / name
    if not folder.is_dir():
        raise AppError("there is no such folder of tax rates", detail=str(folder), hint=HINT)
    return folder / name if (folder / name).is_file() else _shipped() / name


def _text(source: Traversable) -> str:
    try:
        return source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError("the tax rates cannot be read", detail=f"{source}: {error}") from None


def _rates(read: _Year, status: FilingStatus) -> FederalRates:
    invested = read.net_investment_income
    return FederalRates(
        year=read.year,
        filing_status=status,
        ordinary=_brackets("ordinary", read.ordinary, status),
        long_term=_brackets("long_term", read.long_term, status),
        standard_deduction=_sourced("standard_deduction", read.standard_deduction, status),
        additional_deduction=_sourced("additional_deduction", read.additional_deduction, status),
        investment_rate=_rate("net_investment_income.rate", invested.rate),
        investment_threshold=_sourced("net_investment_income", invested, status),
        loss_limit=_sourced("loss_limit", read.loss_limit, status),
    )


def _brackets(block: str, read: _Schedule, status: FilingStatus) -> Brackets:
    tops: list[Decimal] = getattr(read, status.value)
    if len(read.rates) != len(tops) + 1:
        raise ValueError(f"{block}.{status}: {len(tops)} amounts for {len(read.rates)} rates, one fewer is needed")
    if not all(top.is_finite() for top in tops) or any(low >= high for low, high in pairwise([Decimal(0), *tops])):
        raise ValueError(f"{block}.{status}: the amounts must rise from above 0")
    return Brackets(tuple(_rate(f"{block}.rates", rate) for rate in read.rates), tuple(tops), read.source)


def _rate(key: str, rate: Decimal) -> Decimal:
    if not rate.is_finite() or not 0 <= rate < 1:
        raise ValueError(f"{key}: {rate} is no fraction from 0 to 1")
    return rate


def _sourced(block: str, read: _Amounts, status: FilingStatus) -> Sourced:
    amount: Decimal = getattr(read, status.value)
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{block}.{status}: {amount} is no amount of dollars")
    return Sourced(amount, read.source)
