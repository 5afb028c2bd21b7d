"""Runs Schemathesis against a running stack: the one that LEARNFLOW_STACK describes, else that of `make up`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.cli import schemathesis as command_line

from infra.common.progress import StepFailed, step
from infra.fuzz.callers import BASE_PATH, Callers, Operation
from infra.fuzz.people import People
from infra.local.cli import description_path
from infra.local.settings import Settings

_CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
_RIGHT = range(200, 300)


def main() -> int:
    """Makes the people, sends the cases, and says what came of them; 0 if nothing is wrong."""
    parser = argparse.ArgumentParser(prog="python -m infra.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeats a run; random without it")
    parser.add_argument("--examples", type=int, default=8, help="generated cases an operation, beside fixed ones")
    parser.add_argument("--least", type=int, default=0, help="fewer cases are a failure")
    parser.add_argument("--verbose", action="store_true", help="a line of answers for each operation")
    parser.add_argument("options", nargs="*", help="of `schemathesis run`, after --")
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    settings, identity_table = _stack()
    with step("People and their things"):
        callers = Callers(People(settings, identity_table))
    _hook(callers)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        status = _run(settings, [f"--seed={seed}", f"--max-examples={arguments.examples}"], report, arguments.options)
        run = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    cases = sum(operation.cases for operation in callers.operations.values())
    print(_summary(callers.operations, cases, time.monotonic() - started, seed, arguments.verbose))
    untested = (run.get("operations") or {}).get("skipped")
    if status == 0 and untested:
        print(f"{untested} operations were skipped.")
        return 1
    if status == 0 and cases < arguments.least:
        print(f"These are fewer than {arguments.least} cases: give a larger --examples.")
        return 1
    return status


def _hook(callers: Callers) -> None:
    # Schemathesis knows hooks by their names and parameters, and methods are no functions to it.
    @schemathesis.hook
    def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
        callers.before_call(case)

    @schemathesis.hook
    def after_call(context: Any, case: Any, response: Any) -> None:
        callers.after_call(case, response)


def _stack() -> tuple[Settings, str]:
    settings = Settings.from_env()
    path = Path(os.environ.get("LEARNFLOW_STACK", description_path(settings)))
    if not path.exists():
        raise StepFailed("There is no stack to fuzz.", "run `make fuzz`, which starts one")
    description = json.loads(path.read_text(encoding="utf-8"))
    port = urlsplit(description["endpoint"]).port or settings.port
    return dataclasses.replace(settings, port=port), description["outputs"]["IdentityTableName"]


def _run(settings: Settings, chosen: list[str], report: Path, options: list[str]) -> int:
    """The exit status of `schemathesis run`."""
    arguments = [
        f"--config-file={_CONFIGURATION}",
        "run",
        f"{settings.endpoint}{BASE_PATH}/openapi.json",
        # The distribution is found by its name, which Python does not resolve everywhere.
        f"--header=Host:{settings.viewer_host}",
        f"--url={settings.endpoint}",
        f"--report-json-path={report}",
        *chosen,
        *options,
    ]
    try:
        command_line.main(args=arguments, prog_name="schemathesis")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _summary(operations: dict[str, Operation], cases: int, seconds: float, seed: int, verbose: bool) -> str:
    answers: Counter[int] = Counter()
    for operation in operations.values():
        answers += operation.answers
    silent = sorted(
        label for label, operation in operations.items() if not any(code in _RIGHT for code in operation.answers)
    )
    lines = [
        f"{cases} cases of {len(operations)} operations in {seconds:.0f} s, seed {seed}.",
        "Answers: " + ", ".join(f"{code}: {count}" for code, count in sorted(answers.items())),
        f"Never succeeded ({len(silent)}): {', '.join(silent) or 'none'}",
    ]
    if verbose:
        lines += [f"  {label}: {dict(sorted(operation.answers.items()))}" for label, operation in operations.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StepFailed as failure:
        sys.exit(f"\n{failure}")
