"""What a calibration sends, and how it reads the answers: one prompt, a plain codec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from aisbench.conversation.conversation import Conversation
from aisbench.types.http import HttpRequest
from aisbench.types.json import JsonObject
from aisbench.types.prompt import Message, Prompt
from aisbench.types.request import Request
from aisbench.types.response import FinishReason, Response, Usage
from aisbench.types.sample import Sample

PROMPT = Prompt(messages=(Message(role="user", content="How far is it to the moon? " * 8),))
_SAMPLE = Sample(id="0")


class PlainDecoder:
    """Reads a stream of chunks event by event, each parsed, as the codecs of plugins do."""

    answer_begun = True

    def __init__(self) -> None:
        self._rest = b""
        self._text: list[str] = []
        self._tokens = 0

    def start(self, status: int, content_type: str) -> None:
        """See :class:`aisbench.api.Decoder`."""

    def feed(self, data: bytes) -> int:
        """See :class:`aisbench.api.Decoder`."""
        blocks = (self._rest + data).split(b"\n\n")
        self._rest = blocks.pop()
        count = 0
        for block in blocks:
            if block == b"data: [DONE]":
                continue
            event = orjson.loads(block[5:])
            if usage := event.get("usage"):
                self._tokens = usage["completion_tokens"]
            for choice in event["choices"]:
                if text := choice["delta"].get("content"):
                    self._text.append(text)
                    count += 1
        return count

    def finish(self) -> Response:
        """See :class:`aisbench.api.Decoder`."""
        return Response(
            text="".join(self._text),
            finish_reason=FinishReason.LENGTH,
            usage=Usage(prompt_tokens=8, completion_tokens=self._tokens),
        )


class PlainBackend:
    """Asks for a stream of chat completions."""

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """See :class:`aisbench.api.ServiceBackend`."""
        return {}

    def encode(self, request: Request) -> HttpRequest:
        """See :class:`aisbench.api.ServiceBackend`."""
        messages = request.prompt.messages or ()
        body = {
            "model": request.model,
            "messages": [{"role": one.role, "content": one.text} for one in messages],
            "stream": True,
            **request.generation,
        }
        return HttpRequest(
            method="POST",
            path="/v1/chat/completions",
            body=orjson.dumps(body),
            headers={"Content-Type": "application/json"},
        )

    def decoder(self, request: Request) -> PlainDecoder:
        """See :class:`aisbench.api.ServiceBackend`."""
        return PlainDecoder()

    def models_request(self) -> HttpRequest | None:
        """See :class:`aisbench.api.ServiceBackend`."""
        return None

    def parse_models(self, body: bytes) -> Sequence[str]:
        """See :class:`aisbench.api.ServiceBackend`."""
        return ()


class OnePrompt:
    """The conversations of a calibration: the same prompt again and again, answered by
    ``tokens`` tokens."""

    def __init__(self, tokens: int) -> None:
        self._generation = {"max_tokens": tokens}

    def __len__(self) -> int:
        return 1

    def begin(self, row: int, repeat: int) -> Conversation:
        """See :class:`aisbench.loadgen.spec.ConversationSource`."""
        return Conversation(
            sample=_SAMPLE,
            repeat=repeat,
            model="calibration",
            identity={},
            generation=self._generation,
            stream=True,
            seed=0,
            turns=None,
            next_prompt=PROMPT,
            keyed=False,
            seeded=False,
        )

    warm_up = begin
