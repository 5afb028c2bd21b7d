"""What the two demo people do, step by step, through the public API."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.common.progress import StepFailed
from infra.local import api
from infra.local.accounts import PASSWORD
from infra.local.api import Viewer
from infra.local.settings import Settings

_POLL_SECONDS = 0.5
_FINAL = {"READY", "PUBLISHED", "FAILED"}


def log_in(settings: Settings, email: str, first_name: str, last_name: str, instructor: bool) -> Viewer:
    """Logs in, and registers first when there is no such account."""
    viewer = Viewer(settings)
    new = {"email": email, "password": PASSWORD, "first_name": first_name, "last_name": last_name}
    answer = viewer.call("POST", "/auth/register", new | {"as_instructor": instructor}, expect=(201, 409))
    if "access_token" not in answer:
        answer = viewer.call("POST", "/auth/login", {"email": email, "password": PASSWORD})
    viewer.token = answer["access_token"]
    return viewer


def ensure_channel(instructor: Viewer, name: str, handle: str) -> dict[str, Any]:
    """The instructor's channel."""
    instructor.call("POST", "/channels", {"name": name, "handle": handle}, expect=(201, 409))
    return instructor.call("GET", "/channels/me")


@dataclass(frozen=True)
class Course:
    """A course with one section."""

    id: str
    section: str


def create_course(instructor: Viewer, title: str, description: str) -> Course:
    """A free course with one section."""
    new = {"title": title, "description": description, "short_description": description, "category": "Film", "price": 0}
    course = instructor.call("POST", "/courses", new)["id"]
    section = instructor.call("POST", f"/courses/{course}/sections", {"title": "First steps"})["id"]
    return Course(course, section)


def upload(instructor: Viewer, course: Course, path: Path, title: str, shown: Callable[[float], None]) -> str:
    """Uploads a file by multipart; returns the video's id."""
    size = path.stat().st_size
    wish = {
        "filename": path.name,
        "size": size,
        "content_type": "video/mp4",
        "title": title,
        "target": {"kind": "section", "id": course.section},
        "mode": "multipart",
    }
    begun = instructor.call("POST", "/media/videos/presign", wish)
    sent = 0
    with path.open("rb") as file:
        for part in begun["parts"]:
            file.seek((part["number"] - 1) * begun["part_size"])
            body = file.read(part["size"])
            api.put(part["url"], body)
            sent += len(body)
            shown(sent / size)
    instructor.call("POST", f"/media/videos/uploads/{begun['upload_id']}/complete")
    return begun["video_id"]


def wait_until_ready(instructor: Viewer, video: str, shown: Callable[[float, str], None], seconds: float) -> None:
    """Waits for the end of the processing; fails with the reason that the owner reads."""
    deadline = time.monotonic() + seconds
    while True:
        state = instructor.call("GET", f"/media/videos/{video}/processing")
        shown(float(state["percentage"]) / 100, state["status"])
        if state["status"] in _FINAL:
            break
        if time.monotonic() > deadline:
            raise StepFailed(
                f"The video is still {state['status']} after {seconds:.0f} s.", "see `make logs FN=transcode`"
            )
        time.sleep(_POLL_SECONDS)
    if state["status"] == "FAILED":
        raise StepFailed(f"The video could not be processed: {state.get('error_reason')}", "see `make logs`")


def publish(instructor: Viewer, course: Course, video: str, title: str) -> None:
    """A lesson with the video and one to read, and the course for everybody to see."""
    lessons = f"/courses/{course.id}/sections/{course.section}/lessons"
    instructor.call("POST", lessons, {"kind": "video", "title": title, "video_id": video})
    instructor.call("POST", lessons, {"kind": "text", "title": "To read", "content": "What to look for in the film."})
    instructor.call("POST", f"/courses/{course.id}/publish")


def enroll(student: Viewer, course: Course) -> str:
    """The id of the student's enrolment."""
    return student.call("POST", f"/courses/{course.id}/enroll")["id"]


def play(student: Viewer, video: str, enrolment: str) -> dict[str, Any]:
    """Begins a playback session; the student's cookies then open the stream."""
    wish = {"enrollment_id": enrolment, "device_id": f"demo-{uuid.uuid4()}"}
    return student.call("POST", f"/media/videos/{video}/play", wish)
