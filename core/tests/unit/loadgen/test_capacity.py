"""Processes, connections and source addresses: counted before the start from what there is."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import AisbenchError
from aisbench.config.load_keys import LoadSettings
from aisbench.engine.file_limits import RESERVE
from aisbench.loadgen import capacity
from aisbench.loadgen.capacity import Capacity, plan_capacity
from aisbench.types.load import ClosedLoop, OpenLoop, VirtualClient

SECOND = 1_000_000_000
LOCAL = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """20,000 open files a process, 28,232 ports (of which 26,820 count), 8 cores."""
    ports = tmp_path / "ports"
    ports.write_text("32768\t60999\n")
    monkeypatch.setattr(capacity, "_PORTS", ports)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    limit_files(monkeypatch, 20_000)


def limit_files(monkeypatch: pytest.MonkeyPatch, hard: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, hard))


def clients(number: int) -> ClosedLoop:
    return ClosedLoop(clients=[VirtualClient()] * number)


def plan(schedule: Any, urls: tuple[str, ...] = (LOCAL,), **keys: Any) -> Capacity:
    return plan_capacity(LoadSettings(**keys), schedule, urls)


def test_one_process_where_one_is_enough() -> None:
    found = plan(clients(200))
    assert (found.workers, found.connections, found.in_flight) == (1, 200, 200)
    assert found.most_connections == 20_000 - RESERVE
    assert found.sources == ()


def test_more_processes_for_many_requests_but_half_of_the_cores_at_most() -> None:
    assert plan(clients(6000)).workers == 3
    assert plan(clients(16_000)).workers == 4
    assert plan(clients(16_000), workers=7).workers == 7


def test_no_process_is_left_without_a_request_of_the_concurrency() -> None:
    due = OpenLoop(due_ns=[0, 1])
    assert plan(due, connections=16_000, max_concurrency=2).workers == 2
    assert plan(due, workers=2, max_concurrency=2).workers == 2
    with pytest.raises(AisbenchError, match=r"3 processes cannot share load.max_concurrency = 2"):
        plan(due, workers=3, max_concurrency=2)


def test_open_files_force_processes_whatever_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert plan(clients(25_000)).workers == 2
    limit_files(monkeypatch, 1000 + RESERVE)
    assert plan(clients(5001)).workers == 6
    with pytest.raises(AisbenchError, match="5001 requests in flight need 6 processes") as caught:
        plan(clients(5001), workers=2)
    assert "load.workers = 6" in str(caught.value.hint)


def test_no_limit_on_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    limit_files(monkeypatch, resource.RLIM_INFINITY)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert plan(clients(25_000)).workers == 1


def test_clients_that_follow_each_other_need_one_connection() -> None:
    turns = [VirtualClient(i * SECOND, (i + 1) * SECOND) for i in range(50)]
    assert plan(ClosedLoop(clients=turns)).in_flight == 1
    overlap = [VirtualClient(0, 3), VirtualClient(1, 4), VirtualClient(2, None)]
    assert plan(ClosedLoop(clients=overlap)).in_flight == 3


def test_max_concurrency_bounds_it() -> None:
    assert plan(clients(500), max_concurrency=40).connections == 40
    steady = OpenLoop(due_ns=[i * SECOND // 100 for i in range(1000)])
    assert plan(steady, max_concurrency=40).connections == 40
    assert plan(steady, max_concurrency=40).in_flight == 40


def test_an_open_loop_opens_as_many_as_its_busiest_second_sends() -> None:
    steady = OpenLoop(due_ns=[i * SECOND // 100 for i in range(1000)])
    assert plan(steady).connections == 100
    assert plan(steady).in_flight is None
    assert plan(OpenLoop(due_ns=[0, 9 * SECOND])).connections == 16
    assert plan(OpenLoop(due_ns=[0] * 9000)).connections == 2000
    assert plan(steady, connections=7).connections == 7


@pytest.mark.not_quick
def test_loopback_gets_addresses_of_its_own_beyond_one_range_of_ports() -> None:
    assert plan(clients(26_820)).sources == ()
    assert plan(clients(26_821)).sources == ("127.0.0.1", "127.0.0.2")
    assert len(plan(clients(26_820 * 260), urls=("http://localhost:1",)).sources) == 260


def test_elsewhere_addresses_must_be_named_and_be_enough() -> None:
    far = ("http://10.0.0.1:8000",)
    with pytest.raises(AisbenchError, match="more than the 26820 ports") as caught:
        plan(clients(30_000), far)
    assert "load.source_addresses to 2 addresses" in str(caught.value.hint)
    named = ("10.0.0.2", "10.0.0.3")
    assert plan(clients(30_000), far, source_addresses=named).sources == named
    with pytest.raises(AisbenchError, match="need 3 addresses of 26820 ports each; there are 2"):
        plan(clients(60_000), far, source_addresses=named)


def test_each_replica_has_ports_of_its_own() -> None:
    urls = ("http://10.0.0.1:8000", "http://10.0.0.2:8000")
    assert plan(clients(50_000), urls).sources == ()


def test_a_system_that_does_not_tell_its_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_PORTS", Path("/nowhere"))
    with pytest.raises(AisbenchError, match="more than the 15564 ports"):
        plan(clients(16_000), ("http://10.0.0.1:8000",))
