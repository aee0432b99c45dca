"""Polls through broken connections and errors, moves the clock by hours meanwhile, and stops at the end."""

import json
import os
import subprocess

import lib


def clock(by):
    change = [os.environ["EMULATOR_BIN"], "control", "PUT", "clock", json.dumps({"action": "advance", "by": by})]
    subprocess.run(change, check=True, stdout=subprocess.DEVNULL, timeout=30)


for poll in range(1, 30):
    try:
        if lib.is_over(lib.status()):
            break
    except (lib.Refused, json.JSONDecodeError):
        pass
    if poll in (2, 5):
        clock("15m")
    if poll == 9:
        clock("6h")
