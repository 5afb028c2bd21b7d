"""The `bootstrap` of the smoke tests' functions: speaks the Lambda runtime API and does what the event asks for."""

import json
import os
import subprocess
import time
import urllib.request
import uuid

import boto3
import boto3.dynamodb.conditions

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def record(kind, **fields):
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    table.put_item(Item={"pk": kind, "sk": uuid.uuid4().hex, **fields})


def http(event):
    path = event["rawPath"]
    if path == "/api/read":
        try:
            boto3.resource("dynamodb").Table(os.environ["TABLE"]).get_item(Key={"pk": "x", "sk": "x"})
            answer = "allowed"
        except boto3.client("dynamodb").exceptions.ClientError as error:
            answer = error.response["Error"]["Code"]
        return {"statusCode": 200, "body": json.dumps(answer)}
    body = {"event": event, "environment": dict(os.environ)}
    headers = {"content-type": "application/json"}
    if cache := (event.get("queryStringParameters") or {}).get("cache"):
        headers["cache-control"] = cache
    return {"statusCode": 200, "headers": headers, "body": json.dumps(body)}


def records(event):
    failures = []
    for message in event["Records"]:
        if "dynamodb" in message:
            streamed(message["dynamodb"]["NewImage"])
            continue
        body = json.loads(message["body"])
        if "Records" in body:
            for entry in body["Records"]:
                record("uploaded", key=entry["s3"]["object"]["key"], size=entry["s3"]["object"]["size"])
            continue
        if body.get("event") == "s3:TestEvent" or "Event" in body:
            continue
        started = time.time()
        if "beside" in body:
            meet(f"{body['kind']}-begun", body["beside"])
        record(body["kind"], body=message["body"], started=str(started), ended=str(time.time()))
        if body.get("fail"):
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}


def meet(kind, count):
    """Says that it has begun, and waits until so many have."""
    record(kind)
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    begun = boto3.dynamodb.conditions.Key("pk").eq(kind)
    while table.query(KeyConditionExpression=begun, ConsistentRead=True)["Count"] < count:
        time.sleep(0.05)


def streamed(image):
    """Notes an item of the stream; one that is to fail makes the first attempt at it fail."""
    name = image["sk"]["S"]
    tried = boto3.resource("dynamodb").Table(os.environ["TABLE"]).get_item(Key={"pk": "tried", "sk": name})
    if "fail" in image and "Item" not in tried:
        boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(Item={"pk": "tried", "sk": name})
        raise RuntimeError("the first attempt")
    record("streamed", name=name)


def attempt(client, event):
    """Makes the named call; answers "ok" or AWS's error code."""
    try:
        getattr(client, event["call"])(**event["arguments"])
        return "ok"
    except client.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def handle(event):
    if "requestContext" in event:
        return http(event)
    if "Records" in event:
        return records(event)
    if event.get("probe") == "scheduled":
        return record("scheduled")
    if event.get("probe") == "hang":
        child = subprocess.Popen(["sleep", "60"])
        print(f"child {child.pid}", flush=True)
        time.sleep(60)
    if event.get("probe") == "die":
        child = subprocess.Popen(["sleep", "60"])
        print(f"child {child.pid}", flush=True)
        os.kill(os.getpid(), 9)
    if event.get("probe") == "aws":
        return attempt(boto3.client(event["service"]), event)
    if event.get("probe") == "read":
        return http({"rawPath": "/api/read"})
    return event


while True:
    with urllib.request.urlopen(f"{RUNTIME}/next") as request:
        identity = request.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(request)
    print(f"probe {event.get('rawPath', '')}", flush=True)
    answer = json.dumps(handle(event)).encode()
    urllib.request.urlopen(urllib.request.Request(f"{RUNTIME}/{identity}/response", data=answer)).close()
