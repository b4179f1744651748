"""Opens what `plimsoll demo` left and compares it with the table it printed: check_demo.py FOLDER PRINTED.txt."""

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from pypdf import PdfReader

SHEETS = (
    *("Cover", "Orders", "Lots sold", "Blocks", "Allocations", "Before and after", "Tax", "Wash watch", "Cash"),
    *("Exceptions", "Approvals"),
)
NUMERIC = re.compile(r"quantity|price|amount|gain|cost|proceeds|basis|value|cash|tax|drift|target", re.IGNORECASE)
WORDY = re.compile(r"account|reason|sale|to avoid|security|terms|filled|deviation|registration", re.IGNORECASE)
HOUSEHOLDS = 12

Row = dict[str, Any]


def printed(text: str) -> dict[str, list[str]]:
    """Return the printed table: for each household the cells after its name."""
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if "│" in line]
    return {row[0]: row[1:] for row in rows}


def table(sheet: Any) -> list[Row]:
    """Return a sheet's rows by column title, without the row of totals."""
    titles, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return [dict(zip(titles, row, strict=True)) for row in rows if row[0] not in (None, "Total")]


def workbook_faults(file: Path, shown: dict[str, list[str]]) -> Iterator[str]:
    """Compare the workbook with the printed table, and see that numbers are numbers."""
    book = load_workbook(file)
    missing = [title for title in SHEETS if title not in book.sheetnames]
    if missing:
        yield f"the workbook has no sheet {', '.join(missing)}"
        return
    for sheet in book:
        yield from cell_faults(sheet)
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for order in table(book["Orders"]):
        sums[order["Household"], "trades"] += 1
        sums[order["Household"], str(order["Side"]).lower()] += order["Est. amount"]
    taxes = {row["Household"]: row for row in table(book["Tax"])}
    for household, cells in shown.items():
        if cells[0] == "left out":
            continue
        found = [sums[household, what] for what in ("trades", "buy", "sell")]
        found += [taxes[household][title] for title in ("Losses harvested", "Est. tax change")]
        expected = [float(cell.replace(",", "")) for cell in cells[1:6]]
        if any(abs(one - other) > 1 for one, other in zip(found, expected, strict=True)):
            yield f"{household}: printed {expected}, the workbook has {found}"


def cell_faults(sheet: Any) -> Iterator[str]:
    """Name every error, formula and number kept as text."""
    titles = [str(cell.value or "") for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for cell, title in zip(row, titles, strict=True):
            text = cell.value if isinstance(cell.value, str) else ""
            number = NUMERIC.search(title) and not WORDY.search(title) and re.fullmatch(r"[-+$]?[\d,.]+%?", text)
            if cell.data_type in {"e", "f"} or number:
                yield f"{sheet.title}!{cell.coordinate}: {cell.value!r} is an error, a formula or a number as text"


def order_faults(files: Sequence[Path], shown: dict[str, list[str]]) -> Iterator[str]:
    """Compare the order files with each other and with the printed counts."""
    rows = {file: list(csv.DictReader(file.open(encoding="utf-8-sig", newline=""))) for file in files}
    whole = [r for file, r in rows.items() if file.stem.endswith("_orders_all")]
    parts = [r for file, r in rows.items() if "_orders_" in file.stem and not file.stem.endswith("_all")]
    if len(whole) != 1 or not parts:
        yield f"order files: found {[file.name for file in files]}"
        return
    trades = sum(int(cells[1]) for cells in shown.values() if cells[0] != "left out")
    if len(whole[0]) != trades:
        yield f"{trades} trades are printed, the file of all orders has {len(whole[0])}"
    if sorted(r["order_id"] for part in parts for r in part) != sorted(r["order_id"] for r in whole[0]):
        yield "the order files of the custodians do not add up to the file of all orders"


def report_faults(files: Sequence[Path], shown: dict[str, list[str]]) -> Iterator[str]:
    """See that each household has a report of its own that opens."""
    if len(files) != HOUSEHOLDS or len(shown) != HOUSEHOLDS:
        yield f"{len(shown)} households are printed and {len(files)} have a PDF, expected {HOUSEHOLDS}"
    texts = {file: "".join(page.extract_text() for page in PdfReader(file).pages) for file in files}
    for household in shown:
        if not any(household in text for text in texts.values()):
            yield f"no PDF names {household}"
    yield from (f"{file.name}: no text" for file, text in texts.items() if not text.strip())


def main(folder: Path, shown_file: Path) -> int:
    """Print every fault; the exit code is 1 when there is one."""
    shown = printed(shown_file.read_text(encoding="utf-8"))
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    books = [file for file in files if file.suffix == ".xlsx"]
    faults = [] if len(books) == 1 else [f"{len(books)} workbooks, expected 1"]
    for book in books[:1]:
        faults += workbook_faults(book, shown)
    faults += order_faults([file for file in files if file.suffix == ".csv"], shown)
    faults += report_faults([file for file in files if file.suffix == ".pdf"], shown)
    sys.stdout.writelines(f"demo: {fault}\n" for fault in faults)
    sys.stdout.write(f"demo: {len(files)} files looked at, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
