"""CloudFront's cache, which the emulator lacks: it takes policies and invalidations, and fetches every answer anew.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html

Kept is what behaviours with a cache policy of the template allow. Behaviours with a managed policy fetch everything
anew as before: a redeployed web client must show at once here, and signed films need no copies on one machine.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ministack.services import cloudfront

# The oldest copy goes when there are more.
COPIES_MAX = 2_000
KEPT_STATUSES = frozenset({200, 301, 308})

Answer = tuple[int, dict, Any]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Lifetime:
    """How many seconds a copy answers: as it is, while the next one is fetched, and while the origin fails."""

    fresh: int
    while_revalidating: int
    on_error: int


@dataclass(frozen=True)
class Copy:
    """An answer as it is kept."""

    uri: str
    answer: Answer
    stored: float
    lifetime: Lifetime

    def age(self, now: float) -> float:
        """Seconds since it was fetched or found to be the same."""
        return now - self.stored

    def etag(self) -> str | None:
        """Its entity tag."""
        return _header(self.answer[1], "etag")


def lifetime(cache_control: str, policy: Mapping[str, Any]) -> Lifetime | None:
    """How long an answer is kept; None where it must not be.

    `private`, `no-cache` and `no-store` count as long as the policy's MinTTL is 0, as it is wherever callers differ.
    """
    directives: dict[str, str] = {}
    for part in cache_control.lower().split(","):
        name, _, value = part.strip().partition("=")
        directives[name] = value.strip('"')
    least, most = policy.get("MinTTL", 0), policy.get("MaxTTL", 31_536_000)
    if least == 0 and directives.keys() & {"private", "no-cache", "no-store"}:
        return None

    def seconds(name: str) -> int:
        return int(directives[name]) if directives.get(name, "").isdigit() else 0

    named = next((name for name in ("s-maxage", "max-age") if name in directives), None)
    wanted = seconds(named) if named else policy.get("DefaultTTL", 86_400)
    fresh = min(max(wanted, least), most)
    stale = [min(seconds(name), most) for name in ("stale-while-revalidate", "stale-if-error")]
    return Lifetime(fresh, *stale) if fresh or any(stale) else None


def covers(pattern: str, uri: str) -> bool:
    """Whether an invalidated path, which may end with `*`, covers a path with its query string."""
    return uri.startswith(pattern[:-1]) if pattern.endswith("*") else uri == pattern


class Copies:
    """What one distribution after another has kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = clock
        self._kept: OrderedDict[Key, Copy] = OrderedDict()
        self._refreshing: dict[Key, asyncio.Task] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def invalidate(self, distribution: str, patterns: list[str]) -> None:
        """Forgets what the paths cover."""
        gone = [
            key
            for key, copy in self._kept.items()
            if key[0] == distribution and any(covers(pattern, copy.uri) for pattern in patterns)
        ]
        for key in gone:
            del self._kept[key]

    async def serve(
        self, key: Key, uri: str, headers: dict, policy: Mapping, fetch: Callable[[dict], Awaitable[Answer]]
    ) -> Answer:
        """Answers from the copy or from the origin, and keeps what may be kept."""
        copy = self._kept.get(key)
        if copy is None:
            return self._keep(key, uri, policy, await fetch(headers))
        age = copy.age(self.now())
        if age < copy.lifetime.fresh:
            return self._answer(copy, headers, "Hit")
        if age < copy.lifetime.fresh + copy.lifetime.while_revalidating:
            if key not in self._refreshing:
                task = asyncio.ensure_future(self._refresh(key, copy, headers, policy, fetch))
                self._refreshing[key] = task
                task.add_done_callback(lambda _: self._refreshing.pop(key, None))
            return self._answer(copy, headers, "Hit")
        return await self._refresh(key, copy, headers, policy, fetch)

    async def _refresh(self, key: Key, copy: Copy, headers: dict, policy: Mapping, fetch: Callable) -> Answer:
        """Asks the origin whether the copy is still what it would answer with."""
        asked = {name: value for name, value in headers.items() if name.lower() != "if-none-match"}
        if copy.etag():
            asked["if-none-match"] = copy.etag()
        status, answered, body = await fetch(asked)
        if status == 304:
            kept = lifetime(_header(answered, "cache-control") or "", policy) or copy.lifetime
            copy = replace(copy, stored=self.now(), lifetime=kept)
            if key in self._kept:
                self._put(key, copy)
            return self._answer(copy, headers, "RefreshHit")
        if status >= 500 and copy.age(self.now()) < copy.lifetime.fresh + copy.lifetime.on_error:
            return self._answer(copy, headers, "Hit")
        # What was invalidated meanwhile stays away: this answer may be of before.
        if self._kept.pop(key, None):
            self._keep(key, copy.uri, policy, (status, answered, body))
        return self._for_viewer((status, answered, body), headers)

    def _keep(self, key: Key, uri: str, policy: Mapping, answer: Answer) -> Answer:
        status, headers, _ = answer
        kept = lifetime(_header(headers, "cache-control") or "", policy) if status in KEPT_STATUSES else None
        if kept:
            self._put(key, Copy(uri, answer, self.now(), kept))
        return answer

    def _put(self, key: Key, copy: Copy) -> None:
        self._kept[key] = copy
        self._kept.move_to_end(key)
        while len(self._kept) > COPIES_MAX:
            self._kept.popitem(last=False)

    def _answer(self, copy: Copy, headers: dict, how: str) -> Answer:
        status, kept, body = copy.answer
        named = {name: value for name, value in kept.items() if name.lower() not in ("x-cache", "age")}
        named |= {"X-Cache": f"{how} from cloudfront", "Age": str(int(copy.age(self.now())))}
        return self._for_viewer((status, named, body), headers)

    @staticmethod
    def _for_viewer(answer: Answer, headers: dict) -> Answer:
        """304 for a viewer who has the answer (RFC 9110, 13.1.2)."""
        status, named, _ = answer
        etag, has = _header(named, "etag"), headers.get("if-none-match", "")
        tags = {tag.strip().removeprefix("W/") for tag in has.split(",")}
        if status != 200 or not etag or not tags & {"*", etag.removeprefix("W/")}:
            return answer
        of_body = ("content-length", "content-type", "content-encoding")
        return 304, {name: value for name, value in named.items() if name.lower() not in of_body}, b""


def _header(headers: Mapping[str, Any], name: str) -> str | None:
    return next((value for known, value in headers.items() if known.lower() == name), None)


def key_of(distribution: str, method: str, uri: str, query: str, headers: Mapping[str, str], params: Mapping) -> Key:
    """The key of a copy: the path, and of query string, headers and cookies what the cache policy names."""

    def chosen(pairs: list[tuple[str, str]], behaviour: str, names: list[str], lowercase: bool = False) -> str:
        kind, of = cloudfront._behavior_kind(behaviour, names, lowercase=lowercase)
        wanted = {
            "all": lambda _: True,
            "none": lambda _: False,
            "whitelist": lambda name: name in of,
            "allExcept": lambda name: name not in of,
        }[kind]
        return "&".join(f"{name}={value}" for name, value in pairs if wanted(name))

    parameters = [(part.partition("=")[0], part.partition("=")[2]) for part in query.split("&") if part]
    named = sorted((name.lower(), value) for name, value in headers.items())
    cookies = [
        (part.partition("=")[0].strip(), part.partition("=")[2]) for part in headers.get("cookie", "").split(";")
    ]
    return (
        distribution,
        method,
        uri,
        chosen(parameters, params.get("QueryStringBehavior", "none"), params.get("QueryStrings", [])),
        chosen(named, params.get("HeaderBehavior", "none"), params.get("Headers", []), lowercase=True),
        chosen(cookies, params.get("CookieBehavior", "none"), params.get("Cookies", [])),
    )


def close_edge_cache(copies: Copies | None = None) -> None:
    """Answers that a cache policy of the template allows to keep are kept, until they end or are invalidated."""
    kept = copies if copies is not None else Copies()
    original_viewer, original_invalidation = cloudfront.handle_viewer_request, cloudfront._create_invalidation

    async def viewer(dist, method, path, raw_uri, raw_qs, headers, body, query, client_ip="127.0.0.1"):
        behaviour = cloudfront._match_behavior(cloudfront.parse_distribution_dataplane_config(dist), path)
        policy = cloudfront._cache_policies.get(behaviour["cache_policy_id"]) if behaviour else None

        async def fetch(asked: dict) -> Answer:
            return await original_viewer(dist, method, path, raw_uri, raw_qs, asked, body, query, client_ip)

        if policy is None or method not in ("GET", "HEAD"):
            return await fetch(headers)
        config = policy["Config"]
        key = key_of(dist["Id"], method, raw_uri, raw_qs or "", headers, config.get("Parameters") or {})
        uri = f"{raw_uri}?{raw_qs}" if raw_qs else raw_uri
        return await kept.serve(key, uri, headers, config, fetch)

    def create_invalidation(dist_id: str, body: bytes) -> Answer:
        answer = original_invalidation(dist_id, body)
        batch = cloudfront._parse_body(body) if answer[0] == 201 else None
        paths = cloudfront._find(batch, "Paths") if batch is not None else None
        items = cloudfront._find(paths, "Items") if paths is not None else None
        kept.invalidate(dist_id, [item.text for item in items if item.text] if items is not None else [])
        return answer

    cloudfront.handle_viewer_request = viewer
    cloudfront._create_invalidation = create_invalidation
