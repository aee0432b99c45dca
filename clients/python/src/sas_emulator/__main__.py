"""`python -m sas_emulator …` runs the emulator's program, wherever it is found."""

from __future__ import annotations

import os
import subprocess
import sys

from .binary import BinaryNotFoundError, find_binary


def main() -> int:
    """Become the program, where the system lets us; its arguments and exit code are ours."""
    try:
        binary = find_binary()
    except BinaryNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    command = [str(binary), *sys.argv[1:]]
    if sys.platform == "win32":
        return subprocess.call(command)
    os.execv(binary, command)


if __name__ == "__main__":
    sys.exit(main())
