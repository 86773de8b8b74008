"""Pictures, sounds and films as processors of models in this process take them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from aisbench.base.errors import AisbenchError, DataError
from aisbench.base.libraries import missing, not_installed
from aisbench.codec.rendering import Unfit
from aisbench.media.contents import content_of, film_source
from aisbench.media.films import film_of, frames_of, samples_of
from aisbench.media.pictures import upright_rgb
from aisbench.types.media import Media, MediaKind
from aisbench.types.prompt import Prompt

NEEDED: dict[MediaKind, tuple[str, ...]] = {
    "image": ("PIL",),
    "audio": ("av", "numpy"),
    "video": ("av", "PIL", "numpy"),
}


@frozen(kw_only=True)
class FilmShape:
    """What is known of a film before its frames are decoded. ``rate`` is frames a second."""

    frames: int
    rate: float
    seconds: float


@frozen(eq=False, kw_only=True)
class OpenedFilm:
    """Frames of a film, as an array of NumPy: frames, height, width, 3; 0 to 255. ``indices`` are
    their numbers among those of the film."""

    pixels: Any
    shape: FilmShape
    indices: tuple[int, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[2], self.pixels.shape[1]


def check_readers(prompts: Sequence[Prompt]) -> None:
    """That what reads the prompts' contents is installed. Raises AisbenchError."""
    for kind in dict.fromkeys(one.kind for prompt in prompts for one in prompt.media):
        if lacking := missing(NEEDED[kind]):
            raise AisbenchError(
                f"a model in this process reads {kind} with {not_installed(lacking)}",
                hint='pip install "aisbench[films]"',
            )


def opened_picture(media: Media) -> Any:
    """A picture of Pillow, RGB and upright. Raises Unfit."""
    from PIL import UnidentifiedImageError

    try:
        return upright_rgb(content_of(media))
    except DataError as error:
        raise Unfit(error.message) from error
    except (OSError, ValueError, UnidentifiedImageError) as error:
        raise Unfit(f"the picture {media.whence} cannot be read: {error}") from error


def opened_sound(media: Media, rate: int) -> Any:
    """Samples, float32, one channel, ``rate`` a second. Raises Unfit."""
    try:
        found = samples_of(content_of(media), rate, media.whence)
    except DataError as error:
        raise Unfit(error.message) from error
    if not len(found):
        raise Unfit(f"the sound {media.whence} has no sample")
    return found


def opened_film(media: Media, chosen: Callable[[FilmShape], Sequence[int]]) -> OpenedFilm:
    """The frames that ``chosen`` numbers, ascending; all of one that is frames already. Raises
    Unfit."""
    import numpy

    try:
        if media.times:
            return _of_frames(media)
        source = film_source(media)
        times = film_of(source, media.whence).times
        shape = _shape(times)
        indices = sorted({min(max(0, int(one)), shape.frames - 1) for one in chosen(shape)})
        shown = frames_of(source, [times[one] for one in indices], media.whence)
        pixels = numpy.stack([numpy.asarray(picture.convert("RGB")) for _, picture in shown])
    except DataError as error:
        raise Unfit(error.message) from error
    return OpenedFilm(pixels=pixels, shape=shape, indices=tuple(indices))


def _shape(times: Sequence[float]) -> FilmShape:
    """The last frame is shown as long as the others are on average."""
    length = times[-1] - times[0]
    rate = (len(times) - 1) / length if length > 0 else 1.0
    return FilmShape(frames=len(times), rate=rate, seconds=len(times) / rate)


def _of_frames(media: Media) -> OpenedFilm:
    """A film of the frames that core chose."""
    import numpy

    pictures = [upright_rgb(base64.b64decode(one)) for one in content_of(media).split(b",")]
    return OpenedFilm(
        pixels=numpy.stack([numpy.asarray(one) for one in pictures]),
        shape=_shape(media.times),
        indices=tuple(range(len(pictures))),
    )
