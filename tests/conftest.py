"""What every test can ask for: the reference folder, golden files, folders of its own.

Properties are tried on the same examples each time, however slow the machine is; `HYPOTHESIS_PROFILE=thorough` tries
many more of them.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None, max_examples=50)
settings.register_profile("thorough", settings.get_profile("steady"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
SHARED = HERE.parent.parent / "shared"

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden with what the tests made")
    parser.addoption("--onscreen", action="store_true", help="show the windows that the tests open")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--onscreen"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the settings and books of the person who runs it."""
    home = tmp_path_factory.getbasetemp() / "home"
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture
def shared_folder() -> Path:
    """The reference folder beside the checkout. A test that asks for it carries the mark `shared`."""
    if not SHARED.is_dir():
        pytest.skip("no folder `shared` beside the checkout")
    return SHARED


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(name, text)` compares `text` with tests/golden/<name>; --update-golden writes the file anew."""

    def compare(name: str, text: str) -> None:
        __tracebackhide__ = True
        file = GOLDEN / name
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            return
        again = f"pytest '{request.node.nodeid}' --update-golden"
        if not file.is_file():
            pytest.fail(f"tests/golden/{name} is missing. Write it, then read it: {again}")
        expected = file.read_text(encoding="utf-8")
        assert text == expected, f"differs from tests/golden/{name}. If the new text is right: {again}"

    return compare


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Asking for the folder is not enough: the mark makes the test count in the summary."""
    for item in items:
        asks = "shared_folder" in getattr(item, "fixturenames", ())
        if asks and item.get_closest_marker("shared") is None:
            raise pytest.UsageError(f"{item.nodeid} asks for shared_folder, so mark it @pytest.mark.shared")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether the tests on the reference folder ran, so that their absence is never taken for success."""
    reports = terminalreporter.stats
    counts = {  # a module that is skipped whole has a report without keywords
        outcome: sum("shared" in getattr(report, "keywords", ()) for report in reports.get(outcome, []))
        for outcome in ("passed", "failed", "skipped")
    }
    if not SHARED.is_dir():
        line = f"shared: the folder is absent, {counts['skipped']} tests on it were left out"
    else:
        line = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count) or "no test asked for it"
        line = f"shared: the folder is there, tests on it: {line}"
    terminalreporter.write_line(line)
