"""What waits for what: chats that lead to others, sub-agents, tools, spans."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from aisbench.api import DataError, Sample
from aisbench_plugin_traces.bailian import Bailian
from aisbench_plugin_traces.otel import OtelTrace
from aisbench_plugin_traces.own_format import OwnFormat
from aisbench_plugin_traces.settings import (
    BailianSettings,
    OtelTraceSettings,
    OwnFormatSettings,
    WekaSettings,
)
from aisbench_plugin_traces.trace_dataset import TraceDataset
from aisbench_plugin_traces.weka import Weka

DATA = Path(__file__).parent / "data"
FORMATS: dict[str, tuple[Any, Any]] = {
    "bailian": (Bailian, BailianSettings),
    "weka": (Weka, WekaSettings),
    "otel": (OtelTrace, OtelTraceSettings),
    "trace": (OwnFormat, OwnFormatSettings),
}
MS = 1_000_000


def made(kind: str, path: Path, **keys: Any) -> TraceDataset:
    dataset, settings = FORMATS[kind]
    found: TraceDataset = dataset(settings(path=path, unit="words", **keys))
    return found


def by_id(samples: Any) -> dict[str, Sample]:
    return {one.id: one for one in samples}


def waits(samples: Any) -> dict[str, tuple[str, ...]]:
    return {one.id: one.after for one in samples}


def words(sample: Sample) -> list[str]:
    return str(sample.fields["prompt"]).split()


def test_bailian() -> None:
    samples = by_id(made("bailian", DATA / "bailian.jsonl").samples())
    assert waits(samples.values()) == {"10": (), "11": (), "12": ("10",), "13": ("12",)}
    # Sent when it was recorded, or when the one before it is answered, if that is later.
    assert [one.arrival_ns for one in samples.values()] == [0, 500 * MS, 1750 * MS, 6750 * MS]
    assert samples["13"].session == "10" and samples["13"].labels["session"] == "10"
    assert samples["11"].labels["type"] == "search"
    first, other, second = (words(samples[one]) for one in ("10", "11", "12"))
    assert len(first) == 40 and len(second) == 60
    assert second[:40] == first and other[:16] == first[:16] and other[16:] != first[16:32]


def test_weka() -> None:
    samples = by_id(made("weka", DATA / "weka.json").samples())
    one, two, three = "w1/agent_001", "w1/agent_002", "w1/agent_003"
    assert waits(samples.values()) == {
        "w1/0": (),
        f"{one}/0": ("w1/0",),
        f"{one}/1": (f"{one}/0",),
        f"{two}/0": ("w1/0",),
        f"{three}/0": ("w1/0",),
        "w1/4": (f"{one}/1", f"{two}/0"),
        "w1/5": ("w1/4",),
    }
    # A sub-agent's times count from where it was started; nobody waits for one in the background.
    assert samples[f"{two}/0"].pauses == {"think": 750 * MS}
    assert samples["w1/4"].pauses == {"tool": 250 * MS}
    assert samples["w1/5"].pauses == {"think": 2500 * MS}
    kinds = {name: one.labels["kind"] for name, one in samples.items()}
    assert kinds["w1/0"] == "main" and kinds["w1/4"] == "tool" and kinds["w1/5"] == "main"
    assert kinds[f"{one}/0"] == "sub-agent" and samples[f"{one}/0"].labels["depth"] == "1"
    assert {one.session for one in samples.values()} == {"w1"}
    assert words(samples["w1/4"])[:40] == words(samples["w1/0"])
    assert words(samples[f"{one}/0"])[:16] == words(samples["w1/0"])[:16]
    assert len(words(samples["w1/4"])) == 70


def test_times_of_sub_agents_may_count_from_the_root(tmp_path: Path) -> None:
    given = json.loads((DATA / "weka.json").read_text())
    for one in given["requests"]:
        for inner in one.get("requests", ()):
            inner["t"] += one["t"]
    file = tmp_path / "absolute.json"
    file.write_text(json.dumps(given))
    plain = made("weka", DATA / "weka.json").samples()
    assert waits(made("weka", file).samples()) == waits(plain)


def test_a_folder_of_conversations(tmp_path: Path) -> None:
    text = (DATA / "weka.json").read_text()
    for number in range(2):
        (tmp_path / f"{number}.json").write_text(text.replace('"w1"', f'"w{number}"'))
    dataset = made("weka", tmp_path, apart=3.0, pauses=0.5, longest_pause=1.0)
    samples = by_id(dataset.samples())
    assert len(samples) == 14 and len(dataset.files()) == 2
    assert samples["w1/0"].arrival_ns == 3000 * MS
    assert samples["w1/5"].pauses == {"think": 1000 * MS}
    assert samples["w1/4"].pauses == {"tool": 125 * MS}
    # Ids are of one conversation.
    assert words(samples["w0/0"])[:16] != words(samples["w1/0"])[:16]


def test_otel() -> None:
    samples = by_id(made("otel", DATA / "otel.jsonl").samples())
    short = {name.partition("/")[2]: one for name, one in samples.items()}
    after = {
        name: tuple(other.partition("/")[2] for other in one.after) for name, one in short.items()
    }
    assert after == {
        "02": (),
        "04": ("02",),
        "07": ("04",),
        "0a": ("04",),
        "08": ("07",),
        "0c": ("08", "0a"),
    }
    assert short["04"].pauses == {"tool": 800 * MS, "think": 300 * MS}
    assert {name: one.labels["kind"] for name, one in short.items()} == {
        "02": "main",
        "04": "tool",
        "07": "sub-agent",
        "0a": "sub-agent",
        "08": "sub-agent",
        "0c": "tool",
    }
    assert {one.session for one in samples.values()} == {"c1"}
    assert words(short["04"])[:30] == words(short["02"])
    assert short["0a"].fields["input_length"] == 22
    assert short["02"].arrival_ns == 0 and short["04"].arrival_ns is None


def flat(**changes: Any) -> dict[str, Any]:
    """A span as the SDKs' console exporters write it."""
    made = {
        "name": "chat m",
        "context": {"trace_id": "0xa", "span_id": "0x1", "trace_state": "[]"},
        "parent_id": None,
        "start_time": "2026-01-01T00:00:00.250000Z",
        "end_time": "2026-01-01T00:00:01.000000Z",
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 12,
            "gen_ai.usage.output_tokens": 3,
        },
    }
    return {**made, **changes}


def second(**changes: Any) -> dict[str, Any]:
    return flat(
        **{
            "context": {"trace_id": "0xa", "span_id": "0x2"},
            "start_time": "2026-01-01T00:00:03Z",
            "end_time": "2026-01-01T00:00:04Z",
            **changes,
        }
    )


@pytest.mark.parametrize("indent", [None, 4])
def test_spans_of_the_sdk(tmp_path: Path, indent: int | None) -> None:
    file = tmp_path / "spans.json"
    file.write_text("\n".join(json.dumps(one, indent=indent) for one in (flat(), second())))
    first, last = made("otel", file).samples()
    assert last.after == (first.id,) and last.pauses == {"think": 2000 * MS}


def test_requests_without_tokens_may_be_left_out(tmp_path: Path) -> None:
    file = tmp_path / "spans.jsonl"
    rows = [flat(), second(attributes={"gen_ai.operation.name": "chat"})]
    file.write_text("\n".join(map(json.dumps, rows)))
    assert len(made("otel", file, without_tokens="drop").samples()) == 1


LINE = {"input_tokens": 9, "output_tokens": 3}
BAILIAN = {"timestamp": 1, "input_length": 16, "output_length": 1, "hash_ids": [1]}


@pytest.mark.parametrize(
    ("kind", "rows", "said"),
    [
        ("otel", [flat(parent_id="0x9")], r"span 1 .* has the parent 9, which is not in the file"),
        (
            "otel",
            [flat(parent_id="0x2"), second(parent_id="0x1", start_time="2026-01-01T00:00:00.25Z")],
            r"begins|in a circle",
        ),
        ("otel", [flat(end_time="2026-01-01T00:00:00Z")], "ends 250 ms before it begins"),
        ("otel", [second(), flat(parent_id="0x2")], "begins 2750 ms before its parent 2"),
        (
            "otel",
            [flat(attributes={"gen_ai.operation.name": "chat"})],
            "a request without gen_ai.usage.input_tokens and gen_ai.usage.output_tokens",
        ),
        ("otel", [flat(attributes={})], "none of 1 spans is a request"),
        ("otel", [flat(), flat()], "span 1 of trace a comes twice"),
        ("otel", [{"name": "x"}], "a span has no trace id"),
        ("otel", [flat(start_time="noon")], "start.* is 'noon', which is no time"),
        ("bailian", [{"chat_id": 1, "parent_chat_id": 7, **BAILIAN}], "follows chat 7, which is"),
        (
            "bailian",
            [
                {"chat_id": 1, "parent_chat_id": 2, **BAILIAN},
                {"chat_id": 2, "parent_chat_id": 1, **BAILIAN},
            ],
            "in a circle: 1 -> 2 -> 1",
        ),
        (
            "bailian",
            [
                {"chat_id": 1, "parent_chat_id": 2, **BAILIAN},
                {"chat_id": 2, "parent_chat_id": -1, **BAILIAN, "timestamp": 3},
            ],
            "chat 1 came 2 s before chat 2",
        ),
        (
            "bailian",
            [{"chat_id": 1, "parent_chat_id": -1, **BAILIAN, "input_length": 99}],
            "set block_size|leaves 83 tokens",
        ),
        ("weka", [{"id": "a", "requests": []}], "it has no requests"),
        (
            "weka",
            [{"id": "a", "requests": [{"t": 2, "in": 3, "out": 1}, {"t": 1, "in": 3, "out": 1}]}],
            "a/1 begins 1 s before the entry before it",
        ),
        ("weka", [{"id": "a", "requests": [{"t": 2, "out": 1}]}], "a/0 has no in"),
        ("trace", [{"id": "a", "after": ["b"], **LINE}], "comes after 'b', and no line has"),
        (
            "trace",
            [{"id": "a", "after": ["b"], **LINE}, {"id": "b", "after": ["a"], **LINE}],
            "in a circle: a -> b -> a",
        ),
        (
            "trace",
            [
                {"id": "a", "at_ms": 5, **LINE},
                {"id": "b", "at_ms": 2, "after": ["a"], **LINE},
            ],
            "was recorded 3 ms before 'a'|not in order",
        ),
    ],
)
def test_bad_graphs(kind: str, rows: list[dict[str, Any]], said: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(DataError, match=said) as caught:
        made(kind, file).samples()
    assert caught.value.hint


def test_a_circle_of_spans(tmp_path: Path) -> None:
    file = tmp_path / "circle.jsonl"
    rows = [flat(parent_id="0x2"), second(parent_id="0x1")]
    file.write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(DataError, match="go in a circle: 1 -> 2 -> 1"):
        made("otel", file, check_clocks=False).samples()


def test_own_format(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"at_ms": 0, "id": "plan", "session": "s", **LINE},
        {"after": "plan", "id": "a", "session": "s", "agent": "a", "depth": 1, **LINE},
        {"after": "plan", "id": "b", "session": "s", "agent": "b", "depth": 1, **LINE},
        {"after": ["a", "b"], "tool_ms": 40, "think_ms": 5, "session": "s", **LINE},
        {"at_ms": 700, **LINE},
    ]
    rows[3]["input_tokens"] = 20
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    samples = by_id(made("trace", file).samples())
    assert waits(samples.values()) == {
        "plan": (),
        "a": ("plan",),
        "b": ("plan",),
        "line-4": ("a", "b"),
        "line-5": (),
    }
    join = samples["line-4"]
    assert join.pauses == {"tool": 40 * MS, "think": 5 * MS} and join.arrival_ns is None
    assert join.labels == {"depth": "0", "kind": "tool", "session": "s"}
    assert samples["b"].labels["kind"] == "sub-agent" and words(samples["a"]) != words(
        samples["b"]
    )
    assert words(join)[:9] == words(samples["plan"])
    assert samples["line-5"].session == ""


@pytest.fixture
def window() -> Callable[..., list[str]]:
    def ids(**keys: Any) -> list[str]:
        return [one.id for one in made("bailian", DATA / "bailian.jsonl", **keys).samples()]

    return ids


def test_a_window_keeps_whole_sessions(window: Callable[..., list[str]]) -> None:
    assert window(end=0.2) == ["10", "12", "13"]
    assert window(begin=0.2) == ["11"]
    assert window(sessions=1) == ["10", "12", "13"]
    assert window(longest_input=50) == ["11"]


def test_who_waited_for_a_dropped_row_waits_for_what_that_waited_for(tmp_path: Path) -> None:
    rows = [json.loads(one) for one in (DATA / "bailian.jsonl").read_text().splitlines()]
    rows[2]["output_length"] = 0
    file = tmp_path / "empty.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    found = by_id(made("bailian", file, empty_answers="drop").samples())
    assert found["13"].after == ("10",)
    assert attrs.asdict(found["13"])["session"] == "10"
