"""The quality report of a price file, with its dividends, macro series and another source where they are given."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from engine.errors import AppError
from engine.overlay.data_quality import Finding, FindingKind, price_findings, vendor_findings
from engine.overlay.dividend_quality import Payment, dividend_findings
from engine.overlay.macro_history import MacroHistory
from engine.overlay.macro_quality import macro_findings
from engine.overlay.price_history import PriceHistory
from engine.problems import Problem, Severity
from workflow.macro_table import read_macro_table
from workflow.price_table import read_price_table

DAY_NAMES, SYMBOL_NAMES, AMOUNT = ("ex_date", "date"), ("ticker", "symbol"), "amount"
DIVIDEND_HINT = "Give a CSV file with the columns ex_date, ticker and amount, a row for each dividend."


@dataclass(frozen=True, slots=True)
class QualityFiles:
    """What a report reads: prices, and where given dividends, macro series and prices of another source."""

    prices: Path
    dividends: Path | None = None
    macro: Path | None = None
    compare: Path | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is of one symbol: its first and last close, how many, and how many dividends (None = no file)."""

    symbol: str
    first: date
    last: date
    closes: int
    dividends: int | None


@dataclass(frozen=True, slots=True)
class SeriesCoverage:
    """What there is of one macro series: spacing, lag to publication in days, first and last period, values, source."""

    name: str
    step: str
    lag_days: int
    first: date
    last: date
    values: int
    source: str


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The coverage of every symbol and series, and what is to be looked at."""

    coverage: tuple[Coverage, ...]
    series: tuple[SeriesCoverage, ...]
    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    def needs_a_person(self) -> bool:
        """Say whether anything is more than worth knowing."""
        return any(finding.severity is not Severity.INFO for finding in self.findings)


def data_quality(files: QualityFiles) -> QualityReport:
    """Return the report of the files. Rows that cannot be read are findings of it.

    Raises AppError for a file that cannot be read as a table of its kind.
    """
    prices = read_price_table(files.prices)
    history = prices.history
    if not history.dates:
        raise AppError("The price file has no row that can be read", detail=str(files.prices))
    found = [_unreadable(problem, history.dates[0]) for problem in prices.problems]
    found += price_findings(history)
    payments = None
    if files.dividends is not None:
        payments, problems = read_dividends(files.dividends)
        found += [_unreadable(problem, history.dates[0]) for problem in problems]
        found += dividend_findings(payments, _spans(history))
    macro = MacroHistory()
    if files.macro is not None:
        table = read_macro_table(files.macro)
        macro = table.history
        found += [_unreadable(problem, history.dates[0]) for problem in table.problems]
        found += macro_findings(macro, history.dates[-1])
    if files.compare is not None:
        found += vendor_findings(history, read_price_table(files.compare, history.symbols).history)
    counts = Counter(finding.kind.value for finding in found)
    return QualityReport(_coverage(history, payments), _series(macro), tuple(found), dict(sorted(counts.items())))


def read_dividends(path: Path) -> tuple[dict[str, list[Payment]], tuple[Problem, ...]]:
    """Return the dividends of a CSV file by symbol, and what cannot be read.

    Raises AppError for a file that cannot be read as such a table.
    """
    payments: dict[str, list[Payment]] = {}
    problems = []
    for number, row in _dividend_rows(path):
        try:
            day = date.fromisoformat(_cell(row, DAY_NAMES))
            amount = float(_cell(row, (AMOUNT,)).replace("_", "?"))
        except ValueError as error:
            problems.append(_bad_dividend(path, number, str(error)))
            continue
        symbol = _cell(row, SYMBOL_NAMES)
        if not (math.isfinite(amount) and amount > 0 and symbol):
            problems.append(_bad_dividend(path, number, "a dividend is of a ticker and above zero"))
            continue
        payments.setdefault(symbol, []).append(Payment(day, amount))
    return payments, tuple(problems)


def quality_json(report: QualityReport) -> str:
    """Return the report as one JSON document."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode()


def _dividend_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, restval="")
            names = set(reader.fieldnames or ())
            if not all(names & set(wanted) for wanted in (DAY_NAMES, SYMBOL_NAMES, (AMOUNT,))):
                raise AppError("The dividend file lacks a column", detail=f"{path}, row 1", hint=DIVIDEND_HINT)
            for row in reader:
                yield reader.line_num, row
    except OSError as error:
        raise AppError(f"The dividend file cannot be read: {error.strerror}", detail=str(path)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AppError("The dividend file is not a CSV text file", detail=str(path), hint=DIVIDEND_HINT) from error


def _cell(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((row[name].strip() for name in names if name in row), "")


def _bad_dividend(path: Path, row: int, why: str) -> Problem:
    return Problem(Severity.BLOCKING, "bad_dividend", f"The dividend cannot be read: {why}", file=path.name, row=row)


def _unreadable(problem: Problem, day: date) -> Finding:
    return Finding(FindingKind.UNREADABLE, Severity.WARNING, problem.symbol, day, day, problem.line().rstrip("."))


def _spans(history: PriceHistory) -> dict[str, tuple[date, date]]:
    """Return the first and last close of each symbol that has one."""
    rows = {
        symbol: np.flatnonzero(~np.isnan(history.closes[:, column])) for column, symbol in enumerate(history.symbols)
    }
    return {
        symbol: (history.dates[int(known[0])], history.dates[int(known[-1])])
        for symbol, known in rows.items()
        if known.size
    }


def _coverage(history: PriceHistory, payments: Mapping[str, list[Payment]] | None) -> tuple[Coverage, ...]:
    counts = np.count_nonzero(~np.isnan(history.closes), axis=0).tolist()
    closes = dict(zip(history.symbols, counts, strict=True))
    return tuple(
        Coverage(symbol, first, last, closes[symbol], None if payments is None else len(payments.get(symbol, ())))
        for symbol, (first, last) in _spans(history).items()
    )


def _series(macro: MacroHistory) -> tuple[SeriesCoverage, ...]:
    return tuple(
        SeriesCoverage(
            name=one.name,
            step=one.step.value,
            lag_days=one.lag_days,
            first=one.periods[0].item(),
            last=one.periods[-1].item(),
            values=len(one.values),
            source=one.source,
        )
        for one in macro.series.values()
    )
