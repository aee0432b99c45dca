"""A program that names the host itself: program.py LIBRARY [HOST]. It prints the status of a task, or what went wrong."""

import asyncio
import json
import pathlib
import sys
import urllib.request

# No compiled files beside the sources.
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from signed import signed  # noqa: E402


def with_urllib(url):
    return urllib.request.urlopen(url, timeout=30).read()


def with_requests(url):
    import requests
    return requests.get(url, timeout=30).content


def with_sdk_way(url):
    """As the official SDK for Python does: a session, certificates as the package certifi has them."""
    import os

    import requests
    with requests.Session() as session:
        request = session.prepare_request(requests.Request("GET", url))
        return session.send(request, proxies={"https": os.environ["HTTPS_PROXY"]}, verify=True, timeout=30).content


def with_httpx(url):
    import httpx
    return httpx.get(url, timeout=30).content


def with_aiohttp(url):
    import aiohttp

    async def get():
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as answer:
            return await answer.read()
    return asyncio.run(get())


if __name__ == "__main__":
    library, host = sys.argv[1], (sys.argv[2:] or ["sas.cn-shanghai.aliyuncs.com"])[0]
    url = f"https://{host}/?" + signed("GetLastOnceTaskInfo", TaskType="IMAGE_SCAN", TaskName="IMAGE_SCAN")
    if library == "url":
        print(url)
    else:
        print(json.loads(globals()[f"with_{library}"](url))["TaskInfo"]["Status"])
