"""Socket Mode: the WebSockets of the connected apps and the envelopes that go over them."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.slack.ack import ACK_SECONDS, Ack, Kind
from sandbox.slack.workspace import APP_ID, Workspace


@dataclass(kw_only=True)
class Sockets:
    """The connected Socket Mode clients; envelopes go to them in turn, as Slack balances them."""

    workspace: Workspace
    _connected: list[WebSocket] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, "asyncio.Future[dict[str, Any]]"] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self._connected)

    def ticket(self) -> str:
        """A one-time password of a WebSocket address."""
        ticket = self.workspace.next_id("ticket-")
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """One client, from hello to its end."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        self._connected.append(socket)
        try:
            await socket.send_json(self._hello())
            while True:
                self._received(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._connected.remove(socket)

    async def deliver(self, kind: Kind, payload: dict[str, Any]) -> Ack:
        if not self._connected:
            return Ack(acked=False, error="dispatch_failed")
        socket = self._connected.pop(0)
        self._connected.append(socket)
        envelope_id = self.workspace.next_id("envelope-")
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        envelope = {
            "type": kind,
            "envelope_id": envelope_id,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        try:
            await socket.send_json(envelope)
            return Ack(acked=True, payload=await asyncio.wait_for(waiting, ACK_SECONDS))
        except TimeoutError:
            return Ack(acked=False, error="operation_timeout")
        except (RuntimeError, WebSocketDisconnect):
            return Ack(acked=False, error="dispatch_failed")
        finally:
            del self._waiting[envelope_id]

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": self.count,
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "sandbox", "approximate_connection_time": 3600},
        }

    def _received(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        if not isinstance(message, dict) or "envelope_id" not in message:
            return
        waiting = self._waiting.get(message["envelope_id"])
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload") or {})
