"""How a template shows films as pictures."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from aisbench.settings.fields import above, at_least, setting
from aisbench.types.media import Frames


def _times(values: tuple[float, ...]) -> str | None:
    return "must not be below 0" if any(one < 0 for one in values) else None


@frozen
class FrameSettings:
    """Of `frames`: one of count, rate and times."""

    count: int | None = setting(
        default=None,
        check=at_least(1),
        help="so many frames of each film, from its first to its last, at equal distances",
        example=8,
    )
    rate: float | None = setting(
        default=None, check=above(0), unit="1/s", help="so many each second", example=1.0
    )
    times: tuple[float, ...] = setting(
        default=(), unit="s", check=_times, help="those shown at these seconds", example=[0.0, 2.5]
    )
    most: int | None = setting(
        default=None,
        check=at_least(1),
        help="with rate: at most so many, at equal distances",
        example=64,
    )
    together: bool = setting(
        default=False,
        help="they are sent as one film, a list of JPEG (video/jpeg), as vLLM takes it",
    )
    sound: bool = setting(default=False, help="the film's sound follows its frames, if it has any")

    def made(self) -> Frames:
        """As prompts hold it."""
        return Frames(
            count=self.count,
            rate=self.rate,
            times=self.times,
            most=self.most,
            sound=self.sound,
            together=self.together,
        )


def frames_setting() -> Any:
    """The setting `frames` of a template's class: ``frames: FrameSettings | None =
    frames_setting()``."""
    return setting(
        default=None,
        check=_one_way,
        help="films are shown as pictures, with { count = 8 }, { rate = 1.0, most = 64 } or "
        "{ times = [0.0, 2.5] }; without it they are sent whole; needs PyAV",
        example={"count": 8},
    )


def _one_way(value: FrameSettings | None) -> str | None:
    """The frames must be said in one way."""
    if value is None:
        return None
    said = [value.count is not None, value.rate is not None, bool(value.times)].count(True)
    if said != 1:
        return "must have one of count, rate and times"
    return "most has no effect without rate" if value.most and value.rate is None else None
