"""The folder with the installed programs, filled once for each state of requirements.txt."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# What prowler takes; its other dependencies serve other clouds.
OLDEST, NEWEST = (3, 11), (3, 13)
MOST_SECONDS = 900


def folder():
    """A virtual environment. Its dependencies are those that are imported: all of them would be five times as many bytes."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(f"tests/programs/run needs Python 3.11 to 3.13, as prowler does; this is {sys.version.split()[0]}")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[1] / "target")) / "programs"
    wanted = HERE / "requirements.txt"
    state = hashlib.sha256(sys.version.encode() + wanted.read_bytes()).hexdigest()[:16]
    place = (target / state).absolute()
    if not (place / "complete").exists():
        shutil.rmtree(target, ignore_errors=True)
        print("installing prowler and alibabacloud-filedetect", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        install = [place / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement"]
        subprocess.run([*install, wanted], check=True, timeout=MOST_SECONDS)
        (place / "complete").touch()
    return place
