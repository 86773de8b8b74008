"""What collectors of all protocols have in common."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.codec.faults import server_fault
from aisbench.types.response import Fault


@define(eq=False)
class FaultCollector:
    """The part of a :class:`aisbench.codec.Collector` that all protocols share: what was seen so
    far, and the server's first error. A subclass adds ``take``, ``ended`` and ``response``.

    The answer itself counts as begun with the first object. Protocols that stream reasoning or
    roles before it override :attr:`answering`.
    """

    begun: bool = field(init=False, default=False)
    alien: bool = field(init=False, default=False)
    fault: Fault | None = field(init=False, default=None)

    @property
    def answering(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return self.begun

    def fail(self, error: Any, body: str) -> None:
        """See :class:`aisbench.codec.Collector`."""
        if self.fault is None:
            self.fault = server_fault(error, body)
