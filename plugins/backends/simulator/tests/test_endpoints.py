"""Embeddings, rerank, labels and transcripts, as official clients and plain HTTP see them."""

from __future__ import annotations

import io
import json
import math
import urllib.error
import urllib.request
import wave
from collections.abc import Iterator
from typing import Any

import pytest

from aisbench_plugin_simulator.config import change
from aisbench_plugin_simulator.server import run_in_thread
from aisbench_plugin_simulator.settings import SimulatorSettings


@pytest.fixture(name="url", scope="module")
def _url() -> Iterator[str]:
    settings = change(SimulatorSettings(), {"vector_size": 32, "max_model_len": 50})
    with run_in_thread(settings) as served:
        yield served.url


def post(url: str, path: str, body: Any) -> tuple[int, Any]:
    request = urllib.request.Request(url + path, json.dumps(body).encode(), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def sound(seconds: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(8000)
        opened.writeframes(bytes(round(seconds * 8000) * 2))
    return file.getvalue()


def test_vectors_by_the_official_client(url: str) -> None:
    """Which asks for base64 itself."""
    openai = pytest.importorskip("openai", reason="the official client is not installed")
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0)
    made = client.embeddings.create(model="simulator", input=["a cat sleeps", "sleeps a cat", "x"])
    first, second, third = (one.embedding for one in made.data)
    assert len(first) == 32
    assert first == pytest.approx(second)
    assert abs(sum(a * b for a, b in zip(first, third, strict=True))) < 0.9
    assert math.hypot(*first) == pytest.approx(1, abs=1e-6)
    short = client.embeddings.create(
        model="simulator", input="a cat sleeps", dimensions=4, encoding_format="float"
    )
    assert len(short.data[0].embedding) == 4
    ids = client.embeddings.create(model="simulator", input=[[15, 2, 9], [9, 15, 2]])
    assert ids.data[0].embedding == pytest.approx(ids.data[1].embedding)
    assert ids.usage.prompt_tokens == 6
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.embeddings.create(model="other", input="a")
    with pytest.raises(openai.BadRequestError, match="maximum context length is 50"):
        client.embeddings.create(model="simulator", input="word " * 60)


def test_a_transcript_by_the_official_client(url: str) -> None:
    openai = pytest.importorskip("openai", reason="the official client is not installed")
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0)
    said = client.audio.transcriptions.create(model="simulator", file=("a.wav", sound(2.0)))
    assert len(said.text.split()) == 5  # 2.5 words a second
    told = client.audio.transcriptions.create(
        model="simulator", file=("a.wav", sound(2.0)), response_format="verbose_json"
    )
    assert (told.text, told.duration) == (said.text, 2.0)
    plain = client.audio.transcriptions.create(
        model="simulator", file=("a.wav", sound(2.0)), response_format="text"
    )
    assert plain == f"{said.text}\n"
    with pytest.raises(openai.BadRequestError, match="unsupported audio"):
        client.audio.transcriptions.create(
            model="simulator", file=("a.wav", b"RIFFnothing at all")
        )


def test_rerank_and_score_and_their_two_servers(url: str) -> None:
    documents = ["dogs bark", "cats sleep", "rain"]
    _, jina = post(url, "/v1/rerank", {"query": "a cats tale", "documents": documents})
    _, tei = post(url, "/rerank", {"query": "a cats tale", "texts": documents})
    _, vllm = post(url, "/score", {"text_1": "a cats tale", "text_2": documents})
    assert jina["results"][0]["index"] == 1
    by_index = {one["index"]: one["relevance_score"] for one in jina["results"]}
    assert by_index == {one["index"]: one["score"] for one in tei}
    assert by_index == {one["index"]: one["score"] for one in vllm["data"]}
    _, cut = post(url, "/rerank", {"query": "a", "documents": documents, "top_n": 1})
    assert len(cut["results"]) == 1
    assert post(url, "/score", {"text_1": ["a", "b"], "text_2": documents})[0] == 400
    status, error = post(url, "/rerank", {"query": "a", "texts": documents * 20})
    assert (status, error["error_type"]) == (413, "Validation")
    status, error = post(url, "/v1/rerank", {"documents": documents})
    assert (status, "query" in error["error"]["message"]) == (400, True)


def test_labels_of_both_servers(url: str) -> None:
    _, vllm = post(url, "/classify", {"input": ["one", "two"]})
    _, tei = post(url, "/predict", {"inputs": [["one"], ["two"]]})
    assert [one["label"] for one in vllm["data"]] == [one[0]["label"] for one in tei]
    assert all(sum(one["probs"]) == pytest.approx(1) for one in vllm["data"])
    _, alone = post(url, "/predict", {"inputs": "one"})
    assert alone == tei[0]


def test_messages_by_the_official_client() -> None:
    """Thinking, text, calls, pings, counts of a cache, errors."""
    anthropic = pytest.importorskip("anthropic", reason="the official client is not installed")
    settings = change(
        SimulatorSettings(),
        {"reasoning": "field", "block_size": 4, "cached_usage": True, "api_key": "k"},
    )
    hello: Any = [{"role": "user", "content": "Hello there, how are you today? " * 4}]
    tool: Any = {
        "name": "weather",
        "description": "Tells it.",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Bern"]}},
            "required": ["city"],
        },
    }
    with run_in_thread(settings) as served:
        client = anthropic.Anthropic(base_url=served.url, api_key="k", max_retries=0)
        asked: Any = {"model": "simulator", "max_tokens": 60, "messages": hello}
        whole = client.messages.create(**asked)
        assert [one.type for one in whole.content] == ["thinking", "text"]
        assert (whole.stop_reason, whole.usage.output_tokens) == ("max_tokens", 60)
        assert whole.usage.cache_read_input_tokens == 0
        with client.messages.stream(**asked) as stream:
            kinds = {event.type for event in stream}
            last = stream.get_final_message()
        assert {"message_start", "content_block_start", "content_block_stop"} <= kinds
        # The same words; another stream flag makes another chance of the filler.
        assert [one.type for one in last.content] == ["thinking", "text"]
        count = client.messages.count_tokens(model="simulator", messages=hello).input_tokens
        assert last.usage.cache_read_input_tokens > 0
        assert last.usage.input_tokens + last.usage.cache_read_input_tokens == count
        called = client.messages.create(**asked, tools=[tool], tool_choice={"type": "any"})
        assert (called.stop_reason, called.content[-1].input) == ("tool_use", {"city": "Bern"})
        with client.messages.stream(
            **asked, tools=[tool], tool_choice={"type": "tool", "name": "weather"}
        ) as stream:
            assert stream.get_final_message().content[-1].input == {"city": "Bern"}
        result: Any = {
            "type": "tool_result",
            "tool_use_id": called.content[-1].id,
            "content": "Rain",
        }
        turns = [*hello, {"role": "assistant", "content": called.content[-1:]},
                 {"role": "user", "content": [result]}]  # fmt: skip
        assert client.messages.create(**{**asked, "messages": turns}, tools=[tool]).content
        with pytest.raises(anthropic.NotFoundError, match="does not exist"):
            client.messages.create(**{**asked, "model": "other"})
        with pytest.raises(anthropic.AuthenticationError):
            client.with_options(api_key="wrong").messages.create(**asked)
