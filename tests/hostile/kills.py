"""Item 10: kill -9 at any moment costs at most the promised second of what was acknowledged."""

import json
import pathlib
import random
import tempfile
import threading
import time

from client import Emulator, ask, control, flags
from report import attack

# The promise of --state-file, and what a busy machine may add to it.
PROMISE, NOISE = 1.0, 1.0

# Rounds of the attack; `scripts/hostile kills 100` makes more.
TIMES = 5


class Load:
    """Starts tasks all the time, each in its turn, and notes when each was acknowledged."""

    def __init__(self, one, account):
        self.one, self.account = one, account
        self.acknowledged = {}
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def run(self):
        body = json.dumps({"account": self.account, "type": "ASSETS_COLLECTION"})
        while not self.over.is_set():
            answer = ask(self.one, "POST", "/_emulator/tasks", body, {"Content-Type": "application/json"}, 2)
            if answer.status == 201:
                self.acknowledged[answer.json()["id"]] = time.monotonic()
            elif answer.status == 0 and not self.over.is_set():
                time.sleep(0.005)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join(5)


def shown(one, account):
    """The ids of an account's tasks, as the restarted emulator knows them."""
    ids, place = set(), ""
    while True:
        answer = control(one, "GET", f"tasks?account={account}&limit=1000000{place}", patience=20)
        if answer.status != 200:
            return set()
        page = answer.json()
        ids.update(task["id"] for task in page["tasks"])
        if "next" not in page:
            return ids
        place = f"&from={page['next']}"


def rounds(report, times):
    """Kills and restarts; the figures are the worst of all rounds."""
    most_calls, most_seconds, total, slowest = 0, 0.0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder, "state.json")
        arguments = ["--signature", "ignore", "--scenario", "instant", "--log", "warn", "--state-file", state,
                     *flags(("--save-every", "1"))]
        for number in range(times):
            account = f"round-{number}"
            with Emulator(*arguments) as one:
                load = Load(one, account)
                time.sleep(random.uniform(0.02, 2.5))
                killed = time.monotonic()
                one.kill()
                load.end()
            # What came after the signal was sent, but before the process ended, counts as lost at once.
            begin = time.monotonic()
            with Emulator(*arguments) as one:
                slowest = max(slowest, time.monotonic() - begin)
                known = shown(one, account)
                control(one, "DELETE", f"accounts/{account}")
            lost = [at for task, at in load.acknowledged.items() if task not in known]
            total += len(load.acknowledged)
            most_calls = max(most_calls, len(lost))
            most_seconds = max(most_seconds, max((killed - at for at in lost), default=0.0))
            if state.exists():
                json.loads(state.read_bytes())
        left = [file.name for file in pathlib.Path(folder).iterdir() if file != state]
    report.figure("kills", f"{times}, {total} changes acknowledged")
    report.figure("most changes lost", most_calls)
    report.figure("most seconds lost", most_seconds, most_seconds <= PROMISE + NOISE)
    report.figure("slowest restart", slowest)
    report.figure("files left beside the state", len(left), len(left) <= times)


@attack(10)
def kills(report):
    """kill -9 at random moments under load: every restart works, and at most the promised second is lost."""
    rounds(report, TIMES)


kills.longest = 3600
