"""A local Alibaba Cloud Security Center for tests: start it, control its clock, inject faults, read its journal."""

from importlib.metadata import version as _version

from .account import Account
from .answers import Answer, Answers
from .binary import BinaryNotFoundError, find_binary
from .clients import client, legacy_client
from .clock import Clock, Transition
from .control import ControlError, UnreachableError
from .faults import Fault, Faults
from .journal import Call
from .process import StartError
from .server import Emulator
from .tasks import Task, Tasks

__version__ = _version("sas-emulator")
__all__ = [
    "Account",
    "Answer",
    "Answers",
    "BinaryNotFoundError",
    "Call",
    "Clock",
    "ControlError",
    "Emulator",
    "Fault",
    "Faults",
    "StartError",
    "Task",
    "Tasks",
    "Transition",
    "UnreachableError",
    "client",
    "find_binary",
    "legacy_client",
]
