"""Deploys template.yaml, as it is, to the local emulator.

    zip each function → S3 → SAM transform → lower the HTTP API → create or update the stack

Only packages whose binary changed are zipped and uploaded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.common import keys, stack, template
from infra.common.package import upload_once, zip_bootstrap
from infra.common.progress import Step, StepFailed, step
from infra.local import identity_provider, payment_gateway
from infra.local.aws import client
from infra.local.lower import lower
from infra.local.settings import REGION, ROOT, STACK, Settings

ARTIFACTS = "learnflow-artifacts"
# Whose address the platform writes from. A reserved name (RFC 2606), so that no mail could reach anybody.
MAIL_DOMAIN = "learnflow.example"
TEMPLATE = ROOT / "template.yaml"
_POLL_SECONDS = 0.1


def binary(function: template.Function) -> Path:
    """What `cargo build --profile local` made of the function's package."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "local" / function.package


@dataclass(frozen=True)
class Deployment:
    """One deploy of a template to one local stack."""

    settings: Settings
    template_path: Path = TEMPLATE
    stack_name: str = STACK
    locate: Callable[[template.Function], Path] = binary

    def run(self) -> dict[str, str]:
        """Deploys and returns the stack's outputs."""
        source = template.load(self.template_path)
        with step("Package the functions") as current:
            locations = self._upload(template.functions(source), current)
        with step("Deploy the template") as current:
            parameters = stack.choose_parameters(source, self._parameters())
            expanded = lower(template.expand(template.with_code(source, locations), parameters, REGION))
            current.done(f"{len(expanded['Resources'])} resources")
            url = self._upload_template(expanded)
            _verify_sender(client(self.settings, "sesv2"))
            cloudformation = client(self.settings, "cloudformation")
            return stack.apply(cloudformation, self.stack_name, url, parameters, current, _POLL_SECONDS)

    def _upload_template(self, expanded: dict[str, Any]) -> str:
        """CloudFormation takes at most 51,200 bytes directly, and 1 MB from S3."""
        key, body = template.as_object(expanded)
        upload_once(client(self.settings, "s3"), ARTIFACTS, key, body)
        return f"{self.settings.endpoint}/{ARTIFACTS}/{key}"

    def _parameters(self) -> dict[str, str]:
        """Everything that the template may ask for; what it does not declare is left out."""
        processors = os.cpu_count() or 2
        local = {
            "Stage": "local",
            "PublicBaseUrl": self.settings.viewer_url,
            "MailFrom": f"LearnFlow <no-reply@{MAIL_DOMAIN}>",
            "OpenInstructorSignup": "true",
            "UseValkey": "true",
            # An example of the IBAN registry: there is no such account.
            "BankAccountHolder": "LearnFlow (local)",
            "BankIban": "DE89370400440532013000",
            "BankBic": "COBADEFFXXX",
            "BankName": "Example Bank",
            # redis-server speaks plain TCP here; ElastiCache Serverless speaks TLS only.
            "ValkeyTls": "false",
            # All chunks share the processors of this machine, and ffmpeg uses more than one thread.
            "TranscodeConcurrency": str(max(2, processors)),
            "TranscodeWorkers": str(max(2, processors)),
        }
        made = keys.ensure(self.settings.keys).parameters() | identity_provider.parameters(self.settings)
        made |= payment_gateway.parameters(self.settings, keys.ensure_stripe(self.settings.keys))
        return made | local | self.settings.parameters

    def _upload(self, functions: list[template.Function], current: Step) -> dict[str, tuple[str, str]]:
        s3 = client(self.settings, "s3")
        s3.create_bucket(Bucket=ARTIFACTS)
        memory = _ZipMemory(self.settings.state / "packages.json")
        changed, locations = 0, {}
        for function in functions:
            path = self.locate(function)
            if not path.exists():
                raise StepFailed(
                    f"{function.logical_id} has no binary at {path}.",
                    f"is there a package `{function.package}` in functions/? CodeUri in template.yaml names it",
                )
            key = memory.key_of(path)
            if key is None:
                current.show(function.package)
                package = zip_bootstrap(path)
                changed += upload_once(s3, ARTIFACTS, package.key, package.body)
                key = memory.remember(path, package.key)
            locations[function.logical_id] = (ARTIFACTS, key)
        memory.save()
        current.done(f"{changed} of {len(functions)} changed")
        return locations


class _ZipMemory:
    """Which object key a binary was uploaded under, by its size and time, so that it is not zipped again.

    It lies beside the emulator's data and goes when they go.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def key_of(self, binary_path: Path) -> str | None:
        known = self.known.get(str(binary_path))
        return known["key"] if known and known["stamp"] == self._stamp(binary_path) else None

    def remember(self, binary_path: Path, key: str) -> str:
        self.known[str(binary_path)] = {"stamp": self._stamp(binary_path), "key": key}
        return key

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.known, indent=1), encoding="utf-8")

    @staticmethod
    def _stamp(path: Path) -> list[int]:
        status = path.stat()
        return [status.st_size, status.st_mtime_ns]


def _verify_sender(ses: Any) -> None:
    """Verifies the domain of the sender, as an operator does on AWS with DNS records (docs/operations.md, "Mails")."""
    if MAIL_DOMAIN not in {identity["IdentityName"] for identity in ses.list_email_identities()["EmailIdentities"]}:
        ses.create_email_identity(EmailIdentity=MAIL_DOMAIN)
