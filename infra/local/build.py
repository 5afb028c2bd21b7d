"""Builds the functions and the web client, as far as they changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from infra.common.progress import step
from infra.common.run import logged
from infra.local import install
from infra.local.settings import ROOT, Settings

WEB = ROOT / "web"
_GENERATED = {"node_modules", "dist", "coverage", "test-results"}


def programs(packages: Iterable[str], settings: Settings) -> None:
    """`cargo build` of the functions that the template lists and of what runs beside them. Cargo decides what changed.

    They are chosen from the whole workspace by `--bin`, never by `-p`: cargo unites the features of the packages that
    are selected, so that each other selection would compile the AWS SDK anew. The tests select the workspace too.
    """
    wanted = sorted(set(packages))
    with step(f"Build {len(wanted)} programs") as current:
        selection = [argument for package in wanted for argument in ("--bin", package)]
        remedy = "correct the code that the compiler names, then run it again"
        command = [install.cargo(), "build", "--profile", "local", "--workspace", *selection]
        logged(command, settings.logs / "cargo.log", remedy, current, cwd=ROOT)


def web_client(settings: Settings) -> Path | None:
    """Builds web/ when its sources changed; returns the folder to upload, None while there is no client."""
    if not (WEB / "package.json").exists():
        return None
    dist, stamp = WEB / "dist", WEB / "node_modules" / ".learnflow-built"
    sources = _sources_hash()
    if (dist / "index.html").exists() and stamp.exists() and stamp.read_text(encoding="ascii") == sources:
        return dist
    path = {"PATH": install.node_path(), "CI": "1"}
    _install_modules(settings, path)
    with step("Build the web client") as current:
        remedy = "correct what the build names, then run it again"
        logged(["npm", "run", "build"], settings.logs / "npm-build.log", remedy, current, cwd=WEB, env=path)
    stamp.write_text(sources, encoding="ascii")
    return dist


def npm_script(settings: Settings, script: str) -> None:
    """Runs a script of web/package.json, such as `test`."""
    with step(f"npm run {script}") as current:
        remedy = "correct what it names, then run it again"
        path = {"PATH": install.node_path(), "CI": "1"}
        logged(["npm", "run", script], settings.logs / f"npm-{script}.log", remedy, current, cwd=WEB, env=path)


def _install_modules(settings: Settings, path: dict[str, str]) -> None:
    lock = WEB / "package-lock.json"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = WEB / "node_modules" / ".learnflow-lock"
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    with step("Install the web client's packages") as current:
        remedy = "check that an npm registry can be reached, then run it again"
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        logged(command, settings.logs / "npm-ci.log", remedy, current, cwd=WEB, env=path)
    stamp.write_text(wanted, encoding="ascii")


def _sources_hash() -> str:
    # The types of the client come from the API's description.
    digest = hashlib.sha256((ROOT / "functions" / "api" / "ops" / "openapi.json").read_bytes())
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in _GENERATED)
        # openapi-typescript writes schema.d.ts during the build.
        for name in sorted(set(files) - {"schema.d.ts"}):
            path = Path(folder, name)
            digest.update(path.relative_to(WEB).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
