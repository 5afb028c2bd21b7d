"""One launcher on a free port with the smoke template deployed, for all tests of the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local import services
from infra.local.settings import Settings
from infra.local.tests.stack import Stack, deployment, free_port


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Starts the services, deploys, and stops them at the end."""
    home = tmp_path_factory.mktemp("stack")
    settings = Settings(home, port=free_port(), redis_port=free_port(), oidc_port=free_port(), stripe_port=free_port())
    try:
        services.start(settings)
        yield Stack(settings, deployment(settings).run())
    finally:
        services.stop(settings)
