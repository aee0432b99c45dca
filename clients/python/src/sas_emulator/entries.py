"""What an account has by name in the emulator: its faults, its scripted answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from .control import Control


class Entry:
    """One of them. `id` is its name within the account."""

    # The path of the list in the control API, and what one is called.
    _path: ClassVar[str]
    _noun: ClassVar[str]

    def __init__(self, control: Control, wire_id: str, entry_id: str) -> None:
        self.id = entry_id
        self._control = control
        self._wire_id = wire_id

    @property
    def hits(self) -> int:
        """How many calls it acted on."""
        return int(self._report()["hits"])

    def remove(self) -> None:
        """Remove it."""
        self._control.delete(self._path, self._wire_id)

    def _report(self) -> Any:
        for report in self._control.get(self._path)[self._path]:
            if report["id"] == self._wire_id:
                return report
        raise LookupError(f"the {self._noun} {self.id} is no longer there")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


E = TypeVar("E", bound=Entry)


class Entries(Generic[E]):
    """Those of one account."""

    _entry: type[E]

    def __init__(self, control: Control, account: str) -> None:
        self._control = control
        self._account = account
        # The emulator's ids are global, and those of faults seed the random draws. They must be unique, and must not
        # depend on the order of tests.
        self._prefix = f"{account}:"

    def list(self) -> list[E]:
        """All that were added for this account only, without those of the scenario."""
        path = self._entry._path
        ids = [str(report["id"]) for report in self._control.get(path)[path]]
        return [
            self._entry(self._control, wire_id, self.local(wire_id))
            for wire_id in ids
            if wire_id.startswith(self._prefix)
        ]

    def clear(self) -> None:
        """Remove all of this account."""
        for entry in self.list():
            entry.remove()

    def local(self, wire_id: str) -> str:
        """Turn the emulator's id into the account's."""
        return wire_id.removeprefix(self._prefix)

    def _remove_if_there(self, entry: E) -> None:
        # A `clear` or `reset` may have removed it already.
        if entry.id in {known.id for known in self.list()}:
            entry.remove()
