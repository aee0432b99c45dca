"""Puts the program that SAS_EMULATOR_CARRY names into the wheel, and sets the wheel's platform tag."""

from __future__ import annotations

import os
import struct
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_MACHINES = {62: "x86_64", 183: "aarch64"}
_INTERPRETER = 3


class CarryHook(BuildHookInterface):  # type: ignore[misc]
    """Adds the program to the wheel. Without the variable the wheel is pure Python."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Hatchling calls this before it builds."""
        program = os.environ.get("SAS_EMULATOR_CARRY")
        if self.target_name != "wheel" or not program:
            return
        path = Path(program).resolve()
        if not path.is_file():
            raise FileNotFoundError(f"SAS_EMULATOR_CARRY names no file: {path}")
        name = "sas-emulator.exe" if path.suffix == ".exe" else "sas-emulator"
        build_data["force_include"][str(path)] = f"sas_emulator/bin/{name}"
        # The program must be distributed with its licence.
        build_data["force_include"][str(Path(self.root).parents[1] / "LICENSE")] = "sas_emulator/bin/LICENSE"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_of(path.read_bytes())}"


def platform_of(program: bytes) -> str:
    """Return the platform tag: a static Linux program runs on any Linux of its architecture, any other only here."""
    if program[:6] != b"\x7fELF\x02\x01":
        return sysconfig.get_platform().replace("-", "_").replace(".", "_")
    machine = _MACHINES[struct.unpack_from("<H", program, 18)[0]]
    start, size, count = (struct.unpack_from(form, program, at)[0] for form, at in [("<Q", 32), ("<H", 54), ("<H", 56)])
    kinds = [struct.unpack_from("<I", program, start + size * index)[0] for index in range(count)]
    if _INTERPRETER in kinds:
        # It needs the C library of this machine, so a manylinux tag would promise too much.
        return f"linux_{machine}"
    # It needs no C library, so it runs with any glibc or musl.
    return f"manylinux_2_17_{machine}.manylinux2014_{machine}.musllinux_1_1_{machine}"
