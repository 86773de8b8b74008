"""The backend: requests in, responses batch by batch."""

from __future__ import annotations

import gc
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import attrs

from aisbench.api import (
    JsonObject,
    ModelDescription,
    Prompt,
    Request,
    Response,
)
from aisbench.codec import (
    Rendered,
    Unfit,
    adapter_asked,
    pieces_of,
    refused_adapter,
    refused_logprobs,
    within,
    without_adapter,
)
from aisbench_plugin_transformers.generating import Job, failed, generate
from aisbench_plugin_transformers.loading import Loaded, check, load
from aisbench_plugin_transformers.sampling import NAMES, Sampling, TokenLimits, read_sampling
from aisbench_plugin_transformers.scoring import Question, score, together
from aisbench_plugin_transformers.settings import HfSettings
from aisbench_plugin_transformers.weights import answering

log = logging.getLogger(__name__)

Item = TypeVar("Item", Job, Question)
Kinds = frozenset[str]
"""Of contents: prompts with the same ones share a batch."""


class HfBackend:
    """Static batches of prompts of like length, the longest first: if memory runs out, it does so
    at once."""

    def __init__(self, settings: HfSettings) -> None:
        self._settings = settings
        self._loaded: Loaded | None = None
        self._batch = settings.batch_size
        self._truncated = 0

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return (
            NAMES.refused(without_adapter(generation))
            | refused_adapter(generation, self._settings.loras)
            | refused_logprobs(generation)
        )

    def files(self) -> Sequence[Path]:
        path = Path(self._settings.path)
        return sorted(path.glob("*.json")) if path.is_dir() else ()

    def check(self, prompts: Sequence[Prompt]) -> None:
        check(self._settings, prompts)

    def describe(self) -> ModelDescription:
        assert self._loaded is not None
        return self._loaded.description

    def open(self) -> str:
        self._loaded = load(self._settings)
        name = str(self._settings.path)
        for more in (self._settings.revision, str(self._settings.peft)):
            name += f"@{more}" if more else ""
        return name

    def close(self) -> None:
        self._loaded = None
        gc.collect()
        try:
            import torch
        except ImportError:
            return
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        assert self._loaded is not None
        loaded = self._loaded
        groups: dict[tuple[Sampling, Kinds, str], list[Job]] = defaultdict(list)
        scored: dict[str, dict[str, list[Question]]] = defaultdict(lambda: defaultdict(list))
        for place, request in enumerate(requests):
            adapter = adapter_asked(request.generation)
            shared = scored[adapter]
            try:
                rendered = loaded.renderer.render(request.prompt)
                if request.prompt.continuation is not None:
                    bare = repr(attrs.evolve(request.prompt, continuation=None))
                    for number, piece in enumerate(self._pieces(rendered, request.prompt)):
                        # Pieces of one text share nothing that a cache could hold.
                        key = f"{place}/{number}" if request.prompt.rolling else bare
                        shared[key].append(Question(place, piece, number))
                    continue
                sampling, limits = read_sampling(request, loaded.own)
                rendered = self._fitted(rendered, limits)
                limits = self._limited(rendered, limits)
                groups[sampling, _kinds(rendered), adapter].append(Job(place, rendered, limits))
            except (Unfit, ValueError) as error:
                yield place, failed(str(error))
        for (sampling, _, adapter), jobs in groups.items():
            jobs.sort(key=lambda job: -len(job.rendered.ids or job.rendered.text))

            def run(some: Sequence[Job], sampling: Sampling = sampling) -> list[Response]:
                return generate(loaded, some, sampling)

            with answering(loaded.model, self._settings, adapter):
                for job, response in self._batches(jobs, run):
                    yield job.place, response
        for adapter, shared in scored.items():
            with answering(loaded.model, self._settings, adapter):
                yield from together(self._score(loaded, shared), _counted(shared))
        if self._truncated:
            log.warning("%d prompts were truncated (%s)", self._truncated, self._settings.truncate)
            self._truncated = 0

    def _score(
        self, loaded: Loaded, shared: Mapping[str, list[Question]]
    ) -> Iterator[tuple[Question, Response]]:
        """Continuations of one prompt together; prompts with one only, by length."""
        alone: list[Question] = []
        for questions in shared.values():
            if len(questions) == 1:
                alone += questions
            else:
                yield from self._batches(questions, lambda some: score(loaded, some))
        by_kinds: dict[Kinds, list[Question]] = defaultdict(list)
        for one in alone:
            by_kinds[_kinds(one.rendered)].append(one)
        for alike in by_kinds.values():
            alike.sort(key=lambda one: -len(one.rendered.ids or one.rendered.text))
            yield from self._batches(alike, lambda some: score(loaded, some))

    def _batches(
        self, items: list[Item], run: Callable[[Sequence[Item]], list[Response]]
    ) -> Iterator[tuple[Item, Response]]:
        """Batch after batch; when memory runs out, smaller ones, and from then on."""
        at = 0
        while at < len(items):
            some = items[at : at + self._batch]
            try:
                responses = run(some)
            except Exception as error:
                if not _out_of_memory(error):
                    raise
                _free()
                if len(some) == 1:
                    responses = [failed("out of memory, though it was alone in its batch")]
                else:
                    self._batch = max(1, len(some) // 2)
                    log.warning("out of memory: batch_size is %d from now on", self._batch)
                    continue
            yield from zip(some, responses, strict=True)
            at += len(some)

    def _fitted(self, rendered: Rendered, limits: TokenLimits) -> Rendered:
        """The prompt with room for at least one token of the answer, or for all that is asked when
        it is cut anyway. Raises Unfit."""
        length = self._loaded.length if self._loaded else None
        ids = rendered.ids
        if limits.max_length is not None and len(ids) >= limits.max_length:
            raise Unfit(
                f"the prompt has {len(ids)} tokens, and the model's generation_config.json ends "
                f"prompt and answer at max_length = {limits.max_length}: set generation.max_tokens"
            )
        if length is None or len(ids) < length:
            return rendered
        if self._settings.truncate == "error":
            raise Unfit(
                f"the prompt has {len(ids)} tokens; the model takes {length}, the answer included "
                '(truncate = "left" or "middle" cuts prompts)'
            )
        room = length - limits.behind(len(ids)).max_tokens
        if room < 1:
            raise Unfit(
                f"the model takes {length} tokens, and max_tokens = {limits.max_tokens} leaves "
                "none of them to the prompt, which is to be cut: set a smaller "
                "generation.max_tokens"
            )
        self._truncated += 1
        return attrs.evolve(rendered, ids=self._cut(ids, room))

    def _cut(self, ids: list[int], room: int) -> list[int]:
        """At most ``room`` tokens of a prompt, as `truncate` says."""
        if len(ids) <= room:
            return ids
        head = 0 if self._settings.truncate == "left" else room // 2
        return ids[:head] + ids[len(ids) - (room - head) :]

    def _pieces(self, rendered: Rendered, prompt: Prompt) -> Sequence[Rendered]:
        """What is scored, in pieces that the model takes: windows of a text whose perplexity is
        wanted, or a prompt that is cut. The last token is foretold and not read, so one more than
        the model takes is no more than it takes. Raises Unfit."""
        if rendered.media:
            return (rendered,)
        length = self._loaded.length if self._loaded else None
        if prompt.length is not None and (length is None or prompt.length <= length):
            return within(rendered, prompt.length, rolling=prompt.rolling)
        ids, begin = rendered.ids, rendered.scored
        if length is None or len(ids) - 1 <= length:
            return (rendered,)
        if prompt.rolling:
            return pieces_of(rendered, length)
        own = len(ids) - begin
        if own > length:
            raise Unfit(
                f"the continuation alone has {own} tokens, and the model takes {length}: as a "
                "whole it cannot be scored"
            )
        if self._settings.truncate == "error":
            raise Unfit(
                f"prompt and continuation have {len(ids)} tokens; the model takes {length} "
                '(truncate = "left" or "middle" cuts the prompt before the continuation)'
            )
        self._truncated += 1
        before = self._cut(ids[:begin], length + 1 - own)
        return (Rendered(ids=[*before, *ids[begin:]], scored=len(before)),)

    def _limited(self, rendered: Rendered, limits: TokenLimits) -> TokenLimits:
        """An answer ends where the model's length does."""
        length = self._loaded.length if self._loaded else None
        if length is None or not rendered.ids:
            return limits
        return attrs.evolve(limits, max_tokens=min(limits.max_tokens, length - len(rendered.ids)))


def _kinds(rendered: Rendered) -> Kinds:
    return frozenset(one.kind for one in rendered.media)


def _counted(shared: Mapping[str, Sequence[Question]]) -> Mapping[int, int]:
    """How many pieces there are of each request."""
    return Counter(one.place for many in shared.values() for one in many)


def _out_of_memory(error: BaseException) -> bool:
    """CUDA has a class for it; other devices raise RuntimeError with these words."""
    words = str(error).lower()
    return type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate" in words)
    )


def _free() -> None:
    gc.collect()
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
