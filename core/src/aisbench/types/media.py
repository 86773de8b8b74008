"""A picture, a sound or a film of a chat message."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

MediaKind = Literal["image", "audio", "video"]


@frozen(kw_only=True)
class Media:
    """Exactly one of ``path`` (a file here), ``url`` (the server fetches it) and ``base64``.

    ``mime`` is found by core where it is empty and there is a file. ``sha256`` is that of the
    file: core fills it in before the request is made, and stored answers are found by it.
    ``data`` is the file's content, base64-encoded; core sets it just before a codec encodes the
    request, and no file of a run ever holds it.
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
