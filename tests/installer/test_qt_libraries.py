import pytest

from installer.linux import qt_libraries

LDD = """\
/opt/x/libqxcb.so:
\tlinux-vdso.so.1 (0x00007ffd)
\tlibxcb-icccm.so.4 => not found
\tlibEGL.so.1 => /lib/x86_64-linux-gnu/libEGL.so.1 (0x00007f)
\tlibxcb-icccm.so.4 => not found
\tlibnovel.so.9 => not found
"""


def test_what_ldd_does_not_find_is_missing_once() -> None:
    assert qt_libraries.missing_in(LDD) == {"libxcb-icccm.so.4", "libnovel.so.9"}


def test_libraries_of_one_package_ask_for_it_once() -> None:
    assert qt_libraries.apt_packages(["libGL.so.1", "libGLX.so.0", "libnovel.so.9"]) == ["libgl1"]


def test_nothing_missing_says_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(qt_libraries, "missing", lambda *, window: [])
    assert qt_libraries.main([]) == 0
    assert capsys.readouterr().out == ""


def test_a_plain_user_is_given_the_apt_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(qt_libraries, "missing", lambda *, window: ["libEGL.so.1"] + ["libxcb-cursor.so.0"] * window)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    assert qt_libraries.main(["--window"]) == 2
    assert capsys.readouterr().out.splitlines()[-1] == (
        "sudo apt-get install -y --no-install-recommends libegl1 libxcb-cursor0"
    )


def test_root_installs_and_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    answers = [["libEGL.so.1"], []]
    monkeypatch.setattr(qt_libraries, "missing", lambda *, window: answers.pop(0))
    monkeypatch.setattr(qt_libraries, "install", lambda packages, apt: asked.append([apt, *packages]))
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 0, raising=False)
    assert qt_libraries.main([]) == 0
    assert asked == [["/usr/bin/apt-get", "libegl1"]]


def test_without_apt_the_libraries_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(qt_libraries, "missing", lambda *, window: ["libEGL.so.1"])
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert qt_libraries.main([]) == 2
    assert "libEGL.so.1" in capsys.readouterr().out
