"""Demo data, made as a person would make them: through the public API."""

from __future__ import annotations

from infra.local import journey
from infra.local.accounts import INSTRUCTOR, STUDENT
from infra.local.settings import ROOT, Settings

CLIP = ROOT / "tests" / "assets" / "bigbuckbunny.mp4"
COURSE_TITLE = "Animation from the first sketch"
_SECONDS = 300.0


def seed(settings: Settings) -> str:
    """Makes both accounts, and a free course with a video that the student is enrolled in. Says what it did."""
    instructor = journey.log_in(settings, INSTRUCTOR, "Ines", "Ahn", instructor=True)
    student = journey.log_in(settings, STUDENT, "Sam", "Park", instructor=False)
    for course in instructor.call("GET", "/instructor/courses")["results"]:
        if course["title"] == COURSE_TITLE:
            if course["status"] == "published":
                return "already there"
            # What an interrupted seed left behind.
            instructor.call("DELETE", f"/courses/{course['id']}")
    journey.ensure_channel(instructor, "Animation Academy", "animation-academy")
    course = journey.create_course(instructor, COURSE_TITLE, "How a short film is made, shown on a real one.")
    video = journey.upload(instructor, course, CLIP, "Big Buck Bunny", lambda _share: None)
    journey.wait_until_ready(instructor, video, lambda _share, _status: None, _SECONDS)
    journey.publish(instructor, course, video, "Big Buck Bunny")
    journey.enroll(student, course)
    return "two accounts, a course, a video"
