"""load.json: a missing, unknown or ill-typed key is an error, never one that says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from documents import load_document

from aisbench.base.errors import AisbenchError, DamageError
from aisbench.store.recording.documents import (
    SCHEMA,
    BreakerTrip,
    LoadDocument,
    RecordedTotals,
    WorkerError,
    WorkerRecorded,
    WorkerReport,
    WorkerTotals,
    dump_report,
    read_document,
    read_report,
    write_document,
)
from aisbench.store.redactor import Redactor

REPORT = WorkerReport(
    worker=0,
    pid=7,
    max_rss_bytes=1 << 20,
    loop_lag_ns=(1, 2),
    read_lag_ns=(3,),
    recorded=WorkerRecorded(requests=3, failures=1, answers=2),
    tripped=BreakerTrip(kind="http", message="status 503", body="busy"),
    error=WorkerError(message="it broke", hint="mend it"),
    bug="Traceback",
    died=-9,
)
WHOLE = load_document(
    state="finished",
    start_ns=5,
    ended="2026-11-26T12:01:00Z",
    workers=(REPORT,),
    counters=(WorkerTotals(sent=3, held_back=1),),
    stalls_ns=(9,),
    memory_bytes=1 << 20,
    recorded=RecordedTotals(requests=3, reads=9, failures=1, answers=2),
)
"""Every key has a value of its own."""


def keys(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all keys, but for those of the settings, which are the user's."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield (*place, name)
            if name not in ("asked", "settings"):
                yield from keys(one, (*place, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from keys(one, (*place, index))


def content(document: LoadDocument) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(attrs.asdict(document)))
    return made


def holder(document: Any, place: Sequence[str | int]) -> Any:
    """The object in which the last key of ``place`` is."""
    for one in place[:-1]:
        document = document[one]
    return document


PLACES = list(keys(content(WHOLE)))


def put(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "load.json"
    for document in (WHOLE, load_document()):
        write_document(path, document)
        assert read_document(path) == document
        assert set(json.loads(path.read_bytes())) == set(attrs.fields_dict(LoadDocument))


def test_every_key_is_looked_at() -> None:
    assert len(PLACES) > 60
    assert ("workers", 0, "read_lag_ns") in PLACES
    assert ("counters", 0, "held_back") in PLACES


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_renamed_key_is_damage(tmp_path: Path, place: tuple[str | int, ...]) -> None:
    document = content(WHOLE)
    name = place[-1]
    inside = holder(document, place)
    inside[f"{name}_x"] = inside.pop(name)
    path = put(tmp_path / "load.json", document)
    with pytest.raises(DamageError) as caught:
        read_document(path)
    assert str(path) in caught.value.message
    assert repr(name) in caught.value.message


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("seed",), True, "seed: must be an integer, got True"),
        (("clock_ns",), "5", "clock_ns: must be an integer, got '5'"),
        (("state",), "over", "state: must be one of 'running', 'interrupted', 'finished'"),
        (("open_loop",), 1, "open_loop: must be true or false, got 1"),
        (("urls",), ["a", 1], "urls: must be a list of strings"),
        (("stalls_ns",), [1, 2.5], "stalls_ns: must be a list of integers"),
        (("workers",), 3, "workers: must be a list"),
        (("workers", 0), [], "workers[0]: must be an object, got []"),
        (("workers", 0, "recorded", "requests"), None, "workers[0].recorded.requests: must be an"),
        (("counters", 0, "cpu_ns"), 1.5, "counters[0].cpu_ns: must be an integer, got 1.5"),
        (("settings",), [], "settings: must be an object, got []"),
    ],
)
def test_an_ill_typed_value_is_damage(
    tmp_path: Path, place: tuple[str | int, ...], value: object, words: str
) -> None:
    document = content(WHOLE)
    holder(document, place)[place[-1]] = value
    with pytest.raises(DamageError) as caught:
        read_document(put(tmp_path / "load.json", document))
    assert words in caught.value.message


def test_a_later_schema(tmp_path: Path) -> None:
    path = put(tmp_path / "load.json", {**content(WHOLE), "schema": SCHEMA + 1})
    with pytest.raises(AisbenchError, match="was written by a later version"):
        read_document(path)


SECOND = {
    "schema": 2,
    "label": "load",
    "asked": {"requests": 3},
    "model": "m",
    "urls": ["http://127.0.0.1:1"],
    "stream": True,
    "seed": 42,
    "nonce": "n",
    "requests": 3,
    "duration_ns": None,
    "open_loop": False,
    "workers_planned": 1,
    "sources": [],
    "settings": {"requests": 3},
    "began": "2026-11-20T12:00:00Z",
    "clock_ns": 100,
    "in_flight": 4,
    "shape": "closed",
    "state": "running",
}
"""As the second schema had it when the load began."""


def test_the_second_schema_when_killed(tmp_path: Path) -> None:
    found = read_document(put(tmp_path / "load.json", SECOND))
    assert (found.schema, found.state, found.in_flight) == (2, "running", 4)
    assert (found.start_ns, found.workers, found.counters, found.recorded) == (None, (), (), None)
    assert (found.memory_bytes, found.stalls_ns, found.reason) == (None, (), "")
    assert found.zero_ns == 100


def test_the_second_schema_when_finished(tmp_path: Path) -> None:
    ended = {
        **SECOND,
        "state": "finished",
        "start_ns": 200,
        "workers": [
            {"worker": 0, "pid": 5, "loop_lag_ns": [1], "max_rss_bytes": 9,
             "recorded": {"requests": 3, "failures": 0, "answers": 0}},
            {"worker": 1, "died": -9},
        ],
        "counters": [{"sent": 3}, {}],
        "stalls_ns": [4],
        "memory_bytes": 8,
        "recorded": {"requests": 3, "reads": 9, "failures": 0, "answers": 0},
        "something": "that nobody asks for any more",
    }  # fmt: skip
    found = read_document(put(tmp_path / "load.json", ended))
    assert found.zero_ns == 200
    assert found.workers[0].recorded == WorkerRecorded(requests=3, failures=0, answers=0)
    assert found.workers[0].read_lag_ns == ()
    assert (found.workers[1].died, found.workers[1].recorded) == (-9, None)
    assert found.counters == (WorkerTotals(sent=3), WorkerTotals())
    assert found.recorded == RecordedTotals(requests=3, reads=9, failures=0, answers=0)


def test_the_first_schema(tmp_path: Path) -> None:
    first = {name: SECOND[name] for name in ("asked", "settings", "stream", "open_loop", "state")}
    first["schema"] = 1
    path = put(tmp_path / "load.json", {**first, "clock_ns": 100})
    assert read_document(path).schema == 1
    with pytest.raises(DamageError, match="it has no 'clock_ns'"):
        read_document(put(path, first))
    with pytest.raises(DamageError, match="is damaged"):
        read_document(put(path, {**first, "clock_ns": 100, "workers": 3}))


def test_a_report_reaches_the_coordinator_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "worker-0.json"
    redactor = Redactor()
    redactor.add(["sesame-sesame"])
    told = attrs.evolve(REPORT, bug="open sesame-sesame")
    path.write_bytes(dump_report(told, redactor.error))
    assert b"sesame-sesame" not in path.read_bytes()
    assert attrs.evolve(read_report(path), bug=REPORT.bug) == REPORT
