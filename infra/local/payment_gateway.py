"""The payment gateway of the local stack: the stand-in of Stripe's API (infra/stripe), which moves no money."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

from infra.common.keys import StripeKeys
from infra.local.settings import ROOT, Settings

PACKAGE = "stripe-stand-in"
WEBHOOK_PATH = "/api/v1/payments/webhook/stripe"
# The ones that show most; its payment page lists all of them.
CARDS = {
    "4242 4242 4242 4242": "pays",
    "4000 0000 0000 0002": "is declined",
    "4000 0000 0000 3220": "the bank asks first",
    "4000 0000 0000 0259": "pays, and the bank takes it back",
}


def base(settings: Settings) -> str:
    """Where its API and its payment page are. An IP address: the client takes plain HTTP from this machine only."""
    return f"http://127.0.0.1:{settings.stripe_port}"


def binary() -> Path:
    """What `cargo build --profile local` made of it."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "local" / PACKAGE


def parameters(settings: Settings, keys: StripeKeys) -> dict[str, str]:
    """The template's parameters: the stand-in in the place of Stripe."""
    return {
        "StripeApiBase": base(settings),
        "StripeSecretKey": keys.secret,
        "StripePublishableKey": keys.publishable,
        "StripeWebhookSecret": keys.webhook,
    }


def environment(settings: Settings, keys: StripeKeys) -> dict[str, str]:
    """How it is started: its settings."""
    return {
        "STRIPE_PORT": str(settings.stripe_port),
        "STRIPE_SECRET_KEY": keys.secret,
        "STRIPE_PUBLISHABLE_KEY": keys.publishable,
        "STRIPE_WEBHOOK_SECRET": keys.webhook,
        "STRIPE_WEBHOOK_URL": settings.viewer_url + WEBHOOK_PATH,
        "STRIPE_RETURN_BASE": settings.viewer_url + "/",
        "STRIPE_STATE_FILE": str(settings.state / "stripe.json"),
    }


def answers(settings: Settings) -> bool:
    """Whether it serves requests."""
    try:
        with urllib.request.urlopen(f"{base(settings)}/_control/clock", timeout=2) as answer:
            return "now" in json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return False
