"""Waiting for a condition instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


# Far above what anything here takes: a machine that builds beside the tests may be ten times slower.
PATIENCE = 180.0


def until(probe: Callable[[], T], seconds: float = PATIENCE) -> T:
    """The first truthy answer of `probe`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        time.sleep(0.05)
    return answer
