"""The headers in which CloudFront says where a viewer is, which the emulator lacks.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html

CloudFront sets them itself from the viewer's address. The emulator hands on what a viewer writes into them, so that
everybody could choose his country. Here none of them comes from the viewer, and the country comes from a table of
addresses: a machine has as many as it likes in 127.0.0.0/8 (`curl --interface 127.0.0.2`). Of other addresses the
country is unknown, as CloudFront does not know it of some.
"""

from __future__ import annotations

from collections.abc import Mapping

from ministack.services import cloudfront

PREFIX = "cloudfront-"
COUNTRY = "cloudfront-viewer-country"


def parse(table: str) -> dict[str, str]:
    """Countries by address, of `127.0.0.2=KR 127.0.0.3=DE`."""
    pairs = [entry.partition("=") for entry in table.split()]
    for address, separator, country in pairs:
        if not address or not separator or len(country) != 2 or not country.isupper():
            raise SystemExit(f"{address}{separator}{country} is no address with a country, such as 127.0.0.2=KR.")
    return {address: country for address, _, country in pairs}


def located(headers: Mapping[str, str], client_ip: str, countries: Mapping[str, str]) -> dict[str, str]:
    """The request's headers as CloudFront makes them."""
    own = {name: value for name, value in headers.items() if not name.lower().startswith(PREFIX)}
    country = countries.get(client_ip)
    return own | {COUNTRY: country} if country else own


def close_viewer_country(countries: Mapping[str, str]) -> None:
    """Where a viewer is, CloudFront says and not he himself. Part of a copy's key where a cache policy names it."""
    original = cloudfront.handle_viewer_request

    async def viewer(dist, method, path, raw_uri, raw_qs, headers, body, query, client_ip="127.0.0.1"):
        headers = located(headers, client_ip, countries)
        return await original(dist, method, path, raw_uri, raw_qs, headers, body, query, client_ip)

    cloudfront.handle_viewer_request = viewer
