"""What a suite may set about pictures, sounds and films."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import above, at_least, not_empty, setting
from aisbench_plugin_synthetic.lengths import Lengths, problem

PictureFormat = Literal["jpeg", "png", "webp"]
SoundFormat = Literal["wav", "flac", "mp3"]
NOISE, FILM_NOISE = 0.3, 0.03
Where = Literal["before", "after", "between"]
MOST_PIXELS = 178_956_970
"""Pillow's own bound (``MAX_IMAGE_PIXELS`` times two), beyond which servers refuse pictures."""


def _share_problem(value: float | None) -> str | None:
    return None if value is None or 0 <= value <= 1 else "must be between 0 and 1"


def _repeats_problem(value: float | None) -> str | None:
    return None if value is None or 0 <= value < 1 else "must be at least 0 and below 1"


def _quality_problem(value: int) -> str | None:
    return None if 1 <= value <= 100 else "must be between 1 and 100"


def _seconds_problem(value: float | Lengths) -> str | None:
    if isinstance(value, Lengths):
        return problem(value)
    return None if 0 < value <= 86_400 else "must be above 0 and at most 86400"


@frozen
class MediaMix:
    """One kind of request. Without pictures, sounds and films it is text alone."""

    share: float = setting(
        default=1.0, check=above(0), help="weight of this kind among all of mix", example=20.0
    )
    pictures: int | Lengths | None = setting(
        default=None, check=problem, help="pictures in a request", example=1
    )
    sounds: int | Lengths | None = setting(
        default=None, check=problem, help="sounds in a request", example=1
    )
    films: int | Lengths | None = setting(
        default=None, check=problem, help="films in a request", example=1
    )
    width: int | Lengths = setting(
        default=1024, check=problem, unit="pixels", help="of pictures and films", example=448
    )
    height: int | Lengths = setting(
        default=1024, check=problem, unit="pixels", help="of pictures and films", example=448
    )
    picture_format: PictureFormat = setting(default="jpeg", help="what pictures are sent as")
    quality: int = setting(
        default=85,
        check=_quality_problem,
        help="of JPEG and WebP, as encoders count it",
        example=95,
    )
    kilobytes: int | Lengths | None = setting(
        default=None,
        check=problem,
        help="how large a picture's file is, in 1000 bytes, whatever its pixels: as noisy as "
        "fits, and filled up with a comment; of WebP at most so large",
        example=500,
    )
    noise: float | None = setting(
        default=None,
        check=_share_problem,
        help="share of noise, 0 to 1, which does not compress; if absent, 0.3 of pictures and "
        "sounds, 0.03 of films, whose files are then about as large as photographs and clips",
        example=0.5,
    )
    seconds: float | Lengths = setting(
        default=4.0,
        check=_seconds_problem,
        unit="s",
        help="how long sounds and films are",
        example=10.0,
    )
    fps: float = setting(default=8.0, check=above(0), help="frames of films in a second")
    sound_format: SoundFormat = setting(default="wav", help="what sounds are sent as")
    sample_rate: int = setting(
        default=16_000, check=at_least(1000), unit="Hz", help="of sounds", example=16000
    )
    channels: Literal[1, 2] = setting(default=1, help="of sounds")
    place: Where = setting(
        default="before",
        help="where contents stand: before or after the text, or between its parts, which are "
        "equally long",
    )


@frozen
class MediaLoad:
    """Which contents requests hold."""

    mix: tuple[MediaMix, ...] = setting(
        check=not_empty,
        help="kinds of requests with their shares",
        example=[{"share": 70}, {"share": 20, "pictures": 1}, {"share": 10, "films": 1}],
    )
    pool: int | None = setting(
        default=None,
        check=at_least(1),
        help="how many different pictures, sounds and films of each kind of mix there are; if "
        "absent, none is shown twice",
        example=100,
    )
    repeats: float | None = setting(
        default=None,
        check=_repeats_problem,
        help="instead of pool: the share of contents that were shown before, when each row is "
        "asked once; what an encoder cache of any size could have",
        example=0.5,
    )
    turns: Literal["every", "first"] | None = setting(
        default=None,
        help="synthetic-turns: whether every turn is of a kind of mix (the default), or only the "
        "first",
        example="first",
    )
    gigabytes: float = setting(
        default=20.0, check=above(0), help="disk that they may take, by an estimate", example=50.0
    )
