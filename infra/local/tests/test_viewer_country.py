"""Where a viewer is: from a table, never from himself."""

from __future__ import annotations

import pytest

from infra.local.settings import COUNTRIES
from infra.local.tests.stack import Stack
from infra.local.viewer_country import located, parse


def test_what_a_viewer_says_of_his_country_is_dropped_and_the_table_says_it() -> None:
    claimed = {"accept": "*/*", "CloudFront-Viewer-Country": "KR", "cloudfront-viewer-city": "Seoul"}
    assert located(claimed, "127.0.0.3", {"127.0.0.3": "DE"}) == {"accept": "*/*", "cloudfront-viewer-country": "DE"}
    assert located(claimed, "127.0.0.1", {"127.0.0.3": "DE"}) == {"accept": "*/*"}


def test_a_table_has_an_address_and_a_country_in_each_entry() -> None:
    assert parse("127.0.0.2=KR  127.0.0.3=DE") == {"127.0.0.2": "KR", "127.0.0.3": "DE"}
    assert parse("") == {}
    for wrong in ["127.0.0.2", "=KR", "127.0.0.2=Korea", "127.0.0.2=kr"]:
        with pytest.raises(SystemExit):
            parse(wrong)


def test_the_country_of_an_address_reaches_the_function(stack: Stack) -> None:
    def seen(address: str, **headers: str) -> str | None:
        answer = stack.view("/api/v1/echo", address=address, **headers)
        return answer.json()["event"]["headers"].get("cloudfront-viewer-country")

    for address, country in COUNTRIES.items():
        assert seen(address) == country
        assert seen(address, CloudFront_Viewer_Country="FR") == country
    assert seen("127.0.0.1") is None
    assert seen("127.0.0.1", CloudFront_Viewer_Country="FR") is None
