"""Scripted answers: what operations reply instead, whole or in part."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from .entries import Entries, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .control import Control


class Answer(Entry):
    """A scripted answer; its `hits` are the calls that it was given to."""

    _path = "answers"
    _noun = "answer"

    @property
    def position(self) -> int | None:
        """The number, from 1, of the entry of its sequence that the next call gets; None if it is no sequence."""
        position = self._report()["position"]
        return None if position is None else int(position)


class Answers(Entries[Answer]):
    """The scripted answers of an account. One that is added here is given to the account's calls only."""

    _entry = Answer

    def __init__(self, control: Control, account: str) -> None:
        super().__init__(control, account)
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
            self._remove_if_there(answer)
