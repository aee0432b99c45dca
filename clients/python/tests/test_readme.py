"""The Python blocks of the READMEs run unchanged."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT = PACKAGE.parents[1]
OWN = re.findall(r"^```python\n(.*?)^```$", (PACKAGE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
# Blocks of the project's README that only this test runs.
OTHERS = re.findall(r"^```python elsewhere\n(.*?)^```$", (PROJECT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def test_blocks(pytester: pytest.Pytester) -> None:
    blocks = [*OWN, *OTHERS]
    # A block without tests runs on import.
    modules = {f"test_{number}": f"{block}\ndef test_last(): ...\n" for number, block in enumerate(blocks)}
    pytester.makepyfile(**modules)
    tests = sum(len(re.findall(r"^def test_", text, re.MULTILINE)) for text in modules.values())
    pytester.runpytest_inprocess().assert_outcomes(passed=tests)


def test_there_are_blocks() -> None:
    assert len(OWN) >= 4
    assert len(OTHERS) == 1


def test_fixtures_and_options_are_documented(pytester: pytest.Pytester) -> None:
    readme = (PACKAGE / "README.md").read_text()
    fixtures = pytester.runpytest("--fixtures").stdout.str()
    for name in re.findall(r"^(sas_\w+)", fixtures, re.MULTILINE):
        assert f"| `{name}` |" in readme
    for option in re.findall(r"--sas[\w-]+", pytester.runpytest("--help").stdout.str()):
        assert option in readme
