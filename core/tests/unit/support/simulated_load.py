"""A load without sockets or sleep: the workers' machines on a made clock, and a made server."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from attrs import define, field, frozen

from aisbench.engine.bounds import BOUNDS
from aisbench.engine.exchange import Exchange
from aisbench.loadgen.attempt import ActiveConversation, Attempt
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.load_machine import LoadMachine
from aisbench.loadgen.shared_counters import SharedCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.loadgen.warm_up import WarmUp
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response

MS = 1_000_000
START = 5_000 * MS
TICK_NS = 20 * MS
MOST_EVENTS = 200_000

OK = Response(text="fine")


def refused(status: int) -> Response:
    """An answer with a status instead of a text."""
    fault = Fault(kind=FaultKind.HTTP, message="no", status=status)
    return Response(fault=fault)


@frozen
class Reply:
    """What the made server answers, and after how long."""

    after_ns: int
    response: Response = OK
    retry_after: str | None = None


@frozen
class Sent:
    """An attempt, and when it was sent (ns after the load's start)."""

    at_ns: int
    attempt: Attempt


@frozen
class Recorded:
    """How an attempt ended."""

    at_ns: int
    attempt: Attempt
    outcome: AttemptOutcome
    final: bool


@define(eq=False)
class SimulatedWorker:
    """Carries out one machine's actions on the made clock."""

    load: SimulatedLoad
    index: int
    dones: int = 0
    in_flight: InFlight = field(init=False)
    machine: LoadMachine = field(init=False)
    warm_up: WarmUp = field(init=False)
    answered: Callable[[Attempt, Response, int], None] = field(init=False)
    waits: dict[int, int] = field(factory=dict)
    """Weights of what is waited for, by number."""
    replies: dict[Attempt, Response] = field(factory=dict)
    """What the server will say to what is in flight."""

    def __attrs_post_init__(self) -> None:
        spec, shared = self.load.spec, self.load.shared
        counters = shared.worker(self.index)
        self.in_flight = InFlight(counters, spec.most_in_flight(self.index), self)
        self.machine = LoadMachine(spec, shared, self.index, self.in_flight, self)
        self.warm_up = WarmUp(spec, self.index, self.in_flight, self.machine.retry, self)
        self.answered = self.machine.answered

    def make_attempt(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        number: int,
    ) -> Attempt:
        codec = self.load.spec.codec
        wire, decoder = codec.encode(request), codec.decoder(request)
        return Attempt(
            active, phase, request, wire, decoder, scheduled, number, self._ended, BOUNDS
        )

    def break_off(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        fault: Fault,
    ) -> Attempt:
        decoder = self.load.spec.codec.decoder(request)
        attempt = Attempt(active, phase, request, None, decoder, scheduled, 1, self._ended, BOUNDS)
        attempt.dispatched, attempt.fault = self.load.now, fault
        attempt.finish(self.load.now)
        return attempt

    def play(
        self, active: ActiveConversation, then: Callable[[ActiveConversation, int], None]
    ) -> None:
        load, conversation = self.load, active.conversation
        assert conversation.turns is not None
        step = conversation.turns.soon(conversation.told)

        def known() -> None:
            conversation.settle(step)
            then(active, load.now)

        load.at(load.now + load.play_ns, known)

    def send(self, attempt: Attempt) -> None:
        load = self.load
        assert not self.dones, "sent after the end"
        attempt.dispatched = attempt.sent = load.now
        load.sent.append(Sent(load.now - START, attempt))
        reply = load.serve(attempt)
        attempt.retry_after = reply.retry_after
        self.replies[attempt] = reply.response
        load.at(load.now + reply.after_ns, lambda: attempt.finish(load.now))
        load.check()

    def _ended(self, exchange: Exchange) -> None:
        assert isinstance(exchange, Attempt)
        attempt, now = exchange, self.load.now
        response = self.replies.pop(attempt, Response())
        if attempt.fault is not None:
            response, attempt.done = Response(fault=attempt.fault), now
        self.load.at(now, lambda: self.answered(attempt, response, now))

    def wait(self, when_ns: int, then: Callable[[int], None], weight: int) -> None:
        number = next(self.load.numbers)
        self.waits[number] = weight

        def due() -> None:
            if self.waits.pop(number, None) is not None:
                then(when_ns)

        self.load.at(when_ns, due)

    def forget(self, weight: int) -> None:
        self.waits = {number: one for number, one in self.waits.items() if one > weight}

    def cancel(self, attempt: Attempt) -> None:
        if not attempt.over:
            attempt.cancelled = True
            attempt.finish(self.load.now)

    def record(
        self, attempt: Attempt, response: Response, outcome: AttemptOutcome, final: bool
    ) -> None:
        self.load.recorded.append(Recorded(self.load.now - START, attempt, outcome, final))

    def done(self) -> None:
        self.dones += 1


@define(eq=False)
class SimulatedLoad:
    """All workers of a load and their server; ``at`` makes anything else happen. To be closed."""

    spec: LoadSpec
    serve: Callable[[Attempt], Reply]
    check: Callable[[], None] = lambda: None
    """Called after every request that is sent."""
    play_ns: int = 0
    """How long a data set takes for a step that is not taken inline."""
    shared: SharedCounters = field(init=False)
    workers: list[SimulatedWorker] = field(init=False)
    now: int = START - 1000 * MS
    sent: list[Sent] = field(factory=list)
    recorded: list[Recorded] = field(factory=list)
    numbers: itertools.count[int] = field(factory=itertools.count)
    _events: list[tuple[int, int, Callable[[], None]]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.shared = SharedCounters(self.spec.workers)
        self.workers = [SimulatedWorker(self, index) for index in range(self.spec.workers)]

    def __enter__(self) -> SimulatedLoad:
        return self

    def __exit__(self, *_: object) -> None:
        self.shared.close()

    def at(self, when_ns: int, then: Callable[[], None]) -> None:
        """Let it happen at that instant."""
        heapq.heappush(self._events, (max(when_ns, self.now), next(self.numbers), then))

    def in_flight(self) -> list[Attempt]:
        """Of all workers."""
        return [one for worker in self.workers for one in worker.in_flight.attempts]

    def warm(self, at_once: int) -> None:
        """The warm-up alone, to its end."""
        for worker in self.workers:
            worker.answered = worker.warm_up.answered
            worker.warm_up.start(at_once, self.now)
        self._play()

    def run(self) -> SimulatedLoad:
        """From the start to the last answer."""
        for worker in self.workers:
            worker.machine.prefetch.prepare(worker.in_flight.most)
        for worker in self.workers:
            worker.machine.start(START)
        self._tick(START)
        self._play()
        assert [worker.dones for worker in self.workers] == [1] * len(self.workers)
        assert not self.in_flight()
        return self

    def _play(self) -> None:
        for _ in range(MOST_EVENTS):
            if not self._events:
                return
            self.now, _, then = heapq.heappop(self._events)
            then()
        raise AssertionError("the load does not end")

    def _tick(self, when: int) -> None:
        def tick() -> None:
            for worker in self.workers:
                if worker.machine.under_way:
                    worker.machine.tick(self.now)
            if not all(worker.dones for worker in self.workers):
                self._tick(when + TICK_NS)

        self.at(when, tick)

    # -- what became of it

    def begun(self) -> list[Sent]:
        """First requests of conversations, at their first attempt, in the order of sending."""
        return [
            one for one in self.sent if one.attempt.number == 1 and one.attempt.request.turn == 0
        ]

    def measured(self) -> list[Sent]:
        """Those of them that are measured."""
        return [one for one in self.begun() if one.attempt.phase is Phase.MEASURED]

    def outcomes(self) -> list[AttemptOutcome]:
        """Of measured requests, once each."""
        return [
            one.outcome
            for one in self.recorded
            if one.final and one.attempt.phase is Phase.MEASURED
        ]
