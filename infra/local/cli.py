"""The commands behind the Makefile's targets for the local platform."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from infra.common import keys, stack, template, web
from infra.common.progress import StepFailed, step
from infra.local import build, identity_provider, install, payment_gateway, services
from infra.local.aws import client
from infra.local.deploy import TEMPLATE, Deployment
from infra.local.settings import STACK, Settings

WEB_BUCKET_OUTPUT = "WebBucketName"
SYSTEM_TEST_PARAMETERS = {
    # All tests come from one network address.
    "LoginsPerMinute": "100000",
    # A killed transcode comes again within a test's patience; its clips are encoded in a few seconds.
    "TranscodeTimeout": "40",
    "TranscodeVisibility": "45",
    # A test waits until the cookies of a play end.
    "PlaybackTtlSeconds": "120",
}


def up(settings: Settings, seed_data: bool = True) -> None:
    """Everything from a fresh clone to a running platform; on a running one, what changed."""
    started = time.monotonic()
    install.debian_packages([install.RUNTIME_PACKAGES])
    functions = [function.package for function in template.functions(template.load(TEMPLATE))]
    build.programs([*functions, payment_gateway.PACKAGE], settings)
    dist = build.web_client(settings)
    services.start_payments(settings)
    services.start(settings)
    outputs = Deployment(settings).run()
    if dist is not None:
        with step("Upload the web client") as current:
            uploaded = web.upload(client(settings, "s3"), outputs[WEB_BUCKET_OUTPUT], dist)
            current.done(f"{len(uploaded)} files changed")
    _write_description(settings, outputs)
    if seed_data:
        seed(settings)
    print(_summary(settings, time.monotonic() - started))


def seed(settings: Settings) -> None:
    """The demo accounts and course, through the public API."""
    _require_running(settings)
    from infra.local.seed import seed as fill

    with step("Seed demo data") as current:
        current.done(fill(settings))


def demo(settings: Settings) -> None:
    """The main job on a real clip; brings the platform up first."""
    up(settings)
    from infra.local.demo import run

    run(settings)


def down(settings: Settings) -> None:
    """Stops everything; the data stay."""
    with step("Stop") as current:
        current.done("stopped, data kept" if services.stop(settings) else "nothing was running")


def reset(settings: Settings) -> None:
    """Stops everything and deletes the data. Keys, logs and the Python environment stay."""
    down(settings)
    with step("Delete the data"):
        for folder in (settings.state, settings.scratch, settings.run):
            shutil.rmtree(folder, ignore_errors=True)
        description_path(settings).unlink(missing_ok=True)


def status(settings: Settings) -> None:
    """What runs, where it answers, and what lies in the queues."""
    for service in services.all_services(settings):
        pid = service.pid()
        print(f"{service.name:<14} {f'running, pid {pid}' if pid else 'stopped'}")
    if services.emulator(settings).pid() is None:
        print("Start it with `make up`.")
        return
    outputs = stack.outputs(client(settings, "cloudformation"), STACK)
    print(f"{'stack':<14} {'deployed' if outputs is not None else 'not deployed; run `make up`'}")
    print(f"{'open':<14} {settings.viewer_url}")
    print(f"{'mails':<14} {settings.endpoint}/_local/mail")
    print(f"{'AWS endpoint':<14} {settings.endpoint}")
    print(f"{'payments':<14} {payment_gateway.base(settings)}")
    sqs = client(settings, "sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    for url in sqs.list_queues().get("QueueUrls", []):
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        waiting, in_flight = (counts[name] for name in names)
        print(f"queue {url.rsplit('/', 1)[-1]:<48} {waiting:>4} waiting {in_flight:>4} in flight")


def logs(settings: Settings, name: str) -> None:
    """Follows the logs of the functions whose name contains `name`, or of all and the emulator."""
    files = sorted(settings.function_logs.glob("*.log"))
    files = (
        [file for file in files if name.lower() in file.name.lower()]
        if name
        else [*files, settings.logs / "emulator.log"]
    )
    if not files:
        raise StepFailed(f"No function has {name!r} in its name.", f"see {settings.function_logs} for the names")
    os.execvp("tail", ["tail", "-n", "40", "-F", *map(str, files)])


def prepare(_settings: Settings) -> None:
    """The Python environment, which is there when this runs, and the Debian packages, the browser's included."""
    install.debian_packages([install.RUNTIME_PACKAGES, install.BROWSER_PACKAGES])


def web_script(settings: Settings, script: str) -> None:
    """Runs a script of web/package.json."""
    if build.web_client(settings) is not None:
        build.npm_script(settings, script)


def with_stack(settings: Settings, command: list[str]) -> int:
    """Runs a command against a second, empty stack beside the running one; returns its exit status.

    The command finds the stack by LEARNFLOW_STACK, the path of its description.
    """
    prepare(settings)
    second = dataclasses.replace(
        settings,
        home=settings.home / "system-test",
        port=settings.port + 100,
        redis_port=settings.redis_port + 100,
        oidc_port=settings.oidc_port + 100,
        stripe_port=settings.stripe_port + 100,
        parameters=SYSTEM_TEST_PARAMETERS | settings.parameters,
    )
    reset(second)
    try:
        up(second, seed_data=False)
        environment = {**os.environ, "LEARNFLOW_STACK": str(description_path(second))}
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        down(second)


def rotate_keys(settings: Settings) -> None:
    """Signs access tokens with a new key; nobody has to log in again."""
    _require_running(settings)
    keys.prepare_rotation(settings.keys)
    with step("Every function learns the next key"):
        Deployment(settings).run()
    keys.rotate(settings.keys)
    with step("Sign with the next key"):
        Deployment(settings).run()


def lock(_settings: Settings) -> None:
    """Renews the lock files with uv, which it takes from the package index for this once."""
    from infra.local.locking import renew

    renew()


def _require_running(settings: Settings) -> None:
    if not services.emulator_answers(settings):
        raise StepFailed("The local platform is not running.", "run `make up`")


def description_path(settings: Settings) -> Path:
    """Where a script finds the running stack's URLs and outputs."""
    return settings.home / "stack.json"


def _write_description(settings: Settings, outputs: dict[str, str]) -> None:
    """What tests and scripts need to know of the running stack."""
    description = {
        "endpoint": settings.endpoint,
        "viewer_url": settings.viewer_url,
        "viewer_host": settings.viewer_host,
        "redis_port": settings.redis_port,
        "oidc_issuer": identity_provider.issuer(settings),
        "stripe": payment_gateway.base(settings),
        "function_logs": str(settings.function_logs),
        "functions": stack.functions(client(settings, "cloudformation"), STACK),
        "parameters": settings.parameters,
        "outputs": outputs,
    }
    description_path(settings).write_text(json.dumps(description, indent=2), encoding="utf-8")


def _cards() -> str:
    return f"\n{' ' * 17}".join(f"{card}  {what}" for card, what in payment_gateway.CARDS.items())


def _summary(settings: Settings, seconds: float) -> str:
    from infra.local.accounts import INSTRUCTOR, PASSWORD, STUDENT

    return f"""
LearnFlow is up, after {seconds:.0f} s.

  Web client     {settings.viewer_url}
  API            {settings.viewer_url}/api/v1
  API reference  {settings.viewer_url}/api/v1/docs
  Mails          {settings.endpoint}/_local/mail  (all that the platform sends; none leaves this machine)
  AWS endpoint   {settings.endpoint}  (any access key)
  Payments       {payment_gateway.base(settings)}  (stands in for Stripe; no money moves)
  Other login    {identity_provider.issuer(settings)}  (its page offers mina and theo)

  Instructor     {INSTRUCTOR}
  Student        {STUDENT}
  Password       {PASSWORD}

  Cards          {_cards()}

Try: log in as the instructor and upload a video; log in as the student and watch it.
     give a course a price and buy it with one of the cards
     make demo    the same from the command line, checked and timed
     make logs    what the functions print (make logs FN=transcode for one)
     make status, make down, make reset
"""


def main() -> None:
    """Parses the command line and runs one command."""
    parser = argparse.ArgumentParser(prog="python3 -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    plain: dict[str, Callable[[Settings], None]] = {
        "seed": seed,
        "demo": demo,
        "down": down,
        "reset": reset,
        "status": status,
        "install": prepare,
        "lock": lock,
        "rotate-keys": rotate_keys,
    }
    for name, function in plain.items():
        commands.add_parser(name, help=function.__doc__)
    commands.add_parser("up", help=up.__doc__).add_argument("--no-seed", action="store_true")
    commands.add_parser("logs", help=logs.__doc__).add_argument("name", nargs="?", default="")
    commands.add_parser("web", help=web_script.__doc__).add_argument("script")
    commands.add_parser("with-stack", help=with_stack.__doc__).add_argument("run", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    settings = Settings.from_env()
    try:
        if arguments.command == "up":
            up(settings, seed_data=not arguments.no_seed)
        elif arguments.command == "logs":
            logs(settings, arguments.name)
        elif arguments.command == "web":
            web_script(settings, arguments.script)
        elif arguments.command == "with-stack":
            sys.exit(with_stack(settings, arguments.run))
        else:
            plain[arguments.command](settings)
    except StepFailed as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. What was started goes on; `make status` shows it, `make down` stops it.")


if __name__ == "__main__":
    main()
