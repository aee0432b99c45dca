"""The pytest plugin: one emulator for a test run; each test has its own account, clock and faults."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

# All other imports are local: pytest loads this module in every run of every project that has the package installed.
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from alibabacloud_sas20181203.client import Client

    from .account import Account
    from .server import Emulator
    from .sharing import Host

_HOST: pytest.StashKey[Host] = pytest.StashKey()
_RUN: pytest.StashKey[str] = pytest.StashKey()
_ACCOUNTS: pytest.StashKey[list[Account]] = pytest.StashKey()
_INTERRUPTED: pytest.StashKey[list[str]] = pytest.StashKey()
_OWN: pytest.StashKey[dict[tuple[str, ...], Emulator]] = pytest.StashKey()

_MARKER = """sas(clock="paused", faults=[], scenario="stuck"): the start of sas_account: its clock is "paused", \
"running" or runs at a rate; faults are armed; it belongs to an emulator with that scenario, or with those of a list \
laid over each other. Of several markers, the innermost sets clock and scenario, and all add faults."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add options and settings."""
    group = parser.getgroup("sas-emulator")
    endpoint = "use the emulator that runs at this URL, instead of starting one"
    scenario = "the scenario of the started emulator: a built-in one or a file; repeat it to lay one over the other"
    group.addoption("--sas-emulator-endpoint", metavar="URL", help=f"{endpoint} (or SAS_EMULATOR_ENDPOINT)")
    group.addoption("--sas-scenario", metavar="NAME|FILE", action="append", help=scenario)
    parser.addini("sas_emulator_endpoint", help=endpoint)
    parser.addini("sas_scenario", help=scenario, type="args")
    parser.addini("sas_clock", help="the start of accounts' clocks: paused, running, or a rate", default="paused")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the emulators that the plugin started."""
    for own in config.stash.get(_OWN, {}).values():
        own.stop()
    host = config.stash.get(_HOST, None)
    if host:
        host.stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Pass a worker of pytest-xdist the address of the process that knows the emulator."""
    node.workerinput["sas_emulator"] = _host(node.config).invitation()
    # With --dist=each, every worker runs every test at the same time.
    each = node.config.getoption("dist") == "each"
    node.workerinput["sas_emulator_run"] = node.gateway.id if each else ""


@pytest.fixture(scope="session")
def sas_emulator(pytestconfig: pytest.Config) -> Emulator:
    """Return the emulator of this run, which all workers share."""
    from .server import Emulator
    from .sharing import UnavailableError, ask

    worker: dict[str, Any] = getattr(pytestconfig, "workerinput", {})
    try:
        shared = ask(worker["sas_emulator"]) if worker else _host(pytestconfig).shared()
    except UnavailableError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    pytestconfig.stash[_RUN] = shared.run + worker.get("sas_emulator_run", "")
    prefix = "".join(f"{part}-" for part in (shared.run, worker.get("workerid")) if part)
    return Emulator(shared.endpoint, token=os.environ.get("SAS_EMULATOR_CONTROL_TOKEN"), prefix=prefix)


@pytest.fixture
def sas_account_factory(request: pytest.FixtureRequest) -> Iterator[Callable[[], Account]]:
    """Return a function that makes further accounts for this test, set up by the test's markers."""
    item: pytest.Item = request.node
    clock, faults, scenarios = _wishes(item)
    emulator: Emulator = _own(item.config, scenarios) if scenarios else request.getfixturevalue("sas_emulator")
    name = _access_key_id(item)
    accounts = item.stash.setdefault(_ACCOUNTS, [])

    def make() -> Account:
        account = emulator.account(f"{name}-{len(accounts) + 1}" if accounts else name)
        _begin(account)
        accounts.append(account)
        if clock == "paused":
            account.clock.pause()
        else:
            account.clock.scale(1 if clock == "running" else float(clock))
            account.clock.resume()
        for fault in faults:
            account.faults.add(**fault)
        return account

    yield make
    while accounts:
        accounts.pop().forget()


@pytest.fixture
def sas_account(sas_account_factory: Callable[[], Account]) -> Account:
    """Return the test's own account, with its own tasks, clock, faults and journal."""
    return sas_account_factory()


@pytest.fixture
def sas_client(sas_account: Account) -> Client:
    """Return the official client for `sas_account`."""
    return sas_account.client()


@pytest.fixture
def sas_environment(sas_account: Account, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set the environment variables for `sas_account`, and remove those for proxies."""
    environment = sas_account.environment()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return environment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the calls of a failed test's accounts to its report."""
    report = yield
    if report.failed:
        for account in item.stash.get(_ACCOUNTS, []):
            report.sections.append(("sas-emulator journal", _shown(account)))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keep the calls of a test that is interrupted: pytest makes no report of it."""
    try:
        return (yield)
    except KeyboardInterrupt:
        shown = [_shown(account) for account in item.stash.get(_ACCOUNTS, [])]
        item.config.stash.setdefault(_INTERRUPTED, []).extend(shown)
        raise


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show the calls of an interrupted test, and report an emulator that ended before the tests."""
    for shown in config.stash.get(_INTERRUPTED, []):
        terminalreporter.section("sas-emulator journal", sep="-")
        terminalreporter.write_line(shown)
    host = config.stash.get(_HOST, None)
    if host and host.emulator and not host.emulator.is_running:
        terminalreporter.section("sas-emulator ended before the tests")
        terminalreporter.write_line(host.emulator.log())


def _host(config: pytest.Config) -> Host:
    if _HOST not in config.stash:
        from .sharing import Host

        config.stash[_HOST] = Host(lambda: _emulator(config))
    return config.stash[_HOST]


def _emulator(config: pytest.Config) -> Emulator:
    from .control import UnreachableError
    from .server import Emulator
    from .sharing import UnavailableError

    sources = {
        "--sas-emulator-endpoint": config.getoption("sas_emulator_endpoint"),
        "the setting sas_emulator_endpoint": config.getini("sas_emulator_endpoint"),
        "the variable SAS_EMULATOR_ENDPOINT": os.environ.get("SAS_EMULATOR_ENDPOINT"),
    }
    source, endpoint = next(((source, value) for source, value in sources.items() if value), ("", ""))
    given = config.getoption("sas_scenario")
    folder = config.invocation_params.dir if given else config.rootpath
    scenarios = [_scenario(name, folder) for name in given or config.getini("sas_scenario")]
    if not endpoint:
        return Emulator.start(scenarios)
    if scenarios:
        # The scenarios are not loaded into it: other users may depend on the present one.
        raise UnavailableError(
            f"the emulator at {endpoint} runs already and keeps its scenario: "
            f"start it with --scenario {' --scenario '.join(scenarios)}, and leave out sas_scenario"
        )
    try:
        return Emulator.attach(endpoint)
    except UnreachableError as error:
        raise UnavailableError(f"{error}; {source} names it, and without that one would be started") from error


def _own(config: pytest.Config, scenarios: tuple[str, ...]) -> Emulator:
    """Return the emulator with these scenarios: each process starts its own for its first test that asks for it."""
    from .binary import BinaryNotFoundError
    from .process import StartError
    from .server import Emulator

    started = config.stash.setdefault(_OWN, {})
    if scenarios not in started:
        try:
            started[scenarios] = Emulator.start([_scenario(name, config.rootpath) for name in scenarios])
        except (BinaryNotFoundError, StartError) as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
    return started[scenarios]


def _begin(account: Account) -> None:
    """Reset the account, for the same test may have run before."""
    from .control import ControlError

    try:
        account.reset()
    except ControlError as refusal:
        if refusal.error != "unknown_account":
            raise
        raise pytest.fail.Exception(
            f"{refusal}\nEach test has an account of its own, which its AccessKeyId makes. Let every AccessKeyId call: "
            'add { access_key_id: "*" } to accounts: in the scenario. Or use one that is listed: '
            'sas_emulator.account("ID", "SECRET") instead of the fixtures of this test.',
            pytrace=False,
        ) from None


def _scenario(name: str, folder: Path) -> str:
    """Resolve a scenario file relative to `folder`; return any other name unchanged."""
    path = folder / name
    return str(path) if path.is_file() else name


def _wishes(item: pytest.Item) -> tuple[str | float, list[dict[str, Any]], tuple[str, ...]]:
    clock: str | float = item.config.getini("sas_clock")
    faults: list[dict[str, Any]] = []
    scenario: str | os.PathLike[str] | list[str | os.PathLike[str]] = []
    for mark in reversed(list(item.iter_markers("sas"))):
        unknown = set(mark.kwargs) - {"clock", "faults", "scenario"}
        if mark.args or unknown:
            what = ", ".join(map(repr, unknown)) or "arguments without a name"
            pytest.fail(f"the marker sas does not take {what}; it takes clock, faults and scenario", pytrace=False)
        clock = mark.kwargs.get("clock", clock)
        faults += mark.kwargs.get("faults", [])
        scenario = mark.kwargs.get("scenario", scenario)
    try:
        is_possible = clock in ("paused", "running") or float(clock) > 0
    except ValueError:
        is_possible = False
    if not is_possible:
        pytest.fail(f'a clock is "paused", "running" or a rate above 0, not {clock!r}', pytrace=False)
    scenarios = [scenario] if isinstance(scenario, (str, os.PathLike)) else scenario
    return clock, faults, tuple(os.fspath(each) for each in scenarios)


def _access_key_id(item: pytest.Item) -> str:
    """Derive the AccessKeyId from the test's name: random draws are then equal in every run, on every machine."""
    digest = hashlib.sha256(f"{item.config.stash.get(_RUN, '')}{item.nodeid}".encode()).hexdigest()
    readable = re.sub(r"[^A-Za-z0-9]+", "-", item.name)[:24].strip("-")
    return "-".join(filter(None, [readable, digest[:10]]))


def _shown(account: Account) -> str:
    from .control import ControlError, UnreachableError

    try:
        return account.report()
    except (ControlError, UnreachableError) as error:
        return str(error)
