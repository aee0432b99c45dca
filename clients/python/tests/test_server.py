"""The program: finding, starting, attaching, ending."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from wire import poll

from sas_emulator import (
    BinaryNotFoundError,
    ControlError,
    Emulator,
    StartError,
    UnreachableError,
    binary,
    client,
    find_binary,
)

CARRIED = Path(binary.__file__).parent / "bin" / "sas-emulator"


def program(folder: Path, text: str = "") -> Path:
    """Write a program."""
    path = folder / "sas-emulator"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_program_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [tmp_path / name for name in ("path", "variable", "argument")]
    for folder in folders:
        folder.mkdir()
    on_path, in_variable, given = map(program, folders)
    monkeypatch.setattr(binary, "_CARRIED", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(BinaryNotFoundError, match="Set SAS_EMULATOR_BIN to the program"):
        find_binary()
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_binary() == on_path
    monkeypatch.setattr(binary, "_CARRIED", CARRIED)
    assert find_binary() == CARRIED
    monkeypatch.setenv("SAS_EMULATOR_BIN", str(in_variable))
    assert find_binary() == in_variable
    assert find_binary(given) == given
    in_variable.chmod(0o644)
    with pytest.raises(BinaryNotFoundError, match=r"SAS_EMULATOR_BIN names no program that can be run: .*variable"):
        find_binary()


def test_it_is_a_command_too() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sas_emulator", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run("--version").stdout.startswith("sas-emulator ")
    assert run("--no-such-flag").returncode == 2


def test_it_is_started_and_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    # A variable of the shell must not reach the program.
    monkeypatch.setenv("SAS_EMULATOR_SCENARIO", "no-such-scenario")
    with Emulator.start(["default", "stuck"], seed=7) as emulator:
        info = emulator.info()
        assert (info["seed"], info["scenario"]["name"]) == (7, "stuck")
        assert emulator.is_running
        assert Emulator.attach(emulator.endpoint).is_running
    assert not emulator.is_running
    assert not Emulator(emulator.endpoint).is_running
    emulator.stop()
    with pytest.raises(UnreachableError, match="no emulator answers at http://"):
        emulator.info()


def test_a_failed_start_reports_the_reason(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"(?s)exit code 2.*no-such-scenario.*--scenario no-such-scenario"):
        Emulator.start("no-such-scenario")
    with pytest.raises(StartError, match=r"(?s)exit code -9.*it printed nothing within 0.1 s"):
        Emulator.start(binary=program(tmp_path, "exec sleep 1000"), patience=0.1)
    with pytest.raises(StartError, match=r"(?s)exit code.*something else"):
        Emulator.start(binary=program(tmp_path, "echo something else; exec sleep 1000"))


def test_attaching_fails_without_an_emulator() -> None:
    with pytest.raises(UnreachableError):
        Emulator.attach("http://127.0.0.1:9", patience=0.1)


def test_a_control_token_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator.start(flags=["--control-token", "open-sesame"]) as emulator:
        with pytest.raises(ControlError) as refused:
            emulator.info()
        assert refused.value.status == 401
        monkeypatch.setenv("SAS_EMULATOR_CONTROL_TOKEN", "open-sesame")
        assert Emulator.attach(emulator.endpoint).info()["seed"] == 0


def test_the_session_is_replaced_and_restored() -> None:
    with Emulator.start() as emulator:
        account = emulator.account()
        emulator.clock.pause()
        poll(account.client())
        snapshot = emulator.snapshot()
        emulator.clock.advance("1h")
        assert account.tasks.list()[0].status == "SUCCESS"
        emulator.restore(snapshot)
        assert account.tasks.list()[0].status == "INIT"
        emulator.load({"version": 1, "name": "mine", "seed": 3})
        assert emulator.info()["scenario"]["name"] == "mine"
        emulator.load("stuck")
        emulator.reset()
        assert emulator.info()["scenario"]["name"] == "stuck"


def test_a_patched_sleep_moves_the_clock_and_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator.start() as emulator:
        account = emulator.account()
        before = account.clock.now
        monkeypatch.setattr(time, "sleep", account.clock.sleep)
        time.sleep(3600)
        assert account.clock.now - before >= dt.timedelta(hours=1)
        emulator.wait_until_ready()
    assert not emulator.is_running

    def refuse(seconds: float) -> None:
        raise AssertionError(f"the package slept for {seconds} s by a function that a test may replace")

    # Each wait in the package: for a start, for one that fails, for an emulator that is not there, for the end.
    monkeypatch.setattr(time, "sleep", refuse)
    with Emulator.start() as emulator:
        Emulator.attach(emulator.endpoint)
    with pytest.raises(UnreachableError):
        Emulator.attach("http://127.0.0.1:9", patience=0.2)


def test_a_program_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sas_emulator.process._DRAIN", 0.2)
    stubborn = program(
        tmp_path, "trap '' TERM; echo sas-emulator ready http://127.0.0.1:9; while :; do read -r _; done"
    )
    emulator = Emulator.start(binary=stubborn)
    emulator.stop()
    assert not emulator.is_running


def test_an_endpoint_needs_no_scheme(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = emulator.endpoint.removeprefix("http://")
    attached = Emulator.attach(bare)
    assert attached.endpoint == emulator.endpoint
    poll(attached.account().client())
    poll(client(bare, "someone-new"))
    monkeypatch.setenv("SAS_EMULATOR_ENDPOINT", f" {bare}/ ")
    assert Emulator.attach().endpoint == emulator.endpoint
    for wrong in ("ftp://127.0.0.1:7270", "http://", "127.0.0.1:port"):
        with pytest.raises(ValueError, match=r"is no endpoint; expected one such as http://127\.0\.0\.1:7270"):
            Emulator(wrong)


def test_warnings_are_logged() -> None:
    with Emulator.start() as emulator:
        assert emulator.log() == ""
        poll(emulator.account("LTAI5tExampleExampleExam").client())
        # It is written beside the call.
        deadline = time.monotonic() + 30
        while "WARN" not in emulator.log():
            assert time.monotonic() < deadline, "nothing is logged"


def test_it_does_not_outlive_a_process_that_is_killed() -> None:
    code = "import sas_emulator; e = sas_emulator.Emulator.start(); print(e.endpoint, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        emulator = Emulator(child.stdout.readline().strip())
        assert emulator.is_running
        os.kill(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while emulator.is_running:
        assert time.monotonic() < deadline, "it still runs"
