"""A server of the protocol, as small as the kit needs it: it always says the same."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator

from aiohttp import web

PIECES = ("It ", "is ", "2.")


async def chat(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    with contextlib.suppress(ConnectionError):
        async for message in socket:
            asked = json.loads(message.data)
            pieces = PIECES if asked["stream"] else ("".join(PIECES),)
            for piece in pieces:
                await socket.send_str(json.dumps({"token": piece}))
            done = {"reason": "stop", "tokens": len(PIECES)}
            await socket.send_str(json.dumps({"done": done}))
    return socket


@contextlib.asynccontextmanager
async def serve() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/chat", chat)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/chat"
    finally:
        await runner.cleanup()
