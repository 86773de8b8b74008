"""Requests that wait too long for an answer: looked at on a made clock."""

from __future__ import annotations

import attrs
import pytest
from load_specs import load_spec
from simulated_load import MS, Reply, SimulatedLoad

from aisbench.config.service_keys import Timeouts
from aisbench.config.suite import ServiceSettings
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.time_outs import TimeOuts
from aisbench.types.load import ClosedLoop, VirtualClient

SERVICE = ServiceSettings(timeout=Timeouts(total=10, first_token=2))
BEGIN = 5_000 * MS


def checked(at_ms: float, *, stream: bool = True, tokens: bool = False) -> list[str]:
    """What became of three requests that were sent 0, 1 and 2 s after the start, by then."""
    ends: list[str] = []
    service = attrs.evolve(SERVICE, stream=stream)
    spec = load_spec(
        ClosedLoop(clients=[VirtualClient(second * 1000 * MS) for second in range(3)]),
        service=service,
        requests=3,
    )

    def serve(attempt: Attempt) -> Reply:
        if tokens:
            attempt.reads.extend((attempt.dispatched + 1, 1))
        return Reply(60_000 * MS)

    with SimulatedLoad(spec, serve) as load:
        time_outs = TimeOuts(service, load.workers[0].in_flight)

        def look() -> None:
            time_outs.check_total(load.now)
            time_outs.check_first_token(load.now)
            ends.extend(one.fault.message for one in load.in_flight() if one.fault is not None)

        load.at(BEGIN + int(at_ms * MS), look)
        load.run()
    return ends


FIRST = "no first token within 2 s (timeout.first_token)"
TOTAL = "no end within 10 s (timeout.total)"


@pytest.mark.parametrize(("at_ms", "late"), [(1990, 0), (2010, 1), (3010, 2), (4010, 3)])
def test_streams_without_a_token(at_ms: float, late: int) -> None:
    assert checked(at_ms) == [FIRST] * late


@pytest.mark.parametrize(("at_ms", "late"), [(4010, 0), (9990, 0), (10_010, 1), (12_010, 3)])
def test_answers_without_an_end(at_ms: float, late: int) -> None:
    assert checked(at_ms, tokens=True) == [TOTAL] * late
    assert checked(at_ms, stream=False) == [TOTAL] * late
