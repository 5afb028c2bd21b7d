"""What the platform relies on and the emulator brings by itself. A failure here means a new gap to close."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from infra.local.tests.stack import Stack
from infra.local.tests.test_launcher import invoke
from infra.local.tests.wait import until


def recorded(stack: Stack, kind: str) -> list[dict]:
    answer = stack.aws("dynamodb").query(
        TableName=stack.outputs["Table"],
        KeyConditionExpression="pk = :kind",
        ExpressionAttributeValues={":kind": {"S": kind}},
    )
    return [{name: next(iter(value.values())) for name, value in item.items()} for item in answer["Items"]]


def put(url: str, body: bytes, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, named, method="PUT")) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_role_without_the_permission_is_refused(stack: Stack) -> None:
    assert json.loads(stack.view("/api/read").body) == "allowed"
    assert json.loads(invoke(stack, "probe-denied", {"probe": "read"})["body"]["body"]) == "AccessDeniedException"


def test_transactions_are_atomic_under_concurrency(stack: Stack) -> None:
    table, client = stack.outputs["Table"], stack.aws("dynamodb")

    def claim(attempt: int) -> bool:
        guard = {"pk": {"S": "guard"}, "sk": {"S": "email"}}
        owner = {"pk": {"S": "owner"}, "sk": {"S": str(attempt)}}
        puts = [
            {"Put": {"TableName": table, "Item": guard, "ConditionExpression": "attribute_not_exists(pk)"}},
            {"Put": {"TableName": table, "Item": owner}},
        ]
        try:
            client.transact_write_items(TransactItems=puts)
            return True
        except client.exceptions.TransactionCanceledException:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(claim, range(64))) == 1
    assert len(recorded(stack, "owner")) == 1


def test_conditional_updates_lose_nothing_under_concurrency(stack: Stack) -> None:
    table, client = stack.outputs["Table"], stack.aws("dynamodb")
    key = {"pk": {"S": "counter"}, "sk": {"S": "1"}}

    def take(_: int) -> bool:
        try:
            client.update_item(
                TableName=table,
                Key=key,
                UpdateExpression="ADD taken :one",
                ConditionExpression="attribute_not_exists(taken) OR taken < :limit",
                ExpressionAttributeValues={":one": {"N": "1"}, ":limit": {"N": "5"}},
            )
            return True
        except client.exceptions.ConditionalCheckFailedException:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(take, range(64))) == 5


def test_presigned_put_binds_size_and_type(stack: Stack) -> None:
    parameters = {
        "Bucket": stack.outputs["Uploads"],
        "Key": "uploads/v1/1/single",
        "ContentLength": 5,
        "ContentType": "video/mp4",
    }
    url = stack.aws("s3").generate_presigned_url("put_object", parameters, ExpiresIn=60)
    assert put(url, b"12345", Content_Type="video/mp4") == 200
    assert put(url, b"123456", Content_Type="video/mp4") == 403
    assert put(url, b"12345", Content_Type="text/html") == 403
    assert put(url.replace("single", "other"), b"12345", Content_Type="video/mp4") == 403


def test_expired_presigned_url_is_refused(stack: Stack) -> None:
    parameters = {"Bucket": stack.outputs["Uploads"], "Key": "uploads/v1/1/late"}
    url = stack.aws("s3").generate_presigned_url("put_object", parameters, ExpiresIn=1)
    until(lambda: put(url, b"x") == 403)


def test_multipart_upload_by_presigned_parts_notifies_once(stack: Stack) -> None:
    s3, bucket, key = stack.aws("s3"), stack.outputs["Uploads"], "uploads/v1/1/multi"
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, ContentType="video/mp4")["UploadId"]
    common = {"Bucket": bucket, "Key": key, "UploadId": upload}
    for number in (2, 1):
        url = s3.generate_presigned_url("upload_part", {**common, "PartNumber": number}, ExpiresIn=60)
        assert put(url, bytes([number]) * 5_242_880) == 200
    listed = s3.list_parts(**common)["Parts"]
    assert [part["PartNumber"] for part in listed] == [1, 2]
    parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in listed]
    s3.complete_multipart_upload(**common, MultipartUpload={"Parts": parts})
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == 10_485_760
    until(lambda: [e for e in recorded(stack, "uploaded") if e["key"] == key])
    assert [e["size"] for e in recorded(stack, "uploaded") if e["key"] == key] == ["10485760"]


def test_bucket_answers_the_browsers_preflight(stack: Stack) -> None:
    def preflight(origin: str):
        return stack.request(
            f"/{stack.outputs['Uploads']}/uploads/v1/1/single",
            method="OPTIONS",
            **{
                "Origin": origin,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "content-type",
            },
        )

    ours = preflight(stack.settings.viewer_url)
    assert ours.status == 200
    assert ours.headers["access-control-allow-origin"] == stack.settings.viewer_url
    assert preflight("http://elsewhere.example").status == 403


def test_partial_batch_failure_is_retried_alone_and_then_parked(stack: Stack) -> None:
    sqs = stack.aws("sqs")
    bodies = [json.dumps({"kind": "batch", "n": n, "fail": n == 1}) for n in range(3)]
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
    sqs.send_message_batch(QueueUrl=stack.outputs["Jobs"], Entries=entries)
    dead = until(lambda: sqs.receive_message(QueueUrl=stack.outputs["Dead"], WaitTimeSeconds=1).get("Messages"))
    assert [json.loads(message["Body"])["n"] for message in dead] == [1]
    handled = sorted(json.loads(entry["body"])["n"] for entry in recorded(stack, "batch"))
    assert handled == [0, 1, 1, 2]


def test_queue_consumers_run_beside_each_other_up_to_the_limit(stack: Stack) -> None:
    sqs = stack.aws("sqs")
    for n in range(6):
        # Each ends once three have begun; with fewer beside each other none would.
        body = json.dumps({"kind": "parallel", "n": n, "beside": 3})
        sqs.send_message(QueueUrl=stack.outputs["Parallel"], MessageBody=body)
    until(lambda: len(recorded(stack, "parallel")) == 6)
    spans = [(float(e["started"]), float(e["ended"])) for e in recorded(stack, "parallel")]
    beside = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    assert beside == 3


def test_secrets(stack: Stack) -> None:
    secrets = stack.aws("secretsmanager")
    given = secrets.get_secret_value(SecretId=stack.outputs["Secret"])["SecretString"]
    assert given == stack.keys().cloudfront_private_key
    assert len(secrets.get_secret_value(SecretId=stack.outputs["Generated"])["SecretString"]) == 43


def test_expired_items_are_removed(stack: Stack) -> None:
    table, client = stack.outputs["Table"], stack.aws("dynamodb")
    item = {"pk": {"S": "old"}, "sk": {"S": "1"}, "expires_at": {"N": str(int(time.time()) - 1)}}
    client.put_item(TableName=table, Item=item)
    until(lambda: not recorded(stack, "old"))


def test_schedule_fires(stack: Stack) -> None:
    until(lambda: recorded(stack, "scheduled"))


def test_role_of_a_function_is_not_an_administrator(stack: Stack) -> None:
    role = stack.aws("lambda").get_function_configuration(FunctionName="probe-denied")["Role"]
    try:
        policies = stack.aws("iam").list_role_policies(RoleName=role.rsplit("/", 1)[-1])["PolicyNames"]
    except ClientError as error:
        raise AssertionError(f"no role {role}") from error
    assert policies == []


def test_a_stream_gives_the_items_of_its_filter_and_gives_a_failed_batch_again(stack: Stack) -> None:
    table, client = stack.outputs["Table"], stack.aws("dynamodb")
    noted = {"pk": {"S": "note"}, "type": {"S": "noted"}}
    client.put_item(TableName=table, Item=noted | {"sk": {"S": "first"}, "fail": {"BOOL": True}})
    client.put_item(TableName=table, Item={"pk": {"S": "note"}, "sk": {"S": "other"}, "type": {"S": "other"}})
    client.put_item(TableName=table, Item=noted | {"sk": {"S": "second"}})
    # A change of an item is no insert.
    client.put_item(TableName=table, Item=noted | {"sk": {"S": "second"}, "more": {"S": "x"}})
    client.put_item(TableName=table, Item=noted | {"sk": {"S": "last"}})

    def names() -> list[str]:
        return [item["name"] for item in recorded(stack, "streamed")]

    until(lambda: "last" in names())
    assert set(names()) == {"first", "second", "last"}
    assert names().count("second") == 1
