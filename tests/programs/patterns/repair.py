"""Repairs what is urgent: lists it, orders the repairs ten at a time, and polls until each is over."""

import json
from collections import Counter

from alibabacloud_sas20181203 import models

from service import client, pages, poll

FIXING, BATCH = 4, 10


def urgent(sas, **more):
    request = models.DescribeVulListRequest(type="cve", necessity="asap", **more)
    return pages(sas.describe_vul_list, request, lambda body: body.vul_records or [], lambda body: body.total_count)


def main():
    sas = client()
    found = urgent(sas, dealed="n")
    print("found", len(found))
    for start in range(0, len(found), BATCH):
        info = [{"name": it.name, "uuid": it.uuid, "tag": it.tag, "isFront": 0} for it in found[start:start + BATCH]]
        sas.modify_operate_vul(models.ModifyOperateVulRequest(type="cve", operate_type="vul_fix", info=json.dumps(info)))
    wanted = {(it.name, it.uuid) for it in found}

    def ended():
        now = [it for it in urgent(sas) if (it.name, it.uuid) in wanted]
        return now if all(it.status != FIXING for it in now) else None

    over = poll(ended)
    print("statuses", json.dumps(dict(sorted(Counter(it.status for it in over).items()))))
    print("left", len(urgent(sas, dealed="n")))


main()
