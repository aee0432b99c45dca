"""The pytest plugin, in separate runs of pytest."""

from __future__ import annotations

import functools
import re
import textwrap
from typing import TYPE_CHECKING, Protocol

import pytest

from sas_emulator import Emulator

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import os
import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdksas.request.v20181203.GetLastOnceTaskInfoRequest import GetLastOnceTaskInfoRequest

def poll(account, task_type="ASSETS_COLLECTION"):
    # The older client imports ten times faster, and every worker imports it.
    request = GetLastOnceTaskInfoRequest()
    request.add_query_param("TaskType", task_type)
    request.add_query_param("TaskName", task_type)
    return account.legacy_client().do_action_with_exception(request)
"""


class Run(Protocol):
    """Runs a test module, with arguments for pytest."""

    def __call__(self, module: str, *arguments: str) -> pytest.RunResult:
        """Run it."""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Return a function that runs a test module in this process; workers are separate processes."""

    def run(module: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(f"{HEAD}\n{textwrap.dedent(module)}")
        return pytester.runpytest_inprocess(*arguments)

    return run


def lines(path: Path) -> list[str]:
    """Read the notes that the tests of a run wrote."""
    return path.read_text().splitlines()


def test_every_test_has_an_account_of_its_own(run: Run) -> None:
    result = run("""
    def test_first(sas_account):
        before = sas_account.clock.now
        assert b'"INIT"' in poll(sas_account)
        assert sas_account.clock.now == before
        sas_account.clock.advance("1h")
        sas_account.faults.add(effect={"error": "ServerError"})

    def test_second(sas_account, sas_emulator):
        assert b'"INIT"' in poll(sas_account)
        assert len(sas_account.calls()) == 1
        # Nothing is left of the first test.
        assert sas_emulator._control.get("faults")["faults"] == []
        assert sas_emulator.info()["tasks"]["total"] == 1

    def test_third(sas_account_factory):
        one, other = sas_account_factory(), sas_account_factory()
        poll(one)
        assert one.access_key_id + "-2" == other.access_key_id
        assert (len(one.calls()), len(other.calls())) == (1, 0)
        assert other.clock.is_paused
    """)
    result.assert_outcomes(passed=3)


def test_the_account_is_named_after_the_test(run: Run) -> None:
    module = """
    @pytest.mark.parametrize("value", ["a b/c", "ü" * 200])
    def test_that(sas_account, value):
        print("named", sas_account.access_key_id)
    """
    names = [re.findall(r"named \S+", run(module, "-s").stdout.str()) for _ in range(2)]
    assert names[0] == names[1]
    assert len(set(names[0])) == 2
    assert re.fullmatch("named test-that-a-b-c-[0-9a-f]{10}", names[0][0])


def test_markers_say_how_the_account_begins(run: Run) -> None:
    result = run("""
    pytestmark = pytest.mark.sas(clock="running", faults=[{"id": "always", "effect": {"headers": {"set": {"a": "b"}}}}])

    def test_module(sas_account):
        assert not sas_account.clock.is_paused
        assert [fault.id for fault in sas_account.faults.list()] == ["always"]

    @pytest.mark.sas(clock=60, faults=[{"trigger": {"times": 1}, "effect": {"error": "ServerError"}}])
    def test_function(sas_account):
        assert sas_account.clock.rate == 60.0
        assert [fault.id for fault in sas_account.faults.list()] == ["always", "fault-1"]
        with pytest.raises(ServerException):
            poll(sas_account)
        poll(sas_account)

    @pytest.mark.sas(clock="stopped")
    def test_no_such_clock(sas_account): ...

    @pytest.mark.sas(scenery="stuck")
    def test_no_such_argument(sas_account): ...
    """)
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines_random(
        [
            """*a clock is "paused", "running" or a rate above 0, not 'stopped'*""",
            "*the marker sas does not take 'scenery'; it takes clock, faults and scenario*",
        ]
    )


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "with workers"])
def test_a_marker_chooses_the_scenario(run: Run, pytester: pytest.Pytester, workers: list[str]) -> None:
    (pytester.mkdir("worlds") / "mine.yaml").write_text("version: 1\nname: mine\nstart_on_first_poll: ['*']\n")
    result = run(
        """
    from sas_emulator import Emulator

    def name(account):
        return Emulator(account.endpoint).info()["scenario"]["name"]

    def test_usual(sas_emulator, sas_account):
        assert name(sas_account) == "default"

    @pytest.mark.sas(scenario="stuck", clock="running")
    class TestStuck:
        def test_it(self, sas_account):
            assert name(sas_account) == "stuck"
            assert not sas_account.clock.is_paused
            poll(sas_account)
            assert len(sas_account.calls()) == 1

        # The innermost marker counts; files are where the settings' are.
        @pytest.mark.sas(scenario=["default", "worlds/mine.yaml"])
        def test_other(self, sas_account):
            assert name(sas_account) == "mine"

        @pytest.mark.sas(scenario="stukc")
        def test_misspelt(self, sas_account): ...
    """,
        *workers,
    )
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*did you mean stuck*"])
    assert "Traceback" not in result.stdout.str()


def test_a_marker_needs_no_emulator_that_runs_elsewhere(run: Run, emulator: Emulator) -> None:
    result = run(
        """
    @pytest.mark.sas(scenario="stuck")
    def test_it(sas_account):
        from sas_emulator import Emulator
        assert Emulator(sas_account.endpoint).info()["scenario"]["name"] == "stuck"
        poll(sas_account)
    """,
        f"--sas-emulator-endpoint={emulator.endpoint}",
    )
    result.assert_outcomes(passed=1)


def test_an_account_that_the_scenario_does_not_list_is_explained(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", keys="version: 1\nname: keys\naccounts: [{ access_key_id: ci }]\n")
    result = run("def test_it(sas_account): ...", "--sas-scenario=keys.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "no AccessKeyId test-it-* exists (the scenario's accounts:, or --keys, list the AccessKeyIds there are)",
            '*add { access_key_id: "[*]" } to accounts: in the scenario*sas_emulator.account("ID", "SECRET")*',
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_an_interrupted_test_shows_its_journal(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        HEAD
        + """
def test_before(sas_account):
    poll(sas_account, "VUL_CHECK_TASK")

def test_it(sas_account):
    poll(sas_account)
    raise KeyboardInterrupt
"""
    )
    # In a process of its own: pytest passes an interrupt on to the run around it.
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    text = result.stdout.str()
    assert text.count("- sas-emulator journal -") == 1
    result.stdout.fnmatch_lines(["*sas-emulator journal*", "account test-it-*", "#*", "1 *ASSETS_COLLECTION*"])
    assert "VUL_CHECK_TASK" not in text


def test_a_failed_expectation_points_at_the_test(run: Run) -> None:
    result = run(
        """
    def test_verify(sas_account):
        sas_account.verify({"action": "CancelOnceTask", "count": 1})

    def test_wait(sas_account):
        sas_account.wait_for("CancelOnceTask", timeout="10ms")

    def test_misspelt(sas_account):
        sas_account.verify("CancelOnceTsk")
    """,
        "--tb=short",
    )
    result.assert_outcomes(failed=3)
    # Lines of the package are not shown, only those of the test.
    assert not re.findall(r"^.*(account|control)\.py:\d+.*$", result.stdout.str(), re.MULTILINE)
    result.stdout.fnmatch_lines(["*CancelOnceTask*"])


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "with workers"])
def test_a_test_that_fails_shows_its_journal(run: Run, workers: list[str]) -> None:
    result = run(
        """
    def test_broken(sas_account):
        sas_account.faults.add(id="bad-day", effect={"error": "ServerError"}, match={"params": {"TaskType": "IM*"}})
        poll(sas_account)
        sas_account.clock.advance("1m")
        poll(sas_account, "IMAGE_SCAN")

    def test_sound(sas_account):
        poll(sas_account, "VUL_CHECK_TASK")

    @pytest.fixture
    def broken(sas_account):
        poll(sas_account, "IDC_PROBE_SCAN")
        raise ValueError("of the fixture")

    def test_with_a_broken_fixture(broken): ...
    """,
        *workers,
    )
    result.assert_outcomes(passed=1, failed=1, errors=1)
    text = result.stdout.str()
    assert text.count("- sas-emulator journal -") == 2
    first, second = (
        "*GetLastOnceTaskInfo  Task*=ASSETS_COLLECTION * 200 *INIT 0 %",
        "*+60s *500 ServerError *bad-day*",
    )
    result.stdout.fnmatch_lines(["account test-broken-*, its clock at *, paused", "#*", "1 *" + first, "2 *" + second])
    result.stdout.fnmatch_lines(["account test-with-a-broken-fixt*", "#*", "1 *IDC_PROBE_SCAN*"])
    assert "VUL_CHECK_TASK" not in text


def test_settings_are_beside_the_ini_file(run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makefile(".yaml", mine="version: 1\nname: mine\nstart_on_first_poll: ['*']\n")
    pytester.makeini("[pytest]\nsas_scenario = stuck mine.yaml\nsas_clock = 60\n")
    module = """
    def test_world(sas_emulator, sas_account):
        assert sas_emulator.info()["scenario"]["name"] == "mine"
        assert sas_account.clock.rate == 60.0

    def test_other_world(sas_emulator):
        assert sas_emulator.info()["scenario"]["name"] == "instant"
    """
    folder = pytester.mkdir("elsewhere")
    monkeypatch.chdir(folder)
    run(module, "-k", "test_world", "..").assert_outcomes(passed=1, deselected=1)
    run(module, "--sas-scenario=instant", "-k", "other_world", "..").assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "with workers"])
def test_a_running_emulator_is_used(
    run: Run, pytester: pytest.Pytester, emulator: Emulator, workers: list[str]
) -> None:
    module = """
    def test_attached(sas_account):
        poll(sas_account)
        with open(__file__ + ".txt", "a") as notes:
            print(sas_account.endpoint, sas_account.access_key_id, file=notes)
    """
    for _ in range(2):
        run(module, f"--sas-emulator-endpoint={emulator.endpoint}", *workers).assert_outcomes(passed=1)
    (first, first_name), (second, second_name) = (line.split() for line in lines(next(pytester.path.glob("*.txt"))))
    assert first == second == emulator.endpoint
    assert first_name != second_name, "two runs may use it at the same time"
    assert emulator.is_running


def test_an_endpoint_without_an_emulator_is_reported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAS_EMULATOR_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(Emulator, "attach", functools.partial(Emulator.attach, patience=0.0))
    result = run("def test_it(sas_account): ...")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["no emulator answers at http://127.0.0.1:9*the variable SAS_EMULATOR_ENDPOINT names it*"]
    )


def test_a_running_emulator_keeps_its_scenario(run: Run, emulator: Emulator) -> None:
    result = run(
        "def test_it(sas_account): ...", f"--sas-emulator-endpoint={emulator.endpoint}", "--sas-scenario=stuck"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*runs already and keeps its scenario: start it with --scenario stuck*"])


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "with workers"])
def test_a_test_without_fixtures_starts_nothing(run: Run, monkeypatch: pytest.MonkeyPatch, workers: list[str]) -> None:
    monkeypatch.setenv("SAS_EMULATOR_BIN", "no-such-program")
    result = run("def test_without(): ...\ndef test_with(sas_account): ...", *workers)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*SAS_EMULATOR_BIN names no program that can be run: no-such-program*"])
    assert "Traceback" not in result.stdout.str()


def test_an_emulator_that_ends_is_reported(run: Run) -> None:
    result = run("""
    import signal

    def test_it(sas_emulator, sas_account, request):
        from sas_emulator.pytest_plugin import _HOST
        emulator = request.config.stash[_HOST].emulator
        os.kill(emulator._process._process.pid, signal.SIGKILL)
        emulator._process._process.wait()
        poll(sas_account)
    """)
    result.stdout.fnmatch_lines(["*sas-emulator ended before the tests*"])
    result.stdout.fnmatch_lines(["no emulator answers at *"])


def test_the_environment_configures_the_account(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    run("""
    def test_it(sas_environment, sas_account):
        from alibabacloud_sas20181203.client import Client
        from alibabacloud_tea_openapi.utils_models import Config
        from wire import poll
        own = os.environ
        client = Client(Config(
            access_key_id=own["ALIBABA_CLOUD_ACCESS_KEY_ID"], access_key_secret=own["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            endpoint=own["SAS_ENDPOINT"], protocol=own["SAS_PROTOCOL"]))
        assert poll(client).task_info.status == "INIT"
        assert len(sas_account.calls()) == 1
    """).assert_outcomes(passed=1)


def test_every_worker_may_run_every_test(run: Run) -> None:
    run(
        """
    @pytest.mark.parametrize("number", range(5))
    def test_it(sas_account, number):
        poll(sas_account)
        sas_account.verify({"count": 1})
    """,
        "--dist=each",
        "--tx=3*popen",
    ).assert_outcomes(passed=15)
