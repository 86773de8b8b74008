"""The way to servers through a transport of a plugin's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from aisbench.base.clock import now_ns
from aisbench.base.errors import ServerError
from aisbench.config.addresses import is_secure
from aisbench.config.plan import Model
from aisbench.config.suite import ServiceSettings
from aisbench.contract.transports import (
    ListingTransport,
    TransportBackend,
    TransportConnection,
    WatchedTransport,
)
from aisbench.engine.bounds import AnswerBounds
from aisbench.engine.bugs import Bugs
from aisbench.engine.carrying import BROKEN, Carriage, closed, fail, fault_of, within
from aisbench.engine.client import AttemptResult, ssl_context
from aisbench.engine.discover import DiscoveredModel, advice_on, chosen_name
from aisbench.engine.exchange import Exchange
from aisbench.engine.held import LoopGuard
from aisbench.engine.link import Trouble
from aisbench.engine.own_pool import OwnPool
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.retry import parse_retry_after
from aisbench.engine.tape import OwnAnswer
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind
from aisbench.types.served import ServedModel
from aisbench.types.timing import Timing
from aisbench.types.transport import TransportAddress

log = logging.getLogger(__name__)

CLOSING_SECONDS = 0.1
"""How long a request that has ended waits for its connection to close."""

QUESTION_SECONDS = 10.0
"""How long a server may take to answer a question about itself."""


class OwnLink:
    """See :class:`~aisbench.engine.link.ServerLink`."""

    def __init__(self, model: Model, headers: Mapping[str, str]) -> None:
        self._model = model.name
        self._transport = model.transport
        self._limits = model.service.timeout
        self._bounds = AnswerBounds.of(model.service.limits)
        self._bugs = Bugs(model.service.model or model.name)
        self._guard = LoopGuard()
        self._pools = OwnPools(
            self._transport, model.offer.schemes, model.service, headers, self._guard
        )
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> OwnLink:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bugs.close()
        await self._pools.close()
        self._guard.close()

    async def attempt(self, request: Request, replica: Replica) -> AttemptResult:
        """See :class:`~aisbench.engine.link.ServerLink`."""
        dispatched = now_ns()
        pool = self._pools.of(replica.url)
        replica.in_flight += 1
        try:
            while True:
                exchange, ended = self._begin(request)
                connection = pool.take()
                reused = connection is not None
                if connection is None:
                    connection = await self._connect(pool, exchange)
                if connection is not None:
                    await self._carry(exchange, connection, pool, ended, dispatched)
                if not (reused and exchange.sent and exchange.never_taken(exchange.sent)):
                    break
        finally:
            replica.in_flight -= 1
        return self._result(exchange, replica, dispatched)

    def _result(self, exchange: Exchange, replica: Replica, dispatched: int) -> AttemptResult:
        done = exchange.done or now_ns()
        response = exchange.outcome(self._bugs)
        if response.fault is not None and response.fault.kind is FaultKind.CONNECT:
            replica.down_since = done
        return AttemptResult(
            response=response,
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
        )

    def _begin(self, request: Request) -> tuple[Exchange, asyncio.Future[None]]:
        ended: asyncio.Future[None] = self._loop.create_future()

        def end(_: Exchange) -> None:
            if not ended.done():
                ended.set_result(None)

        return Exchange(OwnAnswer(request), end, self._bounds), ended

    async def _connect(self, pool: OwnPool, exchange: Exchange) -> TransportConnection | None:
        try:
            return await pool.connect()
        except asyncio.TimeoutError as error:
            fault = pool.explain(error)
            assert fault is not None
            exchange.fail(fault.kind, fault.message)
        except BROKEN as error:
            fail(exchange, error, connecting=True)
        return None

    async def _carry(
        self,
        exchange: Exchange,
        connection: TransportConnection,
        pool: OwnPool,
        ended: asyncio.Future[None],
        dispatched: int,
    ) -> None:
        """Send on a connection, until the answer is whole, failed, or given up."""
        answer = exchange.decoder
        assert isinstance(answer, OwnAnswer)
        carriage = Carriage(exchange, answer, connection, self._guard, pool.keep)
        limits, loop = self._limits, self._loop
        start = loop.time()

        def expire(label: str, seconds: float, what: str) -> None:
            carriage.abort()
            exchange.fail(FaultKind.TIMEOUT, f"no {what} within {seconds:g} s (timeout.{label})")

        timers = [loop.call_at(start + limits.total, expire, "total", limits.total, "end")]
        if answer.request.stream and limits.first_token < limits.total:
            label, seconds = "first_token", limits.first_token
            timers.append(loop.call_at(start + seconds, expire, label, seconds, "first token"))
            exchange.on_first_token = timers[-1].cancel
        carrying = carriage.start(dispatched)
        try:
            await ended
        finally:
            for timer in timers:
                timer.cancel()
            if not exchange.over:
                exchange.fail(FaultKind.CUT, "given up")  # it was cancelled: nobody reads this
                carriage.abort()
            if not carrying.done():
                # What follows the end, such as closing a connection that is of no use any more.
                await asyncio.wait({carrying}, timeout=CLOSING_SECONDS)

    # -- questions about the server

    async def trouble(self, replica: Replica) -> Trouble | None:
        """See :class:`~aisbench.engine.link.ServerLink`."""
        transport = self._transport
        if isinstance(transport, WatchedTransport):
            why, fault = await self._asked(replica, transport.trouble)
        else:
            why, fault = await self._asked(replica, None)
        if fault is not None:
            return Trouble(fault.message, hopeless=fault.kind is FaultKind.TLS)
        return Trouble(str(why), loading=True) if why else None

    async def discover(
        self, model: Model, replicas: Replicas, adapters: Sequence[str] = ()
    ) -> DiscoveredModel:
        """See :class:`~aisbench.engine.link.ServerLink`. Every replica is asked, so that one
        which is down is known before the run. Transports list no adapters."""
        name = model.service.model
        contexts: list[int] = []
        transport = self._transport
        question = transport.served_models if isinstance(transport, ListingTransport) else None
        for replica in replicas.all:
            where = f"models.{model.name}: {replica.url}"
            found, fault = await self._asked(replica, question)
            if fault is not None and fault.kind in (FaultKind.CONNECT, FaultKind.TLS):
                raise ServerError(f"{where}: {fault.message}", hint=advice_on(fault, model.name))
            served = _listed(found, fault, where, needed=not name) if question else []
            name = chosen_name(name, served, model.name, where)
            contexts += [one.context for one in served if one.name == name and one.context]
        return DiscoveredModel(name, min(contexts, default=None))

    async def _asked(
        self, replica: Replica, question: Callable[[TransportConnection], Awaitable[Any]] | None
    ) -> tuple[Any, Fault | None]:
        """The answer to a question, or why there is none; without a question, whether a connection
        can be made."""
        pool, guard = self._pools.of(replica.url), self._guard
        connection: TransportConnection | None = None
        try:
            connection = await pool.connect()
            if question is None:
                return None, None
            asked = question
            there = connection
            return await within(lambda: asked(there), guard, QUESTION_SECONDS), None
        except asyncio.TimeoutError as error:
            if connection is None:
                return None, pool.explain(error)
            what = f"no answer to a question within {QUESTION_SECONDS:g} s"
            return None, Fault(kind=FaultKind.TIMEOUT, message=what)
        except BROKEN as error:
            fault = pool.explain(error) if connection is None else None
            return None, fault or _fault(error, self._bugs)
        finally:
            if connection is not None:
                await closed(connection, guard)


class OwnPools:
    """The connections of one model, by its replicas. Raises AisbenchError for a CA file that
    cannot be read."""

    def __init__(
        self,
        transport: TransportBackend,
        schemes: Sequence[str],
        service: ServiceSettings,
        headers: Mapping[str, str],
        guard: LoopGuard,
    ) -> None:
        self._transport = transport
        self._schemes = schemes
        self._service = service
        self._headers = headers
        self._guard = guard
        self._context = ssl_context(service, schemes)
        self._pools: dict[str, OwnPool] = {}

    def of(self, url: str) -> OwnPool:
        """Those to one replica."""
        pool = self._pools.get(url)
        if pool is None:
            tls = self._service.tls
            address = TransportAddress(
                url=url,
                headers=self._headers,
                ssl=self._context if is_secure(url, self._schemes) else None,
                ca=tls.ca,
                verify=tls.verify,
                largest=AnswerBounds.of(self._service.limits).body,
            )
            pool = OwnPool(self._transport, address, self._service.timeout.connect, self._guard)
            self._pools[url] = pool
        return pool

    @property
    def idle(self) -> int:
        """Connections that are open and free."""
        return sum(pool.idle for pool in self._pools.values())

    async def close(self) -> None:
        """Close all that are idle."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))


def _fault(error: BaseException, bugs: Bugs) -> Fault:
    return fault_of(error) or bugs.fault(error)


def _listed(found: Any, fault: Fault | None, where: str, *, needed: bool) -> Sequence[ServedModel]:
    """What a transport says that a server has. Raises ServerError where that is ``needed`` and not
    there."""
    why = "" if fault is None else fault.message
    if not why and not all(isinstance(one, ServedModel) for one in found or ()):
        why = "served_models() gave something else than ServedModel"
    if not why:
        return tuple(found or ())
    if needed:
        raise ServerError(
            f"{where}: the model's name cannot be asked: {why}",
            hint="name it with `model`, and check that the url is right",
        )
    log.warning("%s: lists no models: %s", where, why)
    return ()
