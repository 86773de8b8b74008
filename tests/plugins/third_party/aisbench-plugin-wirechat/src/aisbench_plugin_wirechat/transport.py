"""The transport: one WebSocket carries one request after another.

A request is one message of JSON. Its answer is ``{"token": TEXT}`` for each token, and in the end
``{"done": {"reason": ..., "tokens": ...}}``; or ``{"error": TEXT}``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from attrs import frozen

from aisbench.api import (
    FaultKind,
    FinishReason,
    JsonObject,
    Request,
    Response,
    ServedModel,
    Tape,
    TransportAddress,
    TransportError,
    Usage,
    setting,
)

KNOWN = frozenset({"max_tokens", "temperature"})


@frozen(kw_only=True)
class WireChatSettings:
    """What a suite may say besides the keys of every model behind a server."""

    room: str = setting(default="lobby", help="the room that answers", example="maths")


class WireChat:
    """See :class:`aisbench.api.TransportBackend`."""

    def __init__(self, settings: WireChatSettings) -> None:
        self._room = settings.room

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {name: "leave it out" for name in generation if name not in KNOWN}

    async def connect(self, address: TransportAddress) -> WireChatConnection:
        session = aiohttp.ClientSession()
        try:
            socket = await session.ws_connect(
                address.url, headers=address.headers, ssl=address.ssl or True
            )
        except aiohttp.WSServerHandshakeError as error:
            await session.close()
            raise TransportError(
                FaultKind.HTTP, f"the handshake was refused: {error.message}", status=error.status
            ) from error
        except (aiohttp.ClientResponseError, aiohttp.ServerDisconnectedError) as error:
            await session.close()
            raise TransportError(
                FaultKind.PROTOCOL, f"the server does not speak WebSocket: {error}"
            ) from error
        except BaseException:
            # aiohttp's ClientConnectorError is an OSError, as core wants it.
            await session.close()
            raise
        return WireChatConnection(session, socket, self._room)

    async def served_models(self, connection: WireChatConnection) -> Sequence[ServedModel]:
        """See :class:`aisbench.api.ListingTransport`."""
        answer = await connection.ask({"models": True})
        return [ServedModel(name=name) for name in answer["models"]]

    async def trouble(self, connection: WireChatConnection) -> str:
        """See :class:`aisbench.api.WatchedTransport`."""
        answer = await connection.ask({"health": True})
        return "" if answer["health"] == "up" else str(answer["health"])

    def shown(self, request: Request) -> str:
        """See :class:`aisbench.api.ShownTransport`."""
        return json.dumps(message_of(request, self._room), indent=2)


def message_of(request: Request, room: str) -> JsonObject:
    """A request as the server takes it."""
    return {
        "room": room,
        "model": request.model,
        "prompt": request.prompt.text,
        "seed": request.seed,
        "stream": request.stream,
        **request.generation,
    }


class WireChatConnection:
    """See :class:`aisbench.api.TransportConnection`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        socket: aiohttp.ClientWebSocketResponse,
        room: str,
    ) -> None:
        self._session = session
        self._socket = socket
        self._room = room

    @property
    def usable(self) -> bool:
        return not self._socket.closed

    async def send(self, request: Request, tape: Tape) -> Response:
        message = json.dumps(message_of(request, self._room))
        at = tape.now()
        await self._socket.send_str(message)
        tape.sent(at=at)
        texts: list[str] = []
        while True:
            size, event = await self._receive()
            at = tape.now()
            if "token" in event:
                texts.append(str(event["token"]))
                tape.read(1 if event["token"] else 0, texts[-1], size=size, at=at)
            elif "error" in event:
                raise TransportError(FaultKind.SERVER, str(event["error"]))
            elif "done" in event:
                tape.read(size=size, at=at)
                done = event["done"]
                return Response(
                    text="".join(texts),
                    finish_reason=FinishReason(done["reason"]),
                    usage=Usage(completion_tokens=done["tokens"]),
                )
            else:
                tape.read(size=size, at=at)

    async def ask(self, question: JsonObject) -> dict[str, Any]:
        """A question about the server, and the answer."""
        await self._socket.send_str(json.dumps(question))
        return (await self._receive())[1]

    async def _receive(self) -> tuple[int, dict[str, Any]]:
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise EOFError(f"a message of type {message.type.name} in place of an answer")
        try:
            event = json.loads(message.data)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            raise TransportError(
                FaultKind.PROTOCOL, f"not a message of this protocol: {message.data[:80]!r}"
            )
        return len(message.data), event

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._socket.close(), 0.5)
        finally:
            await self._session.close()
