"""Running a tool with its output in a log file. Standard library only."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.common.progress import Step, StepFailed

_TAIL_LINES = 25
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def logged(
    command: Sequence[str | Path],
    log: Path,
    remedy: str,
    current: Step | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Runs `command`, shows its latest line in the step, and fails with the end of its output."""
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        for line in process.stdout:
            file.write(line)
            lines = [*lines[1 - _TAIL_LINES :], line]
            if current is not None:
                current.show(_ESCAPES.sub("", line).strip())
    if process.wait() != 0:
        name = Path(command[0]).name
        raise StepFailed(f"{''.join(lines)}`{name}` ended with status {process.returncode}.", remedy, log)
