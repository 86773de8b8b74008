"""The backend: requests in, responses batch by batch."""

from __future__ import annotations

import gc
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import attrs

from aisbench.api import Fault, FaultKind, JsonObject, Request, Response
from aisbench.codec import Rendered, Unfit
from aisbench_plugin_transformers.generating import Job, generate
from aisbench_plugin_transformers.loading import Loaded, load
from aisbench_plugin_transformers.sampling import NAMES, Limits, Sampling, read_sampling
from aisbench_plugin_transformers.scoring import Question, score
from aisbench_plugin_transformers.settings import HfSettings

log = logging.getLogger(__name__)

Item = TypeVar("Item", Job, Question)


class HfBackend:
    """Static batches of prompts of like length, the longest first: if memory runs out, it does so
    at once."""

    def __init__(self, settings: HfSettings) -> None:
        self._settings = settings
        self._loaded: Loaded | None = None
        self._batch = settings.batch_size
        self._truncated = 0

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return NAMES.refused(generation)

    def files(self) -> Sequence[Path]:
        path = Path(self._settings.path)
        return sorted(path.glob("*.json")) if path.is_dir() else ()

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
        groups: dict[tuple[Sampling, bool], list[Job]] = defaultdict(list)
        shared: dict[str, list[Question]] = defaultdict(list)
        for place, request in enumerate(requests):
            try:
                rendered = loaded.renderer.render(request.prompt)
                if request.prompt.continuation is not None:
                    rendered = self._fitted(rendered, 0)
                    bare = attrs.evolve(request.prompt, continuation=None)
                    shared[repr(bare)].append(Question(place, rendered))
                    continue
                sampling, limits = read_sampling(request, loaded.defaults)
                rendered = self._fitted(rendered, limits.max_tokens)
                limits = self._limited(rendered, limits)
                groups[sampling, bool(rendered.images)].append(Job(place, rendered, limits))
            except (Unfit, ValueError) as error:
                yield place, _failed(str(error))
        for (sampling, _), jobs in groups.items():
            jobs.sort(key=lambda job: -len(job.rendered.ids or job.rendered.text))

            def run(some: Sequence[Job], sampling: Sampling = sampling) -> list[Response]:
                return generate(loaded, some, sampling)

            yield from self._batches(jobs, run)
        yield from self._score(loaded, shared)
        if self._truncated:
            log.warning("%d prompts were truncated (%s)", self._truncated, self._settings.truncate)
            self._truncated = 0

    def _score(
        self, loaded: Loaded, shared: Mapping[str, list[Question]]
    ) -> Iterator[tuple[int, Response]]:
        """Continuations of one prompt together; prompts with one only, by length."""
        alone: list[Question] = []
        for questions in shared.values():
            if len(questions) == 1:
                alone += questions
            else:
                yield from self._batches(questions, lambda some: score(loaded, some))
        alone.sort(key=lambda one: -len(one.rendered.ids))
        yield from self._batches(alone, lambda some: score(loaded, some))

    def _batches(
        self, items: list[Item], run: Callable[[Sequence[Item]], list[Response]]
    ) -> Iterator[tuple[int, Response]]:
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
                    responses = [_failed("out of memory, though it was alone in its batch")]
                else:
                    self._batch = max(1, len(some) // 2)
                    log.warning("out of memory: batch_size is %d from now on", self._batch)
                    continue
            yield from zip((one.place for one in some), responses, strict=True)
            at += len(some)

    def _fitted(self, rendered: Rendered, answer: int) -> Rendered:
        """The prompt with room for at least one token of the answer, or for all that is asked when
        it is cut anyway. Raises Unfit."""
        length = self._loaded.length if self._loaded else None
        ids = rendered.ids
        if length is None or len(ids) + min(answer, 1) <= length:
            return rendered
        how = self._settings.truncate
        room = length - answer
        if how == "error" or rendered.scored or room < 1:
            raise Unfit(
                f"the prompt has {len(ids)} tokens; the model takes {length}, the answer included "
                '(truncate = "left" or "middle" cuts prompts)'
            )
        self._truncated += 1
        if how == "left":
            return attrs.evolve(rendered, ids=ids[-room:])
        head = room // 2
        return attrs.evolve(rendered, ids=ids[:head] + ids[len(ids) - (room - head) :])

    def _limited(self, rendered: Rendered, limits: Limits) -> Limits:
        """An answer ends where the model's length does."""
        length = self._loaded.length if self._loaded else None
        if length is None or not rendered.ids:
            return limits
        return attrs.evolve(limits, max_tokens=min(limits.max_tokens, length - len(rendered.ids)))


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


def _failed(message: str) -> Response:
    return Response(fault=Fault(kind=FaultKind.LOCAL, message=message))
