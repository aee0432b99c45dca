"""Official clients that talk to the emulator."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from alibabacloud_sas20181203.client import Client
    from aliyunsdkcore.client import AcsClient

_DEFAULT = "http://127.0.0.1:7270"


def client(
    endpoint: str | None = None,
    access_key_id: str = "test",
    access_key_secret: str = "test",
    **config: Any,
) -> Client:
    """Configure the official client (`alibabacloud-sas20181203`) for an emulator.

    `endpoint` defaults to SAS_EMULATOR_ENDPOINT, or else to the default port. `config` is passed to the SDK's `Config`;
    its members are for example `security_token`, `read_timeout`, `retry_options`, `signature_algorithm`.
    """
    try:
        from alibabacloud_sas20181203.client import Client
        from alibabacloud_tea_openapi.utils_models import Config
    except ImportError as error:
        raise ImportError("the official client is missing: pip install alibabacloud-sas20181203") from error
    parts = urlsplit(url(endpoint or default_endpoint()))
    usual = {
        "access_key_id": access_key_id,
        "access_key_secret": access_key_secret,
        "endpoint": parts.netloc,
        "protocol": parts.scheme,
        # The SDK has no setting for "no proxy": without one it uses HTTP_PROXY, and it ignores NO_PROXY. The emulator
        # itself is therefore set as the proxy; it also answers requests in the form that proxies get.
        f"{parts.scheme}_proxy": None if parts.scheme == "https" else f"http://{parts.netloc}",
    }
    return Client(Config(**{**usual, **config}))


def legacy_client(
    endpoint: str | None = None,
    access_key_id: str = "test",
    access_key_secret: str = "test",
    region_id: str = "cn-shanghai",
    **config: Any,
) -> AcsClient:
    """Configure the older official client (`aliyun-python-sdk-core`) for an emulator.

    Requests for the product `Sas` go to the emulator; a `CommonRequest` needs the emulator's `host` as its domain.
    `config` is passed to `AcsClient`.
    """
    try:
        from aliyunsdkcore.client import AcsClient
    except ImportError as error:
        raise ImportError("the older official client is missing: pip install aliyun-python-sdk-core") from error
    host = urlsplit(url(endpoint or default_endpoint())).netloc
    # As above: the SDK would use HTTP_PROXY.
    usual = {"proxy": {"http": f"http://{host}", "no_proxy": "*"}}
    made = AcsClient(access_key_id, access_key_secret, region_id, **{**usual, **config})
    made.add_endpoint(region_id, "Sas", host)
    return made


def url(endpoint: str) -> str:
    """Return an endpoint with its scheme, http if it has none, and without a slash at its end."""
    written = endpoint.strip()
    full = (written if "://" in written else f"http://{written}").rstrip("/")
    with contextlib.suppress(ValueError):
        parts = urlsplit(full)
        # Reading the port checks it.
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return full
    raise ValueError(f"{endpoint!r} is no endpoint; expected one such as {_DEFAULT}")


def default_endpoint() -> str:
    """Return the endpoint that is used when none is given."""
    return os.environ.get("SAS_EMULATOR_ENDPOINT") or _DEFAULT
