"""A running emulator, started by this process or already running."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Union

from . import clients
from .account import Account
from .binary import PathLike, find_binary
from .clock import Clock
from .control import Control, ControlError, UnreachableError
from .journal import last_sequence
from .process import Process

if TYPE_CHECKING:
    from types import TracebackType

#: A built-in scenario or a file; of several, each is laid over the previous ones.
Scenario = Union[PathLike, Sequence[PathLike]]

_PATIENCE = 10.0


class Emulator:
    """An emulator at `endpoint`, for example http://127.0.0.1:7270. Make one with `start` or `attach`."""

    def __init__(
        self, endpoint: str, *, token: str | None = None, process: Process | None = None, prefix: str | None = None
    ) -> None:
        self.endpoint = clients.url(endpoint)
        self._control = Control(self.endpoint, token)
        self._process = process
        # Other processes may use the same emulator, unless this process started it.
        self._prefix = ("" if process else f"{secrets.token_hex(4)}-") if prefix is None else prefix
        self._numbers = itertools.count(1)
        #: The session's clock. A change to it also applies to the accounts' own clocks.
        self.clock = Clock(self._control)

    @classmethod
    def start(
        cls,
        scenario: Scenario = (),
        *,
        seed: int | None = None,
        flags: Sequence[str] = (),
        binary: PathLike | None = None,
        patience: float = _PATIENCE,
    ) -> Emulator:
        """Start a program on a free port. It ends with `stop`, with the `with` block, or with this process.

        `flags` are further flags of `sas-emulator serve`. The program gets no SAS_EMULATOR_* variables: a test should
        not depend on its shell.
        """
        scenarios = [scenario] if isinstance(scenario, (str, os.PathLike)) else scenario
        arguments = [each for name in scenarios for each in ("--scenario", os.fspath(name))]
        if seed is not None:
            arguments += ["--seed", str(seed)]
        process = Process(find_binary(binary), [*arguments, *flags], patience)
        return cls(process.endpoint, process=process)

    @classmethod
    def attach(cls, endpoint: str | None = None, *, token: str | None = None, patience: float = _PATIENCE) -> Emulator:
        """Use an emulator that runs already, or becomes ready within `patience` seconds.

        `endpoint` defaults to SAS_EMULATOR_ENDPOINT, or else to the default port. `token` is the value of the
        emulator's `--control-token`, and defaults to SAS_EMULATOR_CONTROL_TOKEN.
        """
        emulator = cls(
            endpoint or clients.default_endpoint(), token=token or os.environ.get("SAS_EMULATOR_CONTROL_TOKEN")
        )
        emulator.wait_until_ready(patience)
        return emulator

    def account(
        self,
        access_key_id: str | None = None,
        access_key_secret: str = "test",
        security_token: str | None = None,
    ) -> Account:
        """Return the account with this AccessKeyId, or a new account with a unique one.

        The secret must be that of the key in the emulator: `test`, unless the scenario lists keys.
        """
        if access_key_id:
            return Account(self._control, access_key_id, access_key_secret, security_token)
        account_id = f"{self._prefix}account-{next(self._numbers)}"
        return Account(self._control, account_id, access_key_secret, security_token, last_sequence(self._control))

    def info(self) -> dict[str, Any]:
        """Return the version, the seed, the scenario and counts."""
        answer: dict[str, Any] = self._control.get("info")
        return answer

    def reset(self) -> None:
        """Start a new session of the same scenario, for all accounts."""
        self._control.post("reset")

    def load(self, scenario: str | Mapping[str, Any]) -> None:
        """Load another scenario, a built-in one or a document. This starts a new session for all accounts."""
        self._control.put("scenario", body={"name": scenario} if isinstance(scenario, str) else scenario)

    def snapshot(self) -> Any:
        """Return a snapshot of the session, for `restore`."""
        return self._control.get("state")

    def restore(self, snapshot: Any) -> None:
        """Restore a snapshot, and discard the present session."""
        self._control.put("state", body=snapshot)

    def wait_until_ready(self, patience: float = _PATIENCE) -> None:
        """Return when the emulator is ready, or raise an UnreachableError or ControlError after `patience` seconds."""
        # Uses neither `time.sleep` nor `time.monotonic` through the module `time`: a test may have replaced them there.
        deadline = monotonic() + patience
        pause = threading.Event()
        while True:
            try:
                self._control.get("ready")
            except (UnreachableError, ControlError):
                if monotonic() >= deadline:
                    raise
                pause.wait(0.05)
            else:
                return

    @property
    def is_ours(self) -> bool:
        """Whether this process started the emulator."""
        return self._process is not None

    @property
    def is_running(self) -> bool:
        """Whether the program that this process started still runs, or whether the attached emulator answers."""
        if self._process:
            return self._process.exit_code is None
        with contextlib.suppress(UnreachableError, ControlError):
            self._control.get("health")
            return True
        return False

    def log(self) -> str:
        """Return the end of the started program's log: warnings and errors, unless `flags` select more."""
        return self._process.log() if self._process else ""

    def stop(self) -> None:
        """Stop the program, if this process started it."""
        if self._process:
            self._process.stop()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Emulator at {self.endpoint}>"
