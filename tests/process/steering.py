"""The commands that steer and show a running emulator."""

import json
import pathlib
import tempfile
import unittest

from harness import Emulator, Running, closed_port, run


class Steered(unittest.TestCase):
    """An emulator for the tests of one class; each test begins it anew."""

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator("--log", "off", "--scenario", "default")
        cls.addClassCleanup(cls.emulator.__exit__)

    def setUp(self):
        self.emulator.control("POST", "reset")

    def ended(self, *arguments, **settings):
        return run(*arguments, "--endpoint", self.emulator.endpoint, **settings)

    def said(self, *arguments, code=0):
        """What the command prints; it must end with that code."""
        ended = self.ended(*arguments)
        self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
        return ended.stdout if code == 0 else ended.stderr

    def poll(self, kind="IMAGE_SCAN", **settings):
        return self.ended("call", "GetLastOnceTaskInfo", f"TaskType={kind}", f"TaskName={kind}", **settings)


class Clock(Steered):
    def test_it_is_shown_paused_moved_and_resumed(self):
        self.assertRegex(self.said("clock"), r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ running rate 1\n$")
        paused = self.said("clock", "pause")
        self.assertRegex(paused, r"Z paused rate 1\n$")
        self.assertEqual(self.said("clock", "show"), paused)
        self.poll()
        moved = self.said("clock", "advance", "6h").splitlines()
        self.assertRegex(moved[0], r"^\S+Z paused rate 1, 2 transitions$")
        self.assertRegex(moved[1], r"^  \S+Z  IMAGE_SCAN +INIT -> START ")
        self.assertEqual([line.split("->")[1].split()[0] for line in moved[1:]][-1], "SUCCESS")
        self.assertRegex(self.said("clock", "scale", "60"), r"paused rate 60\n$")
        self.assertRegex(self.said("clock", "resume"), r"running rate 60\n$")
        self.assertRegex(self.said("clock", "set", "2099-01-01T00:00:00Z"), r"^2099-01-01T00:00:0")

    def test_an_account_has_its_own(self):
        self.assertIn("account=ci", self.said("clock", "pause", "--account", "ci"))
        self.assertRegex(self.said("clock"), r"running rate 1\n  ci +\S+Z paused rate 1\n$")

    def test_json_is_the_answer_as_it_is(self):
        self.assertEqual(json.loads(self.said("clock", "pause", "--json"))["paused"], True)

    def test_what_is_refused_is_said_in_two_lines(self):
        said = self.said("clock", "set", "2001-01-01T00:00:00Z", code=1)
        self.assertRegex(said, r"^error: .*\nhint: .+\n$")
        self.assertRegex(self.said("clock", "advance", "6 parsecs", code=2), "^error: .*parsecs")
        said = self.said("clock", "puase", code=2)
        self.assertIn("pause", said)

    def test_nothing_listens(self):
        ended = run("clock", "--endpoint", closed_port())
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, r"^error: cannot reach http://.*\nhint: start an emulator with `sas-emulator`")

    def test_reset(self):
        self.said("clock", "pause")
        self.assertEqual(self.said("reset"), "all is as at the start\n")
        self.assertIn("running", self.said("clock"))
        self.assertEqual(self.said("reset", "--account", "ci"), "account ci is as at the start\n")


class Several(Steered):
    def test_each_answers_and_all_are_asked_first(self):
        with Emulator("--log", "off") as other:
            both = ["--endpoint", self.emulator.endpoint, "--endpoint", other.endpoint]
            lines = run("clock", "pause", *both).stdout.splitlines()
            self.assertEqual([line.split()[0] for line in lines], [self.emulator.endpoint, other.endpoint])
            lines = run("clock", "--json", *both).stdout.splitlines()
            self.assertEqual([json.loads(line)["paused"] for line in lines], [True, True])
            tasks = run("tasks", *both).stdout
            self.assertEqual(tasks.count("no tasks"), 2)
            gone = closed_port()
            ended = run("clock", "resume", *both, "--endpoint", gone)
            self.assertEqual(ended.returncode, 1)
            self.assertRegex(ended.stderr, "^error: nothing was sent: 1 of 3 emulators failed: cannot reach")
            self.assertIn("paused", run("clock", *both).stdout)


class Tasks(Steered):
    def test_they_are_started_listed_forced_and_shown(self):
        self.said("clock", "pause")
        self.assertEqual(self.said("tasks"), "no tasks\n")
        started = self.said("tasks", "start", "IMAGE_SCAN", "--account", "ci", "--source", "schedule")
        id = started.split()[0]
        self.assertRegex(started, r"^[0-9a-f]{32} IMAGE_SCAN INIT 0% account=ci\n$")
        listed = self.said("tasks").splitlines()
        self.assertRegex(listed[0], r"^id +account +type +source +status +progress +started$")
        self.assertRegex(listed[1], rf"^{id} +ci +IMAGE_SCAN +schedule +INIT +0% +20")
        self.assertRegex(self.said("tasks", "stall", id, "69"), r"START 69% account=ci")
        self.assertRegex(self.said("tasks", "show", id), r"(?m)^status +START$")
        self.assertRegex(self.said("tasks", "finish", id), r"SUCCESS 100%")
        self.assertRegex(self.said("tasks", "fail", id, code=1), "^error: .*\nhint: ")
        self.assertEqual(json.loads(self.said("tasks", "--json"))["total"], 1)
        self.assertRegex(self.said("tasks", "start", "IMAGESCAN", code=1), "^error: .*did you mean IMAGE_SCAN")

    def test_of_many_the_first_are_listed(self):
        for _ in range(3):
            self.said("tasks", "start", "VUL_CHECK_TASK")
        listed = self.said("tasks", "list", "--limit", "2").splitlines()
        self.assertEqual(len(listed), 4)
        self.assertRegex(listed[-1], r"^2 of 3; --from \S+ lists on$")


class Faults(Steered):
    def test_one_is_armed_by_words_seen_and_removed(self):
        self.assertEqual(self.said("faults"), "no faults\n")
        words = ["error=ServerError", "action=GetLast*", "times=3"]
        self.assertEqual(self.said("faults", "add", *words), "fault-1\n")
        self.assertEqual(self.poll().returncode, 1)
        listed = self.said("faults").splitlines()
        self.assertRegex(listed[0], r"^id +hits +what$")
        self.assertRegex(listed[1], r"^fault-1 +1 +error=ServerError action=GetLast\* times=3$")
        self.assertEqual(self.said("faults", "remove", "fault-1"), "fault-1 is disarmed\n")
        self.said("faults", "add", "delay=1ms", "id=slow", "account=ci")
        self.assertEqual(self.said("faults", "clear"), "no faults\n")

    def test_all_parts_of_a_rule(self):
        words = ["id=all", "error=ServerError", "account=ci", "task.status=START", "params.TaskType=IMAGE_SCAN",
                 "calls=3..5", "delay={p50: 200ms, p99: 3s}", "window.from=10s", "throttle=1/s"]
        self.said("faults", "add", *words, code=2)  # throttle and error do not go together
        self.said("faults", "add", *words[:-1])
        rule = self.emulator.control("GET", "faults")["faults"][0]
        self.assertEqual(rule["id"], "all")
        self.assertEqual(rule["rule"]["match"]["params"], {"TaskType": "IMAGE_SCAN"})
        self.assertEqual(rule["rule"]["trigger"]["window"], {"from": "10s"})
        self.assertEqual(self.said("faults", "add", "throttle=1/s"), "fault-1\n")
        self.assertEqual(self.said("faults", "add", "connection=reset", "account=007"), "fault-2\n")

    def test_a_mistake_names_its_word(self):
        for words, said in {
            ("eror=ServerError",): 'eror: no fault has that key; did you mean error?',
            ("error=ServerEror",): "error=ServerEror: ",
            ("action=GetLast*",): "an effect is needed",
            ("error=ServerError", "times=many"): "times=many: ",
            ("error=ServerError", "action=GetLst*"): "action=GetLst\\*: ",
            ("error=ServerError", "error=NoPermission"): "error is given twice",
            ("delay={p50: 1s",): "delay={p50: 1s: ",
        }.items():
            with self.subTest(words=words):
                self.assertRegex(self.said("faults", "add", *words, code=2), f"^error: {said}")

    def test_a_file_has_rules_too(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "rules.yaml")
            file.write_text("- effect: { error: ServerError }\n- effect: { delay: 1s }\n")
            self.assertEqual(self.said("faults", "add", file), "fault-1\nfault-2\n")
            file.write_text("- effect: { eror: ServerError }\n")
            self.assertRegex(self.said("faults", "add", file, code=2), rf"^error: {file}:1:\d+: .*error")


class Answers(Steered):
    def test_one_is_added_given_and_removed(self):
        words = ["action=DescribeVulList", "reply={TotalCount: 0, VulRecords: []}"]
        self.assertEqual(self.said("answers", "add", *words), "answer-1\n")
        self.assertRegex(self.said("answers"), r"(?m)^answer-1 +0 +action=DescribeVulList reply=\{")
        self.assertRegex(self.said("answers", "add", "reply={TotalCount: 0}", code=2), "^error: ")
        self.assertRegex(self.said("answers", "add", "action=DescribeVulList", "reply={TotalCont: 0}", code=2),
                         "^error: reply={TotalCont: 0}: .*TotalCount")
        self.assertEqual(self.said("answers", "remove", "answer-1"), "answer-1 is removed\n")
        self.assertRegex(self.said("answers", "remove", "answer-1", code=1), "^error: no answer is called")
        self.assertEqual(self.said("answers", "clear"), "no answers\n")


class Requests(Steered):
    def test_the_newest_is_last(self):
        self.poll()
        self.poll("VUL_CHECK_TASK")
        self.ended("call", "GetLastOnceTaskInfo")
        lines = self.said("requests").splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], r"^#\d+ +\d\d:\d\d:\d\d GetLastOnceTaskInfo IMAGE_SCAN => 200 INIT 0% account=test [\d.]+ms$")
        self.assertRegex(lines[2], r"GetLastOnceTaskInfo => 400 \(MissingTask\w+\) account=test")
        self.assertEqual(len(self.said("requests", "status=200", "params.TaskType=VUL_*").splitlines()), 1)
        self.assertEqual(len(self.said("requests", "--limit", "1").splitlines()), 1)
        self.assertRegex(self.said("requests", "stats=200", code=1), "^error: .*\nhint: ")
        self.assertEqual(self.said("requests", "account=test", "clear", code=2)[:6], "error:")

    def test_they_are_followed_over_a_restart(self):
        port = closed_port()
        listen = ["--listen", port.removeprefix("http://")]
        with Emulator("--log", "off", *listen, listen=False) as first:
            following = Running("requests", "--follow", "action=GetLast*", "--endpoint", first.endpoint)
            self.addCleanup(following.kill)
            following.wait_for("listening", stream="stderr")
            run("call", "GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN", "TaskName=IMAGE_SCAN", "--endpoint", first.endpoint)
            run("call", "DescribeOnceTask", "--endpoint", first.endpoint)
            following.wait_for("IMAGE_SCAN => 200")
        following.wait_for("again", stream="stderr")
        with Emulator("--log", "off", *listen, listen=False) as second:
            run("call", "GetLastOnceTaskInfo", "TaskType=VUL_CHECK_TASK", "TaskName=VUL_CHECK_TASK", "--endpoint", second.endpoint)
            following.wait_for("VUL_CHECK_TASK => 200")
            self.assertNotIn("DescribeOnceTask", following.stdout.read_text())
            self.assertEqual(following.interrupted(), 0)

    def test_events_are_shown(self):
        self.said("faults", "add", "error=ServerError", "times=1")
        following = Running("events", "--endpoint", self.emulator.endpoint)
        self.addCleanup(following.kill)
        following.wait_for("listening", stream="stderr")
        self.poll()
        following.wait_for("=> 500 (ServerError)")
        self.assertRegex(following.stdout.read_text(), r"(?m)^fault +fault-1 .*\ncall +#")
        self.assertEqual(following.interrupted(), 0)


class Verify(Steered):
    def test_a_verdict_is_told_as_run_tells_it(self):
        self.poll()
        self.assertEqual(self.said("verify", "action=GetLastOnceTaskInfo", "calls=1"),
                         "ok    exactly 1 call of GetLastOnceTaskInfo\nthe expectation was met\n")
        ended = self.ended("verify", "action=GetLastOnceTaskInfo", "calls=>=3", "gap=>=1s")
        self.assertEqual(ended.returncode, 3)
        self.assertRegex(ended.stdout, r"^FAIL  at least 3 calls of GetLastOnceTaskInfo\n")
        self.assertRegex(self.said("verify", "action=GetLastOnceTaskInf", code=1), "^error: .*did you mean")
        self.assertRegex(self.said("verify", "gap=soon", code=2), "^error: gap=soon: ")
        self.assertFalse(json.loads(self.ended("verify", "action=CancelOnceTask", "--json").stdout)["passed"])


class Scenarios(Steered):
    def test_one_is_loaded_and_shown(self):
        self.assertRegex(self.said("scenario"), r"^# default: Every scan succeeds.*\n# seed 0\n")
        self.assertRegex(self.said("scenario", "load", "stuck"), "^stuck: Every scan stalls")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "mine.yaml")
            file.write_text("version: 1\nname: mine\nseed: 5\n")
            self.assertRegex(self.said("scenario", "load", file), "^mine")
            shown = pathlib.Path(folder, "shown.yaml")
            shown.write_text(self.said("scenario", "show"))
            self.assertEqual(run("check", shown).returncode, 0)
            file.write_text("version: 1\nname: mine\nsed: 5\n")
            said = self.said("scenario", "load", file, code=2)
            self.assertRegex(said, rf"^error: {file}:3:1: .*did you mean seed")
            self.assertIn("3 | sed: 5", said)
        self.said("scenario", "load", "stcuk", code=2)
        self.said("scenario", "load", "default")


class State(Steered):
    def test_a_file_keeps_it(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "state.json")
            self.said("tasks", "start", "IMAGE_SCAN")
            self.assertRegex(self.said("state", "save", file), rf"^{file}: \d+ bytes\n$")
            self.said("reset")
            self.assertEqual(self.said("tasks"), "no tasks\n")
            self.assertRegex(self.said("state", "load", file), r"^restored: 1 account, 20")
            self.assertIn("IMAGE_SCAN", self.said("tasks"))
            file.write_text("{}")
            self.assertRegex(self.said("state", "load", file, code=1), "^error: ")


    def test_a_name_keeps_it(self):
        self.assertEqual(self.said("state"), "nothing is saved\n")
        self.said("tasks", "start", "IMAGE_SCAN")
        self.assertRegex(self.said("state", "save", "before"), r"^before: \d+ bytes\n$")
        self.said("reset")
        self.assertRegex(self.said("state"), r"(?m)^before +20\S+Z +\d+ +1$")
        self.assertRegex(self.said("state", "load", "before"), "^restored: 1 account, 20")
        self.assertIn("IMAGE_SCAN", self.said("tasks", "--status", "INIT"))
        self.assertRegex(self.said("state", "load", "befor", code=1), "^error: .*\nhint: did you mean before")
        self.assertEqual(self.said("state", "remove", "before"), "before is forgotten\n")


class Shown(unittest.TestCase):
    """What is known without an emulator."""

    def test_operations(self):
        shown = run("operations", "GenerateOnceTask")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertRegex(shown.stdout, r"(?m)^  TaskType +required")
        self.assertRegex(shown.stdout, r"(?m)^  sas-emulator call GenerateOnceTask TaskType=")
        self.assertIn("shape", run("operations", "DescribeCustomizeReportList").stdout)
        wrong = run("operations", "GenerateOnceTsk")
        self.assertEqual(wrong.returncode, 2)
        self.assertRegex(wrong.stderr, "^error: .*did you mean GenerateOnceTask")

    def test_task_types(self):
        self.assertRegex(run("task-types").stdout, r"(?m)^IMAGE_SCAN +")
