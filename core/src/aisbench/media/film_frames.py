"""Which pictures and sounds stand for a film, and their contents, each film read once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

import attrs
from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.media.contents import film_source, stamp_of
from aisbench.media.films import Film, chosen_times, film_of, in_a_list, pictures_of
from aisbench.media.resizing import made_smaller
from aisbench.types.media import Frames, Media

_Place = tuple[object, tuple[int, int]]


@define(eq=False)
class FilmFrames:
    """Remembers what films hold, as long as their files are as they were."""

    _films: dict[_Place, Film] = field(init=False, factory=dict)

    def of(self, media: Media, frames: Frames, check: Callable[[Media], object]) -> list[Media]:
        """The frames that stand for a film, and its sound if it is wanted and there. ``check``
        raises DataError for a file that is no film. Raises DataError."""
        place = _place_of(media)
        film = self._films.get(place)
        if film is None:
            check(media)
            film = self._films[place] = film_of(film_source(media), media.whence)
        times = chosen_times(film, frames, media.whence)
        plain = attrs.evolve(media, frames=None, mime="")
        if frames.together:
            found = [attrs.evolve(plain, detail="", times=times)]
        else:
            found = [attrs.evolve(plain, kind="image", time=time) for time in times]
        if frames.sound and film.sound:
            found.append(attrs.evolve(_plain(media), kind="audio", soundtrack=True))
        return found


def by_film(several: Iterable[Media]) -> dict[Media, list[Media]]:
    """Those that are frames, by their film."""
    films: dict[Media, list[Media]] = {}
    for media in several:
        if media.time is not None or media.times:
            films.setdefault(_plain(media), []).append(media)
    return films


def contents_of(film: Media, frames: Iterable[Media]) -> Iterator[tuple[Media, bytes]]:
    """The contents of frames of a film, within their limits. Raises DataError."""
    by_time: dict[float, list[Media]] = {}
    lists: dict[Media, list[bytes]] = {}
    for one in frames:
        for time in one.times or (one.time,):
            if time is not None:
                by_time.setdefault(time, []).append(one)
    for time, content in pictures_of(film_source(film), sorted(by_time), film.whence):
        for one in by_time[time]:
            smaller = made_smaller(content, one)
            if one.times:
                lists.setdefault(one, []).append(smaller)
            else:
                yield one, smaller
    for one, several in lists.items():
        yield one, in_a_list(several)


def refuse_address(media: Media) -> None:
    """Raises DataError for a film that is not here."""
    if media.url:
        raise DataError(
            f"{media.url} is fetched by the server, so no frames of it can be made here",
            hint="name files, or send films whole",
        )


def _plain(media: Media) -> Media:
    return attrs.evolve(
        media, frames=None, kind="video", time=None, times=(), soundtrack=False, mime="",
        sha256="", detail="", max_pixels=None, max_side=None,
    )  # fmt: skip


def _place_of(media: Media) -> _Place:
    if media.base64:
        return hashlib.sha256(media.base64.encode()).hexdigest(), (0, 0)
    return (media.path, media.inside), stamp_of(media.path)
