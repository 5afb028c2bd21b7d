"""The login provider of the local stack: a real OpenID Connect provider whose login page believes everybody.

It checks client, redirect address, code and nonce as others do, and signs with RS256. PKCE it accepts without checking;
the component tests of the auth function check that.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from infra.local.settings import VENV, Settings

PROVIDER = "local"
_NAME = "Local login"
_CLIENT_ID = "learnflow"
# The provider takes any secret; this one shows that it is sent.
_CLIENT_SECRET = "local-client-secret"

# Persons whom its page offers. Any other name may be typed there: it becomes subject and unverified address.
USERS: list[dict[str, Any]] = [
    {
        "sub": "mina",
        "email": "mina.park@example.com",
        "email_verified": True,
        "given_name": "Mina",
        "family_name": "Park",
    },
    # The provider does not vouch for his address.
    {"sub": "theo", "email": "theo@example.com", "email_verified": False, "name": "Theo Berg"},
]


def issuer(settings: Settings) -> str:
    """What its tokens name. localhost, since the API takes plain HTTP from this machine only."""
    return f"http://localhost:{settings.oidc_port}"


def parameters(settings: Settings) -> dict[str, str]:
    """The template's parameters: this provider and its client secret."""
    provider = {
        "id": PROVIDER,
        "name": _NAME,
        "issuer": issuer(settings),
        "client_id": _CLIENT_ID,
        "authority": {"domains": ["example.com"]},
    }
    return {
        "OidcProviders": json.dumps([provider], separators=(",", ":")),
        "OidcSecrets": json.dumps({PROVIDER: _CLIENT_SECRET}, separators=(",", ":")),
    }


def command(settings: Settings) -> list[str]:
    """How it is started."""
    users = [part for user in USERS for part in ("--user-claims", json.dumps(user))]
    options = ["--host", "127.0.0.1", "--port", str(settings.oidc_port), "--require-nonce", "true"]
    return [str(VENV / "bin" / "python"), "-m", "oidc_provider_mock", *options, *users]


def answers(settings: Settings) -> bool:
    """Whether it tells of itself."""
    try:
        with urllib.request.urlopen(f"{issuer(settings)}/.well-known/openid-configuration", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
