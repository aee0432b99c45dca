"""Time: durations, timestamps, and the task clock of an account or of the session."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from .control import Control

#: A length of time: `"1m 30s"`, seconds, or a timedelta.
Duration = Union[str, float, dt.timedelta]


def duration(length: Duration) -> str:
    """Format a duration as the emulator reads it."""
    if isinstance(length, str):
        return length
    if not isinstance(length, dt.timedelta):
        length = dt.timedelta(seconds=length)
    sign = "-" if length < dt.timedelta(0) else ""
    length = abs(length)
    # No floating point: it would write 1e-06.
    return f"{sign}{length.days * 86400 + length.seconds}.{length.microseconds:06}s"


def moment(text: str) -> dt.datetime:
    """Parse a timestamp of the emulator, and cut its nanoseconds to the microseconds of Python."""
    whole, fraction = re.fullmatch(r"([^.Z]+)(?:\.(\d+))?Z", text).groups()  # type: ignore[union-attr]
    return dt.datetime.fromisoformat(f"{whole}.{fraction or '':0<6.6}+00:00")


@dataclass(frozen=True)
class Transition:
    """A change of a task's status; `before` is None for a new task."""

    at: dt.datetime
    account: str
    task: str
    type: str
    before: str | None
    after: str

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Transition:
        """Read a transition from the control API's JSON."""
        return cls(
            at=moment(answer["at"]),
            account=answer["account"],
            task=answer["id"],
            type=answer["type"],
            before=answer["from"],
            after=answer["to"],
        )


class Clock:
    """A task clock, of the session or of an account.

    The first change to an account's clock makes it the account's own: it continues from the session's.

    The clock drives tasks. It does not affect the validity of signatures. It cannot go back.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> dt.datetime:
        """The time it shows."""
        return moment(self._control.get("clock")["now"])

    @property
    def rate(self) -> float:
        """Seconds per real second, when it runs."""
        return float(self._control.get("clock")["rate"])

    @property
    def is_paused(self) -> bool:
        """Whether the clock is paused."""
        return bool(self._control.get("clock")["paused"])

    def pause(self) -> None:
        """Pause the clock."""
        self._order(action="pause")

    def resume(self) -> None:
        """Let the clock run."""
        self._order(action="resume")

    def scale(self, rate: float) -> None:
        """Set the number of seconds per real second. A paused clock stays paused."""
        self._order(action="scale", rate=rate)

    def advance(self, by: Duration) -> list[Transition]:
        """Move the clock ahead, and return the transitions on the way, in order (the first 1000)."""
        return self._jump(action="advance", by=duration(by))

    def set(self, to: dt.datetime | str) -> list[Transition]:
        """Move the clock to a time with a zone, and return the transitions on the way, in order (the first 1000)."""
        return self._jump(action="set", to=to if isinstance(to, str) else to.isoformat())

    def sleep(self, seconds: float) -> None:
        """Replace `time.sleep`: a program that polls and sleeps then takes no real time.

        `monkeypatch.setattr("time.sleep", account.clock.sleep)`
        """
        self.advance(seconds)

    def _jump(self, **order: Any) -> list[Transition]:
        return [Transition.of(each) for each in self._order(**order)["transitions"]]

    def _order(self, **order: Any) -> Any:
        return self._control.put("clock", body=order)
