"""Open loops at one rate: constant, Poisson and gamma arrivals."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from attrs import frozen

from aisbench.settings.fields import above, setting
from aisbench.shapes.arrivals import SECOND, collect, gamma_gaps, random_of, unit_gaps
from aisbench.types.load import LoadContext, OpenLoop


@frozen
class RateSettings:
    """A rate."""

    rate: float = setting(
        unit="requests/s", check=above(0), help="arrivals per second, in mean", example=8.0
    )


@frozen
class RandomSettings:
    """A rate, with random gaps between arrivals."""

    rate: float = setting(
        unit="requests/s", check=above(0), help="arrivals per second, in mean", example=8.0
    )
    rescale: bool = setting(
        default=False,
        help="stretch the schedule so that the last of `requests` is due at requests/rate, as "
        "vllm bench does",
    )


@frozen
class GammaSettings:
    """A rate and how bursty it is."""

    rate: float = setting(
        unit="requests/s", check=above(0), help="arrivals per second, in mean", example=8.0
    )
    burstiness: float = setting(
        default=1.0,
        check=above(0),
        help="shape of the gamma distribution: 1 is Poisson, below burstier, above more even",
    )
    rescale: bool = setting(
        default=False,
        help="stretch the schedule so that the last of `requests` is due at requests/rate, as "
        "vllm bench does",
    )


class ConstantRate:
    """One arrival every ``1/rate`` s, the first at once."""

    def __init__(self, settings: RateSettings) -> None:
        self._rate = settings.rate

    def schedule(self, context: LoadContext) -> OpenLoop:
        """See :class:`aisbench.api.LoadShape`."""

        def times() -> Iterator[float]:
            number = 0
            while True:
                # Not added up, so that no error grows.
                yield number / self._rate
                number += 1

        return OpenLoop(due_ns=collect(context, times()))


class Poisson:
    """Independent arrivals: exponential gaps of mean ``1/rate`` s."""

    def __init__(self, settings: RandomSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """See :class:`aisbench.api.LoadShape`."""
        gaps = unit_gaps("poisson", random_of(context, "poisson"))
        return _random(context, gaps, self._settings.rate, self._settings.rescale)


class Gamma:
    """Gaps by the gamma distribution, mean ``1/rate`` s, shape ``burstiness``."""

    def __init__(self, settings: GammaSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """See :class:`aisbench.api.LoadShape`."""
        gaps = gamma_gaps(self._settings.burstiness, random_of(context, "gamma"))
        return _random(context, gaps, self._settings.rate, self._settings.rescale)


def _random(context: LoadContext, gaps: Iterator[float], rate: float, rescale: bool) -> OpenLoop:
    def times() -> Iterator[float]:
        total = 0.0
        for gap in gaps:
            total += gap
            yield total / rate

    due = collect(context, times())
    if rescale and context.requests is not None and len(due) >= context.requests:
        last = due[context.requests - 1]
        factor = context.requests / rate * SECOND / last
        due = array("q", (round(when * factor) for when in due))
    return OpenLoop(due_ns=due)
