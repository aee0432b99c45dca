"""A client as programs make one: with the vendor's host in the code, and nothing that knows of an emulator."""

import time

from alibabacloud_sas20181203.client import Client
from alibabacloud_tea_openapi.models import Config

PAGE = 50


def client(access_key_id="test"):
    config = Config(access_key_id=access_key_id, access_key_secret="test", endpoint="tds.cn-shanghai.aliyuncs.com",
                    protocol="HTTPS")
    return Client(config)


def pages(operation, request, items, total):
    """All items of a list, page by page."""
    found, page = [], 1
    while True:
        request.current_page, request.page_size = page, PAGE
        body = operation(request).body
        found += items(body)
        if not items(body) or page * PAGE >= total(body):
            return found
        page += 1


def poll(look, every=0.1, most=60):
    """Asks until there is an answer; gives up after a minute."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        answer = look()
        if answer is not None:
            return answer
        time.sleep(every)
    raise TimeoutError(f"no end after {most} s")
