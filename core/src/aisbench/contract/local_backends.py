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

    Constructed with its settings; reads no weights before :meth:`open`.
    """

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """Generation settings that this backend cannot express: name -> what to do."""

    def files(self) -> Sequence[Path]:
        """Small files that say which model it is (configuration, index of the weights), if they
        are on this machine: their checksums go into a run's record."""

    def open(self) -> str:
        """Read the model into memory, and return its name. Raises AisbenchError with a sentence
        for the user when that is not possible."""

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        """Answer all requests, in any order: yield a request's place in ``requests`` and its
        response as soon as it is known.

        Media with a path are files to open; nothing is read ahead. A failure of one request is a
        Response with a Fault; an exception ends the run. The caller may stop before the end.
        """

    def close(self) -> None:
        """Free what :meth:`open` took; also called when it failed."""


@runtime_checkable
class DescribedBackend(LocalBackend, Protocol):
    """A model in this process that describes itself by more than a name.

    Optional, and recognised by the methods' names. Without it stored answers are found by the
    name that :meth:`LocalBackend.open` returns, and a replaced checkpoint goes unnoticed.
    """

    def check(self, prompts: Sequence[Prompt]) -> None:
        """Before a run begins: raises AisbenchError for what shows without reading the weights,
        such as a missing model, or chats without a chat template.

        ``prompts`` are the first ones of all tasks of the model.
        """

    def describe(self) -> ModelDescription:
        """Called after :meth:`LocalBackend.open`. Raises AisbenchError."""
