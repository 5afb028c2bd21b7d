"""Creating or updating a CloudFormation stack and waiting for it. The same for the local stack and AWS."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.common.progress import Step, StepFailed

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def choose_parameters(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """The values for the parameters that the template declares. Fails when one has no value and no default."""
    declared = template.get("Parameters", {})
    missing = sorted(name for name, spec in declared.items() if name not in values and "Default" not in spec)
    if missing:
        raise StepFailed(
            f"No value for the template's parameters: {', '.join(missing)}.",
            "give them a default in template.yaml or a value in the deploy script",
        )
    return {name: value for name, value in values.items() if name in declared}


def apply(
    cloudformation: Any,
    name: str,
    template_url: str,
    parameters: Mapping[str, str],
    current: Step,
    poll_seconds: float,
) -> dict[str, str]:
    """Creates or updates the stack from a template in S3 and waits for it. Returns the outputs."""
    status = _status(cloudformation, name)
    if status in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):
        # Such a stack never worked and can only be deleted.
        cloudformation.delete_stack(StackName=name)
        _wait(cloudformation, name, current, poll_seconds)
        status = None
    call = cloudformation.create_stack if status in (None, "DELETE_COMPLETE") else cloudformation.update_stack
    try:
        call(
            StackName=name,
            TemplateURL=template_url,
            Capabilities=_CAPABILITIES,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise StepFailed(f"CloudFormation refused the template: {error}", "correct template.yaml") from error
    stack = _wait(cloudformation, name, current, poll_seconds)
    if stack is None or "ROLLBACK" in stack["StackStatus"] or "FAILED" in stack["StackStatus"]:
        ended = stack["StackStatus"] if stack else "deleted"
        raise StepFailed(
            f"The stack {name} ended as {ended}.\n{_failures(cloudformation, name)}",
            "correct the resource that failed first and deploy again",
        )
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def outputs(cloudformation: Any, name: str) -> dict[str, str] | None:
    """The outputs of a deployed stack, None when there is none."""
    stack = _describe(cloudformation, name)
    if stack is None:
        return None
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def functions(cloudformation: Any, name: str) -> dict[str, str]:
    """The names of a deployed stack's functions by their logical ids."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }


def _describe(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _status(cloudformation: Any, name: str) -> str | None:
    stack = _describe(cloudformation, name)
    return stack["StackStatus"] if stack else None


def _wait(cloudformation: Any, name: str, current: Step, poll_seconds: float) -> dict[str, Any] | None:
    while (stack := _describe(cloudformation, name)) and stack["StackStatus"].endswith("_IN_PROGRESS"):
        current.show(stack["StackStatus"])
        time.sleep(poll_seconds)
    return stack


def _failures(cloudformation: Any, name: str) -> str:
    """The failed resources, oldest first: the first is the cause, the rest were cancelled because of it."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    events = [event for page in pages for event in page["StackEvents"] if "FAILED" in event["ResourceStatus"]]
    return "\n".join(f"  {e['LogicalResourceId']}: {e.get('ResourceStatusReason', '')}" for e in reversed(events))
