"""The parts that both deploys share."""

from __future__ import annotations

import base64
import io
import json
import os
import stat
import time
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from infra.common import keys, template
from infra.common.package import zip_bootstrap
from infra.common.progress import StepFailed
from infra.common.run import logged
from infra.common.stack import choose_parameters
from infra.local.lower import lower


def test_short_forms_become_long_forms(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text('A: !Sub "${B}-x"\nB: !GetAtt C.D.E\nC: !If [X, !Ref Y, !Ref "AWS::NoValue"]\nV: 2012-10-17\n')
    assert template.load(path) == {
        "A": {"Fn::Sub": "${B}-x"},
        "B": {"Fn::GetAtt": ["C", "D.E"]},
        "C": {"Fn::If": ["X", {"Ref": "Y"}, {"Ref": "AWS::NoValue"}]},
        "V": "2012-10-17",
    }


def test_package_of_a_function_is_the_last_part_of_its_code_uri() -> None:
    resources = {
        "F": {"Type": template.FUNCTION, "Properties": {"CodeUri": "target/lambda/api-auth/"}},
        "T": {"Type": "X"},
    }
    assert [(f.logical_id, f.package) for f in template.functions({"Resources": resources})] == [("F", "api-auth")]
    with pytest.raises(template.TemplateError, match="G needs a CodeUri"):
        template.functions({"Resources": {"G": {"Type": template.FUNCTION}}})


def test_equal_binaries_make_equal_zips(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"binary")
    first, second = zip_bootstrap(tmp_path / "a"), zip_bootstrap(tmp_path / "b")
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first.body)) as archive:
        entry = archive.getinfo("bootstrap")
        assert archive.read(entry) == b"binary"
        assert stat.S_IMODE(entry.external_attr >> 16) == 0o755


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    made = keys.ensure(tmp_path / "keys")
    assert keys.ensure(tmp_path / "keys") == made
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    jwk = json.loads(made.jwt_public_keys)["keys"][0]
    private = serialization.load_pem_private_key(made.jwt_private_key.encode(), None)
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    assert jwk["x"] == base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert (jwk["kty"], jwk["crv"], jwk["alg"]) == ("OKP", "Ed25519", "EdDSA")
    cookie_key = serialization.load_pem_public_key(made.cloudfront_public_key.encode())
    assert cookie_key.key_size == 2048


def test_parameters_without_value_are_named() -> None:
    declared = {"Parameters": {"A": {"Default": "1"}, "B": {}, "C": {}}}
    assert choose_parameters(declared, {"B": "x", "C": "y", "Unknown": "z"}) == {"B": "x", "C": "y"}
    with pytest.raises(StepFailed, match="B, C"):
        choose_parameters(declared, {})


def test_failed_tool_is_reported_with_its_output_and_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StepFailed) as failure:
        logged(["sh", "-c", "echo broken; exit 3"], tmp_path / "log", "mend it")
    assert "broken" in str(failure.value)
    assert "status 3" in str(failure.value)
    assert "What to do: mend it" in str(failure.value)
    assert (tmp_path / "log").read_text() == "broken\n"


def test_http_api_is_lowered_to_routes_with_authorizers() -> None:
    uri = {"Fn::Sub": "arn:…/${F.Arn}/invocations"}
    operation = {"x-amazon-apigateway-integration": {"uri": uri, "payloadFormatVersion": "2.0"}}
    guarded = {**operation, "security": [{"Jwt": ["read"]}]}
    scheme = {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"issuer": "i"},
    }
    body = {
        "paths": {
            "/a/{proxy+}": {"x-amazon-apigateway-any-method": operation},
            "/b": {"get": guarded, "options": {}},
        },
        "components": {"securitySchemes": {"Jwt": {"x-amazon-apigateway-authorizer": scheme}}},
        "x-amazon-apigateway-cors": {"AllowOrigins": ["*"]},
    }
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body}}
    resources = lower({"Resources": {"Api": api}})["Resources"]
    routes = {r["Properties"]["RouteKey"]: r["Properties"] for r in resources.values() if r["Type"].endswith("::Route")}
    assert set(routes) == {"ANY /a/{proxy+}", "GET /b"}
    assert routes["GET /b"]["AuthorizationType"] == "JWT"
    assert routes["GET /b"]["AuthorizationScopes"] == ["read"]
    assert "AuthorizationType" not in routes["ANY /a/{proxy+}"]
    assert sum(r["Type"].endswith("::Integration") for r in resources.values()) == 1
    assert resources["Api"]["Properties"]["CorsConfiguration"] == {"allowOrigins": ["*"]}


def _kids(made: keys.Keys) -> list[str]:
    return [jwk["kid"] for jwk in json.loads(made.jwt_public_keys)["keys"]]


def test_a_rotation_accepts_each_key_before_it_signs_and_while_its_tokens_live(tmp_path: Path) -> None:
    old = keys.ensure(tmp_path)
    keys.prepare_rotation(tmp_path)
    prepared = keys.ensure(tmp_path)
    assert prepared.jwt_private_key == old.jwt_private_key, "nothing is signed with a key that not everybody knows"
    assert _kids(prepared)[0] == _kids(old)[0]
    assert len(_kids(prepared)) == 2

    keys.rotate(tmp_path)
    rotated = keys.ensure(tmp_path)
    assert rotated.jwt_private_key != old.jwt_private_key
    assert _kids(rotated) == list(reversed(_kids(prepared)))

    hour_ago = time.time() - 3601
    os.utime(tmp_path / "jwt-ed25519.previous.pem", (hour_ago, hour_ago))
    assert _kids(keys.ensure(tmp_path)) == _kids(rotated)[:1]


def test_a_key_that_signed_certificates_is_published_for_good(tmp_path: Path) -> None:
    def kids(made: keys.Keys) -> list[str]:
        return [jwk["kid"] for jwk in json.loads(made.certificate_public_keys)["keys"]]

    first = keys.ensure(tmp_path)
    assert len(kids(first)) == 1
    keys.prepare_rotation(tmp_path)
    keys.rotate(tmp_path)
    assert keys.ensure(tmp_path).certificate_public_keys == first.certificate_public_keys, "tokens have other keys"
    for rotations in range(1, 4):
        before = kids(keys.ensure(tmp_path))
        (tmp_path / "certificate-ed25519.pem").unlink()
        made = keys.ensure(tmp_path)
        assert kids(made)[1:] == before, "the new one signs"
        assert len(kids(made)) == rotations + 1
        assert keys.ensure(tmp_path) == made
    # A function's environment holds 4 KB.
    assert len(made.certificate_public_keys) / (rotations + 1) < 200


def test_a_rotation_that_was_not_prepared_changes_nothing(tmp_path: Path) -> None:
    old = keys.ensure(tmp_path)
    with pytest.raises(FileNotFoundError):
        keys.rotate(tmp_path)
    assert keys.ensure(tmp_path) == old
