"""Says in the emulator's log what everything was doing when a function ran out of time.

A function that waits for the emulator, which waits for something itself, looks like a slow function. Where each
thread and each task of the event loop stood tells the two apart; afterwards nothing does.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import sys
from typing import TextIO

from ministack import app

# Frames of a task: the newest are those that say what it waits for.
_TASK_FRAMES = 4


class StandstillReport(logging.Handler):
    """Writes the stacks of all threads and tasks when the emulator logs that a function timed out."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(logging.WARNING)
        self.out = out

    def emit(self, record: logging.LogRecord) -> None:
        if "Task timed out" not in record.getMessage():
            return
        try:
            print(f"Stacks: {record.getMessage()}", file=self.out, flush=True)
            faulthandler.dump_traceback(self.out, all_threads=True)
            for task in asyncio.all_tasks(app._MAIN_LOOP) if app._MAIN_LOOP else ():
                task.print_stack(limit=_TASK_FRAMES, file=self.out)
            self.out.flush()
        except Exception:
            # The invocation that timed out still gets its answer.
            self.handleError(record)


def report_standstills() -> None:
    """The stacks go where the emulator logs."""
    logging.getLogger("lambda_runtime").addHandler(StandstillReport(sys.stderr))
