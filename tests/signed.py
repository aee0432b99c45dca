"""Signed queries for clients that use no SDK. Standard library only."""

import base64
import hashlib
import hmac
import time
import urllib.parse
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
