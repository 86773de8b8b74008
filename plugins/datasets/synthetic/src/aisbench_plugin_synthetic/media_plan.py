"""Which contents there are, and which request shows which of them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise
from typing import Literal

from attrs import field, frozen

from aisbench.api import DataError
from aisbench_plugin_synthetic.lengths import Lengths, draw, shuffled
from aisbench_plugin_synthetic.media_settings import (
    FILM_NOISE,
    MOST_PIXELS,
    NOISE,
    MediaLoad,
    MediaMix,
)

Kind = Literal["image", "audio", "video"]
ENDINGS = {"jpeg": "jpg"}
WORDS: dict[Kind, tuple[str, str]] = {
    "image": ("picture", "pictures"), "audio": ("sound", "sounds"), "video": ("film", "films"),
}  # fmt: skip


_BYTES: dict[str, Sequence[tuple[float, float]]] = {
    "jpeg": ((0, 0.08), (0.05, 0.12), (0.1, 0.2), (0.3, 0.42), (0.6, 0.61), (1, 0.76)),
    "png": ((0, 0.8), (0.05, 1.9), (0.1, 2.2), (0.3, 2.7), (0.6, 3.0), (1, 3.0)),
    "webp": ((0, 0.04), (0.05, 0.09), (0.1, 0.22), (0.3, 0.43), (0.6, 0.62), (1, 0.75)),
    "mp4": ((0, 0.011), (0.05, 0.09), (0.1, 0.21), (0.3, 0.42), (0.6, 0.57), (1, 0.67)),
    "flac": ((0, 0.7), (0.05, 1.7), (0.3, 1.9), (1, 2.1)),
    "wav": ((0, 2.0), (1, 2.0)),
}
"""Bytes a pixel, or an instant of sound, by the share of noise; measured."""


def _bytes_each(form: str, noise: float) -> float:
    points = _BYTES[form]
    for (low, begin), (high, end) in pairwise(points):
        if noise <= high:
            return begin + (end - begin) * (noise - low) / (high - low)
    return points[-1][1]


@frozen(kw_only=True)
class Content:
    """One picture, sound or film that is made; ``seed`` decides what it shows."""

    kind: Kind
    form: str
    seed: str
    noise: float
    width: int = 0
    height: int = 0
    quality: int = 0
    kilobytes: int | None = None
    seconds: float = 0.0
    fps: float = 0.0
    sample_rate: int = 0
    channels: int = 1

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.seed.replace('/', '-')}.{ENDINGS.get(self.form, self.form)}"

    @property
    def estimate(self) -> float:
        """Bytes of its file, about."""
        if self.kilobytes is not None:
            return self.kilobytes * 1000
        if self.form == "mp3":
            return 1000 + self.seconds * 4000 * self.channels
        many = self.width * self.height
        if self.kind == "video":
            many *= max(1, round(self.seconds * self.fps))
        elif self.kind == "audio":
            many = round(self.seconds * self.sample_rate) * self.channels
        return 1000 + many * _bytes_each(self.form, self.noise)

    @property
    def size(self) -> str:
        """In words."""
        if self.kind == "image":
            return f"{self.width}x{self.height}"
        shown = f" {self.width}x{self.height}" if self.kind == "video" else ""
        return f"{self.seconds:g} s{shown}"


@frozen
class Held:
    """What one request shows; ``mix`` is its kind, with ``labels``."""

    mix: MediaMix
    contents: tuple[Content, ...]
    labels: dict[str, str]


@frozen
class MediaPlan:
    """The ``contents`` that are made, and what stands in each place (a row, or a turn of one)."""

    contents: tuple[Content, ...]
    places: Sequence[Held]
    uses: int = field(kw_only=True)
    """How often contents are shown, when each row is asked once."""

    @property
    def estimate(self) -> float:
        """Bytes of all contents, about."""
        return sum(one.estimate for one in self.contents)


def plan_media(load: MediaLoad, places: int, seed: int) -> MediaPlan:
    """Raises DataError for settings that do not go together, and for what cannot be made."""
    _check(load)
    total = sum(one.share for one in load.mix)
    shares = tuple((at + 1, one.share / total * 100) for at, one in enumerate(load.mix))
    kinds = draw(Lengths(method="percentages", shares=shares), places, f"{seed}/mix")
    found: list[Held | None] = [None] * places
    contents: list[Content] = []
    uses = 0
    for at, mix in enumerate(load.mix):
        mine = [place for place, kind in enumerate(kinds) if kind == at + 1]
        made = _MadeMedia.of(load, mix, len(mine), f"{seed}/{at}")
        contents += made.contents
        for place, held in zip(mine, made.held(), strict=True):
            found[place] = held
            uses += len(held.contents)
    plan = MediaPlan(tuple(contents), [one for one in found if one is not None], uses=uses)
    if plan.estimate > load.gigabytes * 1e9:
        raise DataError(
            f"synthetic: the {len(contents):,} different pictures, sounds and films of media "
            f"would take about {plan.estimate / 1e9:,.1f} GB of disk, and as much again in the "
            f"run, more than media.gigabytes = {load.gigabytes:g}",
            hint="set media.pool to fewer different ones, make them smaller, or raise "
            "media.gigabytes",
        )
    return plan


def _check(load: MediaLoad) -> None:
    if load.pool is not None and load.repeats is not None:
        raise DataError(
            "synthetic: media.pool and media.repeats do not go together",
            hint="pool says how many different contents there are, repeats computes it",
        )
    for one in load.mix:
        if one.kilobytes is not None and not one.pictures:
            raise DataError(
                "synthetic: media.mix.kilobytes is the size of pictures, and there are none",
                hint="films and sounds are as large as their seconds and noise make them",
            )
    if not any(one.pictures or one.sounds or one.films for one in load.mix):
        raise DataError(
            "synthetic: no kind of media.mix has pictures, sounds or films",
            hint="set pictures, sounds or films of one, such as pictures = 1",
        )


@frozen
class _MadeMedia:
    """What the requests of one kind show."""

    mix: MediaMix
    requests: int
    counts: dict[Kind, Sequence[int]]
    pools: dict[Kind, Sequence[Content]]
    alike: Set[Kind]
    """Kinds that have one size."""
    seed: str

    @classmethod
    def of(cls, load: MediaLoad, mix: MediaMix, requests: int, seed: str) -> _MadeMedia:
        """For so many requests."""
        counts: dict[Kind, Sequence[int]] = {}
        pools: dict[Kind, Sequence[Content]] = {}
        asked: dict[Kind, int | Lengths | None] = {
            "image": mix.pictures, "audio": mix.sounds, "video": mix.films,
        }  # fmt: skip
        for kind, lengths in asked.items():
            if lengths is None or not requests:
                continue
            counts[kind] = draw(lengths, requests, f"{seed}/{kind}/count")
            uses = sum(counts[kind])
            distinct = load.pool or math.ceil(uses * (1 - (load.repeats or 0.0)))
            pools[kind] = _contents(mix, kind, max(1, min(distinct, uses)), f"{seed}/{kind}")
        alike = {kind for kind, pool in pools.items() if len({one.size for one in pool}) == 1}
        return cls(mix, requests, counts, pools, alike, seed)

    @property
    def contents(self) -> list[Content]:
        """All different ones."""
        return [one for pool in self.pools.values() for one in pool]

    def held(self) -> Iterator[Held]:
        """Request by request. Each content is shown as often as any other, or once more."""
        orders = {
            kind: iter(shuffled(sum(counts), random.Random(f"{self.seed}/{kind}/order")))
            for kind, counts in self.counts.items()
        }
        for at in range(self.requests):
            chosen: list[Content] = []
            for kind, pool in self.pools.items():
                for _ in range(self.counts[kind][at]):
                    chosen.append(pool[next(orders[kind]) % len(pool)])
            yield Held(self.mix, tuple(chosen), self._labels(chosen))

    def _labels(self, contents: Sequence[Content]) -> dict[str, str]:
        if not contents:
            return {"modality": "text", "size": "text"}
        words, sizes = [], []
        for kind in self.pools:
            mine = [one for one in contents if one.kind == kind]
            one, many = WORDS[kind]
            words.append(one)
            size = mine[0].size if kind in self.alike else _bucket(mine)
            sizes.append(f"{len(mine)} {one if len(mine) == 1 else many} {size}")
        return {"modality": " + ".join(words), "size": ", ".join(sizes)}


def _bucket(contents: Sequence[Content]) -> str:
    """Of drawn sizes: megapixels or seconds of all together, between powers of two."""
    if contents[0].kind == "image":
        amount, unit = sum(one.width * one.height for one in contents) / 1e6, "MP"
    else:
        amount, unit = sum(one.seconds for one in contents), "s"
    power = math.floor(math.log2(amount))
    return f"of {2.0**power:g} to {2.0 ** (power + 1):g} {unit}"


def _contents(mix: MediaMix, kind: Kind, count: int, seed: str) -> list[Content]:
    """``count`` different ones of a kind."""
    usual = FILM_NOISE if kind == "video" else NOISE
    noise = usual if mix.noise is None else mix.noise

    def drawn(lengths: int | Lengths | None, name: str) -> Sequence[int | None]:
        return [None] * count if lengths is None else draw(lengths, count, f"{seed}/{name}")

    if isinstance(mix.seconds, Lengths):
        seconds: Sequence[float] = draw(mix.seconds, count, f"{seed}/seconds")
    else:
        seconds = [mix.seconds] * count
    if kind == "audio":
        return [
            Content(
                kind=kind, form=mix.sound_format, seed=f"{seed}/{at}", noise=noise,
                seconds=seconds[at], sample_rate=mix.sample_rate, channels=mix.channels,
            )
            for at in range(count)
        ]  # fmt: skip
    widths, heights = drawn(mix.width, "width"), drawn(mix.height, "height")
    sizes = drawn(mix.kilobytes, "kilobytes")
    made = []
    for at in range(count):
        width, height = widths[at] or 1, heights[at] or 1
        if width * height > MOST_PIXELS:
            raise DataError(
                f"synthetic: a picture of {width} x {height} pixels is more than servers decode "
                f"({MOST_PIXELS:,}); it would need {width * height * 9 / 1e9:.1f} GB of memory "
                "to be made",
                hint="lower width and height of media.mix, or bound them with max",
            )
        if kind == "video":
            # H.264 in 4:2:0 has even sides.
            width, height = max(2, width - width % 2), max(2, height - height % 2)
            made.append(
                Content(
                    kind=kind, form="mp4", seed=f"{seed}/{at}", noise=noise, width=width,
                    height=height, seconds=seconds[at], fps=mix.fps,
                )
            )  # fmt: skip
        else:
            made.append(
                Content(
                    kind=kind, form=mix.picture_format, seed=f"{seed}/{at}", noise=noise,
                    width=width, height=height, quality=mix.quality, kilobytes=sizes[at],
                )
            )  # fmt: skip
    return made
