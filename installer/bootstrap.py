"""The commands of a checkout on a bare machine: `python installer/bootstrap.py VERB`, which is what make calls.

Standard library only, because it runs before anything is installed. An old Python must be able to read
this file in order to say that it is too old, hence the quoted annotations.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BUILD = HERE / "build"
OLDEST = (3, 11)
BRANCHES_NEEDED = 95.0
SETS = {
    "run": ("constraints.txt",),
    "test": ("constraints.txt", "constraints-test.txt"),
    "dev": ("constraints.txt", "constraints-test.txt", "constraints-dev.txt"),
    "learned": ("constraints.txt", "constraints-test.txt", "constraints-learned.txt"),
}
UNHASHED = {"learned": "torch"}
"""What a set has besides its files: a package whose builds differ by platform, pinned exactly in pyproject.toml."""
LEARNED_TESTS = (
    "tests/engine/learned",
    "tests/engine/research/test_learned_weights.py",
    "tests/workflow/test_learned.py",
)
GROUPS = {"run": (), "test": ("test",), "dev": ("dev",), "learned": ("test", "learned")}
"""The dependency groups of pyproject.toml that a set is resolved from."""
LINTS = (
    ("lint", ("ruff", "check", ".")),
    ("format", ("ruff", "format", "--check", ".")),
    ("types", ("mypy",)),
    ("import contracts", ("lint-imports",)),
)
BENCHES = ("scale", "household", "office", "ledger", "imports")


class Stop(Exception):  # noqa: N818 - it is a way to end, not only an error
    """Ends the command with one line for the person who typed it."""


def main(arguments: "list[str]") -> int:
    """Run one verb; the return value is the exit code."""
    verbs = {
        "demo": demo,
        "test": test,
        "test-learned": learned,
        "run": window,
        "check": check,
        "screenshots": screenshots,
        "bench": bench,
        "constraints": constraints,
        "hooks": hooks,
        "format": reformat,
        "clean": clean,
    }
    if not arguments or arguments[0] not in verbs:
        say(f"usage: python installer/bootstrap.py {'|'.join(verbs)} [options of the command]")
        return 2
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        newer = "Name a newer one, e.g. make demo PYTHON=python3.12"
        say(f"Plimsoll needs Python 3.11 or later; {sys.executable} is {found}. {newer}")
        return 2
    try:
        return verbs[arguments[0]](arguments[1:])
    except Stop as end:
        say(str(end))
        return 2


def demo(rest: "list[str]") -> int:
    """Install what the program needs and do the main job on the sample office; needs no Qt libraries."""
    install("run")
    return run([str(BIN / "plimsoll"), "demo", *rest])


def window(rest: "list[str]") -> int:
    """Open the window."""
    install("run")
    qt_libraries(window_too=True)
    return run([str(BIN / "plimsoll"), "gui", *rest])


def check(_rest: "list[str]") -> int:
    """Lint, format, types and import contracts, without the tests."""
    install("test")
    return steps(LINTS)


def test(rest: "list[str]") -> int:
    """Run everything that must hold before a change is kept; with options of pytest, those tests alone."""
    install("test")
    qt_libraries(window_too=False)
    pytest = (str(PYTHON), "-m", "pytest", *rest)
    if rest:
        return run(list(pytest))
    BUILD.mkdir(exist_ok=True)
    report = BUILD / "coverage.json"
    report.unlink(missing_ok=True)
    spread = ("-n", "auto", "--dist", "loadfile")
    # what the branches of engine/ are counted by are its own tests; counting costs the others a third of their time
    tests = (
        ("tests of the engine", (*pytest, "tests/engine", *spread, "--cov", "--cov-report=")),
        ("tests", (*pytest, "tests", "--ignore=tests/engine", *spread)),
        ("coverage report", (str(PYTHON), "-m", "coverage", "json", "-q", "-o", str(report))),
    )
    passed = steps((*LINTS, *tests)) == 0
    covered = report.exists() and enough_branches(report)
    say("make test: all passed" if passed and covered else "make test: FAILED, see above")
    return 0 if passed and covered else 1


def learned(rest: "list[str]") -> int:
    """Install the optional extra for learned allocations, too, and run its tests; all of them skipped is a failure."""
    install("learned")
    BUILD.mkdir(exist_ok=True)
    report = BUILD / "learned.xml"
    report.unlink(missing_ok=True)
    tests = (*LEARNED_TESTS, "--junitxml", str(report), *rest)
    code = run([str(PYTHON), "-m", "pytest", *tests])
    ran = tests_run(report.read_text(encoding="utf-8")) if report.exists() else 0
    say(f"make test-learned: {ran} tests ran: {'all passed' if ran and code == 0 else 'FAILED'}")
    return code if code or ran else 1


def tests_run(report: str) -> int:
    """Return how many tests of a JUnit report were not skipped."""
    counts = {name: re.search(rf'<testsuite [^>]*\b{name}="(\d+)"', report) for name in ("tests", "skipped")}
    found = {name: int(match.group(1)) if match else 0 for name, match in counts.items()}
    return found["tests"] - found["skipped"]


def screenshots(rest: "list[str]") -> int:
    """Make the pictures of every page, off screen."""
    install("run")
    qt_libraries(window_too=False)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return run([str(BIN / "plimsoll"), "screenshots", *(rest or ["--out", "docs/screenshots"])])


def bench(rest: "list[str]") -> int:
    """Time all of them, or one with options, as in `office --households 200`; options alone are those of `scale`."""
    install("run")
    named = rest[0] if rest and rest[0] in BENCHES else ""
    options = rest[1:] if named else rest
    chosen = (named or "scale",) if rest else BENCHES
    codes = [run([str(PYTHON), "-m", f"benchmarks.{name}", *options]) for name in chosen]
    return next((code for code in codes if code), 0)


def hooks(rest: "list[str]") -> int:
    """Have each commit checked: lint, format, types, import contracts."""
    install("dev")
    return run([str(BIN / "pre-commit"), "install", *rest])


def reformat(_rest: "list[str]") -> int:
    """Format the code and apply the safe fixes of the linter."""
    install("test")
    return run([str(BIN / "ruff"), "format", "."]) or run([str(BIN / "ruff"), "check", "--fix", "."])


def clean(_rest: "list[str]") -> int:
    """Remove the virtual environment, caches and build products; never a book or an export."""
    names = (".venv", "build", "dist", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache")
    for folder in [HERE / name for name in names] + list(HERE.glob("*.egg-info")):
        shutil.rmtree(str(folder), ignore_errors=True)
    for folder in list(HERE.rglob("__pycache__")):
        shutil.rmtree(str(folder), ignore_errors=True)
    for file in HERE.glob(".coverage*"):
        file.unlink()
    return 0


def constraints(rest: "list[str]") -> int:
    """Write the pinned, hashed sets anew from pyproject.toml; each later set holds only what it adds."""
    install("dev")
    builder = project()["build-system"]["requires"]
    written = {}  # type: dict[str, list[str]]
    with tempfile.TemporaryDirectory() as folder:
        build_set = Path(folder) / "build.in"
        build_set.write_text("\n".join(builder) + "\n", encoding="utf-8")
        whole = Path(folder) / "whole.txt"
        for name, files in SETS.items():
            pins = Path(folder) / "pins.txt"
            pins.write_text("".join(block for blocks in written.values() for block in blocks), encoding="utf-8")
            group = [word for each in GROUPS[name] for word in ("--group", each)]
            command = [str(BIN / "uv"), "pip", "compile", "pyproject.toml", str(build_set), *group]
            options = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
            versions = ["--python-version", "3.11", "--constraints", str(pins), "--output-file", str(whole)]
            whole.write_text("", encoding="utf-8")
            if run([*command, *options, *versions, *rest]) != 0:
                raise Stop(f"{name}: the set could not be resolved, see above")
            blocks = pinned(whole.read_text(encoding="utf-8"))
            known = [block for file in files[:-1] for block in written[file]]
            written[files[-1]] = [block for block in blocks if block not in known]
            (HERE / files[-1]).write_text("".join(written[files[-1]]), encoding="utf-8")
            say(f"{files[-1]}: {len(written[files[-1]])} packages")
    return 0


def project() -> "dict[str, Any]":
    """Return pyproject.toml."""
    import tomllib  # noqa: PLC0415 - not there before 3.11, which must get as far as the version message

    return tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(text: str) -> "list[str]":
    """Split a constraints file into its entries: a pin and the hashes under it."""
    blocks = []  # type: list[str]
    for line in text.splitlines(keepends=True):
        if line[:1].isspace() and blocks:
            blocks[-1] += line
        elif line.strip() and not line.startswith("#"):
            blocks.append(line)
    return blocks


def install(which: str) -> None:
    """Make .venv and put the set into it, unless a stamp says that this very set is there already."""
    stamps = {name: stamp(files) for name, files in SETS.items()}
    if not right_python():
        make_venv()
    if any(stamped(name, stamps[name]) for name, files in SETS.items() if set(SETS[which]) <= set(files)):
        return
    started = time.monotonic()
    say(f"Installing into {VENV.name} ({' '.join(SETS[which])}); the first time takes a minute or two ...")
    complete = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip = [*complete, "--no-deps"]
    listed = [word for file in SETS[which] for word in ("-r", file)]
    if run([*pip, "--require-hashes", "--only-binary", ":all:", *listed]) != 0:
        raise Stop("The packages could not be installed, see above. The network is needed the first time.")
    if run([*pip, "--no-build-isolation", "--editable", "."]) != 0:
        raise Stop("Plimsoll itself could not be installed into .venv, see above.")
    # a build for graphics cards does not start without libraries that only its own list of dependencies names
    if which in UNHASHED and run([*complete, "--only-binary", ":all:", *exact_pins(which, UNHASHED[which])]) != 0:
        raise Stop(f"{UNHASHED[which]} could not be installed, see above.")
    (VENV / f".{which}-installed").write_text(stamps[which], encoding="utf-8")
    say(f"Installed in {time.monotonic() - started:.0f} s.")


def exact_pins(extra: str, package: str) -> "list[str]":
    """Return what pyproject.toml pins exactly of a package in an extra."""
    asked = project()["project"]["optional-dependencies"][extra]
    return [line for line in asked if line.startswith(f"{package}==")]


def stamp(files: "tuple[str, ...]") -> str:
    """Return what an installed set depends on, as one hash."""
    whole = hashlib.sha256()
    for name in ("pyproject.toml", *files):
        whole.update((HERE / name).read_bytes())
    whole.update(str(HERE).encode())  # the editable install points at this folder
    return whole.hexdigest()


def stamped(name: str, text: str) -> bool:
    """Say whether .venv holds exactly this set."""
    file = VENV / f".{name}-installed"
    return file.is_file() and file.read_text(encoding="utf-8") == text


def right_python() -> bool:
    """Say whether .venv works and has the version of Python that was asked for."""
    if not PYTHON.exists():
        return False
    ask = [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]
    answer = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return answer.returncode == 0 and answer.stdout.decode().split() == [str(n) for n in sys.version_info[:2]]


def make_venv() -> None:
    """Create .venv anew with the running Python."""
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian and Ubuntu package it separately
        import venv  # noqa: PLC0415
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Stop(f"Python's venv module is missing. On Debian or Ubuntu: sudo apt-get install {package}") from None
    say(f"Making {VENV.name} with Python {sys.version.split()[0]} ...")
    venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(str(VENV))


def qt_libraries(*, window_too: bool) -> None:
    """See that Qt's system libraries are there; on Debian and Ubuntu install them or name the apt line."""
    if not sys.platform.startswith("linux"):
        return
    script = [str(PYTHON), "installer/linux/qt_libraries.py"]
    if run([*script, *(["--window"] if window_too else [])]) != 0:
        raise Stop("Qt cannot start without the system libraries named above.")


def steps(commands: "tuple[tuple[str, tuple[str, ...]], ...]") -> int:
    """Run commands one after the other, all of them, and say which failed."""
    failed = []
    for title, command in commands:
        program = command[0] if Path(command[0]).is_absolute() else str(BIN / command[0])
        started = time.monotonic()
        code = run([program, *command[1:]])
        seconds = time.monotonic() - started
        say(f"== {title}: {'ok' if code == 0 else f'FAILED (exit code {code})'}, {seconds:.0f} s")
        if code != 0:
            failed.append(title)
    if failed:
        say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def enough_branches(report: Path) -> bool:
    """Say how many branches of engine/ the tests took, and whether that is enough."""
    totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    branches = totals["num_branches"]
    percent = 100.0 * totals["covered_branches"] / branches if branches else 100.0
    good = percent >= BRANCHES_NEEDED
    verdict = "ok" if good else "FAILED"
    say(f"== branches of engine/ covered: {percent:.1f} % of {branches} (needed {BRANCHES_NEEDED:.0f} %): {verdict}")
    if not good:
        missing = [str(PYTHON), "-m", "coverage", "report", "--skip-covered", "--show-missing"]
        run(missing)
    return good


def run(command: "list[str]") -> int:
    """Run a command in the checkout, its output shown as it comes."""
    sys.stdout.flush()
    try:
        return subprocess.run(command, cwd=str(HERE), check=False).returncode
    except KeyboardInterrupt:
        return 130


def say(text: str) -> None:
    """Print a line at once, in order with what the commands print."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
