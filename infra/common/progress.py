"""Step lines that show what is being done, for how long, and how it ended. Standard library only."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StepFailed(Exception):
    """A step that could not be done: what went wrong, what the person can do, and where more is written."""

    def __init__(self, problem: str, remedy: str, log: Path | None = None) -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.log = problem, remedy, log

    def __str__(self) -> str:
        lines = [self.problem, f"What to do: {self.remedy}"]
        if self.log is not None:
            lines.append(f"Log: {self.log}")
        return "\n".join(lines)


class Step:
    """One running step."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self.outcome = ""

    def show(self, detail: str) -> None:
        """What is being done at this moment; seen on terminals only."""
        self.detail = detail

    def done(self, outcome: str) -> None:
        """A few words that stay behind the title, such as `3 functions changed`."""
        self.outcome = outcome


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Prints the title and the elapsed seconds while the body runs, then `ok` or `failed`."""
    current, started, terminal = Step(title), time.monotonic(), sys.stdout.isatty()
    finished = threading.Event()

    def line(mark: str, text: str) -> str:
        suffix = f"  {text}" if text else ""
        return f"{mark:>6}  {title}{suffix}  {time.monotonic() - started:.1f} s"

    def animate() -> None:
        while not finished.wait(0.2):
            print(f"\r\033[K{line('...', current.detail)[:118]}", end="", flush=True)

    animation = threading.Thread(target=animate, daemon=True)
    if terminal:
        animation.start()
    else:
        print(f"{'...':>6}  {title}", flush=True)
    mark = "failed"
    try:
        yield current
        mark = "ok"
    finally:
        finished.set()
        if terminal:
            animation.join()
        print(("\r\033[K" if terminal else "") + line(mark, current.outcome), flush=True)
