"""What the Python suites have in common: a clean environment, and emulators that end with their test."""

import contextlib
import os

import pytest

# Before their first import, or their assertions would not show values.
pytest.register_assert_rewrite("contract", "scenarios")

from emulator import Emulator  # noqa: E402

if "EMULATOR_BIN" not in os.environ:
    pytest.exit("EMULATOR_BIN does not name a binary; tests/sdk/run finds one", returncode=2)

# The SDKs send even loopback calls through a proxy: they do not honour NO_PROXY.
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]


@pytest.fixture
def serve():
    """Starts an emulator with the given flags; what it logs is shown if the test fails."""
    with contextlib.ExitStack() as running:
        yield lambda *flags: running.enter_context(Emulator(*flags))
