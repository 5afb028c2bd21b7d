"""CloudFront's check of signed cookies and signed URLs.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

FIELDS = ("Policy", "Signature", "Key-Pair-Id", "Expires")


def refusal_of(
    trusted: Mapping[str, str], raw_uri: str, raw_qs: str, headers: Mapping[str, str]
) -> tuple[str, str] | None:
    """CloudFront's error code and message when a request is not signed as it must be, else None.

    `trusted` has the PEM of each public key by its id.
    """
    query = {name: values[0] for name, values in parse_qs(raw_qs, keep_blank_values=True).items()}
    signed = _fields(query, "") if "Signature" in query else _fields(_cookies(headers), "CloudFront-")
    key_id = signed.get("Key-Pair-Id")
    if key_id is None:
        return "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"
    if key_id not in trusted:
        return "InvalidKey", "Unknown Key"
    try:
        if _covers(signed, trusted[key_id], _url(raw_uri, raw_qs, headers)):
            return None
    except (InvalidSignature, ValueError, KeyError, TypeError, IndexError):
        # Whatever is wrong with what the viewer sent, CloudFront says no more than this.
        pass
    return "AccessDenied", "Access denied"


def _fields(source: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: source[prefix + name] for name in FIELDS if prefix + name in source}


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs}


def _url(raw_uri: str, raw_qs: str, headers: Mapping[str, str]) -> str:
    """The URL as it was signed: that of the viewer without the signing parameters."""
    rest = "&".join(pair for pair in raw_qs.split("&") if pair and pair.partition("=")[0] not in FIELDS)
    scheme = headers.get("x-forwarded-proto", "http")
    return f"{scheme}://{headers.get('host', '')}{raw_uri}" + (f"?{rest}" if rest else "")


def _covers(signed: Mapping[str, str], pem: str, url: str) -> bool:
    """Whether the signature is genuine (else InvalidSignature) and its policy covers `url` at this moment."""
    policy = _decode(signed["Policy"]) if "Policy" in signed else _canned_policy(url, int(signed["Expires"]))
    public_key = serialization.load_pem_public_key(pem.strip().encode() + b"\n")
    public_key.verify(_decode(signed["Signature"]), policy, padding.PKCS1v15(), hashes.SHA1())
    statement = json.loads(policy)["Statement"][0]
    condition, now = statement["Condition"], time.time()
    wildcard = {"*": ".*", "?": "."}
    resource = "".join(wildcard.get(char) or re.escape(char) for char in statement.get("Resource", "*"))
    return (
        re.fullmatch(resource, url) is not None
        and condition["DateLessThan"]["AWS:EpochTime"] > now
        and condition.get("DateGreaterThan", {}).get("AWS:EpochTime", 0) <= now
    )


def _canned_policy(url: str, expires: int) -> bytes:
    condition = {"DateLessThan": {"AWS:EpochTime": expires}}
    return json.dumps({"Statement": [{"Resource": url, "Condition": condition}]}, separators=(",", ":")).encode()


def _decode(text: str) -> bytes:
    """CloudFront's own alphabet: `-` for `+`, `_` for `=`, `~` for `/`."""
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)
