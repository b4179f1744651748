"""`python -m resources.demo_office OUT`: write the sample office into a folder."""

import sys
from pathlib import Path

from resources.demo_office.write import write_sample_office


def main(arguments: list[str]) -> int:
    """Write the files and say where they are; 2 for wrong usage."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m resources.demo_office OUT\n")
        return 2
    files = write_sample_office(Path(arguments[0]))
    size = sum(file.stat().st_size for file in files)
    sys.stdout.write(f"{len(files)} files, {size / 1e6:.2f} MB in {arguments[0]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
