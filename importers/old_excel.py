"""Reads .xls workbooks in a process of its own.

A damaged file of that format can make the native reader ask for more memory than there is, which ends the process it
runs in. So that process is not ours.
"""

import os
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from importers.workbooks import DAMAGED, Grids, read_workbook

LONGEST = 60
"""Seconds after which a file is given up."""


def read_old_workbook(content: bytes, first: int | None) -> Grids | str:
    """Return the sheets of an .xls workbook, or why it cannot be read; as `read_workbook` does."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, content, first), daemon=True)
    process.start()
    theirs.close()
    try:
        answer: Grids | str = ours.recv() if ours.poll(LONGEST) else DAMAGED
    except EOFError:
        answer = DAMAGED
    finally:
        process.kill()
        process.join()
        ours.close()
    return answer


def _answer(pipe: Connection, content: bytes, first: int | None) -> None:
    """Read in the child. What the native reader prints about a damaged file is not for the user's screen."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    pipe.send(read_workbook(content, first))
    pipe.close()
