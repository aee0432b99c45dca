"""The common code of the clients: one call by `sas-emulator call`, as in a shell script."""

import json
import os
import re
import subprocess
import time


class Refused(Exception):
    """An error answer, with the code and how long the service says to wait, in seconds."""

    def __init__(self, code, wait):
        super().__init__(code)
        self.code, self.wait = code, wait


def status():
    """What the scan shows now."""
    call = [os.environ["EMULATOR_BIN"], "call", "GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN", "TaskName=IMAGE_SCAN",
            "--access-key-id", os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            "--access-key-secret", os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]]
    ended = subprocess.run(call, capture_output=True, text=True)
    answer = json.loads(ended.stdout)
    if ended.returncode:
        wait = re.search(r"retry after (\d+) ms", ended.stderr)
        raise Refused(answer["Code"], int(wait[1]) / 1000 if wait else 0)
    return answer["TaskInfo"]["Status"]


def is_over(shown):
    return shown not in ("INIT", "START")


def pause(seconds=0.1):
    time.sleep(seconds)
