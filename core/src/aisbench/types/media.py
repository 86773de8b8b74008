"""A picture, sound or film in a chat message."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

MediaKind = Literal["image", "audio", "video"]


@frozen(kw_only=True)
class Media:
    """Exactly one of ``path`` (a file on this machine), ``url`` (the server fetches it) and
    ``base64``.

    Of a file core finds the ``mime`` type, if it is empty, and the ``sha256``, by which stored
    answers are found, before the request is made. ``data`` is its content in base64, which core
    sets just before a codec encodes the request; no file of a run ever holds it.
    """

    kind: MediaKind
    path: str = ""
    url: str = ""
    base64: str = ""
    mime: str = ""
    sha256: str = ""
    data: str = field(default="", repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if [bool(one) for one in (self.path, self.url, self.base64)].count(True) != 1:
            raise ValueError("Media has one of path, url and base64")

    @property
    def content(self) -> str:
        """The content in base64; empty for a url."""
        return self.base64 or self.data

    @property
    def address(self) -> str:
        """The url, or the content as a ``data:`` url (RFC 2397)."""
        return self.url or f"data:{self.mime};base64,{self.content}"
