"""Mails through the emulator, and the page on which they are read."""

from __future__ import annotations

import json

import pytest

from infra.local import mailbox
from infra.local.tests.stack import Stack
from infra.local.tests.test_launcher import as_narrow_role
from infra.local.tests.wait import until


def mail(stack: Stack, to: str, sender: str = "Smoke <no-reply@smoke.example>", **changed) -> dict:
    body = {"Text": {"Data": f"To {to}: https://learn.example/x?a=1&b=2"}, "Html": {"Data": "<p>Hello</p>"}}
    headers = [{"Name": "List-Unsubscribe", "Value": "<https://learn.example/stop>"}]
    simple = {"Subject": {"Data": "<Hello>"}, "Body": body, "Headers": headers}
    return {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": [to]},
        "Content": {"Simple": simple},
        "ConfigurationSetName": stack.outputs["Mails"],
        **changed,
    }


def events(stack: Stack) -> list[dict]:
    answer = stack.aws("sqs").receive_message(QueueUrl=stack.outputs["Feedback"], MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_a_role_sends_as_its_own_sender_under_its_own_configuration_set_only(stack: Stack) -> None:
    def send(**changed) -> str:
        return as_narrow_role(stack, "sesv2", "send_email", **mail(stack, "a@learn.example", **changed))

    ses = stack.aws("sesv2")
    # Both exist; the role names neither.
    ses.create_email_identity(EmailIdentity="other.example")
    ses.create_configuration_set(ConfigurationSetName="other")
    assert send() == "ok"
    refused = "AccessDeniedException"
    assert send(sender="no-reply@other.example") == refused
    assert send(sender="admin@smoke.example") == refused
    assert send(ConfigurationSetName="other") == refused


def test_an_unknown_configuration_set_is_refused(stack: Stack) -> None:
    ses = stack.aws("sesv2")
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.send_email(**mail(stack, "a@learn.example", ConfigurationSetName="missing"))


def test_a_bounce_and_a_complaint_reach_the_queue_behind_the_topic(stack: Stack) -> None:
    ses = stack.aws("sesv2")
    for to in ("success", "bounce", "complaint+label"):
        ses.send_email(**mail(stack, f"{to}@simulator.amazonses.com"))
    found: list[dict] = []
    until(lambda: len(found.extend(events(stack)) or found) >= 2)
    by_kind = {event["eventType"]: event for event in found}
    assert by_kind.keys() == {"Bounce", "Complaint"}
    assert by_kind["Bounce"]["bounce"]["bounceType"] == "Permanent"
    bounced = by_kind["Bounce"]["bounce"]["bouncedRecipients"]
    assert [one["emailAddress"] for one in bounced] == ["bounce@simulator.amazonses.com"]
    complained = by_kind["Complaint"]["complaint"]["complainedRecipients"]
    assert [one["emailAddress"] for one in complained] == ["complaint+label@simulator.amazonses.com"]


def test_the_page_shows_what_was_sent(stack: Stack) -> None:
    stack.aws("sesv2").send_email(**mail(stack, "reader@learn.example"))
    answer = stack.request("/_local/mail")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script" not in answer.headers["content-security-policy"]
    text = answer.body.decode()
    assert "to reader@learn.example" in text
    assert '<a href="https://learn.example/x?a=1&amp;b=2" target="_blank">' in text
    newest = stack.request("/_local/mail.json").json()[0]
    assert newest["To"] == ["reader@learn.example"]
    assert newest["ConfigurationSet"] == stack.outputs["Mails"]
    assert newest["Headers"] == {"List-Unsubscribe": "<https://learn.example/stop>"}
    assert "reader@learn.example" in json.dumps(stack.request("/_ministack/ses/messages").json())


def test_nothing_in_a_mail_is_markup_of_the_page() -> None:
    evil = "<script>alert(1)</script>"
    entry = {
        "Timestamp": 0.0,
        "Source": evil,
        "To": [evil],
        "Subject": evil,
        "BodyText": f'{evil} https://x.example/"onmouseover=alert(1)',
        "BodyHtml": f'"></iframe>{evil}',
        "Headers": {"X": evil},
    }
    text = mailbox.page([entry])
    assert "<script" not in text
    assert text.count("</iframe>") == 1
    assert "onmouseover" not in text.split('href="')[2].split('"')[0]
    assert "No mail was sent yet" in mailbox.page([])
