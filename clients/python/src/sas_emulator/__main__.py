"""`python -m sas_emulator …` runs the emulator's program, wherever it is found."""

from __future__ import annotations

import os
import subprocess
import sys

from .binary import BinaryNotFoundError, find_binary


def main() -> int:
    """Run it; its arguments and its exit code are ours."""
    try:
        binary = find_binary()
    except BinaryNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    command = [str(binary), *sys.argv[1:]]
    if sys.platform != "win32":
        # Become it: signals are then its own.
        os.execv(binary, command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
