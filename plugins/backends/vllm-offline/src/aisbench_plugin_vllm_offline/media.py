"""Pictures, sounds and films as vLLM's engine takes them from Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from aisbench.api import Media, SeenMedia
from aisbench.codec import (
    FilmShape,
    OpenedFilm,
    opened_film,
    opened_picture,
    opened_sound,
    placeholders,
    sound_rate,
)
from aisbench_plugin_vllm_offline.settings import FilmSampling


def multi_modal_data(
    several: Sequence[Media], processor: Any, video: FilmSampling
) -> dict[str, Any]:
    """The contents by kind, in their order. ``video`` says which frames of films. Raises Unfit."""
    found: dict[str, list[Any]] = {}
    for media in several:
        item: Any
        if media.kind == "image":
            item = opened_picture(media)
        elif media.kind == "audio":
            rate = sound_rate(processor)
            item = (opened_sound(media, rate), float(rate))
        else:
            film = opened_film(media, lambda shape: chosen_frames(shape, video))
            item = (film.pixels, _about(film))
        found.setdefault(media.kind, []).append(item)
    return found


def chosen_frames(shape: FilmShape, video: FilmSampling) -> list[int]:
    """So many at equal distances, the first and the last among them, as vLLM's server takes them
    (vllm 0.32, multimodal/video.py)."""
    import numpy

    count = min(shape.frames, video.num_frames)
    if video.fps is not None:
        count = min(count, math.floor(shape.seconds * video.fps))
    chosen: list[int] = numpy.linspace(0, shape.frames - 1, max(1, count), dtype=int).tolist()
    return chosen


def _about(film: OpenedFilm) -> dict[str, Any]:
    return {
        "total_num_frames": film.shape.frames,
        "fps": film.shape.rate,
        "duration": film.shape.seconds,
        "video_backend": "opencv",
        "frames_indices": list(film.indices),
        "do_sample_frames": False,
    }


def given(data: Mapping[str, list[Any]]) -> tuple[SeenMedia, ...]:
    """What the engine is given. How its processor makes it fit does not show."""
    return tuple(_OF_KIND[kind](items) for kind, items in data.items())


def _pictures(items: Sequence[Any]) -> SeenMedia:
    return SeenMedia(kind="image", count=len(items), sizes=tuple(one.size for one in items))


def _sounds(items: Sequence[Any]) -> SeenMedia:
    lengths = tuple(len(samples) for samples, _ in items)
    return SeenMedia(kind="audio", count=len(items), samples=lengths)


def _films(items: Sequence[Any]) -> SeenMedia:
    shapes = [pixels.shape for pixels, _ in items]
    return SeenMedia(
        kind="video",
        count=len(items),
        sizes=tuple((shape[2], shape[1]) for shape in shapes),
        frames=tuple(shape[0] for shape in shapes),
    )


_OF_KIND = {"image": _pictures, "audio": _sounds, "video": _films}


def counted(
    told: Sequence[SeenMedia], processor: Any, ids: Sequence[int]
) -> tuple[SeenMedia, ...]:
    """The same, with the tokens of the prompt that stand for them."""
    return tuple(evolve(one, tokens=placeholders(processor, one.kind, ids)) for one in told)
