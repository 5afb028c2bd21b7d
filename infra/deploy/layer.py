"""The Lambda layer with ffmpeg and ffprobe, which infra/ffmpeg/build.sh makes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.common.package import upload_once
from infra.common.progress import StepFailed, step
from infra.local.settings import ROOT

if TYPE_CHECKING:
    from infra.deploy.deploy import Target

ARCHIVE = ROOT / "target" / "ffmpeg-layer" / "layer.zip"
NAME = "learnflow-ffmpeg"


def publish(target: Target, bucket: str, archive: Path) -> str:
    """The ARN of a layer version with this archive; publishes one when none is known by its content hash."""
    if not archive.exists():
        raise StepFailed(
            f"There is no ffmpeg layer at {archive}.",
            "run `make layer` on an arm64 Linux machine (or in an arm64 container) and copy the file here",
        )
    body = archive.read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    lambda_client = target.client("lambda")
    with step("Publish the ffmpeg layer") as current:
        for version in _versions(lambda_client):
            if version.get("Description") == digest:
                current.done("unchanged")
                return version["LayerVersionArn"]
        key = f"layers/{digest}.zip"
        upload_once(target.client("s3"), bucket, key, body)
        published = lambda_client.publish_layer_version(
            LayerName=NAME,
            Description=digest,
            Content={"S3Bucket": bucket, "S3Key": key},
            CompatibleArchitectures=["arm64"],
            CompatibleRuntimes=["provided.al2023"],
            LicenseInfo="GPL-3.0-or-later",
        )
        return published["LayerVersionArn"]


def _versions(lambda_client: Any) -> list[dict]:
    try:
        pages = lambda_client.get_paginator("list_layer_versions").paginate(LayerName=NAME)
        return [version for page in pages for version in page["LayerVersions"]]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return []
        raise
