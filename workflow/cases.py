"""Writes the case and the proposal of each household of a run as files: what `solve` and `check` take."""

import re
from pathlib import Path

from db import store
from engine.errors import AppError
from workflow.book import Book


def write_cases(book: Book, run: str, out: Path) -> tuple[Path, ...]:
    """Write NAME.json and NAME.proposal.json for each household of a run and return the case files.

    The bytes are those that the run was made from: their SHA-256 is the proposal's `case_sha256`.
    Raises AppError for a run that is not there or a folder that cannot be written.
    """
    with book.reading() as session:
        proposals = store.current_proposals(session, store.load_run(session, run).id)
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for stored in proposals:
            name = re.sub(r"[^\w-]+", "_", stored.household).strip("_") or f"household_{stored.household_id}"
            path = out / f"{name}.json"
            path.write_bytes(stored.case_json)
            (out / f"{name}.proposal.json").write_text(stored.proposal_json, encoding="utf-8", newline="\n")
            written.append(path)
    except OSError as error:
        raise AppError("the cases cannot be written", detail=f"{out}: {error.strerror}") from error
    return tuple(written)
