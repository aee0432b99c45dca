"""`python -m sas_emulator …` runs the emulator's program."""

from __future__ import annotations

import os
import subprocess
import sys

from .binary import BinaryNotFoundError, find_binary


def main() -> int:
    """Run the program with our arguments, and return its exit code."""
    try:
        binary = find_binary()
    except BinaryNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    command = [str(binary), *sys.argv[1:]]
    if sys.platform != "win32":
        # This process becomes the program, so signals reach it directly.
        os.execv(binary, command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
