"""Deployment packages: a zip with one executable called `bootstrap`."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

# A fixed time makes equal binaries equal zips, so the content hash says whether a function changed.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_EXECUTABLE = 0o100755 << 16


@dataclass(frozen=True)
class Package:
    """A zip, named by its content."""

    body: bytes

    @property
    def key(self) -> str:
        """Object key in the artifact bucket."""
        return f"functions/{hashlib.sha256(self.body).hexdigest()}.zip"


def zip_bootstrap(binary: Path, level: int = 1) -> Package:
    """Zips `binary` as `bootstrap`. Level 1 halves a debug binary in a tenth of a second; AWS gets level 9."""
    buffer = io.BytesIO()
    entry = zipfile.ZipInfo("bootstrap", _EPOCH)
    entry.external_attr = _EXECUTABLE
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=level)
    return Package(buffer.getvalue())


def upload_once(s3: Any, bucket: str, key: str, body: bytes) -> bool:
    """Uploads under a content-addressed key unless it is there. True when it was uploaded."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
        return False
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return True
