"""Tasks: start one as the console or a schedule does, or override its state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .clock import moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from .control import Control


@dataclass(frozen=True)
class Task:
    """The state of a task at one time. Overrides return the state after the change."""

    id: str
    number: int
    account: str
    type: str
    name: str
    source: str
    started: dt.datetime
    status: str
    progress: int
    finish_count: int
    total_count: int
    result: str
    _control: Control = field(repr=False, compare=False)

    @classmethod
    def of(cls, answer: dict[str, Any], control: Control) -> Task:
        """Read a task from the control API's JSON."""
        shown = {name: answer[name] for name in cls.__dataclass_fields__ if name not in ("started", "_control")}
        return cls(**shown, started=moment(answer["started"]), _control=control)

    def finish(self) -> Task:
        """Override the task: SUCCESS and 100 %."""
        return self._force("finish")

    def fail(self, at: int | None = None) -> Task:
        """Override the task: FAIL, at this Progress or the present one."""
        return self._force("fail", at)

    def time_out(self, at: int | None = None) -> Task:
        """Override the task: TIMEOUT, at this Progress or the present one."""
        return self._force("timeout", at)

    def stall(self, at: int) -> Task:
        """Override the task: it runs forever at this Progress."""
        return self._force("stall", at)

    def _force(self, action: str, at: int | None = None) -> Task:
        order = {"action": action} if at is None else {"action": action, "at": at}
        return Task.of(self._control.patch("tasks", self.id, body=order), self._control)


class Tasks:
    """The tasks of an account. Reading them is not a poll."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def list(self, type: str | None = None, limit: int | None = None) -> list[Task]:
        """All tasks, or those of one TaskType: the first `limit`, or 1000 by default."""
        found: list[Task] = []
        wanted = 1000 if limit is None else limit
        answer = self._control.get("tasks", type=type, limit=wanted)
        found += (Task.of(each, self._control) for each in answer["tasks"])
        # Of very many the emulator lists some at a time.
        while len(found) < wanted and "next" in answer:
            answer = self._control.get("tasks", type=type, limit=wanted - len(found), **{"from": answer["next"]})
            found += (Task.of(each, self._control) for each in answer["tasks"])
        return found

    def get(self, task_id: str | int) -> Task:
        """One task, by its id or by the number in `TaskId`."""
        return Task.of(self._control.get("tasks", str(task_id)), self._control)

    def start(
        self,
        type: str,
        *,
        name: str | None = None,
        source: str | None = None,
        targets: Sequence[str] | None = None,
        param: str | None = None,
    ) -> Task:
        """Start a task of this TaskType; the limit of running tasks does not apply."""
        given = {"type": type, "name": name, "source": source, "targets": targets, "param": param}
        body = {key: value for key, value in given.items() if value is not None}
        return Task.of(self._control.post("tasks", body=body), self._control)
