"""Reads the files of an import call: recognises each, has it read, and checks its records one by one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers import registry
from importers.base import Claim, Importer, ImportResult
from workflow.intake.arrivals import Arrival, arrive
from workflow.mapping import map_for, map_hash
from workflow.views import Progress

_REMEMBERED = Problem(
    Severity.INFO,
    "remembered_map",
    "read by the column map that the book remembers for this header",
    "`plimsoll map --db BOOK` lists the maps; --map reads it otherwise.",
)


def read_files(
    paths: Sequence[Path],
    *,
    today: date,
    formats: Mapping[Path, str],
    column_map: Path | None,
    progress: Progress,
    steps: int,
    kept_maps: Mapping[str, str],
) -> tuple[Arrival, ...]:
    """Read every file whole. `progress` is told after each, out of all files and `steps` to come.

    A format that is named reads the file; else the one layout that claims it; else, where there is one, the
    column map, given or remembered for its header (`kept_maps`, by signature).
    Raises AppError for a format or a column map that does not exist.
    """
    mapped = registry.with_map(column_map) if column_map else None
    map_sha256 = hashlib.sha256(column_map.read_bytes()).hexdigest() if column_map else ""
    arrivals: list[Arrival] = []
    for number, path in enumerate(paths):
        progress(number, len(paths) + steps, f"Reading {path.name}")
        importer, claims = _importer(path, formats.get(path, ""), mapped)
        kept = None
        if not (formats.get(path) or mapped) and importer not in registry.LAYOUTS:
            kept = map_for(path, kept_maps)
            importer = registry.mapped(kept) if kept else importer
        if importer is None:
            problem = registry.refusal(path, claims)
            result, title = ImportResult("", path.name, None, (), (), (problem,), ()), ""
        else:
            result, title = importer.read(path, today=today), importer.title
        if kept:
            result = replace(result, problems=(*result.problems, _REMEMBERED))
        arrivals.append(
            arrive(
                result,
                sha256=_sha256(path),
                map_sha256=(map_sha256 if importer is mapped and mapped else "") or map_hash(kept),
                title=title,
                claims=claims if importer is None else (),
                today=today,
            )
        )
    return tuple(arrivals)


def _importer(path: Path, name: str, mapped: Importer | None) -> tuple[Importer | None, tuple[Claim, ...]]:
    """Return who reads a file, and what each importer said of it."""
    if name:
        named = registry.by_name(name)
        return (mapped if mapped is not None and mapped.name == named.name else named), ()
    found, claims = registry.recognise(path)
    if mapped is not None and (found is None or found not in registry.LAYOUTS):
        return mapped, claims
    return found, claims


def _sha256(path: Path) -> str:
    """Return the hash of a file's content; empty when it cannot be read, which its importer says."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
