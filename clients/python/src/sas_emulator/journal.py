"""The journal: the calls of an account, and their table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .clock import moment
from .control import Control, ControlError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

#: More than any emulator keeps.
ALL = 1_000_000_000
_SHOWN = 50
_WIDEST = 60
_HEADER = ("#", "time", "task clock", "action", "parameters", "answer", "faults", "task")


@dataclass(frozen=True)
class Call:
    """One call and its response.

    `status` is None where the connection was broken instead, and while the call is in flight (`in_flight`), when
    `elapsed_ms` is None, too; `params` are the operation's own, without secrets; `faults` are the rules that fired;
    `fidelity` is how far the response can be trusted: `modelled`, `scripted` or `shape`;
    `task` is what the response showed of a task: `id`, `status`, `progress`. `sequence` numbers the calls to an
    emulator as they arrive, which is at `time` and, by the account's clock, at `task_time`.
    """

    sequence: int
    request_id: str
    time: dt.datetime
    task_time: dt.datetime
    account: str | None
    scheme: str | None
    method: str
    action: str | None
    params: Mapping[str, str]
    faults: tuple[str, ...]
    status: int | None
    code: str | None
    message: str | None
    fidelity: str | None
    task: Mapping[str, Any] | None
    elapsed_ms: float | None
    agent: str | None
    in_flight: bool

    @classmethod
    def of(cls, answer: dict[str, Any], fault_name: Callable[[str], str]) -> Call:
        """Read a call from the control API's JSON."""
        read: dict[str, Any] = {name: answer.get(name) for name in cls.__dataclass_fields__}
        read["time"], read["task_time"] = moment(answer["time"]), moment(answer["task_time"])
        read["in_flight"] = bool(read["in_flight"])
        read["faults"] = tuple(fault_name(fault) for fault in answer["faults"])
        return cls(**read)

    def __str__(self) -> str:
        params = " ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.action} {params} => {_answer(self)}"


def table(calls: Sequence[Call]) -> str:
    """Format the last calls as a table, which is shown when a test fails."""
    if not calls:
        return "no calls"
    begin = calls[0].task_time
    left_out = max(len(calls) - _SHOWN, 0)
    numbered = list(enumerate(calls, 1))[left_out:]
    rows = [_HEADER, *(_row(number, call, begin) for number, call in numbered)]
    used = [column for column in range(len(_HEADER)) if any(row[column] for row in rows[1:])]
    widths = {column: max(len(row[column]) for row in rows) for column in used}
    lines = ["  ".join(row[column].ljust(widths[column]) for column in used).rstrip() for row in rows]
    if left_out:
        lines.insert(0, f"(the first {left_out} calls are left out)")
    return "\n".join(lines)


def last_sequence(control: Control) -> int:
    """Return the sequence number of the last call of any account; 0 if there is none."""
    try:
        newest = control.get("requests", account=None, limit=1)["requests"]
    except ControlError as refusal:
        if refusal.error != "no_journal":
            raise
        return 0
    return int(newest[0]["sequence"]) if newest else 0


def _row(number: int, call: Call, begin: dt.datetime) -> tuple[str, ...]:
    params = " ".join(f"{name}={value}" for name, value in call.params.items())
    # The response to a call that starts a task has only the task's id.
    task = f"{call.task['status']} {call.task['progress']} %" if call.task and call.task["status"] else ""
    return (
        str(number),
        f"{call.time:%H:%M:%S}.{call.time.microsecond // 1000:03}",
        f"+{(call.task_time - begin).total_seconds():.10g}s",
        call.action or "?",
        params if len(params) <= _WIDEST else f"{params[:_WIDEST]}…",
        _answer(call),
        " ".join(call.faults),
        task,
    )


def _answer(call: Call) -> str:
    if call.in_flight:
        return "in flight"
    return f"{call.status or 'broken off'} {call.code or ''}".rstrip()
