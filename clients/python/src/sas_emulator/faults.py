"""Faults: the rules that change responses."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from .entries import Entries, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .control import Control


class Fault(Entry):
    """An armed rule; its `hits` are the calls that it fired for."""

    _path = "faults"
    _noun = "fault"

    @property
    def matched(self) -> int:
        """How many calls it matched, whether it fired or not."""
        return int(self._report()["matched"])

    @property
    def is_exhausted(self) -> bool:
        """Whether it has fired as often as its trigger allows."""
        return bool(self._report()["exhausted"])


class Faults(Entries[Fault]):
    """The fault rules of an account. A rule that is armed here fires for the account's calls only."""

    _entry = Fault

    def __init__(self, control: Control, account: str) -> None:
        super().__init__(control, account)
        self._numbers = itertools.count(1)
        self._armed: set[str] = set()

    def add(
        self,
        *,
        effect: Mapping[str, Any],
        match: Mapping[str, Any] | None = None,
        trigger: Mapping[str, Any] | None = None,
        id: str | None = None,
    ) -> Fault:
        """Arm a rule: which calls (`match`), which of those (`trigger`), and what happens (`effect`).

        The keys are those of scenario files. Without `match` the rule matches every call of the account, without
        `trigger` it fires for each of them.
        """
        if (match or {}).get("account", self._account) != self._account:
            raise ValueError(f"a fault of {self._account} cannot match calls of another account")
        fault_id = id or f"fault-{next(self._numbers)}"
        rule = {
            "id": self._prefix + fault_id,
            "match": {**(match or {}), "account": self._account},
            "trigger": trigger or {},
            "effect": effect,
        }
        self._control.post("faults", body=rule, narrow=False)
        self._armed.add(fault_id)
        return Fault(self._control, self._prefix + fault_id, fault_id)

    @contextlib.contextmanager
    def during(self, **rule: Any) -> Iterator[Fault]:
        """Arm a rule, as `add` does, for the length of a `with` block."""
        fault = self.add(**rule)
        try:
            yield fault
        finally:
            self._remove_if_there(fault)

    def wire(self, fault_id: str) -> str:
        """Turn the account's id of a rule into the emulator's; a rule of the scenario keeps its id."""
        return self._prefix + fault_id if fault_id in self._armed else fault_id
