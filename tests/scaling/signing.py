"""Requests as SDKs sign them, of the three kinds in which the AccessKeyId is in three different places."""

import base64
import hashlib
import hmac
import os
import time
import urllib.parse

SECRET = "test"
FORM = "application/x-www-form-urlencoded"


def encode(text):
    return urllib.parse.quote(text, safe="-_.~")


def joined(params):
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(params.items()))


def common():
    return os.urandom(16).hex(), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def v1(method, account, action, params):
    """Parameters with their signature."""
    nonce, timestamp = common()
    params = params | {
        "AccessKeyId": account, "Action": action, "Format": "JSON", "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": nonce, "SignatureVersion": "1.0", "Timestamp": timestamp, "Version": "2018-12-03",
    }
    text = f"{method}&%2F&{encode(joined(params))}"
    digest = hmac.new(f"{SECRET}&".encode(), text.encode(), hashlib.sha1).digest()
    return params | {"Signature": base64.b64encode(digest).decode()}


def v1_get(host, account, action, params):
    """All in the query, as pop-core and the legacy SDKs send it."""
    return "GET", f"/?{joined(v1('GET', account, action, params))}", {"Host": host}, b""


def v1_form(host, account, action, params):
    """All in a form, as pop-core's POST."""
    return "POST", "/", {"Host": host, "Content-Type": FORM}, joined(v1("POST", account, action, params)).encode()


def v3_post(host, account, action, params):
    """The AccessKeyId in a header, the parameters in the query, as the modern SDKs send it."""
    nonce, timestamp = common()
    content = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host, "x-acs-action": action, "x-acs-content-sha256": content, "x-acs-date": timestamp,
        "x-acs-signature-nonce": nonce, "x-acs-version": "2018-12-03",
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n{joined(params)}\n{lines}\n{names}\n{content}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = f"ACS3-HMAC-SHA256 Credential={account},SignedHeaders={names},Signature={signature}"
    return "POST", f"/?{joined(params)}", headers, b""


KINDS = {"V1 GET": v1_get, "V1 form": v1_form, "V3": v3_post}
