"""How fast the answers came: the loads of the run."""

from __future__ import annotations

from aisbench_plugin_html.blocks import Section
from aisbench_plugin_html.material import Material


def performance(material: Material) -> list[Section]:
    """Sections on the loads; none without loads."""
    return []
