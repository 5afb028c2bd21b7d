"""A rehearsal of `make deploy` against the emulator: the whole of it except the cross-build.

The emulator runs the SAM transform as CloudFormation does, so template.yaml itself goes through it. What a real
account refuses and the emulator accepts is not seen here.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import boto3
import pytest

from infra.common import template
from infra.deploy.deploy import TEMPLATE, Target, deploy
from infra.local.tests.stack import Stack


@pytest.fixture
def target(stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Target:
    variables = {
        "AWS_ENDPOINT_URL": stack.settings.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Target, "key_folder", tmp_path / "keys")
    return Target("rehearsal", "us-east-1", boto3.Session())


@pytest.fixture
def built(tmp_path: Path) -> dict[str, Path]:
    packages = {function.package for function in template.functions(template.load(TEMPLATE))}
    for package in packages:
        (tmp_path / package).write_bytes(package.encode())
    return {package: tmp_path / package for package in packages}


def test_two_steps_the_first_time_and_one_later(target: Target, built: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
        archive.writestr("bin/ffmpeg", "ffmpeg")
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<html>", encoding="utf-8")
    (dist / "assets" / "index-abc123.js").write_text("0", encoding="utf-8")

    outputs = deploy(target, {}, built, dist, tmp_path / "layer.zip")
    functions = target.client("lambda").list_functions()["Functions"]
    ours = [f for f in functions if f["FunctionName"].startswith("learnflow-rehearsal")]
    assert len(ours) == len(built)
    played = next(f for f in ours if "Playback" in f["FunctionName"])
    assert played["Environment"]["Variables"]["PUBLIC_BASE_URL"] == outputs["DistributionUrl"]
    transcode = next(f for f in ours if "Transcode" in f["FunctionName"])
    assert transcode["Layers"][0]["Arn"].endswith(":layer:learnflow-ffmpeg:1")
    page = target.client("s3").get_object(Bucket=outputs["WebBucketName"], Key="index.html")
    assert (page["CacheControl"], page["ContentType"]) == ("no-cache", "text/html; charset=utf-8")
    script = target.client("s3").head_object(Bucket=outputs["WebBucketName"], Key="assets/index-abc123.js")
    assert (script["CacheControl"], script["ContentType"]) == (
        "public, max-age=31536000, immutable",
        "text/javascript",
    )
    invalidations = target.client("cloudfront").list_invalidations(DistributionId=outputs["DistributionId"])
    assert invalidations["InvalidationList"]["Quantity"] == 1

    assert deploy(target, {}, built, dist, tmp_path / "layer.zip") == outputs
    layers = target.client("lambda").list_layer_versions(LayerName="learnflow-ffmpeg")["LayerVersions"]
    assert [version["Version"] for version in layers] == [1]


def test_stack_stays_under_the_limit_of_resources() -> None:
    """CloudFormation refuses more than 500 resources in a stack, counted after the SAM transform."""
    source = template.load(TEMPLATE)
    values = {name: spec.get("Default", "x" * 32) for name, spec in source["Parameters"].items()}
    packaged = template.with_code(source, {f.logical_id: ("b", "k") for f in template.functions(source)})
    expanded = template.expand(packaged, {k: str(v) for k, v in values.items()}, "us-east-1")
    assert len(expanded["Resources"]) < 400
