"""Films as pictures: which frames, and their contents; and the sound of a film.

Films are read with PyAV, which is FFmpeg. Nothing is drawn by chance: the same film and the same
settings give the same frames. Times are those that the file says (``pts``), from its first frame
on. A film that says how it is to be turned (as telephones write them) is turned.
"""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.base.libraries import missing, not_installed
from aisbench.types.media import Frames, Media

QUALITY = 95
"""Of the JPEG that a frame becomes: Pillow's documentation advises against more."""
RATE = 16000
"""Samples a second of a film's sound: what models of sound hear (Whisper, Qwen-Audio)."""
NEEDED = ("av", "PIL")
_TURNS = {90: 2, 180: 3, 270: 4}
"""Degrees to the left -> the constant of Pillow."""


@frozen
class Film:
    """The times of a film's frames in seconds, ascending, from 0; and whether it has sound."""

    times: tuple[float, ...]
    sound: bool


def check_installed(whose: str) -> None:
    """Raises DataError."""
    if lacking := missing(NEEDED):
        raise DataError(
            f"{whose}: frames of films are made with {not_installed(lacking)}",
            hint='pip install "aisbench[films]", or send the film whole: leave '
            "`frames` of the prompt out",
        )


def film_of(content: str | bytes, name: str) -> Film:
    """What a film (its path, or its content) holds; nothing is decoded. ``name`` is what messages
    call it. Raises DataError."""
    with _opened(content, name) as container:
        stream = _pictures(container, name)
        times = [
            packet.pts
            for packet in container.demux(stream)
            if packet.pts is not None and not packet.is_discard
        ]
        if not times:
            raise DataError(f"{name} has no frame", hint=_HINT)
        times.sort()
        base = stream.time_base
        found = dict.fromkeys(_seconds(one - times[0], base) for one in times)
        return Film(tuple(found), bool(container.streams.audio))


def chosen_times(film: Film, frames: Frames, name: str) -> tuple[float, ...]:
    """The times of the frames that stand for a film, ascending. Raises DataError for a time that
    it does not have."""
    times = film.times
    if frames.count is not None:
        return _apart(times, frames.count)
    if frames.times:
        # The last frame is shown about as long as the one before it.
        end = times[-1] + (times[-1] - times[-2] if len(times) > 1 else 0.0)
        if (late := max(frames.times)) > end:
            raise DataError(
                f"{name} ends after {end:.3f} s, and its frame at {late:g} s is asked for",
                hint="choose times within all films, or a number of frames",
            )
        wanted: Sequence[float] = sorted(frames.times)
    else:
        assert frames.rate is not None
        wanted = [
            number / frames.rate for number in range(int(times[-1] * frames.rate + 1e-9) + 1)
        ]
    shown = tuple(dict.fromkeys(_shown_at(times, wanted)))
    return shown if frames.most is None else _apart(shown, frames.most)


def _apart(times: Sequence[float], count: int) -> tuple[float, ...]:
    """So many at equal distances, the first and the last among them; of one the middle. All where
    there are no more. As NumPy's ``linspace`` with integers places them, which vLLM uses."""
    most = len(times)
    if count >= most:
        return tuple(times)
    if count == 1:
        return (times[(most - 1) // 2],)
    return tuple(times[number * (most - 1) // (count - 1)] for number in range(count))


def _shown_at(times: Sequence[float], wanted: Sequence[float]) -> Iterator[float]:
    """The last frame that is not later than each wanted time."""
    at = 0
    for second in wanted:
        while at + 1 < len(times) and times[at + 1] <= second + 1e-6:
            at += 1
        yield times[at]


def pictures_of(
    content: str | bytes, wanted: Sequence[float], name: str
) -> Iterator[tuple[float, bytes]]:
    """The frames of a film at times of :func:`film_of`, as JPEG, upright, in their order.

    Raises DataError for a film that cannot be decoded, or lacks one of them.
    """
    for second, picture in frames_of(content, wanted, name):
        written = io.BytesIO()
        picture.save(written, format="JPEG", quality=QUALITY)
        yield second, written.getvalue()


def frames_of(
    content: str | bytes, wanted: Sequence[float], name: str
) -> Iterator[tuple[float, Any]]:
    """The same as pictures of Pillow. Raises DataError."""
    left = sorted(set(wanted))
    with _opened(content, name) as container:
        stream = _pictures(container, name)
        stream.thread_type = "AUTO"
        packets = [
            (packet.pts, packet.is_keyframe)
            for packet in container.demux(stream)
            if packet.pts is not None and not packet.is_discard
        ]
        first, base = min(one for one, _ in packets), stream.time_base
        keys = sorted(one for one, key in packets if key)
        position: int | None = None
        decoded: Iterator[Any] = iter(())
        while left:
            key = max(
                (one for one in keys if _seconds(one - first, base) <= left[0] + 1e-6),
                default=first,
            )
            if position is None or key > position:
                container.seek(key, stream=stream)
                decoded = container.decode(stream)
            frame = _frame_at(decoded, left[0], first, base)
            if frame is None:
                raise DataError(
                    f"{name} cannot be decoded up to its frame at {left[0]:g} s", hint=_HINT
                )
            position = frame.pts
            yield left.pop(0), _upright(frame)


def _frame_at(decoded: Iterator[Any], second: float, first: int, base: Fraction) -> Any:
    """The next decoded frame of that time; None where the film ends before it."""
    for frame in decoded:
        if frame.pts is not None and _seconds(frame.pts - first, base) >= second - 1e-6:
            return frame
    return None


def sound_of(content: str | bytes, name: str) -> bytes:
    """A film's sound as WAV: one channel, 16 bit, :data:`RATE`. Raises DataError."""
    import av

    samples: list[bytes] = []
    with _opened(content, name) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        for frame in container.decode(audio=0):
            samples += [_bytes(one) for one in resampler.resample(frame)]
        samples += [_bytes(one) for one in resampler.resample(None)]
    data = b"".join(samples)
    form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def samples_of(content: bytes, rate: int, name: str) -> Any:
    """A sound, or that of a film, as an array of NumPy: float32 from -1 to 1, one channel, with
    ``rate`` samples a second. Raises DataError."""
    import av
    import numpy

    found: list[Any] = []
    with _opened(content, name) as container:
        if not container.streams.audio:
            raise DataError(f"{name} holds no sound", hint="a picture or film is named as such")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        for frame in container.decode(audio=0):
            found += [one.to_ndarray()[0] for one in resampler.resample(frame)]
        found += [one.to_ndarray()[0] for one in resampler.resample(None)]
    return numpy.concatenate(found) if found else numpy.zeros(0, numpy.float32)


def made_of_film(content: str | bytes, media: Media) -> bytes:
    """The frame or the sound that ``media`` is of a film. Raises DataError."""
    check_installed(media.path)
    if media.soundtrack:
        return sound_of(content, media.path)
    assert media.time is not None
    return next(pictures_of(content, [media.time], media.path))[1]


def in_a_list(frames: Iterable[bytes]) -> bytes:
    """Pictures as one content: base64 with commas, as vLLM reads ``video/jpeg``."""
    return b",".join(map(base64.b64encode, frames))


def _bytes(frame: Any) -> bytes:
    """The samples of a packed frame, whose buffer may be longer."""
    return bytes(frame.planes[0])[: 2 * frame.samples]


def _upright(frame: Any) -> Any:
    from PIL import Image

    picture = frame.to_image()
    if (turn := _TURNS.get(round(frame.rotation) % 360)) is not None:
        picture = picture.transpose(Image.Transpose(turn))
    return picture


def _seconds(ticks: int, base: Fraction) -> float:
    return round(float(ticks * base), 6)


_HINT = "check that it is whole: a player shows it to its end"


def _pictures(container: Any, name: str) -> Any:
    """The stream of a film's pictures."""
    if not container.streams.video:
        raise DataError(f"{name} holds no pictures", hint="a sound is named under audio")
    return container.streams.best("video")  # and no picture on the cover of a sound


class _opened:
    """An opened film, whose library's errors name it."""

    def __init__(self, content: str | bytes, name: str) -> None:
        self._content = io.BytesIO(content) if isinstance(content, bytes) else content
        self._name = name
        self._container: Any = None

    def __enter__(self) -> Any:
        import av

        try:
            self._container = av.open(self._content, metadata_errors="replace")
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._error(error) from error
        return self._container

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        import av

        self._container.close()
        if isinstance(error, av.error.FFmpegError):
            raise self._error(error) from error

    def _error(self, error: Exception) -> DataError:
        why = getattr(error, "strerror", None) or error
        return DataError(f"{self._name} cannot be read as a film: {why}", hint=_HINT)
