"""SES of the emulator: the gaps that mails need closed, and a page on which people read what was sent.

Like the functions of launcher.py each `close_*` wraps a function of the pinned emulator version, says what
AWS does instead, and has a smoke test in `tests/test_mailbox.py`.
"""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id
from ministack.services import ses, ses_v2

PATH = "/_local/mail"
SEND = "/v2/email/outbound-emails"

_LINK = re.compile(r"(https?://[^\s<>\"]+)")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
details { border-bottom: 1px solid #d4d4d8 } summary { padding: .6rem 0; cursor: pointer }
summary span { color: #52525b; float: right } pre { white-space: pre-wrap; overflow-wrap: anywhere }
iframe { width: 100%; height: 32rem; border: 1px solid #d4d4d8 } table { font-size: 13px; color: #52525b }
"""


def close_send_permission() -> None:
    """A role that sends needs the permission for the sender's identity and for the configuration set.

    The identity is the sender's address where that is one, and its domain otherwise. A condition may name the
    address (`ses:FromAddress`).
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsesv2.html
    The emulator asks for the resource `*` and knows no such condition.
    """
    original = app._enforce_ses_v2

    def enforce(method: str, path: str, headers: dict, body: bytes, query: dict, request_id: str) -> Any:
        if not app.AUTH or (method, path.rstrip("/")) != ("POST", SEND):
            return original(method, path, headers, body, query, request_id)
        request = json.loads(body or b"{}")
        address = parseaddr(request.get("FromEmailAddress", ""))[1]
        identity = address if address in ses_v2._identities else address.rpartition("@")[2]
        names = [f"identity/{identity}"]
        if request.get("ConfigurationSetName"):
            names.append(f"configuration-set/{request['ConfigurationSetName']}")
        for name in names:
            arn = f"arn:aws:ses:{app.extract_region(headers, query)}:{get_account_id()}:{name}"
            context = {"ses:FromAddress": address}
            denied = app._enforce_data_plane(
                "sesv2",
                "ses:SendEmail",
                headers,
                query,
                request_id,
                resource_arn=arn,
                service_context=context,
                named_resource=arn,
            )
            if denied:
                return denied
        return None

    app._enforce_ses_v2 = enforce


def close_configuration_sets() -> None:
    """A mail under an unknown configuration set is refused; one under a known set keeps its name and its headers."""
    original = ses_v2.handle_request

    async def handle(method, path, headers, body, query):
        if (method, path.rstrip("/")) != ("POST", SEND):
            return await original(method, path, headers, body, query)
        request = json.loads(body or b"{}")
        name = request.get("ConfigurationSetName")
        if name and name not in ses_v2._config_sets:
            return ses_v2._missing_config_set(name)
        answer = await original(method, path, headers, body, query)
        if answer[0] == 200:
            record = ses._sent_emails_list()[-1]
            added = request.get("Content", {}).get("Simple", {}).get("Headers", [])
            record["ConfigurationSet"] = name
            record["Headers"] = {header["Name"]: header["Value"] for header in added}
            _publish(name, record)
        return answer

    ses_v2.handle_request = handle


def _publish(name: str | None, record: dict) -> None:
    """Bounces and complaints of the mailbox simulator reach the topics of the configuration set.

    https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator
    The emulator stores event destinations and publishes nothing.
    """
    destinations = (ses_v2._config_sets.get(name) or {}).get("EventDestinations") or {}
    topics = [(d["MatchingEventTypes"], d["SnsDestination"]["TopicArn"]) for d in destinations.values() if _to_sns(d)]
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    mail = {
        "timestamp": now,
        "source": record["Source"],
        "messageId": record["MessageId"],
        "destination": record["To"],
    }
    for address in (parseaddr(to)[1] for to in record["To"]):
        local, _, domain = address.lower().partition("@")
        outcomes = (("Delivery", None),)
        if domain == ses._SIMULATOR_DOMAIN:
            outcomes = ses._SIMULATOR_OUTCOMES.get(local.split("+")[0], outcomes)
        for kind, subtype in outcomes:
            event = {"eventType": kind, "mail": mail, **ses._notification_detail(kind, address, now, subtype)}
            for kinds, topic in topics:
                if kind.upper() in kinds:
                    ses._publish_notification(topic, event)


def _to_sns(destination: dict) -> bool:
    return bool(destination.get("Enabled") and destination.get("SnsDestination"))


def add_mailbox() -> None:
    """`/_local/mail` lists the mails that were sent, the newest first; `/_local/mail.json` gives them to programs."""
    original = app._handle_ses_messages_request

    async def handle(method: str, path: str, headers: dict, query: dict) -> Any:
        if method == "GET" and path == PATH:
            # The mails' own HTML runs in frames without scripts.
            policy = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-src 'self'"
            answer = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
            return 200, answer, page(sent()).encode()
        if method == "GET" and path == f"{PATH}.json":
            return 200, {"Content-Type": "application/json"}, json.dumps(sent()).encode()
        return await original(method, path, headers, query)

    app._handle_ses_messages_request = handle


def sent() -> list[dict]:
    """The mails of every account and region, the newest first."""
    stored = ses._sent_emails.to_dict().items()
    mails = [mail for key, mails in stored if key[-1] == "entries" for mail in mails]
    return sorted(mails, key=lambda mail: mail["Timestamp"], reverse=True)


def page(mails: list[dict]) -> str:
    """The mails as a page: subject, receiver, time; the text with links that can be followed; the HTML in a frame."""
    listed = (
        "".join(map(_entry, mails)) or "<p>No mail was sent yet. Register an account, or ask for a new password.</p>"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>LearnFlow mails</title>'
        f'<style>{_STYLE}</style><h1>Mails</h1><p>{len(mails)} sent. <a href="{PATH}">Look again</a></p>{listed}</html>'
    )


def _entry(mail: dict) -> str:
    at = datetime.fromtimestamp(mail["Timestamp"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    to = html.escape(", ".join(mail["To"]))
    about = {"From": mail["Source"], "To": ", ".join(mail["To"]), **(mail.get("Headers") or {})}
    rows = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in about.items())
    # A frame has no scripts and no access to this page; its links open beside it.
    framed = html.escape(f'<base target="_blank">{mail.get("BodyHtml") or ""}')
    frame = f'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{framed}"></iframe>'
    return (
        f"<details><summary><span>{at}</span><b>{html.escape(mail['Subject'])}</b> to {to}</summary>"
        f"<table>{rows}</table><pre>{_linked(mail.get('BodyText') or '')}</pre>{frame}</details>"
    )


def _linked(text: str) -> str:
    parts = _LINK.split(text)
    # Every second part is a link.
    return "".join(
        f'<a href="{html.escape(part)}" target="_blank">{html.escape(part)}</a>' if index % 2 else html.escape(part)
        for index, part in enumerate(parts)
    )
