"""Starts the AWS emulator (ministack) with the gaps closed that template.yaml needs closed.

Each `close_*` function closes one gap by wrapping a function of the pinned emulator version, and says
what AWS does instead. `tests/test_launcher.py` has a smoke test for each, so that an upgrade of the
emulator which fixes or breaks one is noticed. Everything that is not here is the emulator's own work.

Settings come from the environment: the emulator's own variables, and
LAUNCHER_CDN_LABEL (first label of the distribution's host name),
LAUNCHER_COUNTRIES (in which country which viewer is, such as `127.0.0.2=KR 127.0.0.3=DE`) and
LAUNCHER_LOG_DIR (folder for one log file per function).
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import signal
import socketserver
import subprocess
import types
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.core.responses import new_uuid
from ministack.services import apigateway, cloudfront, dynamodb, elasticache, lambda_svc, s3, secretsmanager
from ministack.services.cloudformation import provisioners

from infra.local import edge_cache, mailbox, viewer_country
from infra.local.signed_requests import refusal_of
from infra.local.standstill import report_standstills

API_HOST = re.compile(r"^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$")

# A function process may see these of the launcher's own variables and no others: on AWS it sees only what
# the runtime and the template set, so a variable that is missing in the template must be missing here too.
INHERITED_VARIABLES = frozenset({"PATH", "HOME", "LANG", "TMPDIR"})
RUNTIME_PREFIXES = ("AWS_", "LAMBDA_", "_")


def close_runtime_latency() -> None:
    """A warm call takes 3 ms instead of 50 to 100.

    The emulator writes headers and body of an invocation in two small packets, which waits for the
    receiver's delayed ACK unless TCP_NODELAY is set, and then waits up to 50 ms for log lines.
    """
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.0, 0.0, 0.010)


def close_leaking_environment() -> None:
    """A function does not inherit the launcher's environment."""
    original = lambda_svc._provided_worker_env

    def worker_env(config: dict, code_dir: str, port: int) -> dict[str, str]:
        declared = (config.get("Environment") or {}).get("Variables") or {}
        merged = original(config, code_dir, port)
        return {
            name: value
            for name, value in merged.items()
            if name in INHERITED_VARIABLES or name in declared or name.startswith(RUNTIME_PREFIXES)
        }

    lambda_svc._provided_worker_env = worker_env


def close_surviving_children() -> None:
    """When an execution environment ends, everything that it started ends with it, at once.

    On AWS the sandbox is destroyed. The emulator ends only the bootstrap, with SIGTERM and a grace
    period, so an ffmpeg started by a killed transcode would go on burning the CPU of the next one.
    """
    lambda_runtime.subprocess = types.SimpleNamespace(
        **{**vars(subprocess), "Popen": functools.partial(subprocess.Popen, process_group=0)}
    )

    def kill_group(proc: subprocess.Popen | None) -> None:
        if proc is None:
            return
        try:
            os.killpg(proc.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    lambda_runtime._signal = kill_group
    atexit.register(lambda_runtime.reset)


def close_log_files(folder: Path) -> None:
    """What a function prints appears at once in `<folder>/<function>.log`, with a REPORT line per call.

    The emulator keeps it in memory until the invocation ends, in one log stream per invocation, for ever.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def append(function: str, text: str) -> None:
        with (folder / f"{function}.log").open("a", encoding="utf-8", errors="replace") as log:
            log.write(text)

    original = lambda_runtime.ProvidedWorker._pump_output

    class Tee:
        """The output pipe of a function; every line that is read from it is also written to the file."""

        def __init__(self, stream: Any, function: str) -> None:
            self.stream, self.function = stream, function

        def readline(self) -> bytes:
            line = self.stream.readline()
            if line:
                append(self.function, line.decode("utf-8", errors="replace"))
            return line

        def close(self) -> None:
            self.stream.close()

    def pump(worker: Any, stream: Any, log_queue: Any) -> None:
        original(worker, Tee(stream, worker.func_name), log_queue)

    def report(func: dict, request_id: str, _log: str, error: bool, duration_ms: int, **_: Any) -> None:
        name = (func.get("config") or func).get("FunctionName", "unknown")
        append(name, f"REPORT RequestId: {request_id} Duration: {duration_ms} ms{' ERROR' if error else ''}\n")

    lambda_runtime.ProvidedWorker._pump_output = pump
    lambda_svc._emit_lambda_logs = report


def close_signed_requests() -> None:
    """A behaviour with trusted key groups answers 403 without a valid signed cookie or signed URL.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
    The emulator stores key groups and serves everything.
    """
    original_behavior = cloudfront._dataplane_behavior

    def behavior(element: Any, path_pattern: str | None = None) -> dict:
        parsed = original_behavior(element, path_pattern)
        trusted = cloudfront._find(element, "TrustedKeyGroups")
        enabled = trusted is not None and (cloudfront._text(trusted, "Enabled") or "true") == "true"
        parsed["trusted_key_groups"] = (
            [node.text for node in trusted.iter() if cloudfront._local_tag_name(node) == "KeyGroup" and node.text]
            if enabled
            else []
        )
        return parsed

    original_viewer = cloudfront.handle_viewer_request

    async def viewer(dist, method, path, raw_uri, raw_qs, headers, body, query, client_ip="127.0.0.1"):
        matched = cloudfront._match_behavior(cloudfront.parse_distribution_dataplane_config(dist), path)
        if matched and matched["trusted_key_groups"] and method != "OPTIONS":
            key_ids = [key for group in matched["trusted_key_groups"] for key in _members(group)]
            trusted = {key: cloudfront._public_keys.get(key)["Config"]["EncodedKey"] for key in key_ids}
            refusal = refusal_of(trusted, raw_uri, raw_qs or "", headers)
            if refusal:
                return _refuse(refusal, matched, headers, method)
        return await original_viewer(dist, method, path, raw_uri, raw_qs, headers, body, query, client_ip)

    cloudfront._dataplane_behavior = behavior
    cloudfront.handle_viewer_request = viewer


def _members(group_id: str) -> list[str]:
    group = cloudfront._key_groups.get(group_id)
    return group["Config"]["Items"] if group else []


def _refuse(refusal: tuple[str, str], behavior: dict, headers: dict, method: str) -> tuple[int, dict, bytes]:
    code, message = refusal
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    answer = {"content-type": "text/xml", "x-cache": "Error from cloudfront", "server": "CloudFront"}
    policy = cloudfront.response_headers_policy_config(behavior.get("response_headers_policy_id"))
    answer = cloudfront._apply_response_headers_policy(answer, policy, headers.get("origin", ""), method)
    return 403, cloudfront._render_headers(answer, title_case=True), body.encode()


def close_api_origin() -> None:
    """An origin `<api>.execute-api.<region>.amazonaws.com` reaches the API of this emulator, not the internet."""
    original = cloudfront._fetch_from_origin

    async def fetch(origin, method, uri, query_string, headers, body, viewer_is_https, client_ip, viewer_xff, dist_arn):
        api = API_HOST.match(origin["domain_name"] or "")
        if not api:
            return await original(
                origin,
                method,
                uri,
                query_string,
                headers,
                body,
                viewer_is_https,
                client_ip,
                viewer_xff,
                dist_arn,
            )
        forwarded = cloudfront._origin_request_headers(origin, headers, client_ip, viewer_xff)
        forwarded = {name.lower(): value for name, value in forwarded.items()} | {"host": origin["domain_name"]}
        raw_path = f"/_aws/execute-api/{api.group(1)}{origin.get('origin_path') or ''}{uri}"
        query = parse_qs(query_string, keep_blank_values=True)
        status, answer, content = await app._handle_execute_api_request(
            "localhost", unquote(raw_path), method, forwarded, body or b"", query, raw_path, query_string
        )
        pairs = [(name, v) for name, value in answer.items() for v in (value if isinstance(value, list) else [value])]
        return status, "", cloudfront._multidict_from_pairs(pairs), content

    cloudfront._fetch_from_origin = fetch


def close_path_patterns() -> None:
    """`*` of a path pattern and `{proxy+}` of a route stand for any characters, `%0A` among them.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    The emulator matches the decoded path with patterns that end at a line break.
    """
    original_glob, original_parameters = cloudfront._glob_to_regex, apigateway._extract_path_params
    cloudfront._glob_to_regex = lambda pattern: re.compile(original_glob(pattern).pattern, re.DOTALL)

    def parameters(route_path: str, request_path: str) -> dict[str, str] | None:
        # In place of a line break stands a character that is none (Unicode, section 23.7).
        found = original_parameters(route_path, request_path.replace("\n", "\ufdd0"))
        return None if found is None else {name: value.replace("\ufdd0", "\n") for name, value in found.items()}

    apigateway._extract_path_params = parameters


def close_event_cookies() -> None:
    """An HTTP API hands cookies to the function in the event's `cookies` list instead of a header.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    original = lambda_svc._execute_function_with_config_scope

    def execute(record: dict, event: Any) -> dict:
        if isinstance(event, dict) and event.get("version") == "2.0" and "cookie" in event.get("headers", {}):
            headers = dict(event["headers"])
            cookies = [cookie.strip() for cookie in headers.pop("cookie").split(";")]
            event = {**event, "headers": headers, "cookies": cookies}
        return original(record, event)

    lambda_svc._execute_function_with_config_scope = execute


def close_random_domain(label: str) -> None:
    """The distribution's host name is known before it exists, so PublicBaseUrl can be a parameter."""
    cloudfront._new_distribution_domain = lambda: f"{label}.cloudfront.net"


def close_plain_http() -> None:
    """Plain HTTP on this machine counts as TLS, as if a proxy in front of the emulator had ended it.

    Without this a distribution that demands HTTPS answers with redirects and 403, and a bucket policy that
    denies `aws:SecureTransport: false` denies everything.
    """
    cloudfront._check_viewer_protocol_policy = lambda *_: None
    iam_evaluator.pin_request_origin = lambda ip, _secure: iam_evaluator._request_origin.set((ip, True))
    app.pin_request_origin = iam_evaluator.pin_request_origin


def close_version_ranges() -> None:
    """A GET of one version of an object answers a `Range` with that part of it, as a GET of the latest does.

    ffmpeg reads sources by range, and the emulator sends it the whole file instead.
    """
    original = s3._get_object

    def get_object(bucket: str, key: str, headers: dict, query: dict | None = None) -> tuple[int, dict, Any]:
        status, answer, body = original(bucket, key, headers, query)
        part = s3._parse_range(headers["range"], len(body)) if status == 200 and "range" in headers else None
        if part is None:
            return status, answer, body
        start, end = part
        # The checksum of the whole is no checksum of a part.
        answer = {name: value for name, value in answer.items() if not name.lower().startswith("x-amz-checksum-")}
        answer |= {"Content-Length": str(end - start + 1), "Content-Range": f"bytes {start}-{end}/{len(body)}"}
        return 206, answer, body[start : end + 1]

    s3._get_object = get_object


def close_batch_actions() -> None:
    """A batch call of SQS needs the permission of the single call: there is no action `sqs:SendMessageBatch`.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    """
    original = iam_actions.extract_iam_action

    def action_of(*request: Any) -> str | None:
        action = original(*request)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    iam_actions.extract_iam_action = action_of


def close_cache_resource() -> None:
    """A policy may name a serverless cache as its resource; the emulator knows only clusters and asks for `*`."""
    original = iam_actions.extract_resource_arn

    def resource_of(service, method, path, headers, body, query, region, account) -> str:
        name = iam_actions._param(body, query, "ServerlessCacheName") if service == "elasticache" else ""
        if name:
            return f"arn:aws:elasticache:{region}:{account}:serverlesscache:{name}"
        return original(service, method, path, headers, body, query, region, account)

    iam_actions.extract_resource_arn = resource_of


def close_leading_keys() -> None:
    """`dynamodb:LeadingKeys` in a role's condition is compared with the partition keys of the request.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    The emulator does not know the key, and an unknown key satisfies `ForAllValues`.
    """
    original_context, original_enforce = iam_actions.dynamodb_service_context, iam_evaluator.enforce

    def context(body: bytes) -> dict[str, Any]:
        return original_context(body) | {"leading_keys": _leading_keys(json.loads(body or b"{}"))}

    def enforce(access_key, action, service, region, resource_arn="*", service_context=None):
        if service == "dynamodb" and service_context and "leading_keys" in service_context:
            service_context = dict(service_context)
            requested = service_context.pop("leading_keys")
            table = resource_arn.partition(":table/")[2].partition("/")[0]
            keys = requested.get((action, table)) or requested.get((None, table))
            if keys:
                service_context["dynamodb:LeadingKeys"] = keys
        return original_enforce(access_key, action, service, region, resource_arn, service_context)

    iam_actions.dynamodb_service_context = context
    iam_evaluator.enforce = enforce


def _leading_keys(request: dict[str, Any]) -> dict[tuple[str | None, str], list[str]]:
    """Partition keys by (action, table); the action matters only in transactions, whose items are checked singly."""
    found: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for item in request.get("TransactItems", []):
        for member, detail in item.items():
            action = iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS[member]
            _collect_key(found, action, detail["TableName"], detail.get("Key") or detail.get("Item"))
    for table, requested in request.get("RequestItems", {}).items():
        entries = requested["Keys"] if isinstance(requested, dict) else requested
        for entry in entries:
            write = entry.get("PutRequest") or entry.get("DeleteRequest") or {"Key": entry}
            _collect_key(found, None, table, write.get("Key") or write.get("Item"))
    if "TableName" in request:
        _collect_key(found, None, request["TableName"], request.get("Key") or request.get("Item"))
        found[None, request["TableName"]] += _queried_keys(request)
    return found


def _collect_key(found: dict, action: str | None, table: str, attributes: dict[str, Any] | None) -> None:
    known = dynamodb._tables.get(table)
    if attributes and known and known["pk_name"] in attributes:
        found[action, table] += map(str, attributes[known["pk_name"]].values())


def _queried_keys(request: dict[str, Any]) -> list[str]:
    """The partition key of a Query: the one equality on the hash key of its table or index."""
    known = dynamodb._tables.get(request["TableName"])
    if not known or "KeyConditionExpression" not in request:
        return []
    hash_key, _, _ = dynamodb._resolve_index_keys(known, request.get("IndexName"))
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    equalities = re.findall(r"([#\w.-]+)\s*=\s*(:\w+)", request["KeyConditionExpression"])
    return [str(v) for name, value in equalities if names.get(name, name) == hash_key for v in values[value].values()]


def close_missing_resource_types() -> None:
    """Adds AWS::CloudFront::PublicKey, AWS::CloudFront::KeyGroup and AWS::ElastiCache::ServerlessCache."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::CloudFront::PublicKey"] = {
        "create": _create_public_key,
        "update": _update_public_key,
        "delete": lambda physical_id, _props: cloudfront._public_keys.pop(physical_id, None),
    }
    handlers["AWS::CloudFront::KeyGroup"] = {
        "create": _create_key_group,
        "update": _update_key_group,
        "delete": lambda physical_id, _props: cloudfront._key_groups.pop(physical_id, None),
    }
    handlers["AWS::ElastiCache::ServerlessCache"] = {
        "create": _create_serverless_cache,
        "update": lambda physical_id, _old, new, _stack: (
            physical_id,
            _serverless_cache_attributes(physical_id),
        ),
        "delete": lambda physical_id, _props: elasticache._serverless_caches.pop(physical_id, None),
    }


def _public_key_config(props: dict) -> dict:
    given = props["PublicKeyConfig"]
    return {name: given.get(name, "") for name in ("CallerReference", "Name", "EncodedKey", "Comment")}


def _create_public_key(_logical_id: str, props: dict, _stack: str) -> tuple[str, dict]:
    key_id, created = cloudfront._pk_id(), cloudfront._now_iso()
    record = {"Id": key_id, "ETag": new_uuid(), "CreatedTime": created, "Config": _public_key_config(props)}
    cloudfront._public_keys[key_id] = record
    return key_id, {"Id": key_id, "CreatedTime": created}


def _update_public_key(key_id: str, old: dict, new: dict, stack: str) -> tuple[str, dict]:
    """A new key gets a new id, as on AWS, where EncodedKey cannot be changed in place."""
    if _public_key_config(old)["EncodedKey"] != _public_key_config(new)["EncodedKey"]:
        return _create_public_key("", new, stack)
    record = cloudfront._public_keys.get(key_id)
    record["Config"] = _public_key_config(new)
    return key_id, {"Id": key_id, "CreatedTime": record["CreatedTime"]}


def _key_group_config(props: dict) -> dict:
    given = props["KeyGroupConfig"]
    return {"Name": given["Name"], "Items": list(given["Items"]), "Comment": given.get("Comment", "")}


def _create_key_group(_logical_id: str, props: dict, _stack: str) -> tuple[str, dict]:
    group_id, modified = cloudfront._kg_id(), cloudfront._now_iso()
    record = {
        "Id": group_id,
        "ETag": new_uuid(),
        "LastModifiedTime": modified,
        "Config": _key_group_config(props),
    }
    cloudfront._key_groups[group_id] = record
    return group_id, {"Id": group_id, "LastModifiedTime": modified}


def _update_key_group(group_id: str, _old: dict, new: dict, _stack: str) -> tuple[str, dict]:
    record = cloudfront._key_groups.get(group_id)
    record["Config"] = _key_group_config(new)
    return group_id, {"Id": group_id, "LastModifiedTime": record["LastModifiedTime"]}


def _create_serverless_cache(_logical_id: str, props: dict, _stack: str) -> tuple[str, dict]:
    """Goes through the emulator's API; without Docker it answers with REDIS_HOST:REDIS_PORT, our redis-server."""
    name = props["ServerlessCacheName"].lower()
    if name not in elasticache._serverless_caches:
        request = {"ServerlessCacheName": [name], "Engine": [props["Engine"]]}
        status, _, body = elasticache._create_serverless_cache(request)
        if status >= 400:
            raise ValueError(f"AWS::ElastiCache::ServerlessCache refused: {body!r}")
    return name, _serverless_cache_attributes(name)


def _serverless_cache_attributes(name: str) -> dict[str, str]:
    record = elasticache._serverless_caches.get(name)
    attributes = {
        "ARN": record["ARN"],
        "Status": record["Status"],
        "FullEngineVersion": record["FullEngineVersion"],
    }
    for endpoint in ("Endpoint", "ReaderEndpoint"):
        attributes[f"{endpoint}.Address"] = record[endpoint]["Address"]
        attributes[f"{endpoint}.Port"] = str(record[endpoint]["Port"])
    return attributes


def close_table_ttl() -> None:
    """TimeToLiveSpecification of a table in a template takes effect."""
    table = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]

    def apply_ttl(props: dict, name: str) -> None:
        specification = props.get("TimeToLiveSpecification")
        if specification:
            enabled = provisioners._cfn_bool(specification.get("Enabled", False))
            dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": {**specification, "Enabled": enabled}})

    def create(logical_id: str, props: dict, stack: str, original: Callable = table["create"]) -> tuple:
        created = original(logical_id, props, stack)
        apply_ttl(props, created[0])
        return created

    def update(physical_id, old, new, stack, logical_id=None, original: Callable = table["update"]) -> tuple:
        updated = original(physical_id, old, new, stack, logical_id)
        apply_ttl(new, updated[0])
        return updated

    table["create"], table["update"] = create, update


def close_number_parameters() -> None:
    """A number of an event source mapping may come from a parameter, whose value is text."""
    mapping = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]

    def with_numbers(props: dict) -> dict:
        scaling = props.get("ScalingConfig") or {}
        if "MaximumConcurrency" in scaling:
            props = {**props, "ScalingConfig": {"MaximumConcurrency": int(scaling["MaximumConcurrency"])}}
        return props

    create, update = mapping["create"], mapping["update"]
    mapping["create"] = lambda logical_id, props, stack: create(logical_id, with_numbers(props), stack)
    mapping["update"] = lambda physical_id, old, new, stack: update(physical_id, old, with_numbers(new), stack)


def close_secret_ref() -> None:
    """`Ref` of a secret is its ARN, which roles name as their resource; the emulator answers with its name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
    """
    secret = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = secret["create"], secret["update"], secret["delete"]

    def name_of(arn: str) -> str:
        return next((name for name, record in secretsmanager._secrets.items() if record["ARN"] == arn), arn)

    def arn_first(result: tuple[str, dict]) -> tuple[str, dict]:
        return result[1]["Arn"], result[1]

    secret["create"] = lambda logical_id, props, stack: arn_first(create(logical_id, props, stack))
    secret["update"] = lambda arn, old, new, stack, logical_id=None: arn_first(
        update(name_of(arn), old, new, stack, logical_id)
    )
    secret["delete"] = lambda arn, props: delete(name_of(arn), props)


def main() -> None:
    """Closes all gaps, then runs the emulator until SIGTERM, when it saves its state."""
    close_runtime_latency()
    close_leaking_environment()
    close_surviving_children()
    close_log_files(Path(os.environ["LAUNCHER_LOG_DIR"]))
    # Before the signatures, which are checked before a copy is looked for.
    edge_cache.close_edge_cache()
    close_signed_requests()
    # The last to wrap a viewer's request, and so the first to see it: the key of a copy may name the country.
    viewer_country.close_viewer_country(viewer_country.parse(os.environ.get("LAUNCHER_COUNTRIES", "")))
    close_api_origin()
    close_path_patterns()
    close_event_cookies()
    close_random_domain(os.environ["LAUNCHER_CDN_LABEL"])
    close_plain_http()
    close_version_ranges()
    close_batch_actions()
    close_cache_resource()
    close_leading_keys()
    close_missing_resource_types()
    close_table_ttl()
    close_number_parameters()
    close_secret_ref()
    mailbox.close_send_permission()
    mailbox.close_configuration_sets()
    mailbox.add_mailbox()
    report_standstills()
    app.main()


if __name__ == "__main__":
    main()
