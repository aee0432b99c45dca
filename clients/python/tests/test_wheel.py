"""The installed wheel."""

from __future__ import annotations

import os
import re
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import sas_emulator

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(sas_emulator.__file__).parent


def test_the_tests_use_the_wheel() -> None:
    assert PACKAGE.parent.name == "site-packages"


def test_versions_agree() -> None:
    cargo = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert cargo
    assert sas_emulator.__version__ == cargo[1]
    program = subprocess.run([sas_emulator.find_binary(), "--version"], capture_output=True, text=True, check=True)
    assert program.stdout.split()[1] == cargo[1]


def test_it_carries_the_program_its_licence_and_its_types() -> None:
    program = PACKAGE / "bin" / "sas-emulator"
    assert os.access(program, os.X_OK)
    assert sas_emulator.find_binary() == program
    assert (program.parent / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert (PACKAGE / "py.typed").exists()


def test_its_tag_promises_what_the_program_keeps() -> None:
    tags = re.findall(r"^Tag: py3-none-(.+)$", distribution("sas-emulator").read_text("WHEEL") or "", re.MULTILINE)
    machine = os.uname().machine
    command = ["readelf", "--program-headers", str(PACKAGE / "bin" / "sas-emulator")]
    headers = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    everywhere = [f"manylinux_2_17_{machine}", f"manylinux2014_{machine}", f"musllinux_1_1_{machine}"]
    assert sorted(tags) == (sorted(everywhere) if "INTERP" not in headers else [f"linux_{machine}"])


def test_it_depends_on_nothing() -> None:
    assert all("extra ==" in requirement for requirement in distribution("sas-emulator").requires or [])
