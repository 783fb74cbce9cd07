from collections.abc import Iterator

import pytest

from sandbox.openai.server import create_app
from sandbox.running import running


@pytest.fixture
def base_url() -> Iterator[str]:
    """A server with the default model."""
    with running(create_app(clock=lambda: 1_800_000_000.0)) as url:
        yield url
