"""A picture, sound or film in a chat message."""

from __future__ import annotations

import hashlib
from typing import Literal

from attrs import field, frozen

MediaKind = Literal["image", "audio", "video"]
Detail = Literal["", "low", "high", "auto", "original"]


@frozen(kw_only=True)
class MediaPlace:
    """Where in a file a content lies.

    Of a zip file it is the ``member``; of a Parquet file ``row`` (from 0) and ``column``, and
    ``item``, the place in a cell that holds a list; of a text file the ``length`` bytes from the
    byte ``at`` on, which are base64 or a ``data:`` url.
    """

    member: str = ""
    row: int | None = None
    column: str = ""
    item: int | None = None
    at: int | None = None
    length: int | None = None


@frozen(kw_only=True)
class Frames:
    """Which frames stand for a film: one of ``count`` (so many, from the first to the last, at
    equal distances), ``rate`` (so many each second, from its beginning) and ``times`` (those
    shown at these seconds). ``most`` of those of a ``rate`` are taken at most, at equal distances.
    With ``sound`` the film's sound follows them, where it has any. They are pictures, or
    ``together`` still one film: a list of JPEG contents, as vLLM takes it (``video/jpeg``).
    """

    count: int | None = None
    rate: float | None = None
    times: tuple[float, ...] = ()
    most: int | None = None
    sound: bool = False
    together: bool = False

    def __attrs_post_init__(self) -> None:
        if [self.count is not None, self.rate is not None, bool(self.times)].count(True) != 1:
            raise ValueError("Frames has one of count, rate and times")


@frozen(kw_only=True)
class Media:
    """At most one of ``path`` (a file on this machine), ``url`` (the server fetches it) and
    ``base64``; none for a content that the run keeps under its ``sha256``.

    ``inside`` says where in the file ``path`` the content lies, if it is not the file itself.
    Core finds the ``mime`` type, if it is empty, and the ``sha256``, by which stored answers are
    found, before the request is made. A picture with more than ``max_pixels`` pixels, or a side
    longer than ``max_side`` pixels, is made smaller. ``detail`` is how closely the model is to
    look, at services that offer it.

    A film with ``frames`` is shown as pictures: core puts these in its place, each of which names
    the film, and has as its ``time`` the second of it that it shows; or one film of the frames at
    these ``times``. A sound that is the ``soundtrack`` names the film that it is of.

    Core sets the others: ``sent`` is what the server is given in the place of the content (an
    address or a path), and ``file_id`` the name under which the server has it already. ``kept``
    is where the run keeps what is sent, and ``data`` its content in base64, set just before a
    codec encodes the request. No file of a run holds a content. A picture has so many ``pixels``,
    a film ``shows`` so many frames, and a sound or film ``lasts`` so many ns: None where the
    file's head does not tell it.
    """

    kind: MediaKind
    path: str = ""
    inside: MediaPlace | None = None
    url: str = ""
    base64: str = field(default="", repr=False)
    mime: str = ""
    sha256: str = ""
    max_pixels: int | None = None
    max_side: int | None = None
    detail: Detail = ""
    frames: Frames | None = None
    time: float | None = None
    times: tuple[float, ...] = ()
    soundtrack: bool = False
    sent: str = ""
    file_id: str = ""
    kept: str = field(default="", repr=False, eq=False)
    data: str = field(default="", repr=False, eq=False)
    pixels: int | None = field(default=None, repr=False, eq=False)
    shows: int | None = field(default=None, repr=False, eq=False)
    lasts: int | None = field(default=None, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        sources = [bool(one) for one in (self.path, self.url, self.base64)].count(True)
        if sources > 1 or not (sources or self.sha256):
            raise ValueError("Media has one of path, url and base64")
        if self.inside is not None and not self.path:
            raise ValueError("Media with a place inside a file has its path")

    @property
    def content(self) -> str:
        """The content in base64; empty for a url."""
        return self.data or self.base64

    @property
    def address(self) -> str:
        """The url, what is sent in the content's place, or the content as a ``data:`` url
        (RFC 2397)."""
        return self.url or self.sent or f"data:{self.mime};base64,{self.content}"

    @property
    def whence(self) -> str:
        """Where the content is, in words."""
        if not self.path:
            return self.url or f"{len(self.base64) * 3 // 4} bytes in base64"
        place = self.inside
        if self.times:
            return f"{self.path}: {len(self.times)} frames"
        if self.time is not None:
            return f"{self.path} at {self.time:g} s"
        if place is None:
            return self.path
        if place.member:
            return f"{self.path}: {place.member}"
        if place.row is None:
            return f"{self.path}: from byte {place.at} on"
        return f"{self.path}: row {place.row + 1}, {place.column}"

    @property
    def limits(self) -> str:
        """What makes it smaller, as a part of file names; empty if nothing does."""
        pixels = f"-{self.max_pixels}px" if self.max_pixels else ""
        return pixels + (f"-{self.max_side}side" if self.max_side else "")

    @property
    def making(self) -> str:
        """What is made of the content that it names, as a part of file names; empty if nothing
        is: a film's frame or sound, and what makes it smaller."""
        time = "" if self.time is None else f"-{self.time:.6f}s"
        if self.times:
            digest = hashlib.sha256(repr(self.times).encode()).hexdigest()
            time = f"-{len(self.times)}frames-{digest[:16]}"
        return time + ("-sound" if self.soundtrack else "") + self.limits

    @property
    def of_film(self) -> bool:
        """Whether it is made of the film that it names, and not that film."""
        return self.time is not None or bool(self.times) or self.soundtrack

    @property
    def is_address(self) -> bool:
        """Whether the server gets an address or a name, and no content."""
        return bool(self.url or self.sent or self.file_id)
