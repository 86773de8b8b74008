"""What reads the devices that a model runs on, beside a load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aisbench.types.devices import DeviceReading


class DeviceSampler(Protocol):
    """Reads devices, in a process of its own that does nothing else.

    The constructor gets the settings; it must open, start and send nothing: it is also called for
    ``aisbench validate``. What cannot be had (a tool, a driver, a permission, a device that was
    chosen) is a DataError whose message is a line for the report; the load counts without it.
    (1.3)
    """

    def open(self) -> None:
        """Make ready. Raises DataError."""

    def read(self) -> Sequence[DeviceReading]:
        """All chosen devices, now. Raises DataError; the next call may succeed."""

    def close(self) -> None:
        """Let go."""
