"""How the contents of prompts reach a server, and what it takes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from attrs import field, frozen

from aisbench.base.errors import DataError
from aisbench.types.media import Media, MediaKind
from aisbench.types.prompt import Prompt

Sending = Literal["base64", "file", "path", "url", "upload"]
WORDS: Mapping[MediaKind, str] = {"image": "pictures", "audio": "sounds", "video": "films"}


@frozen(kw_only=True)
class MediaDelivery:
    """What a model's table says of its server. ``paths`` are beginnings of paths here, and what
    stands there instead for the server. ``most`` are contents of each kind in a prompt, ``total``
    is megabytes of all of a prompt's. ``name`` is the model's."""

    name: str
    send: Sending = "base64"
    paths: Mapping[str, str] = field(factory=dict)
    most: Mapping[MediaKind, int] = field(factory=dict)
    total: float | None = None

    def address(self, path: str, whose: str) -> str:
        """What the server is given in the place of the content of a file. Raises DataError for a
        file that no url is known of."""
        place = Path(path).absolute().as_posix()
        for begin in sorted(self.paths, key=len, reverse=True):
            stem = Path(begin).expanduser().absolute().as_posix().rstrip("/")
            if place == stem or place.startswith(f"{stem}/"):
                rest = place[len(stem) :]
                if self.send == "url":
                    return self.paths[begin].rstrip("/") + quote(rest)
                place = self.paths[begin].rstrip("/") + rest
                break
        else:
            if self.send == "url":
                raise DataError(
                    f"{whose}: {place} lies in no folder that has an address",
                    hint=f'models.{self.name}.media: paths = {{ "FOLDER" = "http://HOST/..." }}; '
                    "contents of tables and archives lie in the run's folder `media`",
                )
        return f"file://{quote(place)}" if self.send == "file" else place

    def check_counts(self, prompt: Prompt, whose: str) -> None:
        """Raises DataError for a prompt with more contents than the server takes."""
        for kind, most in self.most.items():
            count = sum(one.kind == kind for one in prompt.media)
            if count > most:
                words = WORDS[kind]
                raise DataError(
                    f"{whose}: the prompt has {count} {words}, and {self.name} takes {most}",
                    hint=f"raise the server's limit (vLLM: --limit-mm-per-prompt) and "
                    f"models.{self.name}.media.{words}, or ask with fewer",
                )

    def check_total(self, size: float, whose: str) -> None:
        """Raises DataError for contents of ``size`` bytes that are too many together."""
        if self.total is not None and size > self.total * 1e6:
            raise DataError(
                f"{whose}: the prompt's pictures, sounds and films have {size / 1e6:.1f} MB "
                f"together, more than {self.total:g}",
                hint=f"make them smaller, or raise models.{self.name}.media.total",
            )


def upload_name(media: Media) -> str:
    """What tells an uploaded content from others."""
    return media.sha256 + media.making
