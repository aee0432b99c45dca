"""The corpus: 24 clients, the scenario of each, and the verdict that is right.

Of a client that misbehaves: what is not met, how, and the calls that prove it, each as patterns. Nothing else may be
reported. Of one that behaves: how many calls it makes, so that a client that fails at once is not taken for one.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """A client by name, with what follows `version:`, `name:` and `expect:` in its scenario."""

    name: str
    language: str
    scenario: str
    wanted: str = ""
    message: str = ""
    proofs: tuple = ()
    calls: int = 0
    expect: str = "well_behaved"
    options: tuple = ()

    @property
    def is_well_behaved(self):
        return not self.wanted


SHORT = "lifecycles: { '*': { queued: 100ms, running: 300ms } }\nstart_on_first_poll: ['*']\n"
POLL = r"GetLastOnceTaskInfo .*=> "
TIME = r"\+\d+\.\d{3}s  "


def failing(times, effect):
    return SHORT + f"faults: [{{ match: {{ action: GetLastOnceTaskInfo }}, trigger: {{ times: {times} }}, effect: {effect} }}]\n"


MISBEHAVING = (
    Client(
        "no_pause", "Python", "start_on_first_poll: ['*']\nlifecycles: { '*': { advance: per_poll, polls: { init: 2, start: 30 } } }\n",
        "no polls of a running task without a pause", r"call #\d+ came .*s after the response to call #\d+; \d+ such calls",
        (POLL + r"200 (INIT|START)",) * 4,
    ),
    Client(
        "constant_pause", "Go", failing(10, "{ error: ServiceUnavailable }"),
        "no long series of retries after equal pauses",
        r"call #\d+ came 2\d\dms after the response to call #\d+, as soon as the retries before it; \d+ such calls",
        (POLL + "503 ServiceUnavailable",) * 3,
    ),
    Client(
        "polls_after_the_end", "Java", SHORT,
        "no polls of a task after its end was shown", r"call #(\d+) came although call #\d+ had shown the end; 2 such calls",
        (POLL + "200 SUCCESS 100 %",) * 3,
    ),
    Client(
        "retries_refusals", "Node",
        "accounts: [{ access_key_id: ci, access_key_secret: not-test, deny: [CancelOnceTask] }]\n",
        r"no retries of what was refused \(403, 404\)",
        "call #2 came although call #1 had been refused with NoPermission; 4 such calls",
        ("#1 CancelOnceTask TaskId=1 => 403 NoPermission", "#2 CancelOnceTask TaskId=1 => 403 NoPermission",
         "#3 CancelOnceTask TaskId=1 => 403 NoPermission", "#4 GetOnceTaskInfos .*=> 404 InvalidAction.NotFound",
         "#5 GetOnceTaskInfos .*=> 404 InvalidAction.NotFound"),
    ),
    Client(
        "ignores_the_delay", "Node", failing(3, "{ throttle: { per_second: 2, burst: 1 } }"),
        r"no retries before the wait was over that was demanded \(x-acs-retry-after\)", r"call #\d+ came \d+ms too early after call #\d+.*",
        (POLL + "400 Throttling.User, retry after ", POLL),
    ),
    Client(
        "retry_storm", "Go", failing(12, "{ error: ServiceUnavailable }"),
        "no retries without a pause", r"call #2 came .*s after the response to call #1; 1\d such calls",
        ("#1 " + POLL + "503 ServiceUnavailable", "#2 " + POLL + "503", "#3 " + POLL + "503"),
    ),
    Client(
        "same_nonce_again", "Java", failing(1, "{ connection: reset }"),
        "no nonce used twice", r"call #2 came with a nonce that had been used \(SignatureNonceUsed\)",
        ("#1 " + POLL + r"connection broken \(reset\)", "#2 " + POLL + "400 SignatureNonceUsed"),
    ),
    Client(
        "wrong_clock", "Node", SHORT,
        "no request signed with a wrong time", r"call #1 came with a time stamp that was refused \(InvalidTimeStamp.Expired\)",
        ("#1 " + POLL + "400 InvalidTimeStamp.Expired",),
    ),
    Client(
        "parallel_duplicates", "Go", failing(9, "{ delay: 300ms }"),
        "no equal calls at the same time", r"call #2 came .*s after call #1, which was under way",
        ("#1 " + POLL + "200 INIT", "#2 " + POLL + "200 "),
    ),
    Client(
        "a_timeout_is_success", "Java",
        "start_on_first_poll: ['*']\nlifecycles: { '*': { queued: 100ms, running: 300ms, progress: { stall_at: 69 }, outcome: timeout } }\n",
        "the command reports failure", r"it ended with exit code 0 although call #\d+ had shown TIMEOUT",
        (POLL + "200 TIMEOUT 69 %",), expect="well_behaved, { exit: failure }",
    ),
    Client(
        "a_missing_task_is_success", "Python", "",
        "the command reports failure", "it ended with exit code 0",
        ("#1 " + POLL + "200",), expect="well_behaved, { exit: failure }",
    ),
    Client(
        "escaped", "Python", SHORT,
        "ESCAPED", "1 call to oss-cn-hangzhou.aliyuncs.com:443, refused and not forwarded", options=("--intercept",),
    ),
)

WELL_BEHAVED = (
    Client("new_scan_after_the_end", "Python", SHORT, calls=5),
    Client("another_id_after_a_404", "Python", SHORT + "faults: [{ match: { params: { TaskType: IDC_PROBE_SCAN } }, "
           "effect: { error: { status: 404, code: TaskNotFound } } }]\n", calls=2),
    Client("moved_clock", "Python", "start_on_first_poll: ['*']\nlifecycles: { '*': { queued: 5m, running: 10m } }\n", calls=10),
    Client("pages_of_a_list", "Node", "world: { servers: 23 }\n", calls=5),
    Client("honours_the_delay", "Node", failing(3, "{ throttle: { per_second: 4, burst: 1 } }"), calls=4),
    Client("reports_a_timeout", "Node", "start_on_first_poll: ['*']\n"
           "lifecycles: { '*': { queued: 100ms, running: 300ms, progress: { stall_at: 69 }, outcome: timeout } }\n",
           calls=2, expect="well_behaved, { exit: failure }"),
    Client("back_off_with_jitter", "Go", failing(6, "{ error: ServiceUnavailable }"), calls=7),
    Client("concurrent_scans", "Go", SHORT, calls=4),
    Client("another_region", "Go", SHORT, calls=3),
    Client("once_more_after_a_reset", "Java", failing(1, "{ connection: reset }"), calls=3),
    Client("several_operations_at_once", "Java", SHORT, calls=6),
    Client("two_accounts", "Java", SHORT + "accounts: [{ access_key_id: ci, access_key_secret: test }, "
           "{ access_key_id: other, access_key_secret: test }]\n", calls=4),
)
