"""Where the loads of a point of a tuned server belong."""

from __future__ import annotations

from attrs import field, frozen

from aisbench.config.load_keys import label as load_label
from aisbench.types.json import JsonObject

WHOLE = load_label({})
"""The label of a load that is the only one."""


@frozen
class LoadPlace:
    """Where loads of one point of a tuned server belong: what stands before their labels, and the
    settings that their server has. Empty for loads that are the suite's own."""

    point: str = ""
    server: JsonObject = field(factory=dict)

    def label(self, label: str) -> str:
        """The label of a load there."""
        if not self.point:
            return label
        return self.point if label == WHOLE else f"{self.point},{label}"


WHOLE = load_label({})
