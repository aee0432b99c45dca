"""Finds the emulator's program."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Union

PathLike = Union[str, "os.PathLike[str]"]

_NAME = "sas-emulator.exe" if sys.platform == "win32" else "sas-emulator"
_CARRIED = Path(__file__).parent / "bin" / _NAME


class BinaryNotFoundError(FileNotFoundError):
    """There is no program to start; the message names the places that were searched, and the remedies."""


def find_binary(binary: PathLike | None = None) -> Path:
    """Find the program: the one given, else SAS_EMULATOR_BIN, the one in this package, the one on PATH.

    A named program that does not exist is an error: another version must not silently replace it.
    """
    for source, name in (("binary", binary), ("SAS_EMULATOR_BIN", os.environ.get("SAS_EMULATOR_BIN"))):
        if name:
            return _named(source, name)
    if _CARRIED.is_file():
        return _CARRIED
    found = shutil.which(_NAME)
    if found:
        return Path(found)
    raise BinaryNotFoundError(
        f"there is no sas-emulator: none came with this package ({_CARRIED}), and none is on PATH. "
        "Set SAS_EMULATOR_BIN to the program, put it on PATH, install a wheel that carries it, "
        "or set SAS_EMULATOR_ENDPOINT to an emulator that runs already"
    )


def _named(source: str, name: PathLike) -> Path:
    # As in a shell, a bare name is searched on PATH.
    found = shutil.which(os.fspath(name))
    if found is None:
        raise BinaryNotFoundError(f"{source} names no program that can be run: {os.fspath(name)}")
    return Path(found).absolute()
