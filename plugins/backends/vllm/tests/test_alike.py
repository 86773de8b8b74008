"""The quick way through events that differ in their text alone gives what the slow way gives."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisbench.codec.alike import Alike
from aisbench.codec.decoder import EventDecoder
from aisbench_plugin_vllm.openai_collector import OpenAiCollector


def event(raw: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """``raw`` is what stands between the quotes of the content."""
    return (
        b'data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":'
        b'[{"index":0,"delta":{%b"content":"%b"%b},"finish_reason":null}]}' % (before, raw, after)
    )


def completion(raw: bytes) -> bytes:
    return b'data: {"id":"x","model":"m","choices":[{"index":0,"text":"%b",' % raw + (
        b'"logprobs":null,"finish_reason":null}]}'
    )


ROLE = event(b"", b'"role":"assistant",')
END = event(b" end").replace(b"null", b'"stop"')
USAGE = b'data: {"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7}}'
RAW = [
    b" tok", b" other", b"a", b"id", b"", b"\\n", b"\\\"", b"\\", b"\\\\", b"\\u00e9",
    b"\\ud83d\\ude00",
    b"\\ud800", "é漢😀".encode(), b"\xff", b"\xed\xa0\x80", b'"', b'","', b'a","b',
    b'a"],["b', b"\t", b"\x00",
    b'x"},"finish_reason":"stop"}],"y":[{"z":{"content":"', b'x","role":"user","content":"y',
    b"data: ", b"[DONE]", b"}", b"null", b"\x7f", b"\\x", b"\r", b" " * 5000,
]  # fmt: skip
ODD = [
    ROLE, END, USAGE, b"data: [DONE]", b"data:[DONE]", b": ping", b"", b"data: {", b"data: []",
    b'data: {"error":{"message":"no"}}', b"event: error\ndata: {}", b"error: {}", b"data:",
    event(b"t").replace(b'"created":1', b'"created":2'),
    event(b"t").replace(b'"index":0', b'"index":1'),
    event(b"t", after=b',"reasoning_content":null'), event(b"t", after=b',"reasoning":"why"'),
    event(b"t", after=b',"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]'),
    event(b"t", after=b',"content":"twice"'), event(b"t").replace(b'"model":"m"', b'"model":"t"'),
    event(b"t") + b" ", b" " + event(b"t"), event(b"t").replace(b"data: ", b"data:"),
    event(b"t").replace(b"data: ", b"data:\ndata: "), event(b"t").replace(b"\xff", b""),
]  # fmt: skip

blocks = st.one_of(
    st.sampled_from(RAW).map(event),
    st.sampled_from(RAW).map(event),
    st.sampled_from(RAW).map(completion),
    st.text(max_size=4).map(lambda text: event(json.dumps(text)[1:-1].encode())),
    st.binary(max_size=4).map(event),
    st.sampled_from(ODD),
)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """The reads of a stream, cut anywhere or after a few events, with a few bytes spoilt."""
    found = [event(b"one"), event(b" two"), *draw(st.lists(blocks, max_size=24))]
    ends = draw(st.sampled_from([b"\n\n", b"\n\n", b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\n\n"]))
    if draw(st.booleans()):
        few = draw(st.integers(1, 4))
        wholes = [one + ends for one in found]
        reads = [b"".join(wholes[at : at + few]) for at in range(0, len(wholes), few)]
    else:
        body = ends.join((*found, b""))
        cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=6)))
        reads = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(reads) - 1))
        if reads[at]:
            spoilt = bytearray(reads[at])
            spoilt[draw(st.integers(0, len(spoilt) - 1))] = draw(st.integers(0, 255))
            reads[at] = bytes(spoilt)
    return reads


def decode(reads: list[bytes], *, quick: bool) -> tuple[list[int], list[bool], Any]:
    """What a decoder says of each read, and the response."""
    decoder = EventDecoder(OpenAiCollector(), "chat", "a finish_reason")
    if not quick:
        decoder._alike = None
    decoder.start(200, "text/event-stream")
    counts, begun = [], []
    for read in reads:
        counts.append(decoder.feed(read))
        begun.append(decoder.answer_begun)
    return counts, begun, decoder.finish()


@settings(max_examples=600, deadline=None)
@given(streams())
@example([event(b"one") + b"\n\n", event(b'a","b') + b"\n\n" + event(b"x\\") + b"\n\n"])
@example(
    [event(b"one") + b"\n\n", b"\n\n".join([event(b"a"), event(b"b"), END, event(b"c"), b""])]
)
@example([b"\n\n".join([event(b"one"), event(b'a","b'), event(b"x\\"), event(b"y"), b""])])
@example([b"\n\n".join([event(b"one"), event(b"two"), event(b""), event(b"y"), b""])])
def test_both_ways_agree(reads: list[bytes]) -> None:
    assert decode(reads, quick=True) == decode(reads, quick=False)


@pytest.mark.parametrize("make", [event, completion])
@pytest.mark.parametrize("at_once", [True, False])
def test_the_quick_way_is_taken(monkeypatch: pytest.MonkeyPatch, make: Any, at_once: bool) -> None:
    taken = 0
    add = OpenAiCollector.add_texts

    def count(self: OpenAiCollector, texts: list[str]) -> None:
        nonlocal taken
        taken += len(texts)
        add(self, texts)

    monkeypatch.setattr(OpenAiCollector, "add_texts", count)
    reads = [make(b"w%d\\n" % number if number % 2 else b"w%d" % number) + b"\n\n"
             for number in range(40)]  # fmt: skip
    reads.append(END + b"\n\ndata: [DONE]\n\n")
    counts, _, response = decode([b"".join(reads)] if at_once else reads, quick=True)
    assert sum(counts) == 41
    assert taken >= 36
    assert response.text.startswith("w0w1\nw2w3\n")
    assert response.fault is None


def test_a_new_second_is_learnt_anew() -> None:
    # llama.cpp and SGLang write the time into each event.
    answer = OpenAiCollector()
    alike = Alike(answer)
    for second in range(100):
        for word in (b"w0", b"w1", b"w2"):
            block = event(word).replace(b'"created":1', b'"created":%d' % second)
            if not alike.take([block], 0):
                assert word == b"w0" or second == 0
                parsed = json.loads(block[5:])
                assert answer.take(parsed) == 1
                alike.learn(block, parsed)
    assert len(answer._parts.text) == 300


def test_events_of_changing_form_cost_no_more_than_a_few_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Log-probabilities differ in each event: nothing is gained, and little may be lost.
    tries = 0
    learn = Alike.learn

    def count(self: Alike, block: bytes, found: Any) -> None:
        nonlocal tries
        tries += self._tries > 0
        learn(self, block, found)

    monkeypatch.setattr(Alike, "learn", count)
    reads = [event(b"w").replace(b"null", b'null,"logprobs":%d' % at) for at in range(200)]
    counts, _, _ = decode([b"\n\n".join((*reads, b""))], quick=True)
    assert sum(counts) == 200
    assert tries <= 6


@pytest.mark.parametrize("bad", [b"", b"\\x", b'"'])
def test_time_grows_with_the_number_of_events(bad: bytes) -> None:
    def spend(count: int) -> float:
        body = b"\n\n".join([*[event(b"w%d" % (at % 7)) for at in range(count)], event(bad)] * 2)
        begun = time.process_time()
        decode([body + b"\n\n"], quick=True)
        return time.process_time() - begun

    few = min(spend(1000) for _ in range(3))
    assert spend(8000) < 8 * few * 4
