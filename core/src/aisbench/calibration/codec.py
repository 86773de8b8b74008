"""The parts of a plan that the calibration fills with its own: one prompt, a plain codec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from aisbench.config.plan import Component, DatasetPlan, Model, Task
from aisbench.config.suite import DatasetSettings, ServiceSettings
from aisbench.plugins.catalog import Listed
from aisbench.types.http import HttpRequest
from aisbench.types.json import JsonObject
from aisbench.types.offer import BackendOffer, Capability, DatasetOffer, TemplateOffer
from aisbench.types.prompt import Message, Prompt
from aisbench.types.request import Request
from aisbench.types.response import FinishReason, Response, Usage
from aisbench.types.sample import Sample
from aisbench.types.variant import Variant

PROMPT = Prompt(messages=(Message(role="user", content="How far is it to the moon? " * 8),))


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


class _Words:
    """Template and data set in one: the same prompt for every row."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        return PROMPT

    def variants(self) -> Mapping[str, Variant]:
        return {}

    def files(self) -> Sequence[object]:
        return ()

    def samples(self) -> Sequence[Sample]:
        return [Sample(id="0")]

    def examples(self) -> Sequence[Sample]:
        return ()


def make_task(url: str, tokens: int) -> Task:
    """A task as a suite would describe it."""

    def listed(offer: BackendOffer | DatasetOffer | TemplateOffer) -> Listed:
        return Listed(offer=offer, plugin="calibration", dist="aisbench", version="0")

    words = _Words()
    backend = BackendOffer(name="calibration", summary="calibration", target="a:b")
    dataset = DatasetOffer(name="calibration", summary="calibration", target="a:b")
    template = TemplateOffer(
        name="calibration", summary="calibration", target="a:b", form=Capability.CHAT
    )
    model = Model(
        name="calibration",
        offer=backend,
        listed=listed(backend),
        common=ServiceSettings(url=url, model="calibration"),
        settings=None,
        backend=PlainBackend(),
    )
    plan = DatasetPlan(
        name="calibration",
        offer=dataset,
        listed=listed(dataset),
        common=DatasetSettings(),
        settings=None,
        dataset=words,  # type: ignore[arg-type]
        variants={},
        evaluator=None,
        metrics={},
    )
    return Task(
        model=model,
        dataset=plan,
        variant_name="",
        variant=Variant(template="calibration", prompt={}, source=""),
        template=Component(listed=listed(template), settings=None, made=words),
        retriever=None,
        shots=0,
        generation={"max_tokens": tokens},
        generation_origin={},
    )
