"""Commands that need no book: solve, check, schema, overlay."""

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy
from engine.overlay.reading import OverlayReading
from engine.rebalance.audit import audit_proposal
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal, Status
from engine.rebalance.solve import prepare, solve_prepared
from workflow.case_file import decode_case, decode_proposal, encode, json_schema, read_bytes, sha256, unknown_keys
from workflow.console import BUG, DONE, NEEDS_PERSON, UNREADABLE, complain, percent, print_table, progress_bar, say
from workflow.overlay import overlay_from_files, overlay_json
from workflow.solve_cases import BatchOptions, Fault, Solved, solve_many

SCHEMAS = {"case": Case, "proposal": Proposal, "policy": OverlayPolicy}
PROPOSAL_SUFFIX = ".proposal.json"


def solve_command(
    cases: Annotated[list[Path], typer.Argument(metavar="CASE.json...", help="Case files, or a folder of them.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Proposal file; for several cases the folder to write to.")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds for each case; none = until proven.")] = None,
    timings: Annotated[bool, typer.Option("--timings", help="One JSON line of seconds on stderr.")] = False,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Solve on the Dask cluster there, as tcp://HOST:8786.")
    ] = None,
) -> None:
    """Solve a case: one case in, one proposal out; several or a folder run over all cores."""
    if time_limit is not None and time_limit <= 0:
        raise AppError("--time-limit must be above 0 seconds", detail=str(time_limit))
    files = _case_files(cases)
    if len(files) == 1 and not cases[0].is_dir() and cluster is None:
        raise typer.Exit(_solve_alone(files[0], out, time_limit, timings=timings))
    raise typer.Exit(_solve_batch(files, out, BatchOptions(time_limit, cluster=cluster, name_unknown_keys=True)))


def _case_files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.glob("*.json") if not p.name.endswith(PROPOSAL_SUFFIX))
            if not inside:
                raise AppError("the folder holds no case files", detail=str(path), hint="Cases end in .json.")
            found += inside
        else:
            found.append(path)
    return found


def _solve_alone(path: Path, out: Path | None, time_limit: float | None, *, timings: bool) -> int:
    started = time.perf_counter()
    content = read_bytes(path)
    case = decode_case(content, path.name)
    for key in unknown_keys(content):
        complain(f"{path.name}: {key} is no key of a case and was read over")
    read = time.perf_counter()
    prepared = prepare(case, case_sha256=sha256(content))
    built = time.perf_counter()
    proposal = solve_prepared(prepared, time_limit=time_limit)
    solved = time.perf_counter()
    breaches = audit_proposal(case, proposal)
    audited = time.perf_counter()
    if breaches:
        raise RuntimeError(f"{path.name}: the proposal fails its audit: {'; '.join(breaches)}")
    _write(proposal, out)
    if timings:
        seconds = (read - started, built - read, solved - built, audited - solved)
        names = ("read_s", "build_s", "solve_s", "audit_s")
        complain("{" + ", ".join(f'"{n}": {s:.6f}' for n, s in zip(names, seconds, strict=True)) + "}")
    return _exit_code(Solved(path.name, proposal))


def _write(proposal: Proposal, out: Path | None) -> None:
    content = encode(proposal)
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise AppError("the proposal cannot be written", detail=f"{out}: {error.strerror}") from None


def _exit_code(solved: Solved) -> int:
    for key in solved.notes:
        complain(f"{solved.name}: {key} is no key of a case and was read over")
    if solved.proposal is None:
        complain(solved.line())
        return {Fault.BUG: BUG, Fault.CUT_OFF: NEEDS_PERSON}.get(solved.fault or Fault.CASE, UNREADABLE)
    if solved.proposal.status is Status.INFEASIBLE:
        complain(f"{solved.name}: infeasible: {'; '.join(solved.proposal.reasons)}")
        return NEEDS_PERSON
    return DONE


def _solve_batch(files: list[Path], out: Path | None, options: BatchOptions) -> int:
    targets = _targets(files, out)
    codes: list[int] = []
    contents: dict[Path, tuple[str, bytes]] = {}
    for path in files:
        try:
            contents[path] = (path.name, read_bytes(path))
        except AppError as error:
            codes.append(_exit_code(Solved(path.name, None, str(error), Fault.CASE)))
    with progress_bar() as progress:
        answers = solve_many(list(contents.values()), options, progress=progress)
        for path, solved in zip(contents, answers, strict=True):
            codes += [_exit_code(solved), _keep(solved, targets[path])]
    return next((code for code in (BUG, UNREADABLE, NEEDS_PERSON) if code in codes), DONE)


def _targets(files: list[Path], out: Path | None) -> dict[Path, Path]:
    """Return the proposal file of each case; AppError when two would be the same or the folder cannot be made."""
    targets: dict[Path, Path] = {}
    for path in files:
        target = (out or path.parent) / (path.name.removesuffix(".json") + PROPOSAL_SUFFIX)
        if path not in targets and target in targets.values():
            raise AppError("two cases have one proposal file", detail=str(target), hint="Rename one of the cases.")
        targets[path] = target
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError("the folder cannot be made", detail=f"{out}: {error.strerror}") from None
    return targets


def _keep(solved: Solved, target: Path) -> int:
    """Write one proposal of a batch; a file that cannot be written is told and stops no other."""
    if solved.proposal is None:
        return DONE
    try:
        _write(solved.proposal, target)
    except AppError as error:
        complain(str(error))
        return UNREADABLE
    p = solved.proposal
    say(f"{target}: {p.status}, {len(p.trades)} trades, objective {p.objective}, gap {p.gap}")
    return DONE


def check_command(
    case: Annotated[Path, typer.Argument(metavar="CASE.json")],
    proposal: Annotated[Path, typer.Argument(metavar="PROPOSAL.json")],
) -> None:
    """Audit a proposal against its case, with code that shares nothing with the solver."""
    content = read_bytes(case)
    checked = decode_proposal(read_bytes(proposal), proposal.name)
    faults = audit_proposal(decode_case(content, case.name), checked)
    if checked.case_sha256 != sha256(content):
        complain(f"note: {proposal.name} was made from another version of {case.name} (its case_sha256 differs)")
    for fault in faults:
        say(fault)
    if faults:
        complain(f"{len(faults)} broken rule(s) or figure(s) in {proposal.name}")
        raise typer.Exit(NEEDS_PERSON)
    say(f"{proposal.name}: {len(checked.trades)} trades, no broken rule")


def schema_command(
    kind: Annotated[str, typer.Argument(metavar="case|proposal|policy", help="Which file.")],
) -> None:
    """Print the JSON Schema of a case, a proposal or an overlay policy."""
    if kind not in SCHEMAS:
        raise AppError(f"there is no schema {kind!r}", hint=f"Ask for one of: {', '.join(SCHEMAS)}.")
    sys.stdout.buffer.write(json_schema(SCHEMAS[kind]))


def overlay_command(
    prices: Annotated[Path, typer.Option(help="CSV: date, one column of total-return closes a symbol.")],
    policy: Annotated[Path, typer.Option(help="Overlay policy, JSON.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day.")],
    macro: Annotated[Path | None, typer.Option(help="CSV of macro series.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show the signals, votes, tilts and targets of an overlay policy on a day."""
    reading = overlay_from_files(prices, policy, macro, as_of.date())
    if as_json:
        say(overlay_json(reading))
    else:
        _print_reading(reading)


def _print_reading(reading: OverlayReading) -> None:
    words = {1: "bullish", -1: "bearish", 0: "none"}
    print_table(
        f"Signals on {reading.as_of} ({reading.regime})",
        ("class", "signal", "vote", "data as of", "value"),
        (
            (s.asset_class, s.kind, words[s.vote], str(s.data_as_of), percent(s.value, sign=True))
            for s in reading.signals
        ),
        left=4,
    )
    print_table(
        "Targets",
        ("class", "vote", "tilt", "target"),
        (
            (n, f"{reading.votes.get(n, 0):+.2f}", percent(reading.tilts[n], sign=True), percent(reading.targets[n]))
            for n in reading.targets
        ),
    )
    for warning in reading.warnings:
        complain(f"warning: {warning}")
