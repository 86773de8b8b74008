from __future__ import annotations

from pathlib import Path

import attrs

from aisbench_plugin_simulator.failures import KINDS
from aisbench_plugin_simulator.reasoning import ReasoningMode
from aisbench_plugin_simulator.settings import SimulatorSettings

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_names_all_that_can_be_set() -> None:
    names = {field.name for field in attrs.fields(SimulatorSettings)} | set(KINDS)
    names |= {mode.value for mode in ReasoningMode} - {"none"}
    assert [name for name in sorted(names) if f"`{name}`" not in README] == []
