"""Inputs that the checks put to plugins: requests, bodies, answers, results."""

from __future__ import annotations

import base64
import io
import wave
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.api import (
    BackendOffer,
    Capability,
    ContentPart,
    Counts,
    Figure,
    JsonObject,
    Media,
    Message,
    Prompt,
    Request,
    SuiteResult,
    TaskResult,
    Tool,
    ToolCall,
)

MARK = "conformance-mark"
"""A word in every prompt, to be found again in what is sent."""

NO_ANSWERS = (
    b"\x00\xff\xfe\x80 noise",
    b"{}",
    b"null",
    b"[]",
    b"17",
    b"<html><body>Welcome to the gateway</body></html>",
    b'{"unexpected": [1, {"a": null}]}',
)
"""Whole bodies with status 200 that are nobody's answer."""

JUNK = (
    *NO_ANSWERS,
    b"{",
    b'"\xf0\x9f',
    b"data: ",
    b"data: {}\n\n",
    b"data: null\n\n",
    b"data: [DONE]\n\n",
    b'data: {"choices": [null]}\n\ndata: {"choices": 3}\n\n',
    b"event: error\ndata: \xff\n\n",
    b"\r\n" * 50,
    b"[" * 50_000,
    b'{"a":' * 50_000,
)
"""Bodies that a decoder must survive."""

CONTENT_TYPES = ("text/event-stream", "application/json", "text/html; charset=utf-8", "")

ERROR_BODIES = (
    b"",
    b'{"error": {"message": "the engine died", "code": 500}}',
    b'{"error": "the engine died"}',
    b'{"detail": [{"msg": "field required"}]}',
    b"<html><head><title>502 Bad Gateway</title></head></html>",
    b"\xff\xfe not text",
)

ANSWERS = (
    "",
    " \n\t\r\n",
    "The answer is 18.",
    "#### 18",
    "\\boxed{18",
    "\\boxed{\\boxed{\\frac{1}{2}",
    "}}}}{{{{(((([[[[",
    "A",
    "(B)",
    '```python\nprint("hi")',
    '{"answer": [1, 2',
    "\x00\x07\x1b[31mred\x7f\u2028\u202e\ufeff",
    "\ud800 half a character",
    "１８ und ½ und ۱۸, 十八",
    "nan inf -inf 1e999 9" + "9" * 5000,
    "<think>never closed",
    "%s %d {0} {question} $HOME",
    "\\" * 5000,
    "1," * 20_000,
    "(" * 20_000,
    " " * 100_000,
    "word " * 20_000,
)
"""Answers as models give them at their worst; every one must get a score."""


def request(prompt: Prompt, **changes: Any) -> Request:
    """A request with ``prompt``; other keys are the Request's own."""
    values: dict[str, Any] = {
        "key": "k",
        "sample_id": "test-0",
        "repeat": 0,
        "turn": 0,
        "model": "tiny-model",
        "prompt": prompt,
        "generation": {},
        "stream": False,
        "seed": None,
    }
    return Request(**{**values, **changes})


def requests(offer: BackendOffer, **changes: Any) -> list[Request]:
    """One request for each form and way that the backend says it can do; ``changes`` are the
    Request's own keys."""
    prompts = []
    text = f'{MARK}: "quotes", \\, {{braces}}, ü, 漢字, 🙂\nsecond line'
    if Capability.TEXT in offer.capabilities:
        prompts.append(Prompt(text=text))
    if Capability.CHAT in offer.capabilities:
        turns = [Message(role="user", content="1 + 1?"), Message(role="assistant", content="2")]
        question = Message(role="user", content=text)
        prompts.append(Prompt(messages=(question,)))
        system = Message(role="system", content="Be short.")
        prompts.append(Prompt(messages=(system, *turns, question)))
        prompts += _special(offer, text)
    if Capability.TOKENS in offer.capabilities:
        prompts.append(Prompt(tokens=(31, 59, 26, 53, 5)))
    texts = (text, "another text")
    if offer.capabilities.keys() & {Capability.EMBED, Capability.CLASSIFY}:
        prompts.append(Prompt(texts=texts))
    if Capability.RERANK in offer.capabilities:
        prompts.append(Prompt(texts=texts, query="which one?"))
    if Capability.TRANSCRIBE in offer.capabilities:
        prompts.append(heard(text))
    streams = (False, True) if Capability.STREAM in offer.capabilities else (False,)
    return [
        request(one, stream=stream, seed=seed, **changes)
        for one in prompts
        for stream in streams
        for seed in (None, 7)
    ]


def heard(hint: str) -> Prompt:
    """A sound of a hundredth of a second, with words that were said before it."""
    sound = Media(kind="audio", base64=_silence(), mime="audio/wav")
    parts = (ContentPart(media=sound), ContentPart(text=hint))
    return Prompt(messages=(Message(role="user", content=parts),))


def _silence() -> str:
    """A WAV file, in base64."""
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(8000)
        opened.writeframes(bytes(160))
    return base64.b64encode(file.getvalue()).decode("ascii")


def _special(offer: BackendOffer, text: str) -> list[Prompt]:
    """Chats with tools and with pictures."""
    prompts = []
    question = Message(role="user", content=text)
    if Capability.TOOLS in offer.capabilities:
        schema: JsonObject = {"type": "object", "properties": {"city": {"type": "string"}}}
        tool = Tool(name="weather", description="Tells the weather.", parameters=schema)
        call = ToolCall(id="call-1", name="weather", arguments='{"city": "Bern"}')
        turns = (
            question,
            Message(role="assistant", content="", tool_calls=(call,)),
            Message(role="tool", content="It rains.", tool_call_id="call-1"),
        )
        prompts += [
            Prompt(messages=(question,), tools=(tool,), tool_choice=choice)
            for choice in ("", "auto", "none", "required", "weather")
        ]
        prompts.append(Prompt(messages=turns, tools=(tool,)))
    if Capability.IMAGES in offer.capabilities:
        picture = Media(kind="image", base64=PICTURE, mime="image/png")
        parts = (
            ContentPart(text=text),
            ContentPart(media=picture),
            ContentPart(text="What is it?"),
        )
        prompts.append(Prompt(messages=(Message(role="user", content=parts),)))
    return prompts


PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
"""A grey point, as PNG in base64."""


def _figure(**changes: Any) -> Figure:
    values: dict[str, Any] = {
        "name": "accuracy",
        "value": 66.7,
        "unit": "%",
        "n": 3,
        "better": "up",
        "stderr": 33.3,
        "low": 20.8,
        "high": 93.9,
        "method": "wilson",
    }
    return Figure(**{**values, **changes})


def _task(**changes: Any) -> TaskResult:
    values: dict[str, Any] = {
        "model": "tiny",
        "dataset": "sums",
        "variant": "0-shot",
        "samples": 3,
        "repeats": 1,
        "counts": Counts(asked=3, right=2, wrong=1),
        "figures": (_figure(),),
        "tokens": {"prompt_tokens": 30, "completion_tokens": None},
    }
    return TaskResult(**{**values, **changes})


@frozen
class CannedResult:
    """A result, and what is special about it."""

    name: str
    result: SuiteResult


def results(run: Path) -> list[CannedResult]:
    """Results as they can come, the ordinary one first."""

    def suite(*tasks: TaskResult, complete: bool = True, warnings: tuple[str, ...] = ()) -> Any:
        return SuiteResult(
            name="suite", run=run, complete=complete, tasks=tasks, warnings=warnings
        )

    failed = _task(
        counts=Counts(asked=3, failed=3),
        figures=(_figure(value=0.0, low=0.0, high=0.0, bound_low=0.0, bound_high=100.0),),
        faults={"HTTP 500: the engine died": 2, "time-out: total": 1},
        tokens={"prompt_tokens": None, "completion_tokens": None},
    )
    odd = _task(
        model='a|b*_<i>"x",;[red]=1+1\\\n2',
        dataset="漢字 🙂 ../up",
        variant="`x`\r\n",
        figures=(_figure(name="é|\n@k"),),
        faults={"line 1\nline 2 | x": 1},
    )
    bare = _task(
        figures=(
            _figure(stderr=None, low=None, high=None, method="", better=None),
            _figure(name="latency", value=12.5, unit="ms", better="down", stderr=None),
            _figure(name="rate", value=1.5e-7, unit="", n=1),
        )
    )
    single = _task(samples=1, figures=(_figure(n=1, stderr=float("nan")),))
    return [
        CannedResult("two tasks", suite(_task(), _task(dataset="words"))),
        CannedResult("no task", suite()),
        CannedResult("a task without figures", suite(_task(figures=()))),
        CannedResult(
            "failures",
            suite(_task(), failed, complete=False, warnings=("a warning | of\ntwo lines",)),
        ),
        CannedResult("odd names", suite(odd)),
        CannedResult("figures without intervals", suite(bare)),
        CannedResult("a standard error that is unknown (NaN)", suite(single)),
        CannedResult("many tasks", suite(*(_task(model=f"m{i}", repeats=4) for i in range(50)))),
    ]
