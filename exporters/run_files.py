"""Writes all files of a run into a folder: the blotter, the order files, one report per household.

Everything is written into a hidden folder first and moved into place when all of it is there: a full disk, a
crash or a cancelled export never leaves half a file or half a run under a name that somebody might use.
"""

import errno
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from engine.errors import AppError
from exporters.allocations_csv import allocations_csv
from exporters.blotter_xlsx import blotter_xlsx
from exporters.client_report_pdf import client_report_pdf, left_out_report_pdf
from exporters.lots_csv import lots_csv
from exporters.order_lines import RunOrders, run_orders
from exporters.order_terms import AT_MARKET, OrderTerms
from exporters.orders_csv import orders_csv
from exporters.run_report import RunReport
from exporters.words import flat

Progress = Callable[[int, int, str], None]
"""progress(done, total, what); may raise to cancel."""

Content = Callable[[], bytes]

FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
RESERVED = frozenset({"con", "prn", "aux", "nul"} | {f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10)})
DISK_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
LONGEST_NAME = 100
"""Characters; with the folder it must stay within what Windows allows for a path."""


def write_run(
    report: RunReport, out: Path, progress: Progress | None = None, terms: OrderTerms = AT_MARKET
) -> tuple[Path, ...]:
    """Write every file of a run under `out` and return their paths, the blotter first. Orders are on these terms.

    Files of an earlier export of the run are replaced. Raises AppError when the folder cannot be written, the
    disk is full, or a file is open in another program; then the files of before are still there, each whole.
    """
    files = list(_contents(report, run_orders(report, terms)))
    staging = out / f".{safe_name(report.run)}.partial"
    with _explained(out):
        out.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
    try:
        for done, (name, content) in enumerate(files):
            if progress is not None:
                progress(done, len(files), name.name)
            drawn = content()
            with _explained(out / name):
                target = staging / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(drawn)
        paths = tuple(_put_in_place(staging, out, name) for name, _ in files)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if progress is not None:
        progress(len(files), len(files), "")
    return paths


def safe_name(text: str) -> str:
    """Return text as a file name that Windows, macOS and Linux all take."""
    name = FORBIDDEN.sub(" ", unicodedata.normalize("NFC", flat(text)))
    name = " ".join(name.split())[:LONGEST_NAME].strip(" .")
    if not name:
        return "unnamed"
    return f"{name}_" if name.split(".")[0].lower() in RESERVED else name


def unique_names(texts: Iterable[str]) -> list[str]:
    """Return a safe name for each text, no two the same even where case does not count."""
    taken: set[str] = set()
    names = []
    for text in texts:
        name = base = safe_name(text)
        number = 2
        while name.casefold() in taken:
            name = f"{base} ({number})"
            number += 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _contents(report: RunReport, run: RunOrders) -> Iterator[tuple[Path, Content]]:
    """Yield each file's place under the folder and what makes its bytes."""
    key = safe_name(report.run)
    orders, clients = Path("orders"), Path("clients")
    yield Path(f"{key}_blotter.xlsx"), partial(blotter_xlsx, report, run)
    scopes: tuple[str | None, ...] = (None, *run.custodians)
    names = unique_names(scope or "all" for scope in scopes)
    for scope, name in zip(scopes, names, strict=True):
        place = orders / f"{key}_orders_{name.lower().replace(' ', '_')}.csv"
        yield place, partial(_encoded, partial(orders_csv, report, run, scope))
    yield orders / f"{key}_lots.csv", partial(_encoded, partial(lots_csv, run))
    yield orders / f"{key}_allocations.csv", partial(_encoded, partial(allocations_csv, run))
    for name, content in _client_reports(report):
        yield clients / f"{name}.pdf", content


def _client_reports(report: RunReport) -> Iterator[tuple[str, Content]]:
    """Return a file name and a report for every household, those that were left out included."""
    contents: list[Content] = [partial(client_report_pdf, report, household) for household in report.households]
    contents += [partial(left_out_report_pdf, report, skipped) for skipped in report.skipped]
    names = unique_names([h.household for h in report.households] + [s.household for s in report.skipped])
    return zip(names, contents, strict=True)


def _encoded(text: Callable[[], str]) -> bytes:
    return text().encode()


def _put_in_place(staging: Path, out: Path, name: Path) -> Path:
    target = out / name
    with _explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        (staging / name).replace(target)
    return target


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    """Turn what the file system says into what a person can do about it."""
    try:
        yield
    except PermissionError as error:
        raise AppError(
            f"Cannot write {place.name}",
            detail=str(place),
            hint="Close the file if it is open in Excel or a PDF viewer, or choose a folder you may write to.",
        ) from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise AppError(
            f"Cannot write {place.name}",
            detail=f"{place}: a file stands where a folder is needed, or the other way round",
            hint="Choose another folder.",
        ) from error
    except OSError as error:
        full = error.errno in DISK_FULL
        raise AppError(
            "The disk is full" if full else f"Cannot write {place.name}",
            detail=str(place) if full else f"{place}: {error.strerror or error}",
            hint="Free some space and export again; nothing was left half written."
            if full
            else "Choose another folder and export again.",
        ) from error
