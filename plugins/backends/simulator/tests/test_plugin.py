from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.metadata import entry_points

from aisbench.api import API_VERSION
from aisbench_plugin_simulator import plugin


def test_offers_the_command() -> None:
    (offer,) = plugin.aisbench_commands()
    assert offer.name == "simulate"
    module, _, name = offer.target.partition(":")
    assert callable(getattr(importlib.import_module(module), name))
    assert plugin.AISBENCH_API == API_VERSION


def test_is_found_by_its_entry_point() -> None:
    (entry,) = [e for e in entry_points(group="aisbench") if e.name == "simulator"]
    assert entry.value == "aisbench_plugin_simulator.plugin"


def test_listing_it_imports_no_server() -> None:
    code = "import sys, aisbench_plugin_simulator.plugin; print('aiohttp.web' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
