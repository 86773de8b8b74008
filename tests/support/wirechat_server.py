"""A server of the third-party-like WebSocket plugin in tests/plugins/third_party. What it does is
decided by words in the prompt; what it saw is kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

PACE = 0.002


@dataclass
class WireChatServer:
    """``answers`` counts requests by their last word; ``closed`` the sockets that were closed."""

    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    closed: int = 0
    loading: int = 0
    """So many health questions are answered with "loading"."""

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/chat"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") == "Bearer wrong-key-1234":
            return web.Response(status=401, text="wrong key")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        self.headers.append(dict(request.headers))
        try:
            async for message in socket:
                asked = json.loads(message.data)
                if "models" in asked:
                    await socket.send_str('{"models": ["abacus"]}')
                elif "health" in asked:
                    self.loading -= self.loading > 0
                    state = "loading" if self.loading else "up"
                    await socket.send_str(json.dumps({"health": state}))
                else:
                    self.requests.append(asked)
                    await self.answer(socket, asked)
        except ConnectionError:
            pass
        finally:
            self.closed += 1
        return socket

    async def answer(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        prompt = asked["prompt"]
        word = prompt.split()[-1]
        self.tries[word] += 1
        if word == "SILENT":
            await asyncio.wait({asyncio.ensure_future(socket.receive())}, timeout=30)
            return
        if word == "GARBAGE":
            await socket.send_str("<html>a proxy's page</html>")
            return
        if word == "ERROR" or (word == "FLAKY" and self.tries[word] == 1):
            await socket.send_str('{"error": "the engine died"}')
            return
        tokens = [f"{len(prompt)}", " ####", f" {len(prompt) % 10}"]
        tokens = tokens[: asked.get("max_tokens", 3)]
        await socket.send_str('{"ping": 1}')
        for place, token in enumerate(tokens):
            await asyncio.sleep(PACE)
            if word == "CUT" and place == 2:
                assert socket._req is not None
                assert socket._req.transport is not None
                socket._req.transport.abort()
                return
            if asked["stream"]:
                await socket.send_str(json.dumps({"token": token}))
        if not asked["stream"]:
            await socket.send_str(json.dumps({"token": "".join(tokens)}))
        await socket.send_str(json.dumps({"done": {"reason": "stop", "tokens": len(tokens)}}))


@contextlib.contextmanager
def wirechat(context: ssl.SSLContext | None = None) -> Iterator[WireChatServer]:
    """Serve on a free port, in a thread of its own."""
    server, loop, ready = WireChatServer(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/chat", server.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        server.port = runner.addresses[0][1]
        return runner

    def run() -> None:
        runner = loop.run_until_complete(serve())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(20)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
