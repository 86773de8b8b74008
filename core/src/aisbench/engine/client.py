"""The HTTP client: one attempt at one request."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping, Sequence
from types import TracebackType

from attrs import frozen

from aisbench.base.clock import now_ns
from aisbench.base.errors import AisbenchError
from aisbench.config.addresses import is_secure, value_problem
from aisbench.config.suite import EnvironmentValue, ServiceSettings, urls
from aisbench.contract.decoders import Decoder
from aisbench.contract.service_backends import ServiceBackend
from aisbench.engine.bounds import AnswerBounds
from aisbench.engine.bugs import Bugs
from aisbench.engine.connection import Connection
from aisbench.engine.exchange import Exchange
from aisbench.engine.pool import ConnectionPool
from aisbench.engine.proxy import proxy_for
from aisbench.engine.replicas import Replica
from aisbench.engine.retry import parse_retry_after
from aisbench.engine.wire import writer_for
from aisbench.types.http import HttpRequest
from aisbench.types.response import FaultKind, Response
from aisbench.types.timing import Timing


@frozen(kw_only=True)
class AttemptResult:
    """What one attempt brought. ``retry_after`` is what the server asked for, in seconds."""

    response: Response
    timing: Timing
    url: str
    retry_after: float | None = None
    location: str | None = None
    """Where a redirect points."""


def ssl_context(settings: ServiceSettings, schemes: Sequence[str] = ()) -> ssl.SSLContext | None:
    """Verification as the suite asks; None when no url is one of TLS, by a backend's own
    ``schemes``.

    Raises AisbenchError for an unreadable CA file.
    """
    if not any(is_secure(url, schemes) for url in urls(settings)):
        return None
    context = ssl.create_default_context()
    if settings.tls.ca is not None:
        try:
            context.load_verify_locations(cafile=settings.tls.ca)
        except (OSError, ssl.SSLError) as error:
            raise AisbenchError(
                f"tls.ca: {settings.tls.ca} cannot be used: {error}",
                hint="give a PEM file with certificates of authorities",
            ) from error
    if not settings.tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def reveal_headers(settings: ServiceSettings) -> dict[str, str]:
    """The user's headers with their secrets. Raises AisbenchError for an unset variable."""

    def reveal(variable: str, key: str) -> str:
        value = os.environ.get(variable)
        if not value:
            raise AisbenchError(
                f"{key}: the environment variable {variable} is not set",
                hint=f"export {variable}=... before the run",
            )
        if wrong := value_problem(value):
            raise AisbenchError(f"{key}: the value of {variable} {wrong}")
        return value

    headers = {}
    if settings.api_key is not None:
        headers["Authorization"] = f"Bearer {reveal(settings.api_key.variable, 'api_key')}"
    for name, value in settings.headers.items():
        if isinstance(value, EnvironmentValue):
            headers[name] = reveal(value.env, f"headers.{name}")
        else:
            headers[name] = value
    return headers


class HttpClient:
    """Keeps connections open, and makes a Response of everything that can happen."""

    def __init__(
        self,
        settings: ServiceSettings,
        headers: Mapping[str, str],
        backend: ServiceBackend | None = None,
    ) -> None:
        """``backend`` signs the requests, if it is one that does."""
        self._limits = settings.timeout
        self._bounds = AnswerBounds.of(settings.limits)
        self._bugs = Bugs(settings.model or "the model")
        self._wire = writer_for(headers, backend)
        self._proxy = settings.proxy
        self._context = ssl_context(settings)
        self._pools: dict[str, ConnectionPool] = {}
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> HttpClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bugs.close()
        for pool in self._pools.values():
            await pool.close()

    async def attempt(
        self, request: HttpRequest, decoder: Decoder, replica: Replica, stream: bool
    ) -> AttemptResult:
        """Send once and read the answer to its end.

        Raises nothing but cancellation: what a broken codec raises fails the attempt.
        """
        dispatched = now_ns()
        exchange, ended = self._begin(decoder)
        pool = self._pool(replica.url)
        replica.in_flight += 1
        try:
            while True:
                # Anew for each connection: signatures may hold the time.
                data = self._write(request, replica, pool, exchange)
                if data is None:
                    break
                connection = pool.take()
                reused = connection is not None
                if connection is None:
                    connection = await self._connect(pool, exchange)
                if connection is not None:
                    exchange.sent = now_ns()
                    await self._exchange(connection, exchange, ended, data, stream)
                if reused and exchange.sent and exchange.never_taken(exchange.sent):
                    exchange, ended = self._begin(decoder)
                    continue
                break
        finally:
            replica.in_flight -= 1
        done = exchange.done or now_ns()
        fault = exchange.fault
        if fault is not None and fault.kind is FaultKind.CONNECT:
            replica.down_since = done
        return AttemptResult(
            response=exchange.outcome(self._bugs),
            timing=Timing(
                dispatched=dispatched,
                sent=exchange.sent,
                first_byte=exchange.first_byte,
                first_token=exchange.first_token,
                first_answer=exchange.first_answer,
                last_token=exchange.last_token,
                done=done,
            ),
            url=replica.url,
            retry_after=parse_retry_after(exchange.retry_after),
            location=exchange.location,
        )

    def _write(
        self, request: HttpRequest, replica: Replica, pool: ConnectionPool, exchange: Exchange
    ) -> bytes | None:
        """The request as bytes; None, with the exchange failed, where it could not be signed."""
        try:
            return self._wire.write(request, replica.url, pool)
        except Exception as error:  # noqa: BLE001 - a backend's bug fails one attempt
            exchange.break_down(error)
            return None

    def _begin(self, decoder: Decoder) -> tuple[Exchange, asyncio.Future[None]]:
        ended: asyncio.Future[None] = self._loop.create_future()

        def end(exchange: Exchange) -> None:
            if not ended.done():
                ended.set_result(None)

        return Exchange(decoder, end, self._bounds), ended

    async def _connect(self, pool: ConnectionPool, exchange: Exchange) -> Connection | None:
        try:
            return await pool.connect()
        except (OSError, asyncio.TimeoutError) as error:
            exchange.fail(*pool.explain(error))
        return None

    async def _exchange(
        self,
        connection: Connection,
        exchange: Exchange,
        ended: asyncio.Future[None],
        data: bytes,
        stream: bool,
    ) -> None:
        loop = self._loop
        limits = self._limits
        start = loop.time()

        def expire(label: str, seconds: float, what: str) -> None:
            connection.abort()
            exchange.fail(FaultKind.TIMEOUT, f"no {what} within {seconds:g} s (timeout.{label})")

        first = stream and limits.first_token < limits.total
        timer = (
            loop.call_at(
                start + limits.first_token,
                expire,
                "first_token",
                limits.first_token,
                "first token",
            )
            if first
            else loop.call_at(start + limits.total, expire, "total", limits.total, "end")
        )

        def wait_for_end() -> None:
            nonlocal timer
            timer.cancel()
            timer = loop.call_at(start + limits.total, expire, "total", limits.total, "end")

        if first:
            exchange.on_first_token = wait_for_end
        connection.send(exchange, data)
        try:
            await ended
        except asyncio.CancelledError:
            connection.abort()
            raise
        finally:
            timer.cancel()

    def _pool(self, url: str) -> ConnectionPool:
        pool = self._pools.get(url)
        if pool is None:
            proxy = proxy_for(self._proxy, url)
            pool = ConnectionPool(url, self._context, proxy, self._limits.connect)
            self._pools[url] = pool
        return pool
