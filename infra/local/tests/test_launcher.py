"""One smoke test for each gap of the emulator that launcher.py closes."""

from __future__ import annotations

import json
import os
import re
import time

import pytest

from infra.local import services
from infra.local.process import proc_stat
from infra.local.tests.stack import Stack, deployment
from infra.local.tests.wait import until


def invoke(stack: Stack, function: str, event: dict) -> dict:
    answer = stack.aws("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    return {"error": answer.get("FunctionError"), "body": json.loads(answer["Payload"].read())}


def as_narrow_role(stack: Stack, service: str, call: str, **arguments) -> str:
    """Makes an AWS call as the function `probe-narrow`; "ok" or AWS's error code."""
    event = {"probe": "aws", "service": service, "call": call, "arguments": arguments}
    return invoke(stack, "probe-narrow", event)["body"]


def log_of(stack: Stack, function: str) -> str:
    return (stack.settings.function_logs / f"{function}.log").read_text(encoding="utf-8")


def alive(pid: int) -> bool:
    stat = proc_stat(pid)
    return bool(stat) and stat[2] != "Z"


def test_warm_invocation_is_fast(stack: Stack) -> None:
    stack.view("/api/v1/echo")
    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        assert stack.view("/api/v1/echo").status == 200
        seconds.append(time.perf_counter() - started)
    # A delayed ACK would cost each of them 40 ms; a busy machine delays some.
    assert min(seconds) < 0.030


def test_function_sees_only_what_the_template_sets(stack: Stack) -> None:
    seen = stack.view("/api/v1/echo").json()["environment"]
    assert seen["TABLE"] == stack.outputs["Table"]
    assert seen["AWS_ENDPOINT_URL"] == stack.settings.endpoint
    assert seen["AWS_REGION"] == "us-east-1"
    leaked = {"GATEWAY_PORT", "STATE_DIR", "REDIS_HOST", "LAUNCHER_LOG_DIR", "AUTH"} & seen.keys()
    assert leaked == set()


@pytest.mark.parametrize(("probe", "error"), [("hang", "Sandbox.Timedout"), ("die", "Runtime.ExitError")])
def test_what_a_function_started_ends_with_it(stack: Stack, probe: str, error: str) -> None:
    answer = invoke(stack, "probe-slow", {"probe": probe})
    assert answer["body"]["errorType"] == error
    child = int(re.findall(r"child (\d+)", log_of(stack, "probe-slow"))[-1])
    until(lambda: not alive(child))
    assert invoke(stack, "probe-slow", {"n": 1}) == {"error": None, "body": {"n": 1}}


def test_function_output_is_in_a_file(stack: Stack) -> None:
    stack.view("/api/v1/echo/log-me")
    until(lambda: "probe /api/v1/echo/log-me\n" in log_of(stack, "probe-http"))
    assert re.search(r"REPORT RequestId: \S+ Duration: \d+ ms", log_of(stack, "probe-http"))


def test_distribution_has_the_pinned_name(stack: Stack) -> None:
    assert stack.outputs["Domain"] == "learnflow.cloudfront.net"


def test_distribution_reaches_the_api(stack: Stack) -> None:
    headers = {"Cookie": "sid=7; theme=dark", "X_Test": "yes", "Content_Type": "application/json"}
    answer = stack.view("/api/v1/echo/a%20b?x=1&x=2", method="POST", body=b'{"n":1}', **headers)
    assert answer.status == 200
    event = answer.json()["event"]
    assert event["rawPath"] == "/api/v1/echo/a b"
    assert event["rawQueryString"] == "x=1&x=2"
    assert event["body"] == '{"n":1}'
    assert event["cookies"] == ["sid=7", "theme=dark"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-test"] == "yes"
    assert event["headers"]["x-origin-verify"] == "proof"
    assert event["requestContext"]["http"]["method"] == "POST"


def test_path_pattern_matches_a_line_break(stack: Stack) -> None:
    answer = stack.view("/api/v1/echo/a%0Ab")
    assert answer.status == 200
    assert answer.json()["event"]["rawPath"] == "/api/v1/echo/a\nb"


def test_leading_keys_of_a_role_are_enforced(stack: Stack) -> None:
    table = stack.outputs["Table"]

    def call(name: str, **arguments) -> str:
        return as_narrow_role(stack, "dynamodb", name, **arguments)

    def key(pk: str) -> dict:
        return {"pk": {"S": pk}, "sk": {"S": "1"}}

    def query(pk: str) -> str:
        values = {":pk": {"S": pk}}
        names = {"#pk": "pk"}
        return call(
            "query",
            TableName=table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )

    def transact(written: str, checked: str) -> str:
        condition = {
            "TableName": table,
            "Key": key(checked),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        items = [{"Put": {"TableName": table, "Item": key(written)}}, {"ConditionCheck": condition}]
        return call("transact_write_items", TransactItems=items)

    refused = "AccessDeniedException"
    assert call("put_item", TableName=table, Item=key("OWN#1")) == "ok"
    assert call("put_item", TableName=table, Item=key("OTHER#1")) == refused
    assert call("get_item", TableName=table, Key=key("OWN#1")) == "ok"
    assert call("get_item", TableName=table, Key=key("OTHER#1")) == refused
    assert (query("OWN#1"), query("OTHER#1")) == ("ok", refused)
    both = {table: {"Keys": [key("OWN#1"), key("OTHER#1")]}}
    assert call("batch_get_item", RequestItems={table: {"Keys": [key("OWN#1")]}}) == "ok"
    assert call("batch_get_item", RequestItems=both) == refused
    assert transact("OWN#2", "OTHER#2") == "ok"
    assert transact("OTHER#2", "OTHER#2") == refused
    assert transact("OWN#3", "OWN#4") == refused


def test_range_of_a_version(stack: Stack) -> None:
    s3, place = stack.aws("s3"), {"Bucket": stack.outputs["Uploads"], "Key": "ranged"}
    first = s3.put_object(**place, Body=b"0123456789")["VersionId"]
    s3.put_object(**place, Body=b"other")
    answer = s3.get_object(**place, VersionId=first, Range="bytes=2-4")
    assert (answer["Body"].read(), answer["ContentRange"], answer["ContentLength"]) == (b"234", "bytes 2-4/10", 3)
    assert s3.get_object(**place, VersionId=first)["Body"].read() == b"0123456789"


def test_batch_call_of_sqs_needs_the_permission_of_the_single_call(stack: Stack) -> None:
    sink, entries = stack.outputs["Sink"], [{"Id": "1", "MessageBody": "x"}]
    assert as_narrow_role(stack, "sqs", "send_message_batch", QueueUrl=sink, Entries=entries) == "ok"
    other = stack.outputs["Jobs"]
    assert as_narrow_role(stack, "sqs", "send_message_batch", QueueUrl=other, Entries=entries) != "ok"


def test_role_may_name_a_serverless_cache(stack: Stack) -> None:
    call = "describe_serverless_caches"
    assert as_narrow_role(stack, "elasticache", call, ServerlessCacheName="learnflow-smoke") == "ok"
    assert as_narrow_role(stack, "elasticache", call, ServerlessCacheName="other") == "AccessDenied"


def test_number_of_an_event_source_may_be_a_parameter(stack: Stack) -> None:
    # boto3 would make a number of it: what counts is what the emulator compares with its running functions.
    lambda_api = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request"
    path = "/2015-03-31/event-source-mappings/?FunctionName=probe-parallel"
    mappings = stack.request(path, Authorization=lambda_api).json()["EventSourceMappings"]
    assert [mapping["ScalingConfig"] for mapping in mappings] == [{"MaximumConcurrency": 3}]


def test_ref_of_a_secret_is_its_arn(stack: Stack) -> None:
    arn = stack.outputs["Secret"]
    assert arn.startswith("arn:aws:secretsmanager:us-east-1:000000000000:secret:")
    assert as_narrow_role(stack, "secretsmanager", "get_secret_value", SecretId=arn) == "ok"
    other = stack.outputs["Generated"]
    assert as_narrow_role(stack, "secretsmanager", "get_secret_value", SecretId=other) == "AccessDeniedException"


def test_plain_http_counts_as_tls(stack: Stack) -> None:
    arguments = {"Bucket": stack.outputs["Uploads"], "Key": "tls", "Body": "x"}
    assert as_narrow_role(stack, "s3", "put_object", **arguments) == "ok"
    # Its behaviours demand HTTPS or redirect to it.
    assert stack.view("/api/v1/echo").status == 200
    assert stack.view("/missing.png").status in (403, 404)


def test_cloudfront_function_runs(stack: Stack) -> None:
    stack.aws("s3").put_object(Bucket=stack.outputs["Web"], Key="index.html", Body=b"<html>", ContentType="text/html")
    assert stack.view("/courses/42").body == b"<html>"


@pytest.mark.parametrize("path", ["/api/v1/echo", "/api/v1/echo/", "/api/v1/echo/deep/er"])
def test_http_api_body_is_lowered_to_routes(stack: Stack, path: str) -> None:
    event = stack.view(path).json()["event"]
    assert event["rawPath"] == path
    assert event["routeKey"].startswith("ANY /api/v1/echo")


def test_template_resource_types(stack: Stack) -> None:
    assert stack.outputs["CacheEndpoint"] == f"127.0.0.1:{stack.settings.redis_port}"
    cache = stack.aws("elasticache").describe_serverless_caches(ServerlessCacheName="learnflow-smoke")
    assert cache["ServerlessCaches"][0]["Endpoint"]["Port"] == stack.settings.redis_port
    key = stack.aws("cloudfront").get_public_key(Id=stack.outputs["KeyId"])
    assert key["PublicKey"]["PublicKeyConfig"]["EncodedKey"] == stack.keys().cloudfront_public_key


def test_table_ttl_is_on(stack: Stack) -> None:
    ttl = stack.aws("dynamodb").describe_time_to_live(TableName=stack.outputs["Table"])["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_second_deploy_changes_nothing_and_restart_keeps_everything(stack: Stack) -> None:
    item = {"pk": {"S": "kept"}, "sk": {"S": "1"}}
    stack.aws("dynamodb").put_item(TableName=stack.outputs["Table"], Item=item)
    stack.aws("s3").put_object(Bucket=stack.outputs["Web"], Key="kept.txt", Body=b"kept")
    assert deployment(stack.settings).run() == stack.outputs
    pid = services.emulator(stack.settings).pid()
    assert services.emulator(stack.settings).stop()
    services.start(stack.settings)
    assert services.emulator(stack.settings).pid() not in (None, pid)
    assert stack.aws("dynamodb").get_item(TableName=stack.outputs["Table"], Key=item)["Item"] == item
    assert stack.view("/kept.txt").body == b"kept"
    assert stack.view("/api/v1/echo").status == 200
    assert deployment(stack.settings).run() == stack.outputs


def test_stop_leaves_no_process(stack: Stack) -> None:
    stack.view("/api/v1/echo")
    pid = services.emulator(stack.settings).pid()
    assert pid is not None
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    functions = [p for p in pids if (stat := proc_stat(p)) and stat[3] == str(pid)]
    assert functions
    services.emulator(stack.settings).stop()
    assert not [p for p in functions if alive(p)]
    services.start(stack.settings)
