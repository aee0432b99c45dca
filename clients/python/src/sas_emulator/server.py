"""A running emulator: one of our own, or one that somebody else started."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import time
from collections.abc import Mapping, Sequence
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

#: A built-in scenario or a file; of several, each is laid over those before it.
Scenario = Union[PathLike, Sequence[PathLike]]

_PATIENCE = 10.0


class Emulator:
    """An emulator at `endpoint`. Make one with `start` or `attach`."""

    def __init__(
        self, endpoint: str, *, token: str | None = None, process: Process | None = None, prefix: str | None = None
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._control = Control(self.endpoint, token)
        self._process = process
        # Others may use the same emulator, but nobody else one that we started.
        self._prefix = ("" if process else f"{secrets.token_hex(4)}-") if prefix is None else prefix
        self._numbers = itertools.count(1)
        #: The world's clock. An order to it also goes to the clocks that accounts have of their own.
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
        """Start a program on a free port, which ends with `stop`, with the `with` block, or with this process.

        `flags` are further ones of `sas-emulator serve`. Variables SAS_EMULATOR_* do not reach it: a test should not
        depend on the shell that it runs in.
        """
        scenarios = [scenario] if isinstance(scenario, (str, os.PathLike)) else scenario
        arguments = [each for name in scenarios for each in ("--scenario", os.fspath(name))]
        if seed is not None:
            arguments += ["--seed", str(seed)]
        process = Process(find_binary(binary), [*arguments, *flags], patience)
        return cls(process.endpoint, process=process)

    @classmethod
    def attach(cls, endpoint: str | None = None, *, token: str | None = None, patience: float = _PATIENCE) -> Emulator:
        """Use one that runs already, or will in a moment: SAS_EMULATOR_ENDPOINT, or the usual port, if left out.

        `token` is that of its `--control-token`: SAS_EMULATOR_CONTROL_TOKEN if left out.
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
        """Speak of the account with this AccessKeyId, or of one that nobody else uses.

        The secret is that of the emulator's keys, `test` for all unless its scenario lists others.
        """
        if access_key_id:
            return Account(self._control, access_key_id, access_key_secret, security_token)
        account_id = f"{self._prefix}account-{next(self._numbers)}"
        return Account(self._control, account_id, access_key_secret, security_token, last_sequence(self._control))

    def info(self) -> dict[str, Any]:
        """Ask for version, seed, scenario, counts."""
        answer: dict[str, Any] = self._control.get("info")
        return answer

    def reset(self) -> None:
        """Go back to the scenario's first instant, with every account."""
        self._control.post("reset")

    def load(self, scenario: str | Mapping[str, Any]) -> None:
        """Show another scenario, a built-in one or a document. It is a new beginning for every account."""
        self._control.put("scenario", body={"name": scenario} if isinstance(scenario, str) else scenario)

    def snapshot(self) -> Any:
        """Take the whole run as a value that `restore` goes on from."""
        return self._control.get("state")

    def restore(self, snapshot: Any) -> None:
        """Go on from a snapshot, whatever was before."""
        self._control.put("state", body=snapshot)

    def wait_until_ready(self, patience: float = _PATIENCE) -> None:
        """Return when it answers, or raise an UnreachableError when so many seconds are over."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self._control.get("ready")
            except (UnreachableError, ControlError):
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    @property
    def is_ours(self) -> bool:
        """Whether we started the program."""
        return self._process is not None

    @property
    def is_running(self) -> bool:
        """Whether the program that we started still runs, or whether the other one answers."""
        if self._process:
            return self._process.exit_code is None
        with contextlib.suppress(UnreachableError, ControlError):
            self._control.get("health")
            return True
        return False

    def log(self) -> str:
        """Show the end of what the program that we started has logged: warnings and errors, unless `flags` say more."""
        return self._process.log() if self._process else ""

    def stop(self) -> None:
        """Stop the program, if we started it."""
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
