"""Serving an application in a thread, and cutting its connections."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.running import running


async def _hello(_: Request) -> Response:
    return PlainTextResponse("hello")


async def _cut(request: Request) -> Response:
    request.state.cut_connection()
    return PlainTextResponse("never arrives")


_APP = Starlette(routes=[Route("/", _hello), Route("/cut", _cut)])


def test_serves_while_the_block_runs() -> None:
    with running(_APP) as url:
        assert httpx.get(url).text == "hello"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_two_applications_have_their_own_ports() -> None:
    with running(_APP) as one, running(_APP) as other:
        assert one != other
        assert httpx.get(one).text == httpx.get(other).text == "hello"


def test_an_application_can_hang_up_without_an_answer() -> None:
    with running(_APP) as url:
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/cut")
        assert httpx.get(url).text == "hello"
