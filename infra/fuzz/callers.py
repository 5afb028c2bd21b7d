"""Who sends a generated request, and to which of his things. Schemathesis calls the two hooks around each request.

A generated id names nothing and a generated token nobody, so every answer would be a 401 or a 404. Here each request
gets a caller, and most ids of its path and some fields of its body become those of things that this caller has.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from infra.fuzz.people import People, Person

BASE_PATH = "/api/v1"
VISITOR, MORTAL = "visitor", "mortal"
# An instructor comes first: the others are enrolled in his course.
_LASTING = ("instructor", "student", "admin")
# A call that a role may not make says little, so roles that may have so many times its share of the calls.
_REFUSAL_COST = 4
_REFUSED = {401, 403, 404}
# The code of a caller whose session has ended.
_SIGNED_OUT = "NOT_AUTHENTICATED"
# Optional ones that only their own values pass: generated, they hide all that comes after them.
_HIDING_HEADERS = ("Idempotency-Key", "If-Match")
_HIDING_QUERY = ("cursor",)
# Fields of answers that later requests send back.
_RETURNED = ("token", "session_id", "file_key", "resource_id")
# One case in so many goes out as it was generated.
_AS_GENERATED = 4
_ONCE = ("/channels", "/courses/{id}/enroll")
_PARAMETER = re.compile(r"([^/{}]+)/\{([^}]+)\}")


@dataclass
class Operation:
    """What is known of an operation."""

    cost: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    cases: int = 0


def ends_the_caller(method: str, path: str) -> bool:
    """Whether success may end the caller's session or account, or is had once only."""
    below = path.removeprefix(BASE_PATH)
    return method.upper() != "GET" and (below.startswith(("/auth/", "/users/")) or below in _ONCE)


class Callers:
    """The people of a run. Whoever lost his session or account is replaced by somebody new."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._persons: dict[str, Person] = {role: people.make(role) for role in _LASTING}
        self._sent: dict[str, tuple[str, Person | None]] = {}
        self._turns = itertools.count()
        self.operations: defaultdict[str, Operation] = defaultdict(Operation)

    def before_call(self, case: Any) -> None:
        """Gives the request a caller and real ids."""
        operation = self.operations[case.operation.label]
        operation.cases += 1
        roles = (MORTAL, VISITOR) if ends_the_caller(case.method, case.path) else (*_LASTING, VISITOR)
        role = min(roles, key=lambda role: operation.cost[role])
        person = None if role == VISITOR else self._person(role)
        self._sent[case.id] = (role, person)
        if operation.cases % _AS_GENERATED != 0:
            # A visitor may know the ids of others.
            self._fill(case, person or self._person("student"), operation.cases % 2 == 0)
        case.headers.pop("Authorization", None)
        if person and person.token:
            case.headers["Authorization"] = f"Bearer {person.token}"

    def after_call(self, case: Any, response: Any) -> None:
        """Learns from the answer: who may, what was made, what is gone."""
        operation, status = self.operations[case.operation.label], response.status_code
        role, person = self._sent.pop(case.id, (VISITOR, None))
        operation.answers[status] += 1
        operation.cost[role] += _REFUSAL_COST if status in _REFUSED else 1
        if person is None or person is not self._persons.get(role):
            return
        succeeded = 200 <= status < 300
        if _code(response) == _SIGNED_OUT or (succeeded and ends_the_caller(case.method, case.path)):
            del self._persons[role]
        elif succeeded and case.method.upper() == "DELETE":
            for name in (case.path_parameters or {}).values():
                person.forget(str(name))
        elif succeeded and case.method.upper() == "POST":
            self._learn(person, case, response)

    def _person(self, role: str) -> Person:
        if role not in self._persons:
            self._persons[role] = self._people.make(role)
        return self._persons[role]

    def _fill(self, case: Any, person: Person, fields: bool) -> None:
        """Puts the person's things into the path and, if asked for, into the query and the body."""
        for name in _HIDING_HEADERS:
            case.headers.pop(name, None)
        for name in _HIDING_QUERY:
            (case.query or {}).pop(name, None)
        self._fill_path(case, person)
        if not fields:
            return
        facts = dict(person.facts)
        if case.path.endswith("/auth/register"):
            facts["email"] = self._people.new_address()
        if case.path.endswith("/reorder"):
            facts["order"] = self._ids(case, person)
        for part in (case.query, case.body):
            if isinstance(part, dict):
                part |= {name: facts[name] for name in part if name in facts}

    def _fill_path(self, case: Any, person: Person) -> None:
        parameters = _PARAMETER.findall(case.path)
        collections = {collection for collection, _ in parameters}
        if not collections:
            return
        if "courses" in collections and person is self._persons.get("instructor"):
            self._keep_course(person)
        fitting = [thing for thing in person.things if collections <= thing.keys()]
        if fitting:
            thing = fitting[next(self._turns) % len(fitting)]
            case.path_parameters |= {name: thing[collection] for collection, name in parameters}

    @staticmethod
    def _ids(case: Any, person: Person) -> list[str]:
        """Everything that stands beside each other: what POST …/sections/reorder puts into an order."""
        within = {collection: case.path_parameters[name] for collection, name in _PARAMETER.findall(case.path)}
        wanted = case.path.rsplit("/", 2)[-2]
        return sorted({thing[wanted] for thing in person.things if wanted in thing and within.items() <= thing.items()})

    def _keep_course(self, person: Person) -> None:
        if not any("lessons" in thing for thing in person.things):
            self._people.renew_course(person)

    def _learn(self, person: Person, case: Any, response: Any) -> None:
        """What POST …/courses/{id}/sections makes is a section of that course."""
        made = _json(response)
        person.facts |= {name: made[name] for name in _RETURNED if isinstance(made.get(name), str)}
        if isinstance(made.get("id"), str) and response.status_code == 201:
            ids = {collection: str(case.path_parameters[name]) for collection, name in _PARAMETER.findall(case.path)}
            person.learn(ids | {case.path.rsplit("/", 1)[-1]: made["id"]})


def _json(response: Any) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _code(response: Any) -> Any:
    error = _json(response).get("error")
    return error.get("code") if isinstance(error, dict) else None
