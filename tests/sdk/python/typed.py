"""Calls with the typed client, whose answers become maps of wire names again."""

import json
import re

from darabonba.model import DaraModel

from emulator import SHARED

TYPES = json.loads((SHARED / "types.json").read_text())


def snake(name):
    """A wire name, as the SDK writes it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def plain(value, declared):
    """A typed value as a map of wire names, without what is None, and without empty lists: some SDKs have one where there
    was none."""
    if isinstance(value, list):
        return [plain(item, declared[0]) for item in value]
    if not isinstance(value, DaraModel):
        return value
    members = {name: getattr(value, snake(name)) for name in declared}
    return {name: plain(member, declared[name]) for name, member in members.items() if member not in (None, [])}
