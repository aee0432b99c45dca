"""Accounts: each AccessKeyId has its own tasks, clock, faults and calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Union
from urllib.parse import urlsplit

from . import clients
from .answers import Answer, Answers
from .clock import Clock, duration
from .control import Control, ControlError
from .faults import Fault, Faults
from .journal import ALL, Call, last_sequence, table
from .tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from alibabacloud_sas20181203.client import Client
    from aliyunsdkcore.client import AcsClient

    from .clock import Duration

#: An expectation, as `verify` takes it: the name of an operation, `well_behaved`, or a mapping.
Condition = Union[str, Mapping[str, Any]]

_WELL_BEHAVED = "well_behaved"
_TIMED_OUT = 408
_NO_JOURNAL = 409
# The emulator waits for no longer than 600 s, and answers then.
_LONGEST_WAIT = 630.0


class Account:
    """An account of the emulator: an AccessKeyId with its secret, tasks, clock, faults and calls."""

    def __init__(
        self,
        control: Control,
        access_key_id: str,
        access_key_secret: str,
        security_token: str | None = None,
        begin: int = 0,
    ) -> None:
        self._control = control.of(access_key_id)
        self._secret = access_key_secret
        self._token = security_token
        # The sequence number of the last call before the account's first. `verify` checks that the journal still has
        # all later calls.
        self._begin = begin
        self.access_key_id = access_key_id
        self.endpoint = control.endpoint
        self.clock = Clock(self._control)
        self.faults = Faults(self._control, access_key_id)
        self.answers = Answers(self._control, access_key_id)
        self.tasks = Tasks(self._control)

    @property
    def access_key_secret(self) -> str:
        """The secret of the key."""
        return self._secret

    @property
    def host(self) -> str:
        """The endpoint without its scheme, which is the form that most SDKs take."""
        return urlsplit(self.endpoint).netloc

    def client(self, **config: Any) -> Client:
        """Configure the official client for this account."""
        return clients.client(
            self.endpoint, self.access_key_id, self._secret, **{"security_token": self._token, **config}
        )

    def legacy_client(self, region_id: str = "cn-shanghai", **config: Any) -> AcsClient:
        """Configure the older official client for this account."""
        return clients.legacy_client(self.endpoint, self.access_key_id, self._secret, region_id, **config)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that configure a client program, with the names of `sas-emulator env`."""
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self._secret,
            **({"ALIBABA_CLOUD_SECURITY_TOKEN": self._token} if self._token else {}),
            "SAS_EMULATOR_ENDPOINT": self.endpoint,
            "SAS_EMULATOR_ACCESS_KEY_ID": self.access_key_id,
            "SAS_EMULATOR_ACCESS_KEY_SECRET": self._secret,
            **({"SAS_EMULATOR_SECURITY_TOKEN": self._token} if self._token else {}),
            "SAS_ENDPOINT": self.host,
            "SAS_PROTOCOL": urlsplit(self.endpoint).scheme,
        }

    def fault(
        self,
        *,
        effect: Mapping[str, Any],
        match: Mapping[str, Any] | None = None,
        trigger: Mapping[str, Any] | None = None,
        id: str | None = None,
    ) -> AbstractContextManager[Fault]:
        """Arm a fault for the length of a `with` block; the keys are those of scenario files."""
        return self.faults.during(effect=effect, match=match, trigger=trigger, id=id)

    def answer(self, action: str | None = None, **keys: Any) -> AbstractContextManager[Answer]:
        """Script what an operation replies for the length of a `with` block; the keys are those of scenario files."""
        return self.answers.during(action, **keys)

    def calls(self, action: str | None = None, *, limit: int = ALL, **conditions: Any) -> list[Call]:
        """List the calls of this account, oldest first; with a limit, the last ones.

        Conditions are those of the journal: `status`, `code`, `fault`, `fidelity`, `since`, and `params` as a
        mapping.
        """
        answer = self._control.get("requests", **self._query(action, conditions), limit=limit)
        return [Call.of(each, self.faults.local) for each in reversed(answer["requests"])]

    def verify(
        self,
        expect: Condition | Sequence[Condition] = (),
        order: Sequence[Condition] = (),
        *,
        since: int | dt.datetime | None = None,
    ) -> None:
        """Check that all expectations are met, and that the calls came in this order.

        An expectation is the name of an operation, or a mapping: conditions that select calls (`action`, `params`,
        `status`, `code`, `fault`, `fidelity`, `since`) and what must hold for them: `count` (at least one, if nothing
        else is required), `gap`, `no_calls_after`, `retry_after`, `never`; or an `order` alone. The word `well_behaved`
        expects that the client never misbehaves.

        A failed expectation raises an AssertionError that shows the actual calls. A name that no call can have would
        match nothing: it raises a ControlError that suggests the nearest name.
        """
        __tracebackhide__ = True
        expected = [expect] if isinstance(expect, (str, Mapping)) else expect
        asked = {
            "account": self.access_key_id,
            "expect": [self._condition(each) for each in expected],
            "order": [self._condition(each) for each in order],
            "since": self._begin if since is None else _since(since),
        }
        verdict = self._control.post("verify", body=asked, narrow=False)
        missed = verdict.get("missed", 0)
        if verdict["passed"] and not missed:
            return
        failed = [*verdict.get("expect", ()), *filter(None, [verdict.get("order")])]
        said = [each.get("message") or each.get("wanted") for each in failed if not each["passed"]]
        if missed:
            said.append(f"{missed} calls to the emulator are no longer in its journal ({verdict['hint']})")
        raise AssertionError("\n".join([*map(str, said), "", self.report()]))

    def wait_for(self, action: str | None = None, count: int = 1, timeout: Duration = 10, **conditions: Any) -> None:
        """Wait in real time for `count` matching calls, without polling; raise a TimeoutError after `timeout`."""
        __tracebackhide__ = True
        query = self._query(action, conditions)
        try:
            self._control.get("await", wait=_LONGEST_WAIT, **query, count=count, timeout=duration(timeout))
        except ControlError as refusal:
            if refusal.status != _TIMED_OUT:
                raise
            raise TimeoutError(f"{refusal.answer['message']}\n\n{self.report()}") from None

    def report(self) -> str:
        """Format the account's calls and their responses as a readable table."""
        try:
            calls = self.calls()
        except ControlError as refusal:
            if refusal.status != _NO_JOURNAL:
                raise
            return f"account {self.access_key_id}: {refusal}"
        clock = self._control.get("clock")
        state = "paused" if clock["paused"] else f"running {clock['rate']:g}x"
        title = f"account {self.access_key_id}, its clock at {clock['now']}, {state}"
        return f"{title}\n{table(calls)}"

    def reset(self) -> None:
        """Restore the account's start: the scenario's tasks, the session's clock, no calls, no own faults."""
        self._control.post("reset")
        self._begin = last_sequence(self._control)

    def forget(self) -> None:
        """Delete the account, its calls and its own faults: the emulator keeps some thousands of accounts only."""
        self._control.delete("accounts", self.access_key_id)

    def _query(self, action: str | None, conditions: dict[str, Any]) -> dict[str, Any]:
        query = {"action": action, **conditions}
        for name, value in (query.pop("params", None) or {}).items():
            query[f"params.{name}"] = value
        if query.get("fault") is not None:
            query["fault"] = self._fault(query["fault"])
        if query.get("since") is not None:
            query["since"] = _since(query["since"])
        return query

    def _condition(self, condition: Condition) -> Condition:
        if condition == _WELL_BEHAVED:
            return _WELL_BEHAVED
        if isinstance(condition, str):
            return {"action": condition}
        wire = dict(condition)
        if "fault" in wire:
            wire["fault"] = self._fault(wire["fault"])
        if "since" in wire:
            wire["since"] = _since(wire["since"])
        if "order" in wire:
            wire["order"] = [self._condition(step) for step in wire["order"]]
        return wire

    def _fault(self, fault: str | Fault) -> str:
        return self.faults.wire(fault.id if isinstance(fault, Fault) else fault)

    def __repr__(self) -> str:
        return f"<Account {self.access_key_id} at {self.endpoint}>"


def _since(since: int | dt.datetime) -> int | str:
    if not isinstance(since, dt.datetime):
        return since
    return since.astimezone(dt.timezone.utc).isoformat().replace("+00:00", "Z")
