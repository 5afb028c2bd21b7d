"""docs/certificates.md shows how a certificate is checked without the platform: what it shows works."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

TEXT = (Path(__file__).parents[3] / "docs" / "certificates.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def _jws() -> str:
    return "".join(_blocks("jws")[0].split())


def _check() -> Any:
    space: dict[str, Any] = {}
    exec(_blocks("python")[0], space)
    return space["check"]


def test_the_example_is_checked_as_the_page_says() -> None:
    keys, said = _blocks("json")
    assert _check()(_jws(), keys) == json.loads(said)


def test_a_changed_letter_is_found() -> None:
    keys, _ = _blocks("json")
    header, payload, signature = _jws().split(".")
    for forged in (f"{header}.{payload[:-2]}AA.{signature}", f"{header}.{payload}.{signature[:-4]}AAAA"):
        with pytest.raises(InvalidSignature):
            _check()(forged, keys)
