"""The background services of the local stack: emulator, redis-server, login provider and payment gateway."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import urllib.error
import urllib.request
from pathlib import Path

from infra.common import keys
from infra.common.progress import StepFailed, step
from infra.local import identity_provider, install, payment_gateway
from infra.local.process import Service
from infra.local.settings import COUNTRIES, LABEL, REGION, ROOT, VENV, Settings

_HERE = Path(__file__).resolve().parent
_READY_SECONDS = 180.0


def emulator(settings: Settings) -> Service:
    """The launcher with the emulator in it."""
    return Service("emulator", settings.run / "emulator.json", settings.logs / "emulator.log")


def redis(settings: Settings) -> Service:
    """redis-server, in the place of ElastiCache for Valkey."""
    return Service("redis-server", settings.run / "redis.json", settings.logs / "redis.log")


def login_provider(settings: Settings) -> Service:
    """The OpenID Connect provider, in the place of Google and the others."""
    return Service("login provider", settings.run / "oidc.json", settings.logs / "oidc.log")


def stripe(settings: Settings) -> Service:
    """The stand-in of the payment gateway, in the place of Stripe."""
    return Service("payments", settings.run / "stripe.json", settings.logs / "stripe.log")


def all_services(settings: Settings) -> list[Service]:
    """All of them, the emulator first: nothing it calls may end before it."""
    return [emulator(settings), redis(settings), login_provider(settings), stripe(settings)]


def start(settings: Settings) -> None:
    """Starts what does not run, and starts anew what runs from older code or settings; not the payment gateway."""
    _start_redis(settings)
    _start_login_provider(settings)
    _start_emulator(settings)


def stop(settings: Settings) -> bool:
    """Stops all. True when one of them ran."""
    stopped = [service.stop() for service in all_services(settings)]
    return any(stopped)


def _start_redis(settings: Settings) -> None:
    service = redis(settings)
    if service.pid() is not None:
        return
    _require_free(settings.redis_port, "LEARNFLOW_REDIS_PORT")
    settings.run.mkdir(parents=True, exist_ok=True)
    with step("Start redis-server"):
        # No persistence: what lies in it is short-lived by design, and losing it must do no harm.
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(settings.run)]
        command = [install.redis_server(), "--port", str(settings.redis_port), *options]
        service.start(command, {"PATH": os.environ["PATH"]}, fingerprint="")
        service.wait_ready(lambda: _redis_answers(settings.redis_port), _READY_SECONDS)


def _start_login_provider(settings: Settings) -> None:
    service, command = login_provider(settings), identity_provider.command(settings)
    fingerprint = hashlib.sha256((_HERE / "requirements.lock").read_bytes() + repr(command).encode()).hexdigest()
    if service.fingerprint() == fingerprint:
        return
    service.stop()
    _require_free(settings.oidc_port, "LEARNFLOW_OIDC_PORT")
    with step("Start the login provider"):
        service.start(command, {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}, fingerprint)
        service.wait_ready(lambda: identity_provider.answers(settings), _READY_SECONDS)


def start_payments(settings: Settings) -> None:
    """The payment gateway likewise. Its binary must have been built."""
    service = stripe(settings)
    environment = payment_gateway.environment(settings, keys.ensure_stripe(settings.keys))
    # A binary that cargo did not write anew is the same program.
    built = payment_gateway.binary().stat()
    made_from = repr((built.st_size, built.st_mtime_ns, sorted(environment.items())))
    fingerprint = hashlib.sha256(made_from.encode()).hexdigest()
    if service.fingerprint() == fingerprint:
        return
    # It saves its account when it stops.
    service.stop()
    _require_free(settings.stripe_port, "LEARNFLOW_STRIPE_PORT")
    settings.state.mkdir(parents=True, exist_ok=True)
    with step("Start the payment gateway"):
        service.start([payment_gateway.binary()], environment, fingerprint)
        service.wait_ready(lambda: payment_gateway.answers(settings), _READY_SECONDS)


def _start_emulator(settings: Settings) -> None:
    environment = _environment(settings)
    service, fingerprint = emulator(settings), _fingerprint(environment)
    if service.fingerprint() == fingerprint:
        return
    # One that runs from older code saves its state when it stops, so nothing is lost.
    service.stop()
    _require_free(settings.port, "LEARNFLOW_PORT")
    shutil.rmtree(settings.scratch, ignore_errors=True)
    for folder in (settings.scratch, settings.state, settings.function_logs):
        folder.mkdir(parents=True, exist_ok=True)
    with step("Start the emulator"):
        service.start([VENV / "bin" / "python", "-m", "infra.local.launcher"], environment, fingerprint)
        service.wait_ready(lambda: emulator_answers(settings), _READY_SECONDS)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        # CloudFront Functions run in node, the jobs run ffmpeg.
        "PATH": install.node_path(),
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "TMPDIR": str(settings.scratch),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "LAUNCHER_CDN_LABEL": LABEL,
        "LAUNCHER_LOG_DIR": str(settings.function_logs),
        "LAUNCHER_COUNTRIES": " ".join(f"{address}={country}" for address, country in COUNTRIES.items()),
        "GATEWAY_PORT": str(settings.port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "INFO",
        # The functions reach AWS here; their roles' policies and presigned URLs are checked.
        "AWS_ENDPOINT_URL": settings.endpoint,
        "AUTH": "true",
        "REDIS_HOST": "127.0.0.1",
        "REDIS_PORT": str(settings.redis_port),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(settings.state / "emulator"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(settings.state / "s3"),
        # Listeners that nothing here uses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


def _fingerprint(environment: dict[str, str]) -> str:
    modules = ("launcher", "edge_cache", "mailbox", "signed_requests", "standstill", "viewer_country")
    names = (*(f"{module}.py" for module in modules), "requirements.lock")
    sources = b"".join((_HERE / name).read_bytes() for name in names)
    # PATH differs between shells and is no reason for a restart.
    relevant = sorted((name, value) for name, value in environment.items() if name != "PATH")
    return hashlib.sha256(sources + repr(relevant).encode()).hexdigest()


def _require_free(port: int, variable: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StepFailed(
                f"Port {port} is in use by another program.",
                f"end that program, or choose another port: {variable}={port + 1} make up",
            ) from error


def emulator_answers(settings: Settings) -> bool:
    """Whether the emulator serves requests."""
    try:
        with urllib.request.urlopen(f"{settings.endpoint}/_ministack/health", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
