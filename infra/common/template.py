"""Reading template.yaml: the only list of functions, routes, tables, queues and variables."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FUNCTION = "AWS::Serverless::Function"


class TemplateError(Exception):
    """The template says something that the deploy scripts cannot work with; the message names the resource."""


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Sub x` is `{"Fn::Sub": x}`."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    return {name: value}


_Loader.add_multi_constructor("!", _short_form)
# `Version: 2012-10-17` in a policy must stay text.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


@dataclass(frozen=True)
class Function:
    """One Lambda function of the template."""

    logical_id: str
    code_uri: str

    @property
    def package(self) -> str:
        """The Cargo package, which is also the binary: the last part of CodeUri (`target/lambda/api-auth/`)."""
        return Path(self.code_uri).name


def load(path: Path) -> dict[str, Any]:
    """The template as plain data with long-form intrinsics."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


def functions(template: Mapping[str, Any]) -> list[Function]:
    """Every serverless function with the CodeUri that it is packaged from."""
    default = template.get("Globals", {}).get("Function", {}).get("CodeUri")
    found = []
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != FUNCTION:
            continue
        code_uri = resource.get("Properties", {}).get("CodeUri", default)
        if not isinstance(code_uri, str):
            raise TemplateError(f"{logical_id} needs a CodeUri that is a local path, such as target/lambda/<package>/")
        found.append(Function(logical_id, code_uri))
    return found


def with_code(template: Mapping[str, Any], locations: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """A copy in which each function's CodeUri is the (bucket, key) of its uploaded package."""
    packaged = copy.deepcopy(dict(template))
    for logical_id, (bucket, key) in locations.items():
        packaged["Resources"][logical_id]["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return packaged


def as_object(template: Mapping[str, Any]) -> tuple[str, bytes]:
    """Object key, named by the content, and body. JSON is YAML, and has no short forms to get wrong."""
    body = json.dumps(template).encode()
    return f"templates/{hashlib.sha256(body).hexdigest()}.json", body


def expand(template: Mapping[str, Any], parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    """What CloudFormation gets after the SAM transform, which on AWS runs there."""
    from samtranslator.translator.transform import transform

    # Else it says on stderr that nobody published its usage metrics.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # The translator takes the region from its session and has no argument for it.
    os.environ.setdefault("AWS_DEFAULT_REGION", region)
    expanded = transform(copy.deepcopy(dict(template)), dict(parameters), _NoManagedPolicies())
    expanded.pop("Transform", None)
    expanded.pop("Globals", None)
    return expanded


class _NoManagedPolicies:
    """The translator asks IAM for managed policies by name; the template refers to none by name."""

    def load(self) -> dict[str, str]:
        return {}
