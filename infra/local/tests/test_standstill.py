"""What the emulator's log holds when a function ran out of time."""

from __future__ import annotations

import logging
from pathlib import Path

from infra.local.standstill import StandstillReport


def test_a_timeout_is_logged_with_all_stacks_and_nothing_else_is(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+", encoding="utf-8") as out:
        logger = logging.Logger("runtime")
        logger.addHandler(StandstillReport(out))
        logger.warning("Lambda %s: %s", "PaymentsFunction", "Runtime exited before returning a response")
        out.seek(0)
        assert out.read() == ""
        logger.warning("Lambda %s: %s", "PaymentsFunction", "Task timed out after 29.00 seconds")
        out.seek(0)
        text = out.read()
    assert text.startswith("Stacks: Lambda PaymentsFunction: Task timed out after 29.00 seconds\n")
    assert "test_a_timeout_is_logged_with_all_stacks_and_nothing_else_is" in text
