"""What the command line prints: tables, problems, one line per error, progress bars on a terminal."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from engine.problems import Problem, Severity

if TYPE_CHECKING:
    from workflow import views

DONE, BUG, UNREADABLE, NEEDS_PERSON = 0, 1, 2, 3
"""Exit codes of the contract."""


def say(text: str) -> None:
    """Print a line on standard output."""
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(f"{' '.join(text.split())}\n")


def print_json(value: object) -> None:
    """Print one JSON document: decimals as numbers, dates as ISO text."""
    encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic", enc_hook=_plain)
    say(msgspec.json.format(encoder.encode(value), indent=1).decode())


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dollars(amount: Decimal) -> str:
    """Return dollars without cents, thousands separated, a minus for negatives."""
    return f"{amount:,.0f}"


def percent(fraction: Decimal, *, sign: bool = False) -> str:
    """Return a fraction as a percentage with one decimal."""
    return f"{fraction:+.1%}" if sign else f"{fraction:.1%}"


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Print a table; the first `left` columns are text, the others numbers on the right."""
    from rich.console import Console  # noqa: PLC0415 - only tables need it
    from rich.table import Table  # noqa: PLC0415

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console.print(table)
    else:
        console.print(f"{title}: none" if title else "none")


def complain_of(problems: Iterable[Problem]) -> bool:
    """Print each problem that holds something back on standard error; return whether there was one."""
    found = False
    for problem in problems:
        if problem.severity in {Severity.BLOCKING, Severity.FATAL}:
            complain(f"{problem.severity}: {problem.line()}")
            found = True
    return found


@contextmanager
def progress_bar() -> Iterator["views.Progress"]:
    """Give a progress function: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bars:
        task = bars.add_task("")

        def report(done: int, total: int, what: str) -> None:
            bars.update(task, completed=done, total=total, description=what)

        yield report


def _silent(_done: int, _total: int, _what: str) -> None:
    """Show nothing: the output is not a terminal."""
