"""Runs attacks, prints what each measured, and sums up in a table."""

import signal
import sys
import time
import traceback

ATTACKS = []

# Seconds after which an attack counts as failed; it is an accident if one needs nearly so many.
LONGEST = 90


def attack(item):
    """Registers a function as an attack of an item of the issue; its first sentence says what it is."""
    def register(function):
        function.item = item
        ATTACKS.append(function)
        return function
    return register


class Skipped(Exception):
    """The machine does not allow this attack."""


class Report:
    """What one attack measured."""

    def __init__(self):
        self.figures, self.failures = [], []

    def figure(self, name, value, good=None, more=""):
        """A figure (seconds, if it is a float); wrong unless `good`."""
        shown = f"{name} {value:.3f} s" if isinstance(value, float) else f"{name} {value}"
        self.figures.append(shown + more)
        if good is not None and not good:
            self.failures.append(shown + more)

    def check(self, good, sentence):
        if not good:
            self.failures.append(sentence)


def show_all():
    for function in ATTACKS:
        print(f"{function.__name__:<22} item {function.item}: {sentence(function)}")


def sentence(function):
    return " ".join(function.__doc__.split()).split(". ")[0].rstrip(".")


class Late(BaseException):
    """Whatever an attack suppresses, it does not suppress this."""


def late(*_):
    raise Late(f"not over within {LONGEST} s")


def run_all(functions):
    """Runs attacks one after the other; the exit code."""
    table = []
    signal.signal(signal.SIGALRM, late)
    for function in functions:
        print(f"{function.__name__} (item {function.item}): {sentence(function)}", flush=True)
        report, begin, verdict = Report(), time.monotonic(), None
        signal.alarm(getattr(function, "longest", LONGEST))
        try:
            function(report)
        except Skipped as why:
            verdict = f"skipped: {why}"
        except (Exception, Late) as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            report.failures.append(f"{type(error).__name__}: {error} ({at.name}, line {at.lineno})")
        finally:
            signal.alarm(0)
        verdict = verdict or ("FAILED" if report.failures else "passed")
        for line in report.figures:
            print(f"    {line}")
        for line in report.failures:
            print(f"    WRONG: {line}")
        table.append((function, verdict, time.monotonic() - begin, report))
        print(f"    {verdict}", flush=True)
    return sum_up(table)


def sum_up(table):
    print(f"\n{'attack':<22} {'item':<4} {'verdict':<8} {'seconds':>7}  what was wrong, or figures")
    for function, verdict, seconds, report in table:
        said = report.failures or report.figures or [verdict]
        word, _, why = verdict.partition(": ")
        print(f"{function.__name__:<22} {function.item:<4} {word:<8} {seconds:7.1f}  {why or '; '.join(said)[:160]}")
    failed = sum(verdict == "FAILED" for _, verdict, _, _ in table)
    skipped = sum(verdict.startswith("skipped") for _, verdict, _, _ in table)
    print(f"{len(table) - failed - skipped} withstood, {failed} failed, {skipped} skipped")
    sys.stdout.flush()
    return 1 if failed else 0
