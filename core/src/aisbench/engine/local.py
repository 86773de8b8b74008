"""Models in this process: opened, asked and closed in a thread, so that displays go on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from attrs import define

from aisbench.base.clock import now_ns
from aisbench.codec.fingerprint import identity
from aisbench.config.plan import Model
from aisbench.contract.local_backends import DescribedBackend, LocalBackend
from aisbench.engine.sender import Attempts
from aisbench.types.local import ModelDescription
from aisbench.types.request import Request
from aisbench.types.response import Response
from aisbench.types.timing import Timing

log = logging.getLogger(__name__)


@define
class LocalModel:
    """A model that is ready to answer."""

    name: str
    """How the backend calls it."""
    description: ModelDescription
    _label: str
    _backend: LocalBackend
    _thread: ThreadPoolExecutor

    @property
    def identity(self) -> str:
        """What stored answers are found by: the name, and a digest of the model's files."""
        which = identity(self.description.fingerprint)
        return f"{self.name}#{which}" if which else self.name

    async def answer(
        self, requests: Sequence[Request]
    ) -> AsyncGenerator[tuple[int, Attempts], None]:
        """Each request's place and its answer, as they become known.

        Raises what the backend raised.
        """
        loop = asyncio.get_running_loop()
        begun = now_ns()
        answers = self._backend.answer(requests)
        try:
            while True:
                found = await loop.run_in_executor(self._thread, _next, answers)
                if found is None:
                    return
                place, response = found
                timing = Timing(dispatched=begun, sent=begun, done=now_ns())
                yield place, Attempts(response=response, timing=timing, url=self._label)
        finally:
            # A generator keeps its batch in memory until it is closed.
            if close := getattr(answers, "close", None):
                await loop.run_in_executor(self._thread, close)


def described_backend(backend: LocalBackend) -> DescribedBackend | None:
    """The backend, where it can describe its model by more than a name."""
    return backend if isinstance(backend, DescribedBackend) else None


def _next(answers: Iterator[tuple[int, Response]]) -> tuple[int, Response] | None:
    return next(answers, None)


@contextlib.asynccontextmanager
async def opened_model(model: Model) -> AsyncIterator[LocalModel]:
    """Open a local model, and free it at the end. Raises what the backend raises."""
    loop = asyncio.get_running_loop()
    backend = model.weights
    # One thread for everything: some libraries bind their state to the thread that opened them.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="local-model") as thread:
        begun = now_ns()
        try:
            name = await loop.run_in_executor(thread, backend.open)
            described = described_backend(backend)
            description = ModelDescription()
            if described is not None:
                description = await loop.run_in_executor(thread, described.describe)
            log.info("%s: %s loaded in %.1f s", model.name, name, (now_ns() - begun) / 1e9)
            yield LocalModel(name, description, f"local:{model.name}", backend, thread)
        finally:
            await loop.run_in_executor(thread, backend.close)
