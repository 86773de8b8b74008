"""Runs the simulator: in an event loop, or in a thread of a test."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager

import attrs
from aiohttp import web
from attrs import frozen

from aisbench.api import AisbenchError
from aisbench_plugin_simulator import (
    anthropic,
    control,
    endpoints,
    served_models,
    tokenizing,
    triton,
    uploads,
)
from aisbench_plugin_simulator.generation import ROUTES, handler
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import SIMULATOR, Simulator

LARGEST_BODY = 256 * 2**20
"""Bytes of a request: a long prompt, not a mistake."""


@frozen
class Served:
    """A running server. ``simulator`` is its state: look only, unless in its own thread."""

    url: str
    port: int
    simulator: Simulator


def create_app(settings: SimulatorSettings) -> web.Application:
    """The application, with a :class:`Simulator` under the key ``SIMULATOR``.

    Raises DataError when the answers cannot be read.
    """
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[control.guard])
    app[SIMULATOR] = Simulator(settings)
    for route, dialect in ROUTES.items():
        app.router.add_post(route, handler(dialect))
    uploads.add_routes(app)
    endpoints.add_routes(app)
    app.router.add_post("/v1/messages/count_tokens", anthropic.count_tokens)
    app.router.add_post("/tokenize", tokenizing.tokenize)
    app.router.add_post("/detokenize", tokenizing.detokenize)
    app.router.add_get("/info", control.info)
    app.router.add_get("/v2", triton.server)
    app.router.add_get("/v2/health/live", triton.ready)
    app.router.add_get("/v2/health/ready", triton.ready)
    app.router.add_post("/v2/repository/index", triton.index)
    app.router.add_get("/v2/models/{model}", triton.metadata)
    app.router.add_get("/v1/models", served_models.models)
    app.router.add_get("/v1/models/{model:.+}", served_models.model)
    app.router.add_get("/version", control.version)
    app.router.add_get("/load", control.load)
    app.router.add_get("/ping", control.health)
    app.router.add_post("/ping", control.health)
    app.router.add_get("/health", control.health)
    app.router.add_get("/metrics", control.metrics)
    app.router.add_post("/reset_prefix_cache", control.drop_cache)
    app.router.add_get("/flush_cache", control.drop_cache)
    app.router.add_post("/flush_cache", control.drop_cache)
    app.router.add_get("/simulator/stats", control.stats)
    app.router.add_get("/simulator/log", control.log)
    app.router.add_get("/simulator/config", control.show)
    app.router.add_post("/simulator/config", control.configure)
    app.router.add_post("/simulator/reset", control.reset)
    return app


@asynccontextmanager
async def serving(settings: SimulatorSettings) -> AsyncIterator[Served]:
    """Serve until the block ends; whatever is then in flight is cut off at once.

    Raises AisbenchError when the port is taken, or the answers or certificate cannot be read.
    """
    app = create_app(settings)
    simulator = app[SIMULATOR]
    context = _tls(settings)
    # A client that goes away ends its request, so that "in flight" is the truth.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.02)
    await runner.setup()
    try:
        connect = runner.server
        assert connect is not None

        def counted() -> asyncio.Protocol:
            simulator.journal.connections += 1
            return connect()

        try:
            server = await asyncio.get_running_loop().create_server(
                counted, settings.host, settings.port, ssl=context, backlog=8192
            )
        except OSError as error:
            raise AisbenchError(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}",
                hint="choose another port; 0 takes a free one",
            ) from None
        try:
            port: int = server.sockets[0].getsockname()[1]
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            scheme = "http" if context is None else "https"
            yield Served(f"{scheme}://{host}:{port}", port, simulator)
        finally:
            server.close()
    finally:
        await runner.cleanup()


@contextmanager
def run_in_thread(settings: SimulatorSettings | None = None, *, port: int = 0) -> Iterator[Served]:
    """Serve from a thread until the block ends, on a free port whatever the settings say.

    Raises what :func:`serving` raises.
    """
    settings = attrs.evolve(settings or SimulatorSettings(), port=port)
    started: Future[tuple[Served, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        try:
            async with serving(settings) as served:
                stop = asyncio.Event()
                started.set_result((served, asyncio.get_running_loop(), stop))
                await stop.wait()
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="simulator", daemon=True)
    thread.start()
    served, loop, stop = started.result()
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def _tls(settings: SimulatorSettings) -> ssl.SSLContext | None:
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise AisbenchError(f"{settings.tls_cert}, {settings.tls_key}: {error}") from None
    return context
