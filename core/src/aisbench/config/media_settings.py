"""How a model's server is given pictures, sounds and films."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from aisbench.contract.service_backends import UploadingBackend
from aisbench.media.delivery import MediaDelivery, Sending
from aisbench.settings.fields import above, at_least, setting
from aisbench.types.media import MediaKind
from aisbench.types.offer import BackendOffer


@frozen
class MediaSettings:
    """[models.NAME.media]"""

    send: Sending = setting(
        default="base64",
        help="how contents reach the server: in the request (base64), as file:// address, as "
        "path, as url (`paths` says which), or uploaded before (POST /v1/files) and named by id",
        example="file",
    )
    paths: Mapping[str, str] = setting(
        factory=dict,
        help='folder here -> what the server calls it: a path, or a url with send = "url"',
        example={"/data/pictures": "http://10.0.0.5:8000/pictures"},
    )
    pictures: int | None = setting(
        default=None,
        check=at_least(0),
        help="most of them that the server takes in a prompt (vLLM: --limit-mm-per-prompt)",
        example=4,
    )
    sounds: int | None = setting(
        default=None, check=at_least(0), help="the same of sounds", example=1
    )
    films: int | None = setting(
        default=None, check=at_least(0), help="the same of films", example=1
    )
    total: float | None = setting(
        default=None,
        unit="MB",
        check=above(0),
        help="of all contents of a prompt together, as they are before base64",
        example=100.0,
    )

    def problem(self, offer: BackendOffer, backend: object, servers: int) -> tuple[str, str, str]:
        """The key that cannot be as it is, what is wrong with it, and what to do; empty where
        nothing is. ``servers`` are the urls of the model."""
        addressed = all(one.startswith(("http://", "https://")) for one in self.paths.values())
        if self.send == "url" and not addressed:
            return "paths", 'must be http:// or https:// urls with send = "url"', ""
        if self.paths and self.send in ("base64", "upload"):
            return "paths", f'has no effect with send = "{self.send}"', 'set send = "file"'
        if self.send != "upload":
            return "", "", ""
        if not isinstance(backend, UploadingBackend):
            return (
                "send",
                f'"upload" needs a protocol that takes files before requests, and {offer.name} '
                "does not",
                'use send = "base64", or the chat or responses backend of an OpenAI-like server',
            )
        if servers > 1:
            return (
                "send",
                '"upload" needs one server: each knows only its own files',
                'name one url, or use send = "base64"',
            )
        return "", "", ""

    def delivery(self, model: str, known: Mapping[str, int]) -> MediaDelivery:
        """For the model of that name; ``known`` is how many of each kind its server is started
        with, which what is set here replaces."""
        most: dict[MediaKind, int | None] = {
            "image": self.pictures, "audio": self.sounds, "video": self.films,
        }  # fmt: skip
        return MediaDelivery(
            name=model,
            send=self.send,
            paths=self.paths,
            most={
                kind: found
                for kind, count in most.items()
                if (found := known.get(kind) if count is None else count) is not None
            },
            total=self.total,
        )
