"""Models that run in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from aisbench.types.json import JsonObject
from aisbench.types.local import ModelDescription
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request
from aisbench.types.response import Response


class LocalBackend(Protocol):
    """A model in this process. Offered with ``BackendOffer(local=True)``.

    Constructed with its settings; loads nothing before :meth:`open`.
    """

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """Generation settings that this backend cannot express: name -> what to do."""

    def files(self) -> Sequence[Path]:
        """Small files that say which model it is (configuration, index of the weights), as far
        as they are here: their checksums are part of a run's record."""

    def open(self) -> str:
        """Load the model, and return how it is called. Raises AisbenchError with a sentence for
        the user when it cannot be loaded."""

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        """Answer all, yielding each request's place in ``requests`` and its response as soon as
        it is known, in any order.

        Media with a path are files to open; nothing is loaded ahead. What is wrong with one
        request is a Response with a Fault; an exception ends the run.
        The caller may stop before the end.
        """

    def close(self) -> None:
        """Free what :meth:`open` took; also called when it failed."""


@runtime_checkable
class DescribedBackend(LocalBackend, Protocol):
    """A model in this process that tells which one it is, beyond its name.

    Optional, and found by the methods' names. Without it stored answers are found by the name
    that :meth:`LocalBackend.open` gives, and a checkpoint that was replaced under it goes unseen.
    """

    def check(self, prompts: Sequence[Prompt]) -> None:
        """Before a run begins: raises AisbenchError for what can be told without loading the
        weights, such as a model that is not there, or chats without a chat template.

        ``prompts`` are the first ones of all tasks of the model.
        """

    def describe(self) -> ModelDescription:
        """Called after :meth:`LocalBackend.open`. Raises AisbenchError."""
