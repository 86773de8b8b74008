"""Each fault names the file, the line and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.api import AisbenchError, DataError
from aisbench_plugin_traces.trace_dataset import TraceDataset

Make = Callable[..., TraceDataset]
KINDS = ("mooncake", "burstgpt", "azure", "trace")
MOON = '{"timestamp": 5, "input_length": 60, "output_length": 1, "hash_ids": [4]}\n'
BURST = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
STAMP = "2023-11-16 18:17:03.9799600"


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_file(kind: str, trace: Make, tmp_path: Path) -> None:
    made = trace(kind, path=tmp_path / "nowhere")
    assert made.variants()
    for ask in (made.files, made.samples):
        with pytest.raises(DataError, match="nowhere: does not exist") as caught:
            ask()
        assert made.source in caught.value.hint


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file(kind: str, content: bytes, trace: Make, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(content)
    with pytest.raises(DataError, match="t: the file is empty"):
        trace(kind, path=path).samples()


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder(kind: str, trace: Make, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        trace(kind, path=tmp_path).files()


@pytest.mark.parametrize("kind", KINDS)
def test_not_utf8(kind: str, trace: Make, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"ok\n\xff\xfe")
    with pytest.raises(DataError, match="t:2: not UTF-8"):
        trace(kind, path=path).samples()


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        ("mooncake", MOON + '{"timestamp": 5, "inp', ":2: not a JSON object"),
        ("mooncake", "[1]\n", ":1: not a JSON object"),
        ("mooncake", '{"timestamp": 5}\n', ":1: no input_length, output_length, hash_ids"),
        ("mooncake", MOON.replace("60", "-60"), ":1: input_length is -60; it must be 1 or more"),
        ("mooncake", MOON.replace("60", "6.5"), ":1: input_length is 6.5, which is not a whole"),
        ("mooncake", MOON.replace("60", "true"), ":1: input_length is True, which is not a whole"),
        ("mooncake", MOON.replace("1,", "-1,"), ":1: output_length is -1; it must be 0 or more"),
        ("mooncake", MOON.replace("60", "513"), ":1: input_length 513 with 1 hash_ids leaves 513"),
        ("mooncake", MOON.replace("[4]", "[4, 5]"), "with 2 hash_ids leaves -452 tokens"),
        ("mooncake", MOON.replace("[4]", "[]"), ":1: hash_ids is not a list of whole numbers"),
        ("mooncake", MOON.replace("[4]", '["a"]'), ":1: hash_ids is not a list of whole numbers"),
        ("mooncake", MOON.replace("5,", '"x",', 1), ":1: timestamp is 'x', which is not a number"),
        ("mooncake", MOON.replace("5,", "NaN,", 1), ":1: timestamp is nan, which is not a number"),
        ("mooncake", MOON + MOON.replace("5,", "4.5,", 1),
         ":2: the trace is not in order: this row was recorded at 4.5 ms, and line 1 at 5 ms"),
        ("burstgpt", BURST, "the trace has no rows"),
        ("burstgpt", BURST.replace("Model", "model"), ":1: no column 'Model' (columns: Timestamp"),
        ("burstgpt", BURST + "5,A,4,5,9\n", ":2: 5 cells, where the header has 6"),
        ("burstgpt", BURST + "5,A,-4,5,1,x\n", ":2: Request tokens is -4; it must be 1 or more"),
        ("burstgpt", BURST + "5,A,4,-5,1,x\n", ":2: Response tokens is -5; it must be 0 or more"),
        ("burstgpt", BURST + "5,A,many,5,1,x\n", ":2: Request tokens is 'many', which is no"),
        ("burstgpt", BURST + "inf,A,4,5,1,x\n", ":2: Timestamp is 'inf', which is not a number"),
        ("burstgpt", BURST + "soon,A,4,5,1,x\n", ":2: Timestamp is 'soon', which is not a number"),
        ("burstgpt", BURST + "5,A,4,5,9,x\n\n4,A,4,5,9,x\n",
         ":4: the trace is not in order: this row was recorded at 4 s, and line 2 at 5 s"),
        ("azure", "a,b\n1,2\n", ":1: no column 'TIMESTAMP', 'ContextTokens', 'GeneratedTokens'"),
        ("azure", AZURE + "yesterday,5,5\n", ":2: TIMESTAMP is 'yesterday', which is not a time"),
        ("azure", AZURE + "2023-02-30 00:00:00.0,5,5\n", ":2: TIMESTAMP is '2023-02-30"),
        ("azure", AZURE + f"{STAMP},0,5\n", ":2: ContextTokens is 0; it must be 1 or more"),
        ("azure", AZURE + f"{STAMP},5,0\n", ":2: the row has 0 output tokens"),
        ("azure", AZURE + f"{STAMP},5,5\n2023-11-16 18:17:03.9799599,5,5\n",
         ":3: the trace is not in order: this row was recorded at 2023-11-16 "
         "18:17:03.979959900, and line 2 at 2023-11-16 18:17:03.979960000"),
        ("trace", '{"input_tokens": 5}\n', ":1: no at_ms"),
        ("trace", '{"at_ms": 0}\n', ":1: one of prompt, messages, input_tokens is needed, and "
         "there is none"),
        ("trace", '{"at_ms": 0, "prompt": "a", "input_tokens": 5}\n', "there is prompt and input"),
        ("trace", '{"at_ms": 0, "input_tokens": 5, "tokens": 5}\n', "there is no key 'tokens'"),
        ("trace", '{"at_ms": 0, "prompt": ""}\n', ":1: prompt is not text"),
        ("trace", '{"at_ms": 0, "messages": []}\n', ":1: messages is not a list of messages"),
        ("trace", '{"at_ms": 0, "messages": [{"role": "x", "content": ""}]}\n', ":1: messages is"),
        ("trace", '{"at_ms": 0, "input_tokens": 5, "prefix": "a"}\n', "prefix_tokens go together"),
        ("trace", '{"at_ms": 0, "prompt": "a", "prefix": "a", "prefix_tokens": 1}\n',
         ":1: a prefix needs input_tokens"),
        ("trace", '{"at_ms": 0, "input_tokens": 5, "prefix": "a", "prefix_tokens": 5}\n',
         ":1: prefix_tokens is 5, and input_tokens 5"),
        ("trace", '{"at_ms": 0, "input_tokens": 0}\n', ":1: input_tokens is 0; it must be 1"),
        ("trace", '{"at_ms": 0, "input_tokens": 5, "output_tokens": 0}\n', "0 output tokens"),
        ("trace", '{"at_ms": true, "input_tokens": 5}\n', ":1: at_ms is True, which is not"),
    ],
)  # fmt: skip
def test_a_fault_names_the_place_and_the_remedy(
    kind: str, content: str, message: str, trace: Make, tmp_path: Path
) -> None:
    path = tmp_path / "t"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        trace(kind, path=path).samples()
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_sort_brings_rows_into_order(trace: Make, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text(MOON + MOON.replace("5,", "2,", 1) + MOON.replace("5,", "3,", 1))
    samples = trace("mooncake", path=path, sort=True).samples()
    assert [(one.id, one.arrival_ns) for one in samples] == [
        ("line-2", 0), ("line-3", 1_000_000), ("line-1", 3_000_000),
    ]  # fmt: skip


def test_columns_may_be_more_and_in_any_order(trace: Make, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text(
        "\ufeffSession ID,Log Type,Timestamp,Model,Request tokens,Response tokens\r\n"
        '7,"API, log",1.25,A,4.0,5\r\n',
        encoding="utf-8",
    )
    (sample,) = trace("burstgpt", path=path).samples()
    assert sample.fields["log_type"] == "API, log"
    assert sample.fields["input_length"] == 4


def test_times_with_a_zone(trace: Make, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text(
        AZURE + "2024-05-10 00:00:00.009930+00:00,5,5\n2024-05-10T02:00:01+01:00,5,5\n"
    )
    samples = trace("azure", path=path).samples()
    assert samples[1].arrival_ns == 3_600_990_070_000


def test_a_tokenizer_that_is_not_there(trace: Make, tmp_path: Path) -> None:
    with pytest.raises(AisbenchError, match="does not exist"):
        trace("mooncake", tokenizer=str(tmp_path / "tokenizer.json")).samples()
    with pytest.raises(DataError, match="no few-shot examples"):
        trace("mooncake").examples()
