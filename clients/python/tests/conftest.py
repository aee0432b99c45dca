"""Common fixtures of the tests, and pytest within pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sas_emulator import Account, Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove variables of the shell that would change the tests."""
    for name in ("SAS_EMULATOR_BIN", "SAS_EMULATOR_ENDPOINT", "SAS_EMULATOR_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """Start an emulator without the plugin."""
    with Emulator.start() as emulator:
        yield emulator


@pytest.fixture
def account(emulator: Emulator) -> Account:
    """Return an account with a paused clock."""
    account = emulator.account()
    account.clock.pause()
    return account
