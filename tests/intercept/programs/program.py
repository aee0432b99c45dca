"""A program that names the host itself: program.py LIBRARY [HOST]. It prints the status of a task, or what went wrong."""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
import urllib.parse
import urllib.request
import uuid


def signed(action, key="test", secret="test", **parameters):
    """The query of a call, signed as the legacy SDKs sign (HMAC-SHA1)."""
    parameters |= {
        "Action": action, "Version": "2018-12-03", "Format": "JSON", "AccessKeyId": key,
        "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": str(uuid.uuid4()),
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    query = urllib.parse.urlencode(sorted(parameters.items()), quote_via=urllib.parse.quote, safe="-_.~")
    text = "GET&%2F&" + urllib.parse.quote(query, safe="-_.~")
    digest = hmac.digest(f"{secret}&".encode(), text.encode(), hashlib.sha1)
    return query + "&Signature=" + urllib.parse.quote(base64.b64encode(digest), safe="")


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
