"""Listing plugins must stay quick: an entry-point module imports nothing but the API."""

from __future__ import annotations

import json
import subprocess
import sys

# What aisbench.api itself needs is loaded before, and so never counts against the plugin. The
# finder only notes who asks first for each module; finding is left to the others.
_PROBE = """
import importlib, json, sys
import aisbench.api
class Noting:
    def __init__(self):
        self.first = {}
    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is not None:
            place = frame.f_code.co_filename.replace("\\\\", "/").split("/")[-1]
            self.first.setdefault(name.partition(".")[0], f"{place}:{frame.f_lineno}")
        return None
noting = Noting()
sys.meta_path.insert(0, noting)
before = set(sys.modules)
importlib.import_module(sys.argv[1])
tops = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps({top: noting.first.get(top, "") for top in sorted(tops)}))
"""


def check_light(module: str) -> list[str]:
    """Import ``module`` in a fresh interpreter, and name what came with it."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, module], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return [f"{module} cannot be imported: {last}"]
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    own = {module.partition(".")[0], "aisbench"}
    return [
        f"importing {module} brings in {top}"
        + (f" (asked for in {place})" if place else "")
        + ': name the code as a "module:attribute" target, and import it there'
        for top, place in found.items()
        # Packages compiled by mypyc come with a helper module of a hashed name.
        if top not in own and top not in sys.stdlib_module_names and not top.endswith("__mypyc")
    ]
