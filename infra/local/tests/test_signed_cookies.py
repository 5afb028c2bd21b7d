"""CloudFront's rules for signed cookies and URLs, as the launcher enforces them."""

from __future__ import annotations

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from infra.local.tests.stack import Stack

SEGMENT = "/hls/videos/v1/1/seg_00000.m4s"


@pytest.fixture(scope="module", autouse=True)
def objects(stack: Stack) -> None:
    s3 = stack.aws("s3")
    s3.put_object(
        Bucket=stack.outputs["Media"],
        Key=SEGMENT[1:],
        Body=bytes(range(256)),
        ContentType="video/iso.segment",
    )
    s3.put_object(Bucket=stack.outputs["Media"], Key="posters/v1/1/poster_0.jpg", Body=b"jpg")
    s3.put_object(Bucket=stack.outputs["Web"], Key="index.html", Body=b"<html>", ContentType="text/html")


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().translate(str.maketrans("+=/", "-_~"))


def signed(
    stack: Stack, resource: str, seconds: int = 60, not_before: int | None = None, key_id: str | None = None
) -> dict[str, str]:
    now = int(time.time())
    condition: dict = {"DateLessThan": {"AWS:EpochTime": now + seconds}}
    if not_before is not None:
        condition["DateGreaterThan"] = {"AWS:EpochTime": now + not_before}
    statement = {"Resource": f"{stack.settings.viewer_url}{resource}", "Condition": condition}
    policy = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
    private_key = serialization.load_pem_private_key(stack.keys().cloudfront_private_key.encode(), None)
    signature = private_key.sign(policy, padding.PKCS1v15(), hashes.SHA1())
    return {
        "Policy": encoded(policy),
        "Signature": encoded(signature),
        "Key-Pair-Id": key_id or stack.outputs["KeyId"],
    }


def cookie(fields: dict[str, str]) -> str:
    return "; ".join(f"CloudFront-{name}={value}" for name, value in fields.items())


def test_valid_cookie_opens_its_path_and_ranges(stack: Stack) -> None:
    good = cookie(signed(stack, "/hls/videos/v1/1/*"))
    assert stack.view(SEGMENT, Cookie=good).body == bytes(range(256))
    part = stack.view(SEGMENT, Cookie=good, Range="bytes=10-19")
    assert (part.status, part.body, part.headers["content-range"]) == (
        206,
        bytes(range(10, 20)),
        "bytes 10-19/256",
    )


def test_without_cookie_403(stack: Stack) -> None:
    answer = stack.view(SEGMENT)
    assert answer.status == 403
    assert b"<Code>MissingKey</Code>" in answer.body


def test_other_video_expired_early_and_unknown_key_403(stack: Stack) -> None:
    for fields in (
        signed(stack, "/hls/videos/v2/1/*"),
        signed(stack, "/hls/videos/v1/1/*", seconds=-1),
        signed(stack, "/hls/videos/v1/1/*", not_before=30),
        signed(stack, "/hls/videos/v1/1/*", key_id="KUNKNOWN"),
    ):
        assert stack.view(SEGMENT, Cookie=cookie(fields)).status == 403


def test_tampered_cookie_403(stack: Stack) -> None:
    fields = signed(stack, "/hls/videos/v2/1/*")
    fields["Policy"] = signed(stack, "/hls/videos/v1/1/*")["Policy"]
    assert stack.view(SEGMENT, Cookie=cookie(fields)).status == 403
    garbage = {**signed(stack, "/hls/videos/v1/1/*"), "Signature": "*"}
    assert stack.view(SEGMENT, Cookie=cookie(garbage)).status == 403


def test_signed_url(stack: Stack) -> None:
    query = "&".join(f"{name}={value}" for name, value in signed(stack, "/hls/videos/v1/1/*").items())
    assert stack.view(f"{SEGMENT}?{query}").status == 200
    assert stack.view(f"/hls/videos/v2/1/seg.m4s?{query}").status == 403


def test_other_behaviours_need_no_cookie(stack: Stack) -> None:
    assert stack.view("/posters/v1/1/poster_0.jpg").body == b"jpg"
    assert stack.view("/").body == b"<html>"


def test_bucket_is_not_open_beside_the_distribution(stack: Stack) -> None:
    assert stack.request(f"/{stack.outputs['Media']}{SEGMENT}").status == 403
