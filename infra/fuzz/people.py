"""People with things of their own, made as people make them: through the public API."""

from __future__ import annotations

import itertools
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local import journey
from infra.local.accounts import PASSWORD
from infra.local.api import Viewer
from infra.local.aws import client
from infra.local.settings import Settings

# Enough for a transcode among others on two processors.
_VIDEO_SECONDS = 240.0
_CLIP = "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -pix_fmt yuv420p"


@dataclass
class Person:
    """Somebody with an account.

    Each thing is the ids of a path, such as `{"courses": …, "sections": …}`. `facts` are values of fields that nobody
    guesses, such as `refresh`.
    """

    viewer: Viewer
    id: str
    facts: dict[str, str]
    things: list[dict[str, str]] = field(default_factory=list)

    @property
    def token(self) -> str | None:
        """The access token."""
        return self.viewer.token

    def learn(self, thing: dict[str, str]) -> None:
        """Remembers a thing, and what fields of bodies call its ids."""
        self.things.append(thing)
        for collection, name in thing.items():
            singular = collection.removesuffix("s").replace("-", "_")
            self.facts |= {f"{singular}_id": name, singular: name}

    def forget(self, name: str) -> None:
        """Forgets what is gone."""
        self.things = [thing for thing in self.things if name not in thing.values()]


class People:
    """Makes people. The course that students are enrolled in is one of somebody who sends no generated requests."""

    def __init__(self, settings: Settings, identity_table: str) -> None:
        self._settings = settings
        self._table = identity_table
        self._database = client(settings, "dynamodb")
        self._numbers = itertools.count()
        self._run = uuid.uuid4().hex[:12]
        self._course = self._published_course()
        self._reviewed: tuple[Person, dict[str, str]] | None = None

    def make(self, role: str) -> Person:
        """Somebody new: a `student`, an `instructor`, an `admin`, or a `mortal`, who has nothing to lose."""
        person = self._register(as_instructor=role in ("instructor", "mortal"))
        if role == "admin":
            self._promote(person)
            person.learn({"users": self._register(as_instructor=False).id})
        if role in ("instructor", "admin"):
            self._open_channel(person)
        if role == "instructor":
            self._begin_uploads(person, self.renew_course(person))
            self._reviewed = person, self._course_with_quiz(person)
        if role in ("student", "admin"):
            self._study(person)
        if role == "mortal":
            person.learn(self._course)
        if role != "admin":
            # What an admin does to somebody must not hit one of these.
            person.learn({"users": person.id})
        person.learn({"social": "local"})
        return person

    def new_address(self) -> str:
        """An address that nobody has."""
        return f"fuzz-{self._run}-{next(self._numbers)}@example.com"

    def _open_channel(self, person: Person) -> None:
        word = f"fuzz-{self._run}-{next(self._numbers)}"
        channel = person.viewer.call("POST", "/channels", {"name": word, "handle": word})
        person.learn({"channels": channel["id"]})

    def _register(self, as_instructor: bool) -> Person:
        viewer = Viewer(self._settings)
        email = self.new_address()
        new = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lim"}
        account = viewer.call("POST", "/auth/register", new | {"as_instructor": as_instructor})
        viewer.token = account["access_token"]
        facts = {
            "email": email,
            "password": PASSWORD,
            "old_password": PASSWORD,
            "new_password": "another horse, another battery",
            "refresh": account["refresh_token"],
        }
        person = Person(viewer, account["id"], facts)
        # As if he had followed the link of his mail: without it he may do less.
        self._change(person, "SET email_verified_at = created_at")
        return person

    def renew_course(self, teacher: Person) -> journey.Course:
        """A draft to be changed: a course with a section and two lessons."""
        title = f"A draft, number {next(self._numbers)}"
        course = journey.create_course(teacher.viewer, title, "Written to be changed.")
        for title in ("To read", "To read again"):
            lesson = {"kind": "text", "title": title, "content": "What to look for."}
            made = teacher.viewer.call("POST", _lessons(course), lesson)
            teacher.learn({"courses": course.id, "sections": course.section, "lessons": made["id"]})
        return course

    def _begin_uploads(self, teacher: Person, course: journey.Course) -> None:
        teacher.learn({"videos": self._upload(teacher, course)})
        wish = {
            "filename": "new.mp4",
            "size": 1000,
            "content_type": "video/mp4",
            "mode": "multipart",
            "target": {"kind": "section", "id": course.section},
        }
        begun = teacher.viewer.call("POST", "/media/videos/presign", wish)
        teacher.learn({"uploads": begun["upload_id"]})
        teacher.facts["file_key"] = begun["file_key"]

    @staticmethod
    def _course_with_quiz(teacher: Person) -> dict[str, str]:
        course = journey.create_course(teacher.viewer, "What people answer", "A course that students review.")
        question = {"text": "Who frees a value?", "options": ["A collector", "Its owner"]}
        quiz = {"questions": [question | {"answer": {"kind": "single", "correct": 2}}], "attempts_max": 20}
        lesson = teacher.viewer.call("POST", _lessons(course), {"kind": "quiz", "title": "To answer", "quiz": quiz})
        teacher.viewer.call("POST", f"/courses/{course.id}/publish")
        return {"courses": course.id, "sections": course.section, "lessons": lesson["id"]}

    def _published_course(self) -> dict[str, str]:
        host = self._register(as_instructor=True)
        self._open_channel(host)
        course = journey.create_course(host.viewer, "What people watch", "A course that students are enrolled in.")
        video = self._upload(host, course)
        journey.wait_until_ready(host.viewer, video, lambda _share, _status: None, _VIDEO_SECONDS)
        journey.publish(host.viewer, course, video, "A clip")
        section = host.viewer.call("GET", f"/courses/{course.id}/sections")["results"][0]
        lesson = section["lessons"][0]["id"]
        return {"courses": course.id, "sections": course.section, "lessons": lesson, "videos": video}

    @staticmethod
    def _upload(teacher: Person, course: journey.Course) -> str:
        with TemporaryDirectory() as folder:
            clip = Path(folder, "clip.mp4")
            subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *_CLIP.split(), clip], check=True)
            return journey.upload(teacher.viewer, course, clip, "A clip", lambda _share: None)

    def _study(self, person: Person) -> None:
        self._review(person)
        course, video = self._course["courses"], self._course["videos"]
        enrolment = journey.enroll(person.viewer, journey.Course(course, self._course["sections"]))
        person.learn(self._course)
        person.learn({"enrollments": enrolment})
        play = journey.play(person.viewer, video, enrolment)
        person.learn({"sessions": play["session_id"]})
        person.facts |= {"token": play["token"], "device_id": "fuzz"}

    def _review(self, person: Person) -> None:
        if self._reviewed is None:
            return
        teacher, course = self._reviewed
        path = f"/courses/{course['courses']}"
        # The teacher may have unpublished it since.
        enrolment = person.viewer.call("POST", f"{path}/enroll", expect=(201, 404, 409))
        if "id" not in enrolment:
            return
        person.learn(course)
        teacher.facts["enrollment"] = enrolment["id"]
        review = person.viewer.call("POST", f"{path}/reviews", {"rating": 5, "comment": "Words."})
        for reader in (person, teacher):
            reader.learn({"courses": course["courses"], "reviews": review["id"]})

    def _promote(self, person: Person) -> None:
        """Makes an admin, as an operator does who has none yet, and logs in: a session has the role of its login."""
        self._change(person, "SET #role = :role", {"#role": "role"}, {":role": {"S": "admin"}})
        login = {"email": person.facts["email"], "password": PASSWORD}
        answer = person.viewer.call("POST", "/auth/login", login)
        person.viewer.token = answer["access_token"]
        person.facts["refresh"] = answer["refresh_token"]

    def _change(
        self,
        person: Person,
        change: str,
        names: dict[str, str] | None = None,
        values: dict[str, dict[str, str]] | None = None,
    ) -> None:
        placeholders = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
        self._database.update_item(
            TableName=self._table,
            Key={"pk": {"S": f"USER#{person.id}"}, "sk": {"S": "USER"}},
            UpdateExpression=change,
            ConditionExpression="attribute_exists(pk)",
            **{name: value for name, value in placeholders.items() if value},
        )


def _lessons(course: journey.Course) -> str:
    return f"/courses/{course.id}/sections/{course.section}/lessons"
