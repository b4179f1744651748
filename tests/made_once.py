"""Files that many tests copy: made by the first that asks, for all processes of one run."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

LONGEST_WAIT_S = 300.0
"""How long one process waits for the file that another one makes, in seconds."""


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the file of this name, made by one process of the run; the others wait for it.

    Whoever makes the folder `<name>.making` makes the file; a file is there only when it is whole.
    """
    base = folders.getbasetemp()
    whole_run = base.parent if base.name.startswith("popen-") else base
    file, making = whole_run / name, whole_run / f"{name}.making"
    until = time.monotonic() + LONGEST_WAIT_S
    while not file.is_file():
        try:
            making.mkdir()
        except FileExistsError:
            if time.monotonic() > until:
                pytest.fail(f"nobody finished {file}")
            time.sleep(0.05)
            continue
        try:
            if not file.is_file():
                made = making / name
                make(made)
                made.replace(file)
        finally:
            shutil.rmtree(making)
    return file
