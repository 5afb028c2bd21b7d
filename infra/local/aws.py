"""Clients of the local emulator."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from infra.local.settings import REGION, Settings


def client(settings: Settings, service: str) -> Any:
    """A boto3 client with the emulator's administrator credentials."""
    # boto3 still presigns S3 URLs with version 2 unless it is told not to.
    signature = "s3v4" if service == "s3" else None
    return boto3.client(
        service,
        endpoint_url=settings.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name=REGION,
        config=Config(signature_version=signature, s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
