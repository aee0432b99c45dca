"""Clients in Python, by name: clients.py NAME. Standard library only."""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

ENDPOINT = os.environ["SAS_EMULATOR_ENDPOINT"]
KEY = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]
SECRET = os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def signed(action, **parameters):
    """The query of a call, signed as the legacy SDKs sign (HMAC-SHA1)."""
    parameters |= {
        "Action": action, "Version": "2018-12-03", "Format": "JSON", "AccessKeyId": KEY,
        "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": str(uuid.uuid4()),
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    query = urllib.parse.urlencode(sorted(parameters.items()), quote_via=urllib.parse.quote, safe="-_.~")
    text = "GET&%2F&" + urllib.parse.quote(query, safe="-_.~")
    digest = hmac.digest(f"{SECRET}&".encode(), text.encode(), hashlib.sha1)
    return query + "&Signature=" + urllib.parse.quote(base64.b64encode(digest), safe="")


def call(action, **parameters):
    """The status and the body of the response."""
    try:
        with DIRECT.open(f"{ENDPOINT}/?{signed(action, **parameters)}", timeout=30) as answer:
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
