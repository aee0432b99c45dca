"""Scripted answers: what operations reply instead, whole or in part."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .control import Control


class Answer:
    """A scripted answer. `id` is its name within the account."""

    def __init__(self, control: Control, wire_id: str, answer_id: str) -> None:
        self.id = answer_id
        self._control = control
        self._wire_id = wire_id

    @property
    def hits(self) -> int:
        """How many calls it was given to."""
        return int(self._report()["hits"])

    @property
    def position(self) -> int | None:
        """The number, from 1, of the entry of its sequence that the next call gets; None if it is no sequence."""
        position = self._report()["position"]
        return None if position is None else int(position)

    def remove(self) -> None:
        """Remove the answer."""
        self._control.delete("answers", self._wire_id)

    def _report(self) -> Any:
        for report in self._control.get("answers")["answers"]:
            if report["id"] == self._wire_id:
                return report
        raise LookupError(f"the answer {self.id} is no longer there")

    def __repr__(self) -> str:
        return f"<Answer {self.id}>"


class Answers:
    """The scripted answers of an account. One that is added here is given to the account's calls only."""

    def __init__(self, control: Control, account: str) -> None:
        self._control = control
        self._account = account
        # The emulator's ids are global; they must be unique.
        self._prefix = f"{account}:"
        self._numbers = itertools.count(1)

    def add(self, action: str | None = None, *, id: str | None = None, **keys: Any) -> Answer:
        """Add an answer to an operation: one of `reply`, `whole`, `error` and `sequence`; perhaps `match`, `unchecked`.

        The keys are those of scenario files. `action` is short for `match={"action": …}`.
        """
        match = {**({"action": action} if action else {}), **keys.pop("match", {})}
        if match.get("account", self._account) != self._account:
            raise ValueError(f"an answer of {self._account} cannot be for calls of another account")
        answer_id = id or f"answer-{next(self._numbers)}"
        wire_id = self._prefix + answer_id
        answer: Mapping[str, Any] = {"id": wire_id, "match": {**match, "account": self._account}, **keys}
        self._control.post("answers", body=answer, narrow=False)
        return Answer(self._control, wire_id, answer_id)

    @contextlib.contextmanager
    def during(self, action: str | None = None, **keys: Any) -> Iterator[Answer]:
        """Add an answer, as `add` does, for the length of a `with` block."""
        answer = self.add(action, **keys)
        try:
            yield answer
        finally:
            # A `clear` or `reset` within the block has already removed it.
            if answer.id in {known.id for known in self.list()}:
                answer.remove()

    def list(self) -> list[Answer]:
        """All answers that were added for this account only, without those of the scenario."""
        ids = [str(report["id"]) for report in self._control.get("answers")["answers"]]
        return [
            Answer(self._control, wire_id, wire_id.removeprefix(self._prefix))
            for wire_id in ids
            if wire_id.startswith(self._prefix)
        ]

    def clear(self) -> None:
        """Remove all answers of this account."""
        for answer in self.list():
            answer.remove()
