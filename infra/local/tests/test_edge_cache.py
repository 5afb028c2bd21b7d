"""CloudFront's rules for copies, as the launcher keeps them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from infra.local.edge_cache import Copies, Lifetime, covers, key_of, lifetime
from infra.local.tests.stack import Stack

VISITORS = {"MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 600}
PARAMS = {"QueryStringBehavior": "all", "HeaderBehavior": "whitelist", "Headers": ["Authorization", "Origin"]}


@pytest.mark.parametrize(
    ("cache_control", "expected"),
    [
        ("", None),
        ("private, no-store", None),
        ("private, no-cache", None),
        ("public, max-age=0", None),
        ("public, max-age=60", Lifetime(60, 0, 0)),
        ("public, max-age=0, s-maxage=30", Lifetime(30, 0, 0)),
        ("s-maxage=2, stale-while-revalidate=3, stale-if-error=900", Lifetime(2, 3, 600)),
        ("max-age=3600", Lifetime(600, 0, 0)),
        ("max-age=soon", None),
    ],
)
def test_lifetime_is_that_of_the_answer_within_the_policy(cache_control: str, expected: Lifetime | None) -> None:
    assert lifetime(cache_control, VISITORS) == expected


def test_an_answer_that_says_nothing_has_the_lifetime_of_the_policy() -> None:
    assert lifetime("", {"MinTTL": 1, "DefaultTTL": 86_400, "MaxTTL": 31_536_000}) == Lifetime(86_400, 0, 0)
    assert lifetime("no-store", {"MinTTL": 5, "DefaultTTL": 0, "MaxTTL": 9}) == Lifetime(5, 0, 0)


def test_a_star_covers_what_follows_and_query_strings_are_part_of_the_path() -> None:
    for pattern, uri in [("/a/b*", "/a/b"), ("/a/b*", "/a/b/c?x=1"), ("/*", "/a"), ("/a?x=1", "/a?x=1")]:
        assert covers(pattern, uri)
    for pattern, uri in [("/a", "/a?x=1"), ("/a/b*", "/a/c"), ("/a", "/a/")]:
        assert not covers(pattern, uri)


def test_the_key_has_what_the_policy_names_and_nothing_else() -> None:
    def key(query: str = "x=1", **headers: str) -> tuple[str, ...]:
        return key_of("E1", "GET", "/a", query, headers, PARAMS)

    visitor = key(accept="*/*", cookie="sid=1")
    assert visitor == key(accept="text/html", cookie="sid=2")
    others = [key(authorization="Bearer a"), key(authorization="Bearer b"), key(origin="https://a"), key("x=2")]
    assert len({visitor, *others}) == 5


class Origin:
    """Answers what it is told, and counts."""

    def __init__(self) -> None:
        self.answer: Callable[[dict], tuple] = lambda _: (200, {"Cache-Control": "s-maxage=10"}, b"one")
        self.asked: list[dict] = []

    async def __call__(self, headers: dict) -> tuple:
        self.asked.append(headers)
        return self.answer(headers)


class Edge:
    """Copies with a clock that stands still."""

    def __init__(self) -> None:
        self.time, self.origin = 0.0, Origin()
        self.copies = Copies(lambda: self.time)

    async def view(self, uri: str = "/a", caller: str = "", has: str = "") -> tuple[int, str, bytes]:
        headers = {"if-none-match": has} if has else {}
        status, named, body = await self.copies.serve(("E1", caller, uri), uri, headers, VISITORS, self.origin)
        return status, named.get("X-Cache", "Miss"), body


def test_a_copy_answers_until_it_ends_and_each_caller_has_his_own() -> None:
    async def scenario() -> None:
        edge = Edge()
        assert await edge.view() == (200, "Miss", b"one")
        edge.origin.answer = lambda _: (200, {"Cache-Control": "s-maxage=10"}, b"two")
        edge.time = 9.9
        assert await edge.view() == (200, "Hit from cloudfront", b"one")
        assert await edge.view(caller="ada") == (200, "Miss", b"two")
        edge.time = 10
        assert await edge.view() == (200, "Miss", b"two")

    asyncio.run(scenario())


def test_what_is_private_or_an_error_is_not_kept() -> None:
    async def scenario() -> None:
        edge = Edge()
        for answer in [(200, {"Cache-Control": "private, no-store"}, b""), (404, {"Cache-Control": "max-age=9"}, b"")]:
            edge.origin.answer = lambda _, answer=answer: answer
            await edge.view()
            assert len(edge.copies) == 0

    asyncio.run(scenario())


def test_an_ended_copy_is_asked_for_by_its_tag() -> None:
    async def scenario() -> None:
        edge = Edge()
        kept = {"Cache-Control": "s-maxage=10", "ETag": 'W/"1"'}
        edge.origin.answer = lambda asked: (304 if asked.get("if-none-match") == 'W/"1"' else 200, kept, b"one")
        await edge.view()
        assert (await edge.view(has='"1"'))[:2] == (304, "Hit from cloudfront")
        edge.time = 11
        assert await edge.view(has='"other"') == (200, "RefreshHit from cloudfront", b"one")
        assert edge.origin.asked[-1] == {"if-none-match": 'W/"1"'}
        edge.time = 20
        assert (await edge.view())[1] == "Hit from cloudfront"

    asyncio.run(scenario())


def test_a_stale_copy_answers_while_the_next_one_is_fetched_once() -> None:
    async def scenario() -> None:
        edge = Edge()
        control = {"Cache-Control": "s-maxage=2, stale-while-revalidate=3"}
        edge.origin.answer = lambda _: (200, control, b"one")
        await edge.view()
        edge.origin.answer = lambda _: (200, control, b"two")
        edge.time = 4
        assert [(await edge.view())[2] for _ in range(2)] == [b"one", b"one"]
        await asyncio.sleep(0)
        assert (await edge.view(), len(edge.origin.asked)) == ((200, "Hit from cloudfront", b"two"), 2)

    asyncio.run(scenario())


def test_a_stale_copy_stands_in_for_a_failing_origin_for_a_while() -> None:
    async def scenario() -> None:
        edge = Edge()
        edge.origin.answer = lambda _: (200, {"Cache-Control": "s-maxage=2, stale-if-error=60"}, b"one")
        await edge.view()
        edge.origin.answer = lambda _: (503, {}, b"")
        edge.time = 61
        assert await edge.view() == (200, "Hit from cloudfront", b"one")
        edge.time = 63
        assert (await edge.view())[0] == 503
        assert len(edge.copies) == 0

    asyncio.run(scenario())


def test_an_invalidation_takes_copies_away_for_good() -> None:
    async def scenario() -> None:
        edge = Edge()
        for uri in ("/courses/one", "/courses/one/reviews?page=2", "/courses/two"):
            await edge.view(uri)
        edge.copies.invalidate("E2", ["/*"])
        assert len(edge.copies) == 3
        edge.copies.invalidate("E1", ["/courses/one*"])
        assert len(edge.copies) == 1
        assert (await edge.view("/courses/one"))[1] == "Miss"

    asyncio.run(scenario())


def test_the_distribution_keeps_what_the_policy_of_the_template_allows(stack: Stack) -> None:
    def seen(path: str, **headers: str) -> tuple[str, str]:
        answer = stack.view(path, **headers)
        assert answer.status == 200
        return answer.headers["x-cache"], answer.json()["event"]["requestContext"]["requestId"]

    kept = "/api/v1/echo/kept?cache=public,%20s-maxage=600"
    miss, first = seen(kept)
    assert miss == "Miss from cloudfront"
    assert seen(kept) == ("Hit from cloudfront", first)
    assert seen(kept, Authorization="Bearer ada")[0] == "Miss from cloudfront"
    assert seen(f"{kept}&page=2")[0] == "Miss from cloudfront"
    for path in ("/api/v1/echo/kept", "/api/v1/echo/kept?cache=private,%20no-store", kept.replace("kept", "other", 1)):
        assert seen(path)[0] == seen(path)[0] == "Miss from cloudfront", path

    invalidate(stack, "/api/v1/echo/kep*")
    miss, second = seen(kept)
    assert (miss, second != first) == ("Miss from cloudfront", True)


def invalidate(stack: Stack, path: str) -> None:
    batch = {"Paths": {"Quantity": 1, "Items": [path]}, "CallerReference": json.dumps([path])}
    stack.aws("cloudfront").create_invalidation(DistributionId=stack.outputs["Distribution"], InvalidationBatch=batch)
