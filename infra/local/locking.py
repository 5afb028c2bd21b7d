"""Renews the lock files: every package that requirements*.txt leads to, pinned, with the hashes of all its files."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from infra.common.progress import step

_HERE = Path(__file__).resolve().parent
_INPUTS = ("requirements.txt", "requirements-node.txt")


def renew() -> None:
    """Resolves for every platform and for Python 3.11 upwards, without writing the index's address into the lock."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        tools = Path(folder, "bin")
        subprocess.run([tools / "pip", "install", "--quiet", "uv"], check=True, stdout=sys.stderr)
        for name in _INPUTS:
            source = _HERE / name
            options = ["--generate-hashes", "--universal", "--python-version", "3.11", "--upgrade"]
            plain = ["--no-header", "--no-emit-index-url", "--no-annotate", "--quiet"]
            with step(f"Lock {name}"):
                target = source.with_suffix(".lock")
                command = [tools / "uv", "pip", "compile", *options, *plain, source, "-o", target]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
