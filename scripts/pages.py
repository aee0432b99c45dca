"""What the checks of our pages share: how a block is written in a page, and what it must print."""

import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A block: its language, a word that says how it is run, its text.
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def missing(expected, printed):
    """The first expected line that is not among the printed ones, in order; … is anything."""
    lines = iter(printed.splitlines())
    for wanted in filter(None, map(str.strip, expected.splitlines())):
        pattern = re.compile(".*".join(map(re.escape, wanted.split("…"))))
        if not any(pattern.fullmatch(line.strip()) for line in lines):
            return wanted
    return None


def environment(work):
    """Our environment without the developer's settings of SDKs and emulator, and with the program on the path."""
    binary = os.path.abspath(os.environ.get("EMULATOR_BIN") or ROOT / "target/release/sas-emulator")
    if not os.access(binary, os.X_OK):
        sys.exit(f"there is no program {binary}: run cargo build --release, or set EMULATOR_BIN")
    (work / "bin").mkdir(parents=True, exist_ok=True)
    link = work / "bin/sas-emulator"
    link.unlink(missing_ok=True)
    link.symlink_to(binary)
    foreign = re.compile(r"(sas|alibaba_cloud|alicloud)_.*", re.IGNORECASE)
    clean = {name: value for name, value in os.environ.items() if not foreign.fullmatch(name)}
    return {**clean, "PATH": os.pathsep.join([str(work / "bin"), clean["PATH"]])}
