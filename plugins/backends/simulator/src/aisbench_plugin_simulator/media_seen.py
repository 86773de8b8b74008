"""What a picture, a sound or a film is, and the tokens that it counts as."""

from __future__ import annotations

import math

from attrs import frozen

PATCH = 28
"""Pixels of a side of what is one token: Qwen2-VL's patches of 14, two by two."""
LEAST, MOST = 4, 16384
"""Tokens of a picture, which is made larger or smaller to have them."""
MOST_OF_FRAME = 768
FRAMES_PER_SECOND = 2.0
LEAST_FRAMES, MOST_FRAMES = 4, 768
AUDIO_TOKENS_PER_SECOND = 25
BYTES_PER_SECOND = 16_000
"""Of a sound whose length is not known: 128 kbit/s."""


class MediaError(Exception):
    """What was sent is not what it says it is; the message says why."""


@frozen(kw_only=True)
class MediaSeen:
    """One picture, sound, film or file, as far as it was looked at (None: unknown)."""

    kind: str
    form: str
    """Such as "png"."""
    size: int
    """In bytes."""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    frames: int | None = None

    @property
    def tokens(self) -> int:
        """By the rules of Qwen2-VL (a picture's sides to multiples of 28 pixels, a token for each
        28 x 28; a film's frames at two a second, two of them one) and Qwen2-Audio (25 a
        second). What could not be looked at counts as the least; a file has none."""
        if self.kind == "image":
            return _patches(self.width, self.height, MOST)
        if self.kind == "audio":
            seconds = self.size / BYTES_PER_SECOND if self.seconds is None else self.seconds
            return max(1, math.ceil(seconds * AUDIO_TOKENS_PER_SECOND))
        if self.kind == "video":
            return self._sampled // 2 * _patches(self.width, self.height, MOST_OF_FRAME)
        return 0

    @property
    def _sampled(self) -> int:
        """Frames of a film that the model sees."""
        seconds = self.seconds
        wanted = LEAST_FRAMES if seconds is None else int(seconds * FRAMES_PER_SECOND)
        if seconds is None and self.frames is not None:
            wanted = self.frames
        wanted = min(MOST_FRAMES, max(LEAST_FRAMES, wanted))
        return wanted + wanted % 2


def _patches(width: int | None, height: int | None, most: int) -> int:
    """Tokens of one picture."""
    if not width or not height:
        return LEAST
    wide, high = max(1, round(width / PATCH)), max(1, round(height / PATCH))
    if wide * high > most:
        scale = math.sqrt(width * height / (most * PATCH * PATCH))
        wide = max(1, math.floor(width / scale / PATCH))
        high = max(1, math.floor(height / scale / PATCH))
    elif wide * high < LEAST:
        scale = math.sqrt(LEAST * PATCH * PATCH / (width * height))
        wide, high = math.ceil(width * scale / PATCH), math.ceil(height * scale / PATCH)
    return wide * high
