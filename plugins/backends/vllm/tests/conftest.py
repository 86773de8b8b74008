"""The recorded traffic, and requests to replay it for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from aisbench.api import Decoder, Message, Prompt, Request, Response
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.completions import CompletionsBackend
from aisbench_plugin_vllm.settings import OpenAiChatSettings, OpenAiCompletionsSettings

_PART = re.compile(
    rb"^### (?P<title>[^\n]*)\n> (?P<method>\w+) https?://[^/\n]+(?P<path>\S*)\n"
    rb"(?:> body: (?P<sent>[^\n]*)\n)?<\nHTTP/1.1 (?P<status>\d+)[^\n]*\n"
    rb"(?P<headers>.*?)\r\n\r\n(?P<body>.*?)(?=^### |\Z)",
    re.MULTILINE | re.DOTALL,
)


@frozen
class Recording:
    """One recorded exchange."""

    name: str
    path: str
    sent: dict[str, Any] | None
    status: int
    content_type: str
    body: bytes

    @property
    def streamed(self) -> bool:
        return "event-stream" in self.content_type


def _read(file: Path) -> list[Recording]:
    found = []
    for part in _PART.finditer(file.read_bytes()):
        headers = dict(
            line.lower().split(": ", 1) for line in part["headers"].decode().splitlines()
        )
        # The recorder put line ends of its own after the body.
        body = part["body"].rstrip(b"\n")
        if "event-stream" in headers.get("content-type", ""):
            body += b"\n\n"
        try:
            sent = json.loads(part["sent"] or b"null")
        except ValueError:
            sent = None
        found.append(
            Recording(
                name=f"{file.stem}: {part['title'].decode()}",
                path=part["path"].decode(),
                sent=sent,
                status=int(part["status"]),
                content_type=headers.get("content-type", ""),
                body=body,
            )
        )
    return found


_ALL = [
    recording
    for file in sorted((Path(__file__).parent / "wire").glob("*.txt"))
    for recording in _read(file)
]
_ANSWERS = [recording for recording in _ALL if recording.path.endswith("completions")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, some in (
        ("answer", _ANSWERS),
        ("responses_answer", [one for one in _ALL if one.path.endswith("/responses")]),
        ("stream", [one for one in _ANSWERS if one.streamed]),
    ):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, some, ids=lambda one: one.name)


@pytest.fixture(scope="session")
def recordings() -> dict[str, Recording]:
    return {recording.name: recording for recording in _ALL}


def make_request(**changes: Any) -> Request:
    """A request; keys are the Request's own."""
    defaults: dict[str, Any] = {
        "key": "k",
        "sample_id": "1",
        "repeat": 0,
        "turn": 0,
        "model": "tiny",
        "prompt": Prompt(messages=(Message(role="user", content="Hello there"),)),
        "generation": {},
        "stream": True,
        "seed": None,
    }
    return Request(**{**defaults, **changes})


@pytest.fixture(scope="session")
def request_of() -> Callable[..., Request]:
    return make_request


@pytest.fixture(scope="session")
def chat() -> ChatBackend:
    return ChatBackend(OpenAiChatSettings())


@pytest.fixture(scope="session")
def completions() -> CompletionsBackend:
    return CompletionsBackend(OpenAiCompletionsSettings())


@frozen
class Replay:
    """Decodes bodies; ``stop`` are the generation's stop strings."""

    chat: ChatBackend

    def decoder(self, generation: dict[str, Any] | None = None) -> Decoder:
        return self.chat.decoder(make_request(generation=generation or {}))

    def __call__(
        self,
        *chunks: bytes,
        status: int = 200,
        content_type: str = "text/event-stream; charset=utf-8",
        generation: dict[str, Any] | None = None,
    ) -> tuple[Response, int]:
        decoder = self.decoder(generation)
        decoder.start(status, content_type)
        tokens = sum(decoder.feed(chunk) for chunk in chunks)
        return decoder.finish(), tokens

    def recorded(self, recording: Recording, *chunks: bytes) -> tuple[Response, int]:
        stop = (recording.sent or {}).get("stop")
        return self(
            *(chunks or (recording.body,)),
            status=recording.status,
            content_type=recording.content_type,
            generation={"stop": stop} if stop else None,
        )


@pytest.fixture(scope="session")
def replay(chat: ChatBackend) -> Replay:
    return Replay(chat)
