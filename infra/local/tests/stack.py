"""A running smoke stack, as the tests see it."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from pathlib import Path

from infra.common import keys
from infra.local.aws import client
from infra.local.deploy import Deployment
from infra.local.settings import VENV, Settings
from infra.local.tests.wait import PATIENCE

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Stack:
    """The running smoke stack."""

    settings: Settings
    outputs: dict[str, str]

    def aws(self, service: str):
        """A client of the emulator."""
        return client(self.settings, service)

    def keys(self) -> keys.Keys:
        """The signing keys of the stack."""
        return keys.ensure(self.settings.keys)

    def view(
        self, path: str, method: str = "GET", body: bytes | None = None, address: str = "127.0.0.1", **headers: str
    ) -> Answer:
        """A request to the distribution, as a browser at this address sends it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request(path, method, body, address, Host=self.settings.viewer_host, **named)

    def request(
        self, path: str, method: str = "GET", body: bytes | None = None, address: str = "127.0.0.1", **headers: str
    ) -> Answer:
        """A request to the emulator's port."""
        source, port = (address, 0), self.settings.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=source)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def deployment(settings: Settings) -> Deployment:
    """The smoke template, each of whose functions is the probe."""
    bootstrap = settings.home / "probe"
    bootstrap.write_text(f"#!{VENV}/bin/python\n{(_HERE / 'probe.py').read_text(encoding='utf-8')}", encoding="utf-8")
    return Deployment(settings, _HERE / "smoke.yaml", "smoke", locate=lambda _function: bootstrap)
