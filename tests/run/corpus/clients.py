"""Clients in Python, by name: clients.py NAME. Standard library only."""

import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

# No compiled files beside the sources.
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from signed import signed  # noqa: E402

ENDPOINT = os.environ["SAS_EMULATOR_ENDPOINT"]
KEY = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]
SECRET = os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(action, **parameters):
    """The status and the body of the response."""
    try:
        with DIRECT.open(f"{ENDPOINT}/?{signed(action, KEY, SECRET, **parameters)}", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def scan(task_type="IMAGE_SCAN"):
    return call("GetLastOnceTaskInfo", TaskType=task_type, TaskName=task_type)[1].get("TaskInfo", {})


def until_it_ends(pause):
    while (task := scan()).get("Status") in ("INIT", "START"):
        pause()
    return task


def no_pause():
    until_it_ends(lambda: None)


def a_missing_task_is_success():
    if scan().get("Result") == "TASK_NOT_EXISTS":
        print("nothing to do")


def escaped():
    until_it_ends(lambda: time.sleep(0.1))
    try:
        urllib.request.urlopen("https://oss-cn-hangzhou.aliyuncs.com/report.csv", timeout=30)
    except OSError:
        print("kept the report here")


def new_scan_after_the_end():
    until_it_ends(lambda: time.sleep(0.1))
    status, _ = call("GenerateOnceTask", TaskType="IMAGE_SCAN", TaskName="IMAGE_SCAN", Param="{}")
    assert status == 200, status
    until_it_ends(lambda: time.sleep(0.1))


def another_id_after_a_404():
    for task_type in ("IDC_PROBE_SCAN", "IMAGE_SCAN"):
        status, _ = call("GetLastOnceTaskInfo", TaskType=task_type, TaskName=task_type)
        print(status)


def moved_clock():
    """As a test does that replaces `time.sleep`: no real time passes between polls."""
    def advance():
        order = json.dumps({"action": "advance", "by": "60s"}).encode()
        headers = {"Content-Type": "application/json"}
        DIRECT.open(urllib.request.Request(f"{ENDPOINT}/_emulator/clock?account={KEY}", order, headers, method="PUT")).close()
    until_it_ends(advance)


globals()[sys.argv[1]]()
