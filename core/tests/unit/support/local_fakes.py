"""A model in this process that needs no weights."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import (
    AisbenchError,
    BackendOffer,
    Capability,
    Fault,
    FaultKind,
    JsonObject,
    ModelDescription,
    Prompt,
    Request,
    Response,
    Scored,
    Support,
    TemplateOffer,
    Usage,
)


class Oracle:
    """Answers each prompt with its own words, the last request first."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.batches: list[int] = []
        self.fail: set[str] = set()
        self.break_at = -1
        self.on_answer: Any = None
        self.description = ModelDescription()
        self.checked: list[Prompt] = []

    def check(self, prompts: Sequence[Prompt]) -> None:
        self.checked += prompts
        if any(prompt.messages for prompt in prompts):
            raise AisbenchError("there is no template", hint="set one")

    def describe(self) -> ModelDescription:
        return self.description

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {name: "no" for name in generation if name == "best_of"}

    def files(self) -> Sequence[Path]:
        return ()

    def open(self) -> str:
        self.log.append(("open", threading.current_thread().name))
        return "oracle-1"

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        self.batches.append(len(requests))
        try:
            for place in reversed(range(len(requests))):
                if place == self.break_at:
                    raise RuntimeError("the device is gone")
                yield place, self._one(requests[place])
                if self.on_answer:
                    self.on_answer()
        finally:
            self.log.append("answered")

    def _one(self, request: Request) -> Response:
        prompt = request.prompt
        if prompt.continuation is not None:
            return Response(scored=Scored(logprobs=(-float(len(prompt.continuation)),)))
        if request.sample_id in self.fail:
            return Response(fault=Fault(kind=FaultKind.LOCAL, message="out of memory"))
        messages = prompt.messages or ()
        text = f"<think>hm</think>{prompt.text or messages[-1].text}"
        return Response(text=text, usage=Usage(prompt_tokens=3, completion_tokens=2))

    def close(self) -> None:
        self.log.append(("close", threading.current_thread().name))


LOCAL = BackendOffer(
    name="oracle",
    summary="A local fake.",
    target="local_fakes:Oracle",
    local=True,
    capabilities={
        Capability.CHAT: Support.FULL,
        Capability.TEXT: Support.FULL,
        Capability.LOGPROBS: Support.FULL,
    },
)
CHOICES = TemplateOffer(
    name="text-choices",
    summary="Choices.",
    target="aisbench.prompting.choices:TextChoicesTemplate",
    settings="aisbench.prompting.choices:TextChoicesSettings",
    form=Capability.TEXT,
    needs=frozenset({Capability.LOGPROBS}),
)
