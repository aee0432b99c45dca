"""Calls of the official client that the tests make."""

from __future__ import annotations

from typing import Any

from alibabacloud_sas20181203.models import GetLastOnceTaskInfoRequest


def poll(client: Any, task_type: str = "ASSETS_COLLECTION") -> Any:
    """Ask for the newest task of a type, which starts one if there is none."""
    request = GetLastOnceTaskInfoRequest(task_type=task_type, task_name=task_type)
    return client.get_last_once_task_info(request).body
