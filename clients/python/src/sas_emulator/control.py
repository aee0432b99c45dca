"""Calls to the control API."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any
from urllib.parse import quote

_TIMEOUT = 30.0

# Without proxies: the emulator is usually local, and NO_PROXY is easily forgotten. The emulator sends no redirects.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlError(Exception):
    """The emulator refused a request to the control API.

    `status` is the HTTP status, `error` the emulator's error code, `hint` its advice, `answer` the whole response body.
    """

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        self.status = status
        self.answer = answer
        self.error: str = str(answer.get("error", status))
        self.hint: str | None = answer.get("hint")
        hint = f" ({self.hint})" if self.hint else ""
        super().__init__(f"{answer.get('message', self.error)}{hint}")


class UnreachableError(ConnectionError):
    """No emulator answers at the endpoint."""


class Control:
    """The control API of one emulator, limited to `account` if one is given."""

    def __init__(self, endpoint: str, token: str | None = None, account: str | None = None) -> None:
        self.endpoint = endpoint
        self.account = account
        self._token = token

    def of(self, account: str) -> Control:
        """Return the same control API, limited to one account."""
        return Control(self.endpoint, self._token, account)

    def get(self, *path: str, wait: float = _TIMEOUT, **query: Any) -> Any:
        """GET `path`, whose parts may hold any character; query members that are None are left out."""
        __tracebackhide__ = True
        return self._call("GET", path, {"account": self.account, **query}, None, wait)

    def put(self, *path: str, body: Any) -> Any:
        """PUT a body to `path`."""
        __tracebackhide__ = True
        return self._call("PUT", path, {"account": self.account}, body)

    def post(self, *path: str, body: Any = None, narrow: bool = True) -> Any:
        """POST a body, or nothing. For `faults`, `answers` and `verify`, the body names the account, not the query."""
        __tracebackhide__ = True
        return self._call("POST", path, {"account": self.account if narrow else None}, body)

    def patch(self, *path: str, body: Any) -> Any:
        """PATCH `path`."""
        __tracebackhide__ = True
        return self._call("PATCH", path, {"account": self.account}, body)

    def delete(self, *path: str) -> Any:
        """DELETE `path`. The path names the resource, so no account is added."""
        __tracebackhide__ = True
        return self._call("DELETE", path, {}, None)

    def _call(
        self, method: str, path: tuple[str, ...], query: dict[str, Any], body: Any, wait: float = _TIMEOUT
    ) -> Any:
        __tracebackhide__ = True
        given = {name: value for name, value in query.items() if value is not None}
        url = f"{self.endpoint}/_emulator/{'/'.join(quote(part, safe='') for part in path)}"
        request = urllib.request.Request(f"{url}?{urllib.parse.urlencode(given)}" if given else url, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with _OPENER.open(request, timeout=wait) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise ControlError(refusal.code, _refusal(refusal.read())) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise UnreachableError(f"no emulator answers at {self.endpoint}: {reason}") from error


def _refusal(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"message": body.decode(errors="replace")[:500]}
