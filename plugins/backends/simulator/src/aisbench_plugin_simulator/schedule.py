"""When the tokens of one answer are due."""

from __future__ import annotations

from bisect import bisect_right

from attrs import frozen

from aisbench_plugin_simulator.chance import draw
from aisbench_plugin_simulator.settings import SimulatorSettings


@frozen(kw_only=True)
class Schedule:
    """Absolute times, in seconds after the request's arrival, so that lateness never adds up.

    Token 0 is due after ``ttft``, token i another i times ``tpot`` later; with ``ends``, the
    tokens made by the end of each step, as many times as there are steps before its own.
    """

    ttft: float
    tpot: float
    jitter: float
    about: tuple[object, ...]
    ends: tuple[int, ...] = ()

    @classmethod
    def of(cls, settings: SimulatorSettings, digest: str, attempt: int, delay: float) -> Schedule:
        """The schedule of one attempt; ``delay`` s come before everything."""
        about = (settings.seed, "jitter", digest, attempt)
        ttft = settings.ttft_ms / 1000
        if settings.jitter:
            ttft *= 1 + settings.jitter * (2 * draw(*about) - 1)
        return cls(
            ttft=ttft + delay,
            tpot=settings.tpot_ms / 1000,
            jitter=settings.jitter,
            about=about,
        )

    @property
    def instant(self) -> bool:
        """Whether everything is due on arrival."""
        return self.ttft == 0 and self.tpot == 0

    def due(self, token: int) -> float:
        """When token number ``token`` (from 0) is due."""
        if self.ends:
            token = bisect_right(self.ends, token)
        if token == 0 or not self.jitter or not self.tpot:
            return self.ttft + token * self.tpot
        # At most half a token's time away, so that the order stays.
        return self.ttft + self.tpot * (token + self.jitter * (draw(*self.about, token) - 0.5))
