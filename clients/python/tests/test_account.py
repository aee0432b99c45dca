"""An account's clock, faults, tasks and calls."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from wire import poll

from sas_emulator import Account, ControlError, Emulator
from sas_emulator.clock import duration, moment

if TYPE_CHECKING:
    from sas_emulator.clock import Duration


def test_the_clock_is_paused_and_moved(account: Account) -> None:
    client = account.client()
    before = account.clock.now
    assert poll(client).task_info.status == "INIT"
    assert account.clock.is_paused

    seen = account.clock.advance(dt.timedelta(seconds=3))
    assert [(each.before, each.after) for each in seen] == [("INIT", "START")]
    assert poll(client).task_info.status == "START"
    assert account.clock.now - before == dt.timedelta(seconds=3)

    later = account.clock.now + dt.timedelta(hours=1)
    assert [each.after for each in account.clock.set(later)] == ["SUCCESS"]
    assert account.clock.now == later
    account.clock.scale(60)
    assert (account.clock.rate, account.clock.is_paused) == (60.0, True)
    account.clock.resume()
    assert not account.clock.is_paused


def test_the_clock_stands_in_for_sleep(account: Account) -> None:
    before = account.clock.now
    account.clock.sleep(0.25)
    account.clock.sleep(1e-6)
    assert account.clock.now - before == dt.timedelta(microseconds=250_001)


@pytest.mark.parametrize(
    ("length", "written"),
    [
        ("1m 30s", "1m 30s"),
        (90, "90.000000s"),
        (0.1, "0.100000s"),
        (1e-6, "0.000001s"),
        (-1.5, "-1.500000s"),
        (dt.timedelta(days=3650), "315360000.000000s"),
    ],
)
def test_lengths_of_time(length: Duration, written: str) -> None:
    assert duration(length) == written


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [("2026-11-24T11:48:02Z", 0), ("2026-11-24T11:48:02.5Z", 500_000), ("2026-11-24T11:48:02.236809709Z", 236_809)],
)
def test_moments(text: str, microsecond: int) -> None:
    assert moment(text) == dt.datetime(2026, 11, 24, 11, 48, 2, microsecond, dt.timezone.utc)


def test_accounts_do_not_share_clock_faults_tasks_or_calls(emulator: Emulator) -> None:
    one, other = emulator.account(), emulator.account()
    assert one.access_key_id != other.access_key_id
    one.clock.pause()
    one.clock.advance("365d")
    # The same name: the emulator's ids are global, but accounts must not affect each other.
    for account in (one, other):
        account.faults.add(id="twice", match={"action": "CancelOnceTask"}, effect={"error": "ServerError"})
    one.faults.add(effect={"error": "ServiceUnavailable"})
    with pytest.raises(ServerException):
        poll(one.client())
    assert poll(other.client()).task_info.status == "INIT"
    assert [fault.id for fault in one.faults.list()] == ["twice", "fault-1"]
    assert [fault.id for fault in other.faults.list()] == ["twice"]
    assert (one.clock.now - other.clock.now).days >= 364
    assert [len(account.calls()) for account in (one, other)] == [1, 1]
    assert [len(account.tasks.list()) for account in (one, other)] == [0, 1]

    one.reset()
    assert (one.faults.list(), one.calls()) == ([], [])
    assert [fault.id for fault in other.faults.list()] == ["twice"]

    known = emulator.info()["accounts"]
    other.forget()
    assert (emulator.info()["accounts"], other.faults.list()) == (known - 1, [])


def test_a_fault_is_armed_for_the_length_of_a_block(account: Account) -> None:
    client = account.client()
    with account.fault(effect={"error": "ServerError"}, trigger={"times": 1}, id="once") as fault:
        with pytest.raises(ServerException):
            poll(client)
        poll(client)
        assert (fault.hits, fault.matched, fault.is_exhausted) == (1, 2, True)
    poll(client)
    assert account.faults.list() == []
    with pytest.raises(LookupError, match="once is no longer there"):
        _ = fault.hits
    assert [call.faults for call in account.calls()] == [("once",), (), ()]
    assert [call.status for call in account.calls(fault=fault)] == [500]
    account.verify([{"fault": "once", "count": 1}])
    with account.fault(effect={"error": "ServerError"}):
        account.faults.clear()


def test_a_fault_for_another_account_is_refused(account: Account) -> None:
    with pytest.raises(ValueError, match="cannot match calls of another account"):
        account.faults.add(match={"account": "other"}, effect={"error": "ServerError"})
    with pytest.raises(ControlError, match="GetLastOnceTaskInfo") as refused:
        account.faults.add(match={"action": "GetLastOnceTaskInof"}, effect={"error": "ServerError"})
    assert (refused.value.status, refused.value.error) == (400, "bad_fault")


def test_tasks_are_started_and_ended_from_outside(account: Account) -> None:
    task = account.tasks.start("IMAGE_SCAN", source="schedule")
    assert (task.status, task.progress, task.source) == ("INIT", 0, "schedule")
    assert poll(account.client(), "IMAGE_SCAN").task_id == task.number
    assert account.tasks.get(task.number) == account.tasks.get(task.id) == task
    assert task.stall(at=69).progress == 69
    assert task.time_out().status == "TIMEOUT"
    assert account.tasks.start("IDC_PROBE_SCAN").fail(at=12).progress == 12
    assert account.tasks.start("IDC_PROBE_SCAN").finish().status == "SUCCESS"
    assert [task.type for task in account.tasks.list("IMAGE_SCAN")] == ["IMAGE_SCAN"]
    with pytest.raises(ControlError, match="did you mean"):
        account.tasks.start("IMAGE_SCNA")


def test_calls_are_listed(account: Account) -> None:
    client = account.client()
    for task_type in ("IMAGE_SCAN", "ASSETS_COLLECTION", "IMAGE_SCAN"):
        poll(client, task_type)
    first, second, third = account.calls()
    assert first.sequence < second.sequence < third.sequence
    assert (second.action, second.status, second.code) == ("GetLastOnceTaskInfo", 200, None)
    assert second.params == {"TaskType": "ASSETS_COLLECTION", "TaskName": "ASSETS_COLLECTION"}
    assert second.task
    assert (second.task["status"], second.task_time) == ("INIT", account.clock.now)
    assert account.calls(params={"TaskType": "IMAGE_*"}) == [first, third]
    assert account.calls(since=second.sequence) == account.calls(since=third.time) == [third]
    assert account.calls("GetLastOnceTaskInfo", status="2xx", limit=2) == [second, third]
    assert str(third) == "GetLastOnceTaskInfo TaskName=IMAGE_SCAN TaskType=IMAGE_SCAN => 200"


def test_calls_are_verified(account: Account) -> None:
    client = account.client()
    poll(client)
    poll(client, "IMAGE_SCAN")
    account.verify("GetLastOnceTaskInfo")
    account.verify({"action": "GetLastOnceTaskInfo", "count": 2}, order=["GetLastOnceTaskInfo"])
    order = [{"params": {"TaskType": "ASSETS_COLLECTION"}}, {"params": {"TaskType": "IMAGE_SCAN"}}]
    account.verify(order=order)
    with pytest.raises(AssertionError) as failed:
        account.verify([{"action": "CancelOnceTask"}, {"count": 2}], order=order[::-1])
    text = str(failed.value)
    assert "wanted at least 1 call of CancelOnceTask; saw 0" in text
    assert f"account {account.access_key_id}, its clock at " in text
    assert text.count("GetLastOnceTaskInfo  TaskName=") == 2
    with pytest.raises(AssertionError):
        account.verify("GetLastOnceTaskInfo", since=account.calls()[-1].sequence)


def test_every_kind_of_expectation_can_be_verified(account: Account) -> None:
    client = account.client()
    with account.fault(effect={"error": "NoPermission"}, trigger={"times": 1}) as denial:
        with pytest.raises(ClientException):
            poll(client)
        poll(client)
    account.verify(
        [
            {"action": "GetLastOnceTaskInfo", "calls": 2, "gap": "<=1h"},
            {"status": "4xx", "code": "NoPermission", "fault": denial, "count": 1},
            {"no_calls_after": "terminal"},
            {"retry_after": "honoured"},
            {"never": ["busy_polling", "nonce_reuse"]},
            {"order": [{"fault": denial}, "GetLastOnceTaskInfo"]},
        ]
    )
    failing: list[tuple[Any, str]] = [
        ("well_behaved", "wanted no retries of what was refused"),
        ({"gap": ">=1h"}, "wanted any operation at least 1h after the one before it; call #"),
        ({"no_calls_after": "denied"}, "although call #"),
        ({"order": ["GetLastOnceTaskInfo", {"fault": denial}]}, "step 2, any operation with fault="),
    ]
    for expectation, said in failing:
        with pytest.raises(AssertionError, match=said):
            account.verify(expectation)


def test_a_name_that_no_call_can_have_is_refused_even_if_none_is_wanted(account: Account) -> None:
    poll(account.client())
    account.faults.add(effect={"delay": "1ms"}, id="hiccup")
    misspelt: list[tuple[dict[str, Any], str]] = [
        ({"action": "GetLastOnceTaskInof"}, "GetLastOnceTaskInfo"),
        ({"action": "GetLastOnceTaskInfo", "params": {"TaskTyp": "IMAGE_SCAN"}}, "TaskType"),
        ({"params": {"TaskType": "IMAGE_SCNA"}}, "IMAGE_SCAN"),
        ({"code": "Throtling"}, "Throttling"),
        ({"fault": "hicup"}, "hiccup"),
        ({"cuont": 0}, "count"),
    ]
    for conditions, meant in misspelt:
        with pytest.raises(ControlError, match=f"did you mean .*{meant}") as refused:
            account.verify({"count": 0, **conditions})
        assert refused.value.status == 400


def test_an_evicted_call_cannot_be_verified() -> None:
    with Emulator.start(flags=["--journal-entries", "2"]) as emulator:
        busy, quiet = emulator.account(), emulator.account()
        client = busy.client()
        for _ in range(3):
            poll(client)
        with pytest.raises(AssertionError, match="1 calls to the emulator are no longer in its journal"):
            busy.verify({"count": ">=2"})
        # An account is not affected by calls that were evicted before its first.
        later = emulator.account()
        poll(later.client())
        later.verify({"count": 1})
        assert quiet.calls() == []


def test_calls_are_waited_for(account: Account) -> None:
    client = account.client()
    caller = threading.Thread(target=lambda: [poll(client) for _ in range(2)])
    caller.start()
    account.wait_for("GetLastOnceTaskInfo", count=2, params={"TaskType": "ASSETS_*"})
    caller.join()
    with pytest.raises(TimeoutError, match="saw 2 of 3 calls within 10ms"):
        account.wait_for(count=3, timeout="10ms")
    with pytest.raises(ControlError, match="GetLastOnceTaskInfo"):
        account.wait_for("GetLastOnceTaskInof")


def test_the_report_is_a_readable_table(account: Account) -> None:
    assert account.report().endswith("paused\nno calls")
    client = account.client()
    poll(client)
    account.clock.advance("1m")
    with account.fault(id="outage", effect={"error": "ServiceUnavailable"}), pytest.raises(ServerException):
        poll(client)
    head, names, first, second = account.report().splitlines()
    assert head.startswith(f"account {account.access_key_id}, its clock at ")
    assert names.split() == ["#", "time", "task", "clock", "action", "parameters", "answer", "faults", "task"]
    assert first.split()[2:] == [
        *("+0s", "GetLastOnceTaskInfo", "TaskName=ASSETS_COLLECTION", "TaskType=ASSETS_COLLECTION"),
        *("200", "INIT", "0", "%"),
    ]
    assert second.split()[2] == "+60s"
    assert second.split()[-3:] == ["503", "ServiceUnavailable", "outage"]
    assert "test" not in head.replace(account.access_key_id, "")


def test_without_a_journal_the_report_says_so() -> None:
    with Emulator.start(flags=["--journal-entries", "0"]) as emulator:
        assert "the journal is switched off" in emulator.account().report()


def test_long_reports_are_cut(account: Account) -> None:
    client = account.client()
    for _ in range(53):
        poll(client)
    lines = account.report().splitlines()
    assert lines[1] == "(the first 3 calls are left out)"
    assert len(lines) == 3 + 50
    assert lines[3].startswith("4 ")


def test_answers_are_given_to_the_account_alone(account: Account, emulator: Emulator) -> None:
    other, client = emulator.account(), account.client()
    patch = {"TaskInfo": {"Progress": 69}}
    with account.answer("GetLastOnceTaskInfo", sequence=[{"reply": patch}, {"error": "ServerError"}]) as answer:
        assert (poll(client).task_info.progress, answer.position) == (69, 2)
        with pytest.raises(ServerException):
            poll(client)
        assert (answer.hits, poll(other.client()).task_info.progress) == (2, 0)
    assert poll(client).task_info.progress == 0
    assert account.answers.list() == []

    with pytest.raises(ControlError, match="did you mean Progress"):
        account.answers.add("GetLastOnceTaskInfo", reply={"TaskInfo": {"Progres": 1}})
    with pytest.raises(ValueError, match="another account"):
        account.answers.add(match={"action": "DescribeVulList", "account": "other"}, reply={})
