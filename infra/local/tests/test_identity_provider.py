"""The login provider of the stack behaves as one: a code for a nonce, a token for a code, once."""

from __future__ import annotations

import base64
import http.client
import json
from urllib.parse import parse_qs, urlencode, urlsplit

from infra.local import identity_provider
from infra.local.tests.stack import Answer, Stack

_BACK = "https://learn.example/login/callback/local"


def call(stack: Stack, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection("localhost", stack.settings.oidc_port, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    try:
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def discovery(stack: Stack) -> dict:
    return call(stack, "GET", "/.well-known/openid-configuration").json()


def login(stack: Stack, subject: str, **more: str) -> dict[str, list[str]]:
    """What the browser brings back after `subject` has logged in."""
    asked = {"response_type": "code", "client_id": "learnflow", "redirect_uri": _BACK, "scope": "openid email profile"}
    query = urlencode(asked | {"state": "s"} | more)
    endpoint = urlsplit(discovery(stack)["authorization_endpoint"]).path
    answer = call(stack, "POST", f"{endpoint}?{query}", {"sub": subject})
    assert answer.status == 302, answer.body
    return parse_qs(urlsplit(answer.headers["location"]).query)


def redeem(stack: Stack, code: str) -> Answer:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _BACK}
    endpoint = urlsplit(discovery(stack)["token_endpoint"]).path
    return call(stack, "POST", endpoint, form | {"client_id": "learnflow", "client_secret": "any"})


def test_it_is_the_issuer_that_the_functions_are_told(stack: Stack) -> None:
    parameters = identity_provider.parameters(stack.settings)
    (provider,) = json.loads(parameters["OidcProviders"])
    assert discovery(stack)["issuer"] == provider["issuer"]
    assert json.loads(parameters["OidcSecrets"]).keys() == {provider["id"]}


def test_a_code_gives_a_token_for_its_nonce_once(stack: Stack) -> None:
    back = login(stack, "mina", nonce="n-1")
    assert back["state"] == ["s"]
    tokens = redeem(stack, back["code"][0])
    assert tokens.status == 200, tokens.body
    payload = tokens.json()["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["iss"], claims["nonce"]) == (identity_provider.issuer(stack.settings), "n-1")
    assert claims["aud"] in ("learnflow", ["learnflow"])
    assert (claims["sub"], claims["email"], claims["email_verified"]) == ("mina", "mina.park@example.com", True)
    assert redeem(stack, back["code"][0]).status == 400


def test_a_request_without_a_nonce_is_refused(stack: Stack) -> None:
    assert login(stack, "mina")["error"] == ["invalid_request"]
