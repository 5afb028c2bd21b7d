"""A small client of the public HTTP API, for the seed and the demo."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from infra.common.progress import StepFailed
from infra.local.settings import Settings

_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Viewer:
    """Somebody with a browser: an access token and cookies.

    Python does not resolve *.localhost everywhere, so the distribution is reached by its address with a Host header.
    """

    settings: Settings
    token: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, with_cookies: bool = True) -> Answer:
        """A GET of a path or an absolute URL of the distribution."""
        return self._send("GET", path, None, {}, with_cookies)

    def call(self, method: str, path: str, body: Any = None, expect: tuple[int, ...] = (200, 201, 202, 204)) -> Any:
        """A call of the API below /api/v1; the answer's JSON. Fails with the API's own words."""
        payload = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if body is not None else {}
        answer = self._send(method, f"/api/v1{path}", payload, headers, with_cookies=True)
        if answer.status not in expect:
            raise StepFailed(
                f"{method} {path} answered {answer.status}: {answer.body[:600].decode(errors='replace')}",
                "see `make logs` for the cause",
            )
        return answer.json() if answer.body else None

    def _send(self, method: str, url: str, body: bytes | None, headers: dict[str, str], with_cookies: bool) -> Answer:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": self.settings.viewer_host, **headers}
        if self.token and parts.path.startswith("/api/"):
            headers["authorization"] = f"Bearer {self.token}"
        if with_cookies and self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except OSError as error:
            raise StepFailed(f"{method} {url} failed: {error}", "run `make up`") from error
        finally:
            connection.close()


def put(url: str, body: bytes) -> str:
    """Uploads to a presigned URL; returns the ETag."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("PUT", f"{parts.path}?{parts.query}", body)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise StepFailed(
            f"The upload was refused with {answer.status}: {content[:300].decode(errors='replace')}",
            "see `make logs`",
        )
    return answer.getheader("etag", "")
