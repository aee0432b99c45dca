"""What the tests share: a cluster of emulators in which nothing happens by itself, and what an account shows."""

import pathlib
import tempfile
import unittest

from cluster import cluster
from signing import KINDS

# Nothing starts by itself, and time stands still, so that an account shows what was done in it.
SCENARIO = "{version: 1, name: empty, clock: {paused: true}}"
SCAN = {"TaskType": "IMAGE_SCAN", "TaskName": "IMAGE_SCAN"}
ACCOUNTS = [f"tenant-{number}" for number in range(100)] + [f"LTAI.{number * 7919:08x}_x" for number in range(100)]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.scenario = cls.folder / "empty.yaml"
        cls.scenario.write_text(SCENARIO)

    def cluster(self, number=3, *arguments, **more):
        return self.enterContext(cluster(number, "--scenario", self.scenario, *arguments, **more))


def start(balancer, account, kind=KINDS["V3"]):
    """Starts a scan; its id."""
    return balancer.call(kind, account, "GenerateOnceTask", Param="{}", **SCAN).json()["TaskId"]


def shown(balancer, account, kind=KINDS["V3"]):
    """The number of the scan that a call shows; none if there is no scan."""
    answer = balancer.call(kind, account, "GetLastOnceTaskInfo", **SCAN).json()
    return None if answer["TaskInfo"]["Result"] == "TASK_NOT_EXISTS" else answer["TaskId"]


def callers(replica):
    """The accounts whose calls an emulator got."""
    return {call["account"] for call in replica.control("GET", "requests?limit=10000")["requests"]}


def homes(replicas):
    """Which emulator each account has called; each must have called one alone."""
    found = {}
    for number, replica in enumerate(replicas, 1):
        for account in callers(replica):
            assert found.setdefault(account, number) == number, f"{account} called {found[account]} and {number}"
    return found
