"""How a model's server is given pictures, sounds and films."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from aisbench.media.delivery import MediaDelivery, Sending
from aisbench.settings.fields import above, at_least, setting
from aisbench.types.media import MediaKind


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
