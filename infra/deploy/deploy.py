"""`make deploy STAGE=… REGION=…`: builds for arm64 and deploys template.yaml to a real AWS account.

    keys → release build → zips and template to S3 → stack (twice the first time) → web client → invalidation

Credentials come from where every AWS tool finds them. The keys of a stage are made at its first deploy and kept
in `.local/keys-aws/<stage>/`; whoever deploys the stage again needs that folder, or the signing keys change and
everybody has to log in again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.common import keys, stack, template, web
from infra.common.package import upload_once, zip_bootstrap
from infra.common.progress import StepFailed, step
from infra.common.run import logged
from infra.deploy import layer
from infra.local import build, install
from infra.local.settings import ROOT, Settings

TEMPLATE = ROOT / "template.yaml"
TARGET = "aarch64-unknown-linux-gnu"
_LOGS = ROOT / ".local" / "logs"
_POLL_SECONDS = 2.0
# Zip level: a release binary is uploaded once and loaded at every cold start.
_SMALLEST = 9


@dataclass(frozen=True)
class Target:
    """A stage in a region of the account that the credentials belong to."""

    stage: str
    region: str
    session: boto3.Session

    @property
    def stack_name(self) -> str:
        """One stack per stage."""
        return f"learnflow-{self.stage}"

    @property
    def key_folder(self) -> Path:
        """Where the stage's keys are kept."""
        return ROOT / ".local" / "keys-aws" / self.stage

    def client(self, service: str) -> Any:
        """A client in the target's region."""
        return self.session.client(service, region_name=self.region)

    def artifact_bucket(self, account: str) -> str:
        """Bucket names are global, so the account is part of it."""
        return f"learnflow-artifacts-{account}-{self.region}"


def deploy(
    target: Target,
    overrides: dict[str, str],
    binaries: dict[str, Path],
    dist: Path | None,
    layer_archive: Path,
) -> dict[str, str]:
    """Deploys what was built and returns the stack's outputs."""
    account = _account(target)
    source = template.load(TEMPLATE)
    functions = template.functions(source)
    bucket = target.artifact_bucket(account)
    with step("Upload the functions") as current:
        locations, changed = _upload(target, bucket, functions, binaries)
        current.done(f"{changed} of {len(functions)} changed")
    layer_arn = layer.publish(target, bucket, layer_archive)
    values = (
        keys.ensure(target.key_folder).parameters() | {"Stage": target.stage, "FfmpegLayerArn": layer_arn} | overrides
    )
    outputs = _deploy_template(target, bucket, template.with_code(source, locations), values)
    if dist is not None:
        _upload_web(target, outputs, dist)
    return outputs


def _account(target: Target) -> str:
    try:
        return target.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise StepFailed(
            f"AWS did not accept the credentials: {error}",
            "log in, for example with `aws sso login`, or set AWS_PROFILE, then run it again",
        ) from error


def build_functions(packages: list[str]) -> dict[str, Path]:
    """Release binaries for arm64 by package: cargo-lambda or cargo-zigbuild where present, else plain cargo."""
    selection = [argument for package in packages for argument in ("-p", package)]
    if shutil.which("cargo-lambda"):
        command = ["cargo", "lambda", "build", "--release", "--arm64", *selection]
        folder, name = ROOT / "target" / "lambda", "{}/bootstrap"
    else:
        # The lowest glibc of provided.al2023 is 2.34; zigbuild links against exactly that.
        zig = shutil.which("cargo-zigbuild") is not None
        cargo = [install.cargo(), "zigbuild" if zig else "build"]
        command = [*cargo, "--release", "--target", f"{TARGET}.2.34" if zig else TARGET, *selection]
        folder, name = ROOT / "target" / TARGET / "release", "{}"
    remedy = (
        "cross-compiling needs a linker for arm64: install cargo-lambda (https://www.cargo-lambda.info), which brings "
        f"one, or run `rustup target add {TARGET}` and install gcc-aarch64-linux-gnu; an arm64 machine needs neither"
    )
    with step(f"Build {len(packages)} functions for arm64") as current:
        logged(command, _LOGS / "cargo-release.log", remedy, current, cwd=ROOT)
    return {package: folder / name.format(package) for package in packages}


def _upload(
    target: Target, bucket: str, functions: list[template.Function], binaries: dict[str, Path]
) -> tuple[dict[str, tuple[str, str]], int]:
    s3 = target.client("s3")
    _ensure_bucket(s3, bucket, target.region)
    locations, changed = {}, 0
    for function in functions:
        package = zip_bootstrap(binaries[function.package], level=_SMALLEST)
        changed += upload_once(s3, bucket, package.key, package.body)
        locations[function.logical_id] = (bucket, package.key)
    return locations, changed


def _ensure_bucket(s3: Any, bucket: str, region: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
        return
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
    # us-east-1 is the one region that must not be named.
    placement = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **placement)
    blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True))


def _deploy_template(target: Target, bucket: str, packaged: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """Deploys; a second time when the distribution got its name only now, because PublicBaseUrl is a parameter."""
    url = _upload_template(target, bucket, packaged)
    known = stack.outputs(target.client("cloudformation"), target.stack_name) or {}
    if "DistributionUrl" in known:
        values = {"PublicBaseUrl": known["DistributionUrl"]} | values
    outputs = _apply(target, url, stack.choose_parameters(packaged, values), "Deploy the template")
    if values.get("PublicBaseUrl"):
        return outputs
    values = values | {"PublicBaseUrl": outputs["DistributionUrl"]}
    return _apply(target, url, stack.choose_parameters(packaged, values), "Deploy it with its public address")


def _apply(target: Target, url: str, parameters: dict[str, str], title: str) -> dict[str, str]:
    with step(title) as current:
        return stack.apply(target.client("cloudformation"), target.stack_name, url, parameters, current, _POLL_SECONDS)


def _upload_template(target: Target, bucket: str, packaged: dict[str, Any]) -> str:
    """CloudFormation takes at most 51,200 bytes directly, and 1 MB from S3."""
    key, body = template.as_object(packaged)
    upload_once(target.client("s3"), bucket, key, body)
    return f"https://s3.{target.region}.amazonaws.com/{bucket}/{key}"


def _upload_web(target: Target, outputs: dict[str, str], dist: Path) -> None:
    with step("Upload the web client") as current:
        uploaded = web.upload(target.client("s3"), outputs["WebBucketName"], dist)
        current.done(f"{len(uploaded)} files changed")
        pages = [f"/{key}" for key in uploaded if not key.startswith("assets/")]
        if pages:
            # Assets carry their content in their names; only the pages can be stale at the edge.
            batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": str(uuid.uuid4())}
            cloudfront = target.client("cloudfront")
            cloudfront.create_invalidation(DistributionId=outputs["DistributionId"], InvalidationBatch=batch)


def main() -> None:
    """Parses the command line and deploys."""
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--rotate-keys", action="store_true", help="sign access tokens with a new key")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="a template parameter")
    arguments = parser.parse_args()
    if arguments.stage == "local":
        sys.exit("The stage `local` belongs to `make up`: it turns deletion protection off. Choose another name.")
    overrides = dict(pair.split("=", 1) for pair in arguments.parameter)
    target = Target(arguments.stage, arguments.region, boto3.Session())
    try:
        binaries = build_functions(sorted({f.package for f in template.functions(template.load(TEMPLATE))}))
        dist = build.web_client(Settings.from_env())
        if arguments.rotate_keys:
            # Every function knows the next public key before the first token is signed with it.
            keys.prepare_rotation(target.key_folder)
            deploy(target, overrides, binaries, dist, layer.ARCHIVE)
            keys.rotate(target.key_folder)
        outputs = deploy(target, overrides, binaries, dist, layer.ARCHIVE)
    except StepFailed as failure:
        sys.exit(f"\n{failure}")
    print("\nDeployed.\n")
    for name, value in sorted(outputs.items()):
        print(f"  {name:<20} {value}")


if __name__ == "__main__":
    main()
