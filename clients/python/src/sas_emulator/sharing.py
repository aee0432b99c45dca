"""One emulator for all processes of a test run: pytest-xdist's workers ask the process that started them.

The first request starts the emulator; a run without requests starts none. The owner must be a process that exists from
the beginning to the end of the run. That cannot be a worker: workers crash, and are replaced.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from dataclasses import asdict, dataclass
from multiprocessing import AuthenticationError, connection
from typing import TYPE_CHECKING, Any

from .binary import BinaryNotFoundError
from .control import ControlError, UnreachableError
from .process import StartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .server import Emulator


class UnavailableError(RuntimeError):
    """There is no emulator for this run; the message has the reason."""


@dataclass(frozen=True)
class Shared:
    """What a process must know of the emulator; `run` separates this run's accounts from those of other users."""

    endpoint: str
    run: str


class Host:
    """The process that owns the emulator, or knows which one to use."""

    def __init__(self, make: Callable[[], Emulator]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._known: Shared | UnavailableError | None = None
        self._listener: connection.Listener | None = None
        self._key = secrets.token_bytes(32)
        self.emulator: Emulator | None = None

    def shared(self) -> Shared:
        """Start the emulator, or attach to it, if that has not been done."""
        with self._lock:
            if self._known is None:
                self._known = self._open()
        if isinstance(self._known, UnavailableError):
            raise self._known
        return self._known

    def _open(self) -> Shared | UnavailableError:
        try:
            self.emulator = self._make()
        except (UnavailableError, BinaryNotFoundError, StartError, UnreachableError, ControlError) as error:
            # Each later request gets the same error: another attempt would take as long and fail in the same way.
            return UnavailableError(str(error))
        run = "" if self.emulator.is_ours else secrets.token_hex(4)
        return Shared(self.emulator.endpoint, run)

    def invitation(self) -> tuple[Any, bytes]:
        """Return the address and the key that a worker needs for `ask`."""
        if self._listener is None:
            self._listener = connection.Listener(authkey=self._key)
            threading.Thread(target=self._answer, args=[self._listener], daemon=True).start()
        return self._listener.address, self._key

    def _answer(self, listener: connection.Listener) -> None:
        while True:
            # A worker that crashes during its request must not block those of other workers.
            with contextlib.suppress(OSError, EOFError, AuthenticationError), listener.accept() as worker:
                if worker.recv_bytes() == b"stop":
                    return
                try:
                    answer = asdict(self.shared())
                except UnavailableError as error:
                    answer = {"error": str(error)}
                worker.send_bytes(json.dumps(answer).encode())

    def stop(self) -> None:
        """Stop the listener, and the emulator if this process started it."""
        if self._listener:
            with connection.Client(self._listener.address, authkey=self._key) as self_call:
                self_call.send_bytes(b"stop")
            self._listener.close()
            self._listener = None
        if self.emulator:
            self.emulator.stop()


def ask(invitation: tuple[Any, bytes]) -> Shared:
    """Request the emulator from the host, in a worker."""
    address, key = invitation
    # execnet turns tuples into lists. An address is a tuple only on systems without Unix sockets.
    with connection.Client(tuple(address) if isinstance(address, list) else address, authkey=bytes(key)) as host:
        host.send_bytes(b"where")
        answer = json.loads(host.recv_bytes())
    if "error" in answer:
        raise UnavailableError(answer["error"])
    return Shared(**answer)
