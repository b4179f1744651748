"""See that the system libraries Qt links to are there; on Debian and Ubuntu install them, or say the apt line.

Run by the Python of .venv. Exit code 0: Qt can start; 2: it cannot, and standard output says what to do.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Debian's and Ubuntu's package for each library that Qt does not bring itself."""

OFF_SCREEN = ("QtWidgets.abi3.so", "QtSvg.abi3.so", "QtPrintSupport.abi3.so", "Qt/plugins/platforms/libqoffscreen.so")
X11 = "Qt/plugins/platforms/libqxcb.so"
WAYLAND = "Qt/plugins/platforms/libqwayland.so"


def missing_in(ldd_output: str) -> set[str]:
    """Return the libraries that ldd could not find."""
    return set(re.findall(r"^\s*(\S+) => not found", ldd_output, flags=re.MULTILINE))


def missing(*, window: bool) -> list[str]:
    """Return the libraries Qt would not find on this machine, sorted; off screen needs fewer than a window."""
    spec = importlib.util.find_spec("PySide6")
    ldd = shutil.which("ldd")
    if spec is None or not spec.submodule_search_locations or ldd is None:
        return []
    home = Path(spec.submodule_search_locations[0])
    wayland_only = "WAYLAND_DISPLAY" in os.environ and "DISPLAY" not in os.environ
    names = [*OFF_SCREEN, WAYLAND if wayland_only else X11] if window else list(OFF_SCREEN)
    files = [str(home / name) for name in names if (home / name).exists()]
    found = subprocess.run([ldd, *files], capture_output=True, text=True, check=False)
    return sorted(missing_in(found.stdout))


def apt_packages(libraries: Sequence[str]) -> list[str]:
    """Return the packages that hold the libraries, each once."""
    return sorted({PACKAGES[name] for name in libraries if name in PACKAGES})


def install(packages: Sequence[str], apt: str) -> None:
    """Install packages without questions. Call as root."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt, "update", "-q"], env=quiet, check=False)
    subprocess.run([apt, "install", "-q", "-y", "--no-install-recommends", *packages], env=quiet, check=False)


def main(arguments: Sequence[str]) -> int:
    """Check, install where that is possible, and check again."""
    window = "--window" in arguments
    libraries = missing(window=window)
    if not libraries:
        return 0
    packages = apt_packages(libraries)
    apt = shutil.which("apt-get")
    if apt is None or not packages:
        print(f"Qt needs these system libraries, which are missing: {' '.join(libraries)}")
        return 2
    if os.geteuid() != 0:
        print("Qt needs system libraries. Install them with this line, then try again:")
        print(f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}")
        return 2
    print(f"Installing the system libraries that Qt needs: {' '.join(packages)}", flush=True)
    install(packages, apt)
    libraries = missing(window=window)
    if libraries:
        print(f"Still missing: {' '.join(libraries)}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
