"""Open loops whose instants are given: bursts and traces."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.settings.fields import above, at_least, setting
from aisbench.shapes.arrivals import SECOND, collect
from aisbench.types.load import LoadContext, OpenLoop


@frozen
class BurstSettings:
    """How many at once, and how often."""

    size: int = setting(check=at_least(1), help="requests at one instant", example=64)
    every: float | None = setting(
        default=None,
        unit="s",
        check=above(0),
        help="between bursts; absent: one burst alone",
        example=10.0,
    )


class Burst:
    """A number of requests at one instant, once or repeatedly."""

    def __init__(self, settings: BurstSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """See :class:`aisbench.api.LoadShape`."""
        size, every = self._settings.size, self._settings.every

        def times() -> Iterator[float]:
            number = 0
            while number == 0 or every is not None:
                for _ in range(size):
                    yield number * (every or 0)
                number += 1

        return OpenLoop(due_ns=collect(context, times()))


@frozen
class TraceSettings:
    """How a recorded trace is replayed."""

    speed: float = setting(default=1.0, check=above(0), help="2: twice as fast as it was recorded")
    begin: float = setting(
        default=0.0, unit="s", check=at_least(0), help="leave out what was before, in trace time"
    )
    end: float | None = setting(
        default=None,
        unit="s",
        check=above(0),
        help="leave out what was from here on",
        example=600.0,
    )
    offset: float = setting(
        default=0.0, unit="s", check=at_least(0), help="wait so long before the first request"
    )
    loop: bool = setting(
        default=False, help="begin again after the last row, until requests or duration end it"
    )


class Trace:
    """Each row at the instant that the data set recorded for it.

    The first row that is kept is due at ``offset``, whatever the origin of the trace.
    """

    def __init__(self, settings: TraceSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """Raises DataError for rows without an instant, unsorted ones, or none in the window."""
        rows = self._rows(context)
        origin = rows[0][0]
        speed = self._settings.speed
        offset = round(self._settings.offset * SECOND)
        times = [round((when - origin) / speed) for when, _ in rows]
        gap = times[-1] / (len(times) - 1) if len(times) > 1 else SECOND
        period = times[-1] + max(round(gap), 1)
        numbers: list[int] = []

        def replay() -> Iterator[float]:
            cycle = 0
            while cycle == 0 or self._settings.loop:
                for when, (_, row) in zip(times, rows, strict=True):
                    numbers.append(row)
                    yield (offset + cycle * period + when) / SECOND
                cycle += 1

        due = collect(context, replay())
        return OpenLoop(due_ns=due, rows=array("q", numbers[: len(due)]))

    def _rows(self, context: LoadContext) -> list[tuple[int, int]]:
        """(instant, row) of the rows in the window."""
        begin = self._settings.begin * SECOND
        end = None if self._settings.end is None else self._settings.end * SECOND
        rows: list[tuple[int, int]] = []
        missing = 0
        before = -1
        for row, when in enumerate(context.arrivals_ns):
            if when is None:
                missing += 1
                continue
            if when < before:
                raise DataError(
                    f"the trace is not in order: row {row} was recorded at {when / SECOND:.3f} s, "
                    f"and the row before it at {before / SECOND:.3f} s",
                    hint="sort the file by time, or set sort = true if the data set has it",
                )
            before = when
            if when >= begin and (end is None or when < end):
                rows.append((when, row))
        if missing:
            raise DataError(
                f"{missing} of {len(context.arrivals_ns)} rows of the data set have no time",
                hint="the shape trace replays data sets with recorded times (aisbench datasets "
                "lists traces); use another shape for this one",
            )
        if not rows:
            raise DataError(
                "no row of the trace lies between load.begin and load.end",
                hint="both are seconds after the trace's start",
            )
        return rows
