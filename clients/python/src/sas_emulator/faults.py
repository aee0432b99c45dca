"""Faults: the rules that change responses."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .control import Control


class Fault:
    """An armed rule. `id` is its name within the account."""

    def __init__(self, control: Control, wire_id: str, fault_id: str) -> None:
        self.id = fault_id
        self._control = control
        self._wire_id = wire_id

    @property
    def hits(self) -> int:
        """How many calls it fired for."""
        return int(self._report()["hits"])

    @property
    def matched(self) -> int:
        """How many calls it matched, whether it fired or not."""
        return int(self._report()["matched"])

    @property
    def is_exhausted(self) -> bool:
        """Whether it has fired as often as its trigger allows."""
        return bool(self._report()["exhausted"])

    def remove(self) -> None:
        """Disarm the rule."""
        self._control.delete("faults", self._wire_id)

    def _report(self) -> Any:
        for report in self._control.get("faults")["faults"]:
            if report["id"] == self._wire_id:
                return report
        raise LookupError(f"the fault {self.id} is no longer armed")

    def __repr__(self) -> str:
        return f"<Fault {self.id}>"


class Faults:
    """The fault rules of an account. A rule that is armed here fires for the account's calls only."""

    def __init__(self, control: Control, account: str) -> None:
        self._control = control
        self._account = account
        # The emulator's ids are global, and they seed the random draws. They must be unique, and must not depend on the
        # order of tests.
        self._prefix = f"{account}:"
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
            # A `clear` or `reset` within the block has already disarmed it.
            if fault.id in {armed.id for armed in self.list()}:
                fault.remove()

    def list(self) -> list[Fault]:
        """All rules that are armed for this account only, without those of the scenario."""
        ids = [str(report["id"]) for report in self._control.get("faults")["faults"]]
        return [
            Fault(self._control, wire_id, self.local(wire_id)) for wire_id in ids if wire_id.startswith(self._prefix)
        ]

    def clear(self) -> None:
        """Disarm all rules of this account."""
        for fault in self.list():
            fault.remove()

    def local(self, wire_id: str) -> str:
        """Turn the emulator's id of a rule into the account's."""
        return wire_id.removeprefix(self._prefix)

    def wire(self, fault_id: str) -> str:
        """Turn the account's id of a rule into the emulator's; a rule of the scenario keeps its id."""
        return self._prefix + fault_id if fault_id in self._armed else fault_id
