"""Uploads the built web client. The same for the local stack and AWS."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path
from typing import Any

# Vite puts a content hash into the names under assets/, so these never change; the page that names them may.
_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"

# Not every machine's mime.types knows these.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
}


def upload(s3: Any, bucket: str, dist: Path) -> list[str]:
    """Uploads every file of `dist` that differs from the bucket's; returns the keys.

    The pages go last, so that nobody is given a page whose assets are not there yet. Old assets stay for the
    tabs that still need them.
    """
    present = _etags(s3, bucket)
    files = sorted((path for path in dist.rglob("*") if path.is_file()), key=lambda path: path.suffix == ".html")
    uploaded = []
    for path in files:
        key, body = path.relative_to(dist).as_posix(), path.read_bytes()
        if present.get(key) == hashlib.md5(body, usedforsecurity=False).hexdigest():
            continue
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        caching = _IMMUTABLE if key.startswith("assets/") else _REVALIDATE
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, CacheControl=caching)
        uploaded.append(key)
    return uploaded


def _etags(s3: Any, bucket: str) -> dict[str, str]:
    """ETag by key; of an object put in one piece it is the MD5 of its content."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {entry["Key"]: entry["ETag"].strip('"') for page in pages for entry in page.get("Contents", [])}
