"""What the functions are told of the payment gateway is what the stand-in is started with."""

from __future__ import annotations

import stat
from pathlib import Path

from infra.common import keys, stack, template
from infra.local import payment_gateway
from infra.local.deploy import TEMPLATE
from infra.local.settings import ROOT, Settings


def settings(home: Path) -> Settings:
    return Settings(home, port=4566, redis_port=6380, oidc_port=9400, stripe_port=9401)


def test_both_sides_have_the_same_keys(tmp_path: Path) -> None:
    local = settings(tmp_path)
    made = keys.ensure_stripe(local.keys)
    told, started = payment_gateway.parameters(local, made), payment_gateway.environment(local, made)
    assert told["StripeApiBase"] == f"http://127.0.0.1:{started['STRIPE_PORT']}"
    assert told["StripeSecretKey"] == started["STRIPE_SECRET_KEY"]
    assert told["StripePublishableKey"] == started["STRIPE_PUBLISHABLE_KEY"]
    assert told["StripeWebhookSecret"] == started["STRIPE_WEBHOOK_SECRET"]
    assert started["STRIPE_WEBHOOK_URL"].startswith(local.viewer_url + "/api/v1/")


def test_the_template_takes_them_and_shows_no_secret(tmp_path: Path) -> None:
    local = settings(tmp_path)
    source = template.load(TEMPLATE)
    told = payment_gateway.parameters(local, keys.ensure_stripe(local.keys))
    chosen = stack.choose_parameters(source, told | keys.ensure(local.keys).parameters())
    assert told.items() <= chosen.items()
    declared = source["Parameters"]
    assert declared["StripeSecretKey"]["NoEcho"]
    assert declared["StripeWebhookSecret"]["NoEcho"]
    # A stack without an account has no secret that everybody knows.
    assert all(declared[name]["Default"] == "" for name in told)


def test_keys_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    first = keys.ensure_stripe(tmp_path)
    assert keys.ensure_stripe(tmp_path) == first
    assert first.webhook.startswith("whsec_")
    assert len(first.webhook) > 40
    assert len({first.secret, first.publishable, first.webhook}) == 3
    for name in ("stripe-secret", "stripe-webhook"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_gateway_that_does_not_run_does_not_answer(tmp_path: Path) -> None:
    from infra.local.tests.stack import free_port

    nobody = Settings(tmp_path, port=1, redis_port=2, oidc_port=3, stripe_port=free_port())
    assert not payment_gateway.answers(nobody)


def test_the_cards_that_are_named_are_on_the_payment_page() -> None:
    page = (ROOT / "infra" / "stripe" / "src" / "pay.rs").read_text(encoding="utf-8")
    missing = [card for card in payment_gateway.CARDS if f'("{card}", ' not in page]
    assert not missing
