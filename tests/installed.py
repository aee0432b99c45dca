"""What tests install or compile, kept under the target folder until the files that ask for it change."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()
LOCKED = ("package.json", "package-lock.json", ".npmrc")
# For each command that installs or compiles.
MOST_SECONDS = 900


def place_for(name, *files, fill, version=""):
    """The folder for what these files ask for: TARGET/NAME-DIGEST.

    If it has yet to be filled, `fill` is called with it. Then it is the only one of that name: those for earlier states of
    the files, and one that was left half filled, are removed. `version` stands for what decides beside the files.
    """
    state = version.encode() + b"".join(pathlib.Path(file).read_bytes() for file in files)
    place = TARGET / f"{name}-{hashlib.sha256(state).hexdigest()[:16]}"
    if not (place / "complete").exists():
        for old in place.parent.glob(f"{place.name[:-16]}{'[0-9a-f]' * 16}"):
            shutil.rmtree(old)
        place.mkdir(parents=True)
        print(f"filling {place}", file=sys.stderr)
        fill(place)
        (place / "complete").touch()
    return place


def install(*command, **more):
    subprocess.run([str(word) for word in command], check=True, timeout=MOST_SECONDS, stdin=subprocess.DEVNULL, **more)


def python(name, requirements, *flags):
    """The `bin` folder of a virtual environment with these packages from PyPI, in the versions and with the hashes of the file.
    `flags` are pip's."""
    def fill(place):
        install(sys.executable, "-m", "venv", place)
        install(place / "bin/python", "-m", "pip", "install", "--quiet", *flags, "--require-hashes", "--requirement", requirements)

    return place_for(name, requirements, fill=fill, version=" ".join([sys.version, *flags])) / "bin"


def node_modules(name, folder):
    """The `node_modules` folder of the npm project in `folder`, as its lock file says."""
    files = [folder / file for file in LOCKED]

    def fill(place):
        for file in files:
            shutil.copy(file, place)
        install("npm", "ci", "--loglevel=error", cwd=place)

    return place_for(name, *files, fill=fill) / "node_modules"


def go_program(name, source):
    """The program of one Go file, compiled with the toolchain that is here."""
    def fill(place):
        install("go", "build", "-o", place / "program", source, env=os.environ | {"GOTOOLCHAIN": "local"})

    return place_for(name, source, fill=fill) / "program"


def java_classes(name, source):
    """The folder with the classes of one Java file."""
    return place_for(name, source, fill=lambda place: install("javac", "-d", place, source))
