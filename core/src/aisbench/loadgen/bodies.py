"""What is sent for requests of a load: large contents stay in their files until they are sent.

A codec puts contents, in base64, into the body that it makes. Of a film that would cost copies of
many megabytes, each of which keeps the worker's loop from reading. So the codec is given a short
text in the place of each large content; where that stands in the body, the file comes when it is
sent. Whether a codec only hands contents through is not believed but tried: its first body for
each type of content is made in both ways, and unless both are the same, it is given the contents.
"""

from __future__ import annotations

import base64
import os

import attrs
from attrs import define, field

from aisbench.contract.service_backends import ServiceBackend, SigningBackend
from aisbench.engine.pieces import PiecedRequest
from aisbench.media.chunks import FileInBase64
from aisbench.media.contents import file_in_base64, may_hold_media, with_contents, with_media
from aisbench.types.http import HttpRequest
from aisbench.types.media import Media
from aisbench.types.request import Request

LEAST = 48 * 1024
"""Bytes of a content from which on it is left in its file."""
_MARK_BYTES = 30
"""Of the texts that stand for contents: base64 too, should a codec look."""


@define(eq=False)
class Bodies:
    """Makes them with one codec."""

    codec: ServiceBackend
    _alike: dict[tuple[str, str], bool] = field(init=False, factory=dict)
    """Kind and type of contents -> whether the codec hands them through."""
    _checked: dict[str, tuple[int, int]] = field(init=False, factory=dict)
    """Paths of the user's files whose checksum was taken -> size and time of change at that."""
    _whole: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._whole = isinstance(self.codec, SigningBackend)  # what is signed must be there

    def make(self, request: Request) -> HttpRequest | PiecedRequest:
        """Raises DataError, and what the codec raises."""
        if not may_hold_media(request.prompt):
            return self.codec.encode(request)
        if not self._whole and (files := self._files(request)):
            return self._pieced(request, files)
        return self.codec.encode(with_contents(request))

    def _files(self, request: Request) -> dict[Media, FileInBase64]:
        found = {}
        for media in request.prompt.media:
            if media not in found and self._alike.get((media.kind, media.mime), True):
                file = file_in_base64(media, LEAST, self._checked)
                if file is not None:
                    found[media] = file
        return found

    def _pieced(
        self, request: Request, files: dict[Media, FileInBase64]
    ) -> HttpRequest | PiecedRequest:
        marks = {base64.b64encode(os.urandom(_MARK_BYTES)): file for file in files.values()}
        words = dict(zip(files, marks, strict=True))

        def marked(media: Media) -> Media:
            mark = words.get(media)
            if mark is None:
                return media
            mime = files[media].mime or media.mime
            return attrs.evolve(media, data=mark.decode("ascii"), mime=mime)

        short = attrs.evolve(request, prompt=with_media(request.prompt, marked))
        untried = {(one.kind, one.mime) for one in files} - self._alike.keys()
        whole = self.codec.encode(with_contents(request)) if untried else None
        wire = self.codec.encode(with_contents(short))
        pieced = PiecedRequest(
            request=attrs.evolve(wire, body=b""), pieces=_pieces(wire.body, marks)
        )
        if whole is None:
            return pieced
        same = attrs.evolve(wire, body=b"".join(pieced.chunks(b""))) == whole
        self._alike |= dict.fromkeys(untried, same)
        return pieced if same else whole


def _pieces(body: bytes, marks: dict[bytes, FileInBase64]) -> tuple[bytes | FileInBase64, ...]:
    """The body with files in the places of their marks."""
    places = []
    for mark, file in marks.items():
        at = body.find(mark)
        while at >= 0:
            places.append((at, len(mark), file))
            at = body.find(mark, at + len(mark))
    pieces: list[bytes | FileInBase64] = []
    begin = 0
    for at, length, file in sorted(places, key=lambda one: one[0]):
        pieces += [body[begin:at], file]
        begin = at + length
    return (*pieces, body[begin:])
