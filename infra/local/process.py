"""Background processes of the local stack: pid files, readiness, and an end that leaves nothing behind.

Standard library only.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.common.progress import StepFailed

# The emulator writes its state when it is asked to stop; that of a big stack takes seconds, on a busy machine a minute.
STOP_SECONDS = 120.0
_SESSION_FIELD, _START_FIELD = 5, 21


@dataclass(frozen=True)
class Service:
    """One background process, known by its pid file."""

    name: str
    pid_file: Path
    log: Path

    def start(self, command: Sequence[str | Path], env: Mapping[str, str], fingerprint: str) -> None:
        """Starts it as the leader of its own session. The fingerprint says what it was started from."""
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        record = {"pid": process.pid, "started": proc_stat(process.pid)[_START_FIELD], "fingerprint": fingerprint}
        self.pid_file.write_text(json.dumps(record), encoding="utf-8")

    def pid(self) -> int | None:
        """Its process id while it runs. A reused pid is recognised by its start time."""
        record = self._record()
        if record is None:
            return None
        stat = proc_stat(record["pid"])
        running = len(stat) > _START_FIELD and stat[_START_FIELD] == record["started"] and stat[2] != "Z"
        return record["pid"] if running else None

    def fingerprint(self) -> str | None:
        """What the running process was started from."""
        record = self._record()
        return record["fingerprint"] if record and self.pid() else None

    def wait_ready(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Waits until it answers. Fails when it ends or does not answer in time."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.pid() is None:
                raise StepFailed(f"{self.name} ended at its start.\n{self._tail()}", "read the log", self.log)
            if time.monotonic() > deadline:
                raise StepFailed(f"{self.name} did not answer for {seconds:.0f} s.", "read the log", self.log)
            time.sleep(0.05)

    def stop(self) -> bool:
        """Asks it to end, waits for that, then ends what is left of its session. False if it did not run."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while self.pid() is not None and time.monotonic() < deadline:
                _reap(pid)
                time.sleep(0.05)
            for member in session_members(pid):
                _kill(member)
        self.pid_file.unlink(missing_ok=True)
        return pid is not None

    def _record(self) -> dict | None:
        try:
            return json.loads(self.pid_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def session_members(session: int) -> set[int]:
    """Pids of the processes in a session: a function that outlived its emulator is still one of them."""
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return {pid for pid in pids if (stat := proc_stat(pid)) and stat[_SESSION_FIELD] == str(session)}


def proc_stat(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat, proc(5); empty when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    before, _, after = text.rpartition(")")
    return [before.split(" ", 1)[0], before.partition("(")[2], *after.split()]


def _reap(pid: int) -> None:
    """Collects it when it is our own child, else it stays a zombie until we end."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
