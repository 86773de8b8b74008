"""When the requests of a load are sent."""

from __future__ import annotations

from typing import Protocol

from aisbench.types.load import LoadContext, Schedule


class LoadShape(Protocol):
    """When requests are sent. Pure: equal contexts give equal schedules."""

    def schedule(self, context: LoadContext) -> Schedule:
        """Raises DataError with a sentence for the user when the rows do not fit the shape."""
