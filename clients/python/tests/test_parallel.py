"""Two hundred tests in eight processes share one emulator, and do not affect each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sas_emulator import Emulator

if TYPE_CHECKING:
    import pytest

# Each test moves its clock by a different time, arms a different fault under the same name, and makes a different
# number of calls.
MODULE = """
import datetime as dt
import json
import os
import pathlib
import pytest
from alibabacloud_sas20181203.models import GetLastOnceTaskInfoRequest
from alibabacloud_tea_openapi.exceptions import ClientException

NOTES = pathlib.Path(__file__).parent
POLL = GetLastOnceTaskInfoRequest(task_type="ASSETS_COLLECTION", task_name="ASSETS_COLLECTION")

@pytest.mark.parametrize("number", range(200))
def test_alone(number, sas_emulator, sas_account, sas_client):
    begin = sas_account.clock.now
    new = sas_client.get_last_once_task_info(POLL).body
    assert new.task_info.status == "INIT"

    # An hour for the first, a thousand for the last; the scan needs seconds.
    seen = sas_account.clock.advance(dt.timedelta(hours=1 + 5 * number))
    assert [(each.account, each.after) for each in seen] == [
        (sas_account.access_key_id, "START"), (sas_account.access_key_id, "SUCCESS")]
    assert sas_client.get_last_once_task_info(POLL).body.task_info.status == "SUCCESS"

    effect = {"error": {"status": 400 + number % 50, "code": f"Mine{number}", "message": "mine"}}
    times = 1 + number % 3
    fault = sas_account.faults.add(id="mine", trigger={"times": times}, effect=effect)
    for _ in range(times):
        with pytest.raises(ClientException) as caught:
            sas_client.get_last_once_task_info(POLL)
        assert (caught.value.status_code, caught.value.code) == (400 + number % 50, f"Mine{number}")
    last = sas_client.get_last_once_task_info(POLL).body
    assert (last.task_id, last.task_info.status) == (new.task_id, "SUCCESS")

    # No other test moved the clock, fired a fault, made a call, or left a task.
    assert sas_account.clock.now - begin == dt.timedelta(hours=1 + 5 * number)
    assert (fault.hits, fault.matched) == (times, times + 1)
    assert [armed.id for armed in sas_account.faults.list()] == ["mine"]
    assert [call.faults for call in sas_account.calls()] == [(), (), *[("mine",)] * times, ()]
    assert [task.number for task in sas_account.tasks.list()] == [new.task_id]
    sas_account.verify({"action": "GetLastOnceTaskInfo", "count": 3 + times})

    note = {"endpoint": sas_emulator.endpoint, "account": sas_account.access_key_id, "others": others(sas_emulator),
            "worker": os.environ["PYTEST_XDIST_WORKER"]}
    (NOTES / f"{number}.json").write_text(json.dumps(note))

def others(emulator):
    return len(emulator._control.get("faults")["faults"]) - 1
"""


def test_two_hundred_tests_share_one_emulator(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(MODULE)
    result = pytester.runpytest_subprocess("-n8", "-q")
    result.assert_outcomes(passed=200)
    notes = [json.loads(path.read_text()) for path in pytester.path.glob("*.json")]
    assert len({note["account"] for note in notes}) == 200
    assert len({note["worker"] for note in notes}) == 8
    assert any(note["others"] for note in notes), "they ran one after the other, which proves nothing"
    (endpoint,) = {note["endpoint"] for note in notes}
    assert not Emulator(endpoint).is_running
