"""What the tests have in common: pytest within pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sas_emulator import Account, Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing of the shell that this runs in reach what is tested."""
    for name in ("SAS_EMULATOR_BIN", "SAS_EMULATOR_ENDPOINT", "SAS_EMULATOR_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """Start an emulator without the help of the plugin."""
    with Emulator.start() as emulator:
        yield emulator


@pytest.fixture
def account(emulator: Emulator) -> Account:
    """Return an account with a clock that is held."""
    account = emulator.account()
    account.clock.pause()
    return account
