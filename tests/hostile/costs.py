"""Item 2: no request costs more than its answer."""

import concurrent.futures
import pathlib
import re
import tempfile

from client import LATEST, Emulator, Watcher, call, control, resident, run, unsigned
from report import attack

# The largest number of targets that a scenario may give must be one of these, or near it.
TRIED = [4_294_967_295, 10**9, 10**8, 10**7, 10**6, 10**5, 10**4, 10**3]

# Slowest answer that a busy machine may give by itself.
SLOW = 0.2


def scenario(folder, targets):
    file = pathlib.Path(folder, "targets.yaml")
    file.write_text(f'version: 1\nname: targets\nlifecycles: {{ "*": {{ queued: 1s, running: 1h, targets: {targets} }} }}\n')
    return file


@attack(2)
def many_targets(report):
    """A scenario that gives every task four billion targets is refused; with the most that it may have, answers are fast."""
    with tempfile.TemporaryDirectory() as folder:
        taken = [number for number in TRIED if run("check", scenario(folder, number)).returncode == 0]
        report.figure("targets", f"up to {max(taken):,} are taken", max(taken) < TRIED[0])
        with Emulator("--signature", "ignore", "--scenario", scenario(folder, max(taken))) as one:
            call(one, unsigned("PublicCreateImageScanTask", Digests="a"))
            control(one, "POST", "tasks", {"account": "test", "type": "IMAGE_SCAN"})
            control(one, "PUT", "clock", {"action": "advance", "by": "30m"})
            for target in (
                unsigned("DescribeImageLatestScanTask", Digest="no such"),
                unsigned("ListUnfinishedOnceTask", TaskType="IMAGE_SCAN", Target="no such"),
                unsigned("DescribeOnceTaskLeafRecordPage", TaskType="IMAGE_SCAN", RelateInfo="true", CurrentPage=1, PageSize=20),
                LATEST,
            ):
                answer = call(one, target)
                action = target.split("=")[1].split("&")[0]
                report.figure(action, answer.seconds, answer.status == 200 and answer.seconds <= SLOW,
                              "" if answer.status == 200 else f" ({answer.status} {answer.body[:120]!r})")


def with_schedules(one, account, count):
    """Gives an account hourly cycle tasks; returns how many it has."""
    made = 0
    for number in range(count):
        answer = call(one, unsigned(
            "CreateCycleTask", account, TaskType="VIRUS_VUL_SCHEDULE_SCAN", TaskName=f"hourly-{number}", Enable=1,
            FirstDateStr=1_700_000_000_000, IntervalPeriod=1, PeriodUnit="hour", TargetStartTime=0, TargetEndTime=24,
        ))
        made += answer.status == 200
    return made


@attack(2)
def long_jump(report):
    """A jump of ten years with 100 hourly cycle tasks in one account does not hold up another."""
    with Emulator("--signature", "ignore", "--scenario", "instant", "--log", "off") as one:
        report.figure("cycle tasks", (made := with_schedules(one, "jumper", 100)), made == 100)
        other = unsigned("GetLastOnceTaskInfo", "other", TaskType="IMAGE_SCAN", TaskName="IMAGE_SCAN")
        with Watcher(one, other) as before:
            before.over.wait(1)
        with Watcher(one, other) as during, concurrent.futures.ThreadPoolExecutor() as pool:
            jump = pool.submit(control, one, "PUT", "clock", {"action": "advance", "by": "3650d"}, 30)
            jumped = jump.result()
            seen = call(one, unsigned("GetLastOnceTaskInfo", "jumper", TaskType="VIRUS_VUL_SCHEDULE_SCAN",
                                      TaskName="VIRUS_VUL_SCHEDULE_SCAN"), patience=30)
        report.figure("jump", jumped.seconds, jumped.status == 200)
        report.figure("first look after it", seen.seconds, seen.status == 200)
        report.figure("other account, before: slowest", before.slowest)
        limit = max(SLOW, 3 * before.slowest)
        report.figure("other account, during: slowest", during.slowest, during.slowest <= limit and not during.failed,
                      f" of {during.count} calls, {during.failed} failed")
        report.figure("memory", f"{resident(one):.0f} MB")


@attack(2)
def many_targets_restored(report):
    """The same number of targets in a snapshot is refused as in a scenario."""
    with Emulator("--signature", "ignore", "--log", "off") as one:
        control(one, "POST", "tasks", {"account": "test", "type": "IMAGE_SCAN"})
        state = control(one, "GET", "state").body.decode()
        changed, count = re.subn(r'"targets":\d+', '"targets":4294967295', state)
        report.check(count > 0, "a snapshot does not name numbers of targets any more: change this attack")
        answer = control(one, "PUT", "state", changed)
        report.figure("PUT state", answer.status, answer.status == 400)
