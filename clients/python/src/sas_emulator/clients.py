"""Official clients that talk to the emulator."""

from __future__ import annotations

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

    `endpoint` is SAS_EMULATOR_ENDPOINT or the usual port if left out; `config` is whatever else the SDK's `Config`
    takes, such as `security_token`, `read_timeout`, `retry_options`, `signature_algorithm`.
    """
    try:
        from alibabacloud_sas20181203.client import Client
        from alibabacloud_tea_openapi.utils_models import Config
    except ImportError as error:
        raise ImportError("the official client is missing: pip install alibabacloud-sas20181203") from error
    url = urlsplit(endpoint or default_endpoint())
    usual = {
        "access_key_id": access_key_id,
        "access_key_secret": access_key_secret,
        "endpoint": url.netloc,
        "protocol": url.scheme,
        # The SDK cannot be told to use no proxy: if it is given none it takes HTTP_PROXY, whatever NO_PROXY says. So
        # it is given one that leads nowhere else: the emulator, which also answers what is sent to a proxy.
        f"{url.scheme}_proxy": None if url.scheme == "https" else f"http://{url.netloc}",
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

    Requests for the product `Sas` go there by themselves; a `CommonRequest` must be given the emulator's `host` as its
    domain. `config` is whatever else `AcsClient` takes.
    """
    try:
        from aliyunsdkcore.client import AcsClient
    except ImportError as error:
        raise ImportError("the older official client is missing: pip install aliyun-python-sdk-core") from error
    host = urlsplit(endpoint or default_endpoint()).netloc
    # As above: it would take HTTP_PROXY.
    usual = {"proxy": {"http": f"http://{host}", "no_proxy": "*"}}
    made = AcsClient(access_key_id, access_key_secret, region_id, **{**usual, **config})
    made.add_endpoint(region_id, "Sas", host)
    return made


def default_endpoint() -> str:
    """Tell where the emulator is, for whoever does not say."""
    return os.environ.get("SAS_EMULATOR_ENDPOINT") or _DEFAULT
