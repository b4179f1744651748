"""The rules of the house, checked on the source itself. README.md, "The house", says what they are for."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
PACKAGES = ("engine", "db", "importers", "exporters", "workflow", "gui", "resources")
ENGINE_MAY_USE = {"engine", "numpy", "highspy"}
ENGINE_MAY_DEFER = {"skfolio", "scipy", "sklearn"}
OPTIONAL = "torch"
"""The library of the optional extra, which is not installed as a rule."""
ENGINE_MAY_NOT_USE = {
    "io", "logging", "os", "pathlib", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "urllib",
}  # fmt: skip
EMPTY_NAMES = {"utils", "util", "manager", "managers", "helper", "helpers", "service", "services", "data", "misc"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def listed_files() -> list[Path]:
    """Return what git holds or would hold; the whole tree where there is no git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if (TOP / ".git").exists():
        found = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
        names = [TOP / name for name in found.stdout.split("\0") if name]
    else:
        names = [file for file in TOP.rglob("*") if not {".venv", "build"} & set(file.relative_to(TOP).parts)]
    return sorted(file for file in names if file.is_file())


FILES = listed_files()
SOURCES = [file for file in FILES if file.suffix == ".py"]
TREES = {file: ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in SOURCES}
ENGINE = {file: tree for file, tree in TREES.items() if file.is_relative_to(TOP / "engine")}


def name_of(file: Path) -> str:
    return file.relative_to(TOP).as_posix()


def is_test(file: Path) -> bool:
    return file.is_relative_to(TOP / "tests")


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the top-level name of every import, at whatever depth it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, (node.module or "").split(".")[0] if node.level == 0 else "."
        elif isinstance(node, ast.Attribute) and node.attr == "import_module":
            yield node.lineno, "something by name"


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    first = node.body[0]
    documented = ast.get_docstring(node, clean=False) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def none_of(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def test_no_file_is_longer_than_the_house_allows() -> None:
    lengths = [(name_of(file), file.read_text(encoding="utf-8").count("\n")) for file in SOURCES]
    none_of([f"{name}: {lines} lines" for name, lines in lengths if lines > LONGEST_FILE])


def test_no_function_is_longer_than_the_house_allows() -> None:
    none_of(
        [
            f"{name_of(file)}:{node.lineno} {node.name}: {code_lines(node)} lines"
            for file, tree in TREES.items()
            if not is_test(file)
            for node in functions(tree)
            if code_lines(node) > LONGEST_FUNCTION
        ]
    )


def test_module_and_folder_names_say_what_is_inside() -> None:
    parts = {part for file in SOURCES for part in (*file.relative_to(TOP).parts[:-1], file.stem)}
    allowed = {"data"} if all(is_test(f) for f in SOURCES if "data" in f.relative_to(TOP).parts) else set()
    none_of(sorted(parts & EMPTY_NAMES - allowed))


def test_every_module_says_what_it_is_for() -> None:
    none_of([name_of(file) for file, tree in TREES.items() if not is_test(file) and not ast.get_docstring(tree)])


def test_the_engine_imports_only_the_standard_library_numpy_and_the_solver() -> None:
    allowed = (sys.stdlib_module_names - ENGINE_MAY_NOT_USE) | ENGINE_MAY_USE
    none_of(
        [
            f"{name_of(file)}:{line} imports {module}"
            for file, tree in ENGINE.items()
            for line, module in imports(tree)
            if module not in allowed | (ENGINE_MAY_DEFER if may_defer(file) else set())
            and not (module == OPTIONAL and is_learned(file))
        ]
    )


def may_defer(file: Path) -> bool:
    """Whether allocation or research lives here: the places that load the allocation library when they need it."""
    at_home = file.parent == TOP / "engine" / "overlay" and file.stem.startswith("allocation")
    return at_home or file.is_relative_to(TOP / "engine" / "research")


def is_learned(file: Path) -> bool:
    """Whether this is where the networks are."""
    return file.is_relative_to(TOP / "engine" / "learned")


def test_the_library_of_the_networks_is_imported_where_the_networks_are_and_nowhere_else() -> None:
    homes = (TOP / "engine" / "learned", TOP / "tests" / "engine" / "learned")
    found = [(file, line) for file, tree in TREES.items() for line, module in imports(tree) if module == OPTIONAL]
    assert any(is_learned(file) for file, _ in found)
    none_of([f"{name_of(file)}:{line}" for file, line in found if not any(file.is_relative_to(h) for h in homes)])


def test_the_networks_are_loaded_inside_functions_alone() -> None:
    others = {file: tree for file, tree in TREES.items() if not is_learned(file) and not is_test(file)}
    deferred = {file: {id(n) for f in functions(tree) for n in ast.walk(f)} for file, tree in others.items()}
    none_of(
        [
            f"{name_of(file)}:{node.lineno}"
            for file, tree in others.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("engine.learned")
            and id(node) not in deferred[file]
        ]
    )


def test_the_engine_loads_the_allocation_library_inside_functions_alone() -> None:
    deferred = {file: {id(n) for f in functions(tree) for n in ast.walk(f)} for file, tree in ENGINE.items()}
    none_of(
        [
            f"{name_of(file)}:{node.lineno} imports {module} at the start"
            for file, tree in ENGINE.items()
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in deferred[file]
            for _, module in imports(ast.Module([node], []))
            if module in ENGINE_MAY_DEFER
        ]
    )


def test_importing_the_whole_engine_brings_in_no_qt_no_sql_and_no_pandas() -> None:
    installed = [file for file in ENGINE if not is_learned(file)]
    modules = [name_of(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in installed]
    script = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=TOP, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr
    heavy = {"PySide6", "shiboken6", "pyqtgraph", "sqlalchemy", "sqlite3", "alembic", "pandas", "openpyxl", "reportlab"}
    heavy |= ENGINE_MAY_DEFER | {OPTIONAL}
    assert not heavy & {name.split(".")[0] for name in loaded.stdout.split()}


def test_the_engine_never_asks_for_the_time() -> None:
    none_of(
        [
            f"{name_of(file)}:{node.lineno} .{node.func.attr}()"
            for file, tree in ENGINE.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"now", "utcnow", "today"}
        ]
    )


def test_qt_is_imported_by_the_window_alone() -> None:
    homes = (TOP / "gui", TOP / "tests" / "gui")
    none_of(
        [
            f"{name_of(file)}:{line} imports {module}"
            for file, tree in TREES.items()
            if not any(file.is_relative_to(home) for home in homes)
            for line, module in imports(tree)
            if module in {"PySide6", "shiboken6", "pyqtgraph"}
        ]
    )


def test_no_file_names_a_machine_or_a_package_host() -> None:
    folders = "|".join(["ro" + "ot", "ho" + "me", "wo" + "rk", "Us" + "ers"])
    hosts = "|".join(["py" + "pi", "pythonhos" + "ted", "ana" + "conda", "artifac" + "tory", "npm" + "js"])
    sign = re.compile(rf"(?<![\w.~-])/(?:{folders})/\w|[A-Z]:\\Users\\|https?://\S*(?:{hosts})|(?:extra-)?index-url")
    found = []
    for file in FILES:
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            hit = sign.search(line)
            if hit and file != Path(__file__).resolve():
                found.append(f"{name_of(file)}:{number} {hit.group(0)}")
    none_of(found)


def test_every_package_is_listed_for_the_installer_and_no_other() -> None:
    listed = set(tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    found = {
        ".".join(file.relative_to(TOP).parent.parts) for file in SOURCES if file.relative_to(TOP).parts[0] in PACKAGES
    }
    assert listed == found


def test_every_test_expects_something() -> None:
    expecting = re.compile(r"raises|warns|fail|assert|golden|none_of|check|expect|wait")
    silent = []
    for file, tree in TREES.items():
        for node in functions(tree) if is_test(file) else ():
            if not node.name.startswith("test_"):
                continue
            parts = list(ast.walk(node))
            names = {getattr(part, "attr", getattr(part, "id", "")) for part in parts}
            if not any(isinstance(part, ast.Assert) for part in parts) and not any(map(expecting.search, names)):
                silent.append(f"{name_of(file)}:{node.lineno} {node.name}")
    none_of(silent)


def test_the_changelog_keeps_its_form() -> None:
    lines = (TOP / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    releases = [line for line in lines if line.startswith("## ")]
    kinds = [line for line in lines if line.startswith("### ")]
    version = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    form = re.compile(r"## \[(Unreleased\]|\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2})")
    assert lines[0] == "# Changelog"
    assert releases[0] == "## [Unreleased]" or releases[0].startswith(f"## [{version}] - ")
    assert all(form.fullmatch(release) for release in releases)
    assert set(kinds) <= {f"### {k}" for k in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")}


def decisions() -> list[Path]:
    return sorted((TOP / "docs" / "decisions").glob("*.md"))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [file.name[:5] for file in decisions()] == [f"{n:04d}-" for n in range(1, len(decisions()) + 1)]


@pytest.mark.parametrize("file", decisions(), ids=lambda f: f.stem)
def test_a_decision_is_short_and_says_why(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert re.match(rf"# {int(file.name[:4])}\. \S", lines[0])
    assert any(line.startswith("**Why.**") for line in lines)
    assert len(lines) <= 25
