"""Lowers what the emulator's CloudFormation does not read into resources that it does.

SAM describes an HTTP API as one AWS::ApiGatewayV2::Api with an OpenAPI `Body`. AWS imports that body;
the emulator ignores it. Here the body becomes integrations, routes and authorizers.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

ANY_METHOD = "x-amazon-apigateway-any-method"


def lower(template: dict[str, Any]) -> dict[str, Any]:
    """Lowers in place every HTTP API of an expanded template, and returns the template."""
    resources = template["Resources"]
    for name in [
        n for n, r in resources.items() if r["Type"] == "AWS::ApiGatewayV2::Api" and "Body" in r["Properties"]
    ]:
        _lower_api(name, resources)
    return template


def _lower_api(name: str, resources: dict[str, Any]) -> None:
    properties = resources[name]["Properties"]
    body = properties.pop("Body")
    for unsupported in ("FailOnWarnings", "DisableExecuteApiEndpoint"):
        properties.pop(unsupported, None)
    properties.setdefault("Name", name)
    properties["ProtocolType"] = "HTTP"
    # A fixed id keeps the API's URL over redeploys, restarts and resets.
    properties["Tags"] = {"ms-custom-id": _short_hash(name)}
    cors = body.get("x-amazon-apigateway-cors")
    if cors:
        # The emulator's data plane reads the camelCase of the wire, its CloudFormation passes on what it gets.
        properties["CorsConfiguration"] = {key[0].lower() + key[1:]: value for key, value in cors.items()}
    authorizers = _lower_authorizers(name, body, resources)
    integrations: dict[str, str] = {}
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            if method == "options" or (method.startswith("x-") and method != ANY_METHOD):
                continue
            integration = _lower_integration(name, operation, integrations, resources)
            _lower_route(name, path, method, operation, integration, authorizers, resources)


def _lower_authorizers(name: str, body: dict, resources: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Adds the authorizers; returns logical id and authorization type by the name that operations use."""
    lowered = {}
    for scheme_name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
        source = scheme.get("x-amazon-apigateway-authorizer")
        if source is None:
            continue
        properties: dict[str, Any] = {"ApiId": {"Ref": name}, "Name": scheme_name}
        if source["type"] == "jwt":
            configuration = source["jwtConfiguration"]
            properties |= {
                "AuthorizerType": "JWT",
                "IdentitySource": [source["identitySource"]],
                "JwtConfiguration": {
                    "Issuer": configuration["issuer"],
                    "Audience": configuration.get("audience", []),
                },
            }
        else:
            identity = source.get("identitySource") or "$request.header.Authorization"
            properties |= {
                "AuthorizerType": "REQUEST",
                "AuthorizerUri": source["authorizerUri"],
                "AuthorizerPayloadFormatVersion": source.get("authorizerPayloadFormatVersion", "2.0"),
                "EnableSimpleResponses": source.get("enableSimpleResponses", False),
                "AuthorizerResultTtlInSeconds": source.get("authorizerResultTtlInSeconds", 0),
                "IdentitySource": identity if isinstance(identity, list) else [i.strip() for i in identity.split(",")],
            }
        logical_id = f"{name}Authorizer{scheme_name}"
        resources[logical_id] = {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": properties}
        lowered[scheme_name] = (logical_id, "JWT" if source["type"] == "jwt" else "CUSTOM")
    return lowered


def _lower_integration(name: str, operation: dict, known: dict[str, str], resources: dict[str, Any]) -> str:
    integration = operation["x-amazon-apigateway-integration"]
    identity = json.dumps(integration["uri"], sort_keys=True)
    if identity not in known:
        logical_id = known[identity] = f"{name}Integration{_short_hash(identity)}"
        resources[logical_id] = {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": name},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": integration["uri"],
                "PayloadFormatVersion": integration.get("payloadFormatVersion", "2.0"),
            },
        }
    return known[identity]


def _lower_route(
    name: str,
    path: str,
    method: str,
    operation: dict,
    integration: str,
    authorizers: dict[str, tuple[str, str]],
    resources: dict[str, Any],
) -> None:
    verb = "ANY" if method == ANY_METHOD else method.upper()
    route_key = "$default" if path.lstrip("/") == "$default" else f"{verb} {path}"
    properties: dict[str, Any] = {
        "ApiId": {"Ref": name},
        "RouteKey": route_key,
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
    }
    for requirement in operation.get("security", []):
        for scheme_name, scopes in requirement.items():
            if scheme_name in authorizers:
                authorizer, kind = authorizers[scheme_name]
                properties |= {"AuthorizationType": kind, "AuthorizerId": {"Ref": authorizer}}
                if scopes:
                    properties["AuthorizationScopes"] = scopes
    resources[f"{name}Route{_short_hash(route_key)}"] = {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": properties,
    }


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
