"""Handles serious alarms: asks what can be done about each, orders the first of it, and polls until that is over."""

import json
import time
from collections import Counter

from alibabacloud_sas20181203 import models

from service import client, pages, poll


def serious(sas):
    request = models.DescribeSuspEventsRequest(dealed="N", levels="serious")
    return pages(sas.describe_susp_events, request, lambda body: body.susp_events or [], lambda body: body.total_count)


def possible(sas, event):
    """The first operation that the console would offer."""
    request = models.DescribeSecurityEventOperationsRequest(security_event_id=event.id)
    offered = sas.describe_security_event_operations(request).body.security_event_operations_response
    return next(it.operation_code for it in offered if it.user_can_operate)


def demanded(operation):
    """What two of the operations demand: until when an address is blocked, and how a process is ended."""
    return {
        "block_ip": {"expireTime": int((time.time() + 24 * 3600) * 1000)},
        "kill_and_quara": {"subOperation": "killAndQuaraFileByPidAndMd5"},
    }.get(operation, {})


def handle(sas, event):
    operation = possible(sas, event)
    ordered = models.HandleSecurityEventsRequest(operation_code=operation, security_event_ids=[str(event.id)],
                                                 operation_params=json.dumps(demanded(operation)))
    task = sas.handle_security_events(ordered).body.handle_security_events_response.task_id
    looked = models.DescribeSecurityEventOperationStatusRequest(task_id=task, security_event_ids=[str(event.id)])

    def ended():
        answer = sas.describe_security_event_operation_status(looked).body.security_event_operation_status_response
        return answer.task_status if answer.task_status not in ("Processing", "Pending") else None

    return poll(ended)


def main():
    sas = client()
    found = serious(sas)
    print("found", len(found))
    print("ended", json.dumps(dict(sorted(Counter(handle(sas, event) for event in found).items()))))
    print("left", len(serious(sas)))


main()
