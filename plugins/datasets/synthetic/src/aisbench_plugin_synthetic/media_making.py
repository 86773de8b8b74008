"""Real files of made-up pictures, sounds and films.

What they show: a few soft colours, tones or moving areas, with as much noise as was asked for. All
chance comes from ``random.Random``'s bytes, so that contents are the same everywhere; the bytes of
their files are, with equal versions of the encoders.
"""

from __future__ import annotations

import io
import random
import struct
import wave
import zlib
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from aisbench.api import DataError
from aisbench_plugin_synthetic.media_plan import Content

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

_AREAS = 8
"""Colours of a picture in each direction."""
_TRIES = 7
_SEGMENT = 65_533


def make(content: Content) -> bytes:
    """The file. Raises DataError for a size that cannot be had."""
    if content.kind == "image":
        return _picture(content)
    if content.form == "wav":
        return _wav(content, _waves(content))
    import av

    try:
        return _film(content) if content.kind == "video" else _sound(content)
    except av.FFmpegError as error:
        what = f"{content.sample_rate} Hz" if content.kind == "audio" else content.size
        raise DataError(
            f"synthetic: PyAV cannot make {content.form} of {what}: {error}",
            hint="choose a usual rate, such as 16000 or 44100, and a usual size; or PyAV's own "
            "wheels, which have x264, LAME and FLAC (pip install av)",
        ) from error


# -- pictures


def _picture(content: Content) -> bytes:
    source = random.Random(content.seed)
    soft, noise = _soft(content, source), _noise(content, source)
    if content.kilobytes is None:
        return _encoded(content, soft, noise, content.noise)
    return _of_size(content, soft, noise, content.kilobytes * 1000)


def _soft(content: Content, source: random.Random) -> Image.Image:
    from PIL import Image

    small = Image.frombytes("RGB", (_AREAS, _AREAS), source.randbytes(3 * _AREAS**2))
    return small.resize((content.width, content.height), Image.Resampling.BICUBIC)


def _noise(content: Content, source: random.Random) -> Image.Image:
    from PIL import Image

    size = (content.width, content.height)
    return Image.frombytes("RGB", size, source.randbytes(3 * content.width * content.height))


def _encoded(content: Content, soft: Image.Image, noise: Image.Image, share: float) -> bytes:
    from PIL import Image

    shown = Image.blend(soft, noise, share)
    file = io.BytesIO()
    if content.form == "png":
        shown.save(file, "PNG", compress_level=1)
    elif content.form == "webp":
        shown.save(file, "WEBP", quality=content.quality, method=0)
    else:
        shown.save(file, "JPEG", quality=content.quality)
    return file.getvalue()


def _of_size(content: Content, soft: Image.Image, noise: Image.Image, size: int) -> bytes:
    """As noisy as fits into ``size`` bytes, and filled up to them."""
    low, high = 0.0, 1.0
    best = _encoded(content, soft, noise, 0.0)
    if len(best) > size:
        raise DataError(
            f"synthetic: a {content.form} of {content.width} x {content.height} pixels has "
            f"{len(best):,} bytes even without noise, and media.mix.kilobytes allows {size:,}",
            hint="lower width, height or quality, or raise kilobytes",
        )
    for _ in range(_TRIES):
        share = (low + high) / 2
        made = _encoded(content, soft, noise, share)
        if len(made) <= size:
            low, best = share, made
        else:
            high = share
    return _filled(content.form, best, size - len(best))


def _filled(form: str, made: bytes, more: int) -> bytes:
    """With ``more`` bytes of comments, as far as these can be so short."""
    if form == "png" and more >= 12:
        text = b"tEXt" + b"Comment\0".ljust(more - 12, b" ")[: more - 12]
        chunk = struct.pack(">I", more - 12) + text + struct.pack(">I", zlib.crc32(text))
        return made[:33] + chunk + made[33:]  # behind IHDR
    if form == "jpeg":
        comments = []
        while more >= 4:
            length = min(more - 4, _SEGMENT)
            comments.append(struct.pack(">HH", 0xFFFE, length + 2) + b" " * length)
            more -= length + 4
        return made[:2] + b"".join(comments) + b"\xff" * more + made[2:]
    return made


# -- sounds


def _waves(content: Content) -> NDArray[np.int16]:
    """Three tones and noise, a row an instant."""
    source = random.Random(content.seed)
    count = max(1, round(content.seconds * content.sample_rate))
    at = np.arange(count) / content.sample_rate
    tones = [source.uniform(80, min(1000, content.sample_rate / 2.5)) for _ in range(3)]
    tone = sum(np.sin(2 * np.pi * tone * at) for tone in tones) / 3
    noise = np.frombuffer(source.randbytes(2 * count * content.channels), "<i2")
    mixed = noise.reshape(count, content.channels) / 32768 * content.noise
    mixed = mixed + np.asarray(tone)[:, None] * (1 - content.noise)
    return (mixed * 20_000).astype("<i2")


def _wav(content: Content, waves: NDArray[np.int16]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(content.channels)
        written.setsampwidth(2)
        written.setframerate(content.sample_rate)
        written.writeframes(waves.tobytes())
    return file.getvalue()


def _sound(content: Content) -> bytes:
    import av

    waves = _waves(content)
    file = io.BytesIO()
    codec = {"flac": "flac", "mp3": "libmp3lame"}[content.form]
    with av.open(file, "w", format=content.form) as container:
        layout = "mono" if content.channels == 1 else "stereo"
        stream: Any = container.add_stream(codec, rate=content.sample_rate, layout=layout)
        frame: Any = av.AudioFrame.from_ndarray(waves.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = content.sample_rate
        fitting = av.AudioResampler(
            format=stream.codec_context.format, layout=layout, rate=content.sample_rate
        )
        for piece in [*fitting.resample(frame), *fitting.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()


# -- films


def _film(content: Content) -> bytes:
    import av

    source = random.Random(content.seed)
    soft = (np.asarray(_soft(content, source)) * np.float32(1 - content.noise)).astype(np.uint8)
    area = content.width * content.height * 3
    # One store of noise for all frames, each of which begins somewhere else in it.
    noise = np.frombuffer(source.randbytes(area + 65_536), np.uint8)
    noise = (noise * np.float32(content.noise)).astype(np.uint8)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        rate = Fraction(content.fps).limit_denominator(1001)
        stream: Any = container.add_stream("libx264", rate=rate, options=_X264)
        stream.width, stream.height, stream.pix_fmt = content.width, content.height, "yuv420p"
        stream.codec_context.thread_count = 1  # more would make other bytes
        for _ in range(max(1, round(content.seconds * content.fps))):
            soft = np.roll(soft, max(1, content.width // 40), axis=1)
            begin = source.randrange(65_536)
            own = noise[begin : begin + area].reshape(soft.shape)
            frame = av.VideoFrame.from_ndarray(soft + own, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


_X264 = {"preset": "ultrafast", "crf": "23", "threads": "1"}
