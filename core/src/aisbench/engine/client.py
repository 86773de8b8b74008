"""The HTTP client of accuracy runs: one attempt at one request."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from types import TracebackType

import aiohttp
from attrs import frozen

from aisbench.clock import now_ns
from aisbench.config.suite import EnvironmentValue, ServiceSettings
from aisbench.contract import Decoder
from aisbench.engine.deadline import Deadline, Expired
from aisbench.engine.replicas import Replica, join_url
from aisbench.engine.retry import parse_retry_after
from aisbench.errors import AisbenchError
from aisbench.types.http import HttpRequest
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.timing import Timing


@frozen(kw_only=True)
class Attempt:
    """What one attempt brought. ``retry_after`` is the server's wish, in seconds."""

    response: Response
    timing: Timing
    url: str
    retry_after: float | None = None


def ssl_context(settings: ServiceSettings) -> ssl.SSLContext:
    """Verification as the suite asks. Raises AisbenchError for an unreadable CA file."""
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


class Client:
    """Keeps connections open and turns every outcome into a Response."""

    def __init__(self, settings: ServiceSettings, headers: Mapping[str, str]) -> None:
        self._settings = settings
        self._headers = dict(headers)
        self._session: aiohttp.ClientSession | None = None
        self._loop = asyncio.get_running_loop()
        proxy = settings.proxy
        self._proxy = proxy if proxy not in ("", "environment") else None

    async def __aenter__(self) -> Client:
        connector = aiohttp.TCPConnector(
            limit=0,  # the dispatcher bounds what is in flight
            ssl=ssl_context(self._settings),
            keepalive_timeout=60,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.timeout.connect),
            headers=self._headers,
            trust_env=self._settings.proxy == "environment",
            cookie_jar=aiohttp.DummyCookieJar(),
            # A long chunk header of a big event must not fail; the body itself is unbounded.
            read_bufsize=2**18,
            max_line_size=2**16,
            max_field_size=2**16,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def attempt(
        self, request: HttpRequest, decoder: Decoder, replica: Replica, stream: bool
    ) -> Attempt:
        """Send once and read the answer to its end. Only cancellation is raised."""
        assert self._session is not None
        limits = self._settings.timeout
        loop = self._loop
        dispatched = now_ns()
        first_byte = first_token = last_token = None
        fault: Fault | None = None
        retry_after: float | None = None
        started = False
        replica.in_flight += 1
        try:
            with Deadline(loop) as deadline:
                start = loop.time()
                if stream and limits.first_token < limits.total:
                    deadline.set("first_token", start, limits.first_token)
                else:
                    deadline.set("total", start, limits.total)
                async with self._session.request(
                    request.method,
                    join_url(replica.url, request.path),
                    data=request.body or None,
                    headers=request.headers,
                    proxy=self._proxy,
                    allow_redirects=False,
                ) as reply:
                    first_byte = now_ns()
                    started = True
                    retry_after = parse_retry_after(reply.headers.get("Retry-After"))
                    decoder.start(reply.status, reply.headers.get("Content-Type", ""))
                    async for data in reply.content.iter_any():
                        now = now_ns()
                        if decoder.feed(data):
                            last_token = now
                            if first_token is None:
                                first_token = now
                                deadline.set("total", start, limits.total)
        except Expired as expired:
            fault = Fault(
                kind=FaultKind.TIMEOUT,
                message=f"no {'first token' if expired.label == 'first_token' else 'end'} within "
                f"{expired.seconds:g} s (timeout.{expired.label})",
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            fault = describe(error, started, limits.connect)
        finally:
            replica.in_flight -= 1
        done = now_ns()
        if fault is not None and fault.kind is FaultKind.CONNECT:
            replica.down_since = done
        response = decoder.finish() if started else Response()
        if fault is not None:
            response = Response(
                text=response.text,
                reasoning=response.reasoning,
                usage=response.usage,
                model=response.model,
                fault=fault,
            )
        timing = Timing(
            dispatched=dispatched,
            first_byte=first_byte,
            first_token=first_token,
            last_token=last_token,
            done=done,
        )
        return Attempt(response=response, timing=timing, url=replica.url, retry_after=retry_after)


def describe(error: Exception, started: bool, connect_timeout: float) -> Fault:
    """The fault that an exception of the HTTP library means."""
    text = str(error) or type(error).__name__
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError)):
        return Fault(kind=FaultKind.TLS, message=f"the certificate or handshake failed: {text}")
    if isinstance(error, aiohttp.ServerTimeoutError):
        return Fault(
            kind=FaultKind.CONNECT,
            message=f"no connection within {connect_timeout:g} s (timeout.connect)",
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return Fault(kind=FaultKind.CONNECT, message=f"cannot connect: {text}")
    if isinstance(error, (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError)):
        when = "during" if started else "before"
        return Fault(kind=FaultKind.CUT, message=f"the connection ended {when} the answer")
    if isinstance(error, (aiohttp.ClientOSError, OSError)):
        when = "during" if started else "before"
        return Fault(kind=FaultKind.CUT, message=f"the connection broke {when} the answer: {text}")
    return Fault(kind=FaultKind.PROTOCOL, message=f"{type(error).__name__}: {text}")
