"""The signing keys of one stage: made once, kept in a folder, given to the template as parameters."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True)
class Keys:
    """PEM texts of the private keys, and the public halves in the form in which their readers want them."""

    jwt_private_key: str
    jwt_public_keys: str
    certificate_private_key: str
    certificate_public_keys: str
    cloudfront_private_key: str
    cloudfront_public_key: str
    origin_verify_secret: str

    def parameters(self) -> dict[str, str]:
        """The template's parameters."""
        return {
            "JwtPrivateKey": self.jwt_private_key,
            "JwtPublicKeys": self.jwt_public_keys,
            "CertificatePrivateKey": self.certificate_private_key,
            "CertificatePublicKeys": self.certificate_public_keys,
            "CloudFrontPrivateKey": self.cloudfront_private_key,
            "CloudFrontPublicKey": self.cloudfront_public_key,
            "OriginVerifySecret": self.origin_verify_secret,
        }


@dataclass(frozen=True)
class StripeKeys:
    """The keys of the local stand-in's account, in Stripe's form. On AWS the operator gives those of his account."""

    secret: str
    publishable: str
    webhook: str


def ensure_stripe(folder: Path) -> StripeKeys:
    """Reads the keys in `folder` and makes those that are missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def key(name: str, prefix: str) -> str:
        return _read_or_make(folder / name, lambda: prefix + secrets.token_hex(24))

    return StripeKeys(
        secret=key("stripe-secret", "sk_test_"),
        publishable=key("stripe-publishable", "pk_test_"),
        webhook=key("stripe-webhook", "whsec_"),
    )


# Access tokens live 15 minutes; the key that signed the last of them is kept for longer than any clock is wrong.
_PREVIOUS_KEPT_SECONDS = 3600
_CURRENT, _NEXT, _PREVIOUS = "jwt-ed25519.pem", "jwt-ed25519.next.pem", "jwt-ed25519.previous.pem"


def prepare_rotation(folder: Path) -> None:
    """Makes the next key of access tokens: deployed so, every function knows it before anything is signed with it."""
    ensure(folder)
    _private_key(folder / _NEXT, ed25519.Ed25519PrivateKey.generate)


def rotate(folder: Path) -> None:
    """Signs with the next key from the following deployment on; the one before is still accepted for an hour."""
    if not (folder / _NEXT).exists():
        raise FileNotFoundError(f"{folder / _NEXT}: prepare the rotation and deploy it first")
    (folder / _CURRENT).replace(folder / _PREVIOUS)
    os.utime(folder / _PREVIOUS)
    (folder / _NEXT).replace(folder / _CURRENT)


def _accepted(folder: Path, current: ed25519.Ed25519PrivateKey) -> list[ed25519.Ed25519PrivateKey]:
    """The keys whose tokens are accepted, the one that signs first."""
    accepted = [current]
    if (folder / _NEXT).exists():
        accepted.append(_private_key(folder / _NEXT, ed25519.Ed25519PrivateKey.generate))
    previous = folder / _PREVIOUS
    if previous.exists():
        if time.time() - previous.stat().st_mtime < _PREVIOUS_KEPT_SECONDS:
            accepted.append(_private_key(previous, ed25519.Ed25519PrivateKey.generate))
        else:
            previous.unlink()
    return accepted


# Every key that ever signed a certificate: certificates have no end, so a key that was published stays.
_CERTIFICATE, _CERTIFICATE_KEYS = "certificate-ed25519.pem", "certificate-public-keys.json"


def _published(path: Path, current: ed25519.Ed25519PrivateKey) -> str:
    """The JWK Set of all keys that certificates were signed with, the one that signs first; a new one is added."""
    known: list[dict[str, str]] = json.loads(path.read_text(encoding="ascii"))["keys"] if path.exists() else []
    own = _jwk(current)
    keys = [own, *(key for key in known if key["kid"] != own["kid"])]
    text = json.dumps({"keys": keys}, separators=(",", ":"))
    if keys != known:
        # Whole or not at all: what is lost here can't be checked any more.
        written = path.with_suffix(".new")
        written.unlink(missing_ok=True)
        _read_or_make(written, lambda: text)
        written.replace(path)
    return text


def ensure(folder: Path) -> Keys:
    """Reads the keys in `folder` and makes those that are missing. The files are readable by their owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Access tokens: EdDSA. CloudFront signs with RSA 2048 (developer guide, "Create key pairs for your signers").
    jwt_key = _private_key(folder / _CURRENT, ed25519.Ed25519PrivateKey.generate)
    certificate_key = _private_key(folder / _CERTIFICATE, ed25519.Ed25519PrivateKey.generate)
    cdn_key = _private_key(
        folder / "cloudfront-rsa.pem", lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    cdn_public = cdn_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Keys(
        jwt_private_key=_pem(jwt_key),
        jwt_public_keys=_jwks(_accepted(folder, jwt_key)),
        certificate_private_key=_pem(certificate_key),
        certificate_public_keys=_published(folder / _CERTIFICATE_KEYS, certificate_key),
        cloudfront_private_key=_pem(cdn_key),
        cloudfront_public_key=cdn_public.decode(),
        origin_verify_secret=_read_or_make(folder / "origin-verify", lambda: secrets.token_urlsafe(48)),
    )


def _private_key(path: Path, generate: Callable[[], Any]) -> Any:
    pem = _read_or_make(path, lambda: _pem(generate()))
    return serialization.load_pem_private_key(pem.encode(), password=None)


def _read_or_make(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
    return path.read_text(encoding="ascii")


def _pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _jwks(keys: list[ed25519.Ed25519PrivateKey]) -> str:
    """A JWK Set (RFC 7517) with the public halves."""
    return json.dumps({"keys": [_jwk(key) for key in keys]}, separators=(",", ":"))


def _jwk(key: ed25519.Ed25519PrivateKey) -> dict[str, str]:
    """The public half as OKP (RFC 8037); `kid` is its thumbprint (RFC 7638)."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    required = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
    thumbprint = hashlib.sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest()
    return required | {"alg": "EdDSA", "use": "sig", "kid": _base64url(thumbprint)}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
