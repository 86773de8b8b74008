"""The simulator's answers beside what vLLM 0.32 answered to the same requests: the same statuses,
the same keys, the same types of values, the same order of events."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

WIRE = Path(__file__).parents[5] / "shared" / "reference" / "wire"
NAMES = ("chat", "completions", "completions-errors", "chat-tools", "misc", "other")

pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="vLLM's recordings are not here")

DIFFERENT = {
    "tools auto (server without --enable-auto-tool-choice)": "it is as if that were on",
    "tools named tool_choice": "the recorded model made no call",
    "tools named tool_choice, streaming": "the recorded model made no call",
    "tools required": "the recorded model made no call",
    "logprobs over max": "the recorded server allowed 10",
    "echo + logprobs=1 + max_tokens=0": "vLLM makes a token all the same and counts it",
    "token ids prompt, ignore_eos, min_tokens": "its ids mean nothing here",
    "detokenize": "its ids mean nothing here",
    "anthropic messages stream": "it is as Anthropic's own, with ping events",
}
"""Recordings whose answers differ for a reason."""

MORE = {"error", "cache_creation_input_tokens", "cache_read_input_tokens", "stop_sequence"}
"""Keys that the simulator has beside vLLM's: OpenAI's and Anthropic's clients know them."""


@frozen
class Exchange:
    name: str
    method: str
    path: str
    body: bytes
    status: int
    answer: str


def exchanges() -> Iterator[Exchange]:
    for name in NAMES:
        path = WIRE / f"vllm-{name}.txt"
        text = path.read_text("utf-8") if path.is_file() else ""
        for block in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
            head, _, answer = block.partition("\n<\n")
            title, asked, *rest = head.split("\n")
            method, url = re.fullmatch(r"> (\w+) http://[^/]+(\S+)", asked).groups()  # type: ignore[union-attr]
            body = rest[0].removeprefix("> body: ") if rest else ""
            _, _, content = answer.partition("\n\n")
            status = int(answer.split()[1])
            yield Exchange(title, method, url, body.encode(), status, content.strip())


def shape(value: Any) -> Any:
    """Keys and types of a value; lists by their first items."""
    if isinstance(value, dict):
        if value and all(isinstance(one, float) for one in value.values()):
            return "logprobs by token"
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def steps(answer: str) -> list[Any]:
    """The shapes of a stream's events, without repetitions; of a whole answer its only one."""
    if not answer.startswith(("data:", "event:")):
        return [shape(json.loads(answer))] if answer else []
    found: list[Any] = []
    for event in answer.split("\n\n"):
        name = re.search(r"^event: (.*)$", event, re.MULTILINE)
        data = re.search(r"^data: (.*)$", event, re.MULTILINE)
        said = data.group(1) if data else ""
        step = [
            name.group(1) if name else "",
            said if said == "[DONE]" else shape(json.loads(said)),
        ]
        if step not in found[-2:]:
            found.append(step)
    return found


def without_more(ours: Any, theirs: Any) -> Any:
    """Without the keys that may be there as well."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        kept = {key for key in ours if key in theirs or key not in MORE}
        return {key: without_more(ours[key], theirs.get(key)) for key in ours if key in kept}
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [without_more(*pair) for pair in zip(ours, theirs, strict=True)]
    return ours


def test_the_same_shapes(serve: Callable[..., Any]) -> None:
    # One token an event, and answers as long as they may be: as the recorded model's were.
    api = serve(model="tiny", max_model_len=2048, output_tokens=100)
    seen = 0
    for one in exchanges():
        reply = api.send(one.method, one.path, one.body)
        if one.name in DIFFERENT:
            continue
        seen += 1
        assert reply.status == one.status, one.name
        ours, theirs = steps(reply.body.decode().strip()), steps(one.answer)
        assert without_more(ours, theirs) == theirs, one.name
    assert seen > 35
