"""Whether a folder is on a disk of this machine: SQLite's write-ahead log is not safe on a network share."""

import ctypes
import sys
from pathlib import Path

_LOCAL_FILE_SYSTEMS = frozenset({"apfs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
_WINDOWS_FIXED_DRIVE = 3


def is_local(folder: Path) -> bool:
    """Return whether the folder is known to be on a local disk; False when in doubt."""
    place = folder.resolve()
    if sys.platform == "win32":
        return ctypes.windll.kernel32.GetDriveTypeW(place.anchor) == _WINDOWS_FIXED_DRIVE
    if sys.platform == "darwin":
        return not place.is_relative_to("/Volumes") and not place.is_relative_to("/Network")
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
    except OSError:
        return False
    return _file_system(place, mounts) in _LOCAL_FILE_SYSTEMS


def _file_system(place: Path, mounts: str) -> str:
    """Return the type of the file system that holds `place`, from the lines of /proc/self/mounts."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if place.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, found
    return kind
