"""Protocols spoken over HTTP, and what else they may know of their servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from aisbench.contract.decoders import Decoder
from aisbench.types.http import HttpRequest
from aisbench.types.json import JsonObject
from aisbench.types.media import Media
from aisbench.types.request import Request
from aisbench.types.served import ServedModel


class ServiceBackend(Protocol):
    """A protocol spoken over HTTP. Core's engine owns sockets, clocks, retries, time-outs."""

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """Generation settings that this protocol cannot express: name -> what to do.

        Everything that is not refused must reach the server.
        """

    def encode(self, request: Request) -> HttpRequest:
        """The request on the wire."""

    def decoder(self, request: Request) -> Decoder:
        """A fresh decoder for one attempt at ``request``."""

    def models_request(self) -> HttpRequest | None:
        """How to ask the server which models it serves; None when the protocol cannot."""

    def parse_models(self, body: bytes) -> Sequence[str]:
        """The names in the answer to :meth:`models_request`.

        Raises ValueError when the body is not such an answer.
        """


@runtime_checkable
class RoutedBackend(ServiceBackend, Protocol):
    """A protocol whose routes are known before a request. Optional, and recognised by the method's
    name.

    A url that already holds a route is refused, with the url that was meant.
    """

    def routes(self) -> Sequence[str]:
        """The paths to which requests are sent, such as ``/v1/completions``; the usual first."""


@runtime_checkable
class TellingBackend(ServiceBackend, Protocol):
    """A protocol that tells more about its models than their names. Optional, and recognised by
    the methods' names; :meth:`ServiceBackend.parse_models` is then not called."""

    @property
    def open_ended(self) -> bool:
        """Whether servers generate up to the end of the context if no limit is sent."""

    def served_models(self, body: bytes) -> Sequence[ServedModel]:
        """What the answer to :meth:`models_request` tells. Raises ValueError when the body is
        not such an answer."""

    def context_request(self, body: bytes) -> HttpRequest | None:
        """How to ask for the context's length, where ``body``, the answer to
        :meth:`models_request`, does not hold it, but shows that there is a way."""

    def parse_context(self, body: bytes) -> int | None:
        """The length in the answer to :meth:`context_request`, in tokens; None if it holds
        none."""


@runtime_checkable
class WatchedBackend(ServiceBackend, Protocol):
    """A protocol whose servers can be asked whether they are up. Optional, and recognised by the
    method's name; other servers are asked for their models."""

    def health_requests(self) -> Sequence[HttpRequest]:
        """Questions of which a server knows at least one: 2xx means that it is up, 5xx that it is
        not (or not yet), and any other status that it does not know the question."""


@runtime_checkable
class SettingBackend(ServiceBackend, Protocol):
    """A protocol that knows which of its settings sends a key. Optional, and recognised by the
    method's name: where a server refuses keys, the user is told how to stop each."""

    def setting_of(self, key: str) -> str | None:
        """Such as ``usage = false`` for ``stream_options``; None for keys of no setting."""


@runtime_checkable
class SigningBackend(ServiceBackend, Protocol):
    """A protocol whose requests are signed, with the time, the exact body and the url in the
    signature (as AWS's SigV4). Optional, and recognised by the method's name."""

    def sign(self, request: HttpRequest, url: str) -> Mapping[str, str]:
        """The headers to add. Called for each attempt, just before it is sent, also for questions
        about the server, and in every process of a load: quick, and without I/O.

        ``url`` is the whole one, ``request.headers`` are all but ``Host``, which is the url's host
        and port, and ``Content-Length``. Keys belong into settings of the kind
        :class:`aisbench.api.Secret`; what is returned goes to the wire, and into no file. What is
        raised fails the attempt.
        """


@runtime_checkable
class UploadingBackend(ServiceBackend, Protocol):
    """A protocol whose servers take pictures, sounds and films before the requests that name
    them. Optional, and recognised by the methods' names; ``media.send = "upload"`` wants it."""

    def upload_request(self, media: Media, content: bytes) -> HttpRequest:
        """How the server is given a content. Requests that are encoded later have its id as the
        ``file_id`` of their :class:`aisbench.api.Media`."""

    def parse_upload(self, body: bytes) -> str:
        """The id in the answer to :meth:`upload_request`. Raises ValueError when the body is not
        such an answer."""


@runtime_checkable
class LimitedBackend(ServiceBackend, Protocol):
    """A protocol that knows what the arguments of its servers say of media. Optional, and
    recognised by the method's name."""

    def media_limits(self, command: Sequence[str]) -> Mapping[str, int]:
        """How many of each kind ("image", "audio", "video") a server takes in a prompt, by the
        ``command`` that starts it; without those that it does not name."""


@runtime_checkable
class DoubtingBackend(ServiceBackend, Protocol):
    """A protocol whose servers take settings of any name, and ignore those that they do not know.
    Optional, and recognised by the method's name."""

    def doubted(self, generation: JsonObject) -> Mapping[str, str]:
        """Settings that no known server has: name -> what was probably meant. They are sent, and
        the user is warned."""


@runtime_checkable
class AdapterBackend(ServiceBackend, Protocol):
    """A protocol whose servers list their LoRA adapters among their models. Optional, and
    recognised by the method's name. (1.3)

    Which adapter is to answer a request, ``Request.generation["adapter_id"]`` says, in all
    protocols; one that has none refuses the setting.
    """

    def check_adapters(self, body: bytes, adapters: Sequence[str]) -> None:
        """Whether the server would let these adapters answer, by ``body``, the answer to
        :meth:`ServiceBackend.models_request`. Raises AisbenchError with a sentence that begins
        with a verb (the server is named before it), and with what to do."""
