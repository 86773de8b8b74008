"""Importing a plugin's light module: quick, quiet, and without a trace in the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

SECONDS = 20.0
"""What one import may take; listing plugins waits for all of them."""

# One interpreter has the API ready; each module is imported in a fork of it, which tells what
# came with the import and what is changed after it. Only the tops of sys.modules are looked at.
# The folder of a file that is no package is on sys.path by core's own doing.
_PROBE = r"""
import importlib, json, logging, os, select, signal, sys, warnings
import aisbench.api
class Noting:
    def __init__(self):
        self.first = {}
    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is not None:
            place = frame.f_code.co_filename.replace("\\", "/").split("/")[-1]
            self.first.setdefault(name.partition(".")[0], f"{place}:{frame.f_lineno}")
        return None
def state():
    root = logging.getLogger()
    return {
        "os.environ": dict(os.environ),
        "the current folder": os.getcwd(),
        "signal handlers": {n: repr(signal.getsignal(n)) for n in signal.valid_signals()},
        "the root logger": [root.level, [repr(h) for h in root.handlers], root.disabled],
        "logging.disable": root.manager.disable,
        "sys.path": list(sys.path),
        "sys.excepthook": repr(sys.excepthook),
        "sys.stdout": repr(sys.stdout),
        "sys.stderr": repr(sys.stderr),
        "warnings.filters": repr(warnings.filters),
        "sys.setrecursionlimit": sys.getrecursionlimit(),
    }
def probe(module):
    noting = Noting()
    sys.meta_path.insert(0, noting)
    before, held = set(sys.modules), state()
    try:
        if module.endswith(".py"):
            from pathlib import Path
            from aisbench.base.modules import import_file
            loaded = import_file(Path(module))
        else:
            loaded = importlib.import_module(module)
    except BaseException as error:
        import traceback
        place = ""
        for frame in traceback.extract_tb(error.__traceback__):
            if "importlib" not in frame.filename and frame.filename != "<string>":
                place = f" (at {os.path.basename(frame.filename)}:{frame.lineno})"
        text = (str(error).splitlines() or ["no message"])[0]
        fatal = not isinstance(error, Exception)
        return {"error": f"{type(error).__name__}: {text}{place}", "fatal": fatal}
    hooks = []
    for name in dir(loaded):
        hook = getattr(loaded, name)
        if name.startswith("aisbench_") and callable(hook):
            try:
                list(hook() or ())
            except Exception:
                pass  # discovery records it
            except BaseException as error:
                hooks.append(f"{name}() raises {type(error).__name__}")
    after = state()
    tops = {name.partition(".")[0] for name in set(sys.modules) - before}
    return {
        "brought": {top: noting.first.get(top, "") for top in sorted(tops)},
        "changed": [
            name
            for name in held
            if after[name] != held[name] and not (name == "sys.path" and module.endswith(".py"))
        ],
        "hooks": hooks,
        "fatal": bool(hooks),
    }
for module in sys.argv[2:]:
    inner, outer = os.pipe()
    said = os.pipe()
    child = os.fork()
    if not child:
        os.setpgrp()
        os.dup2(said[1], 1)
        os.dup2(said[1], 2)
        found = json.dumps(probe(module)).encode()
        sys.stdout.flush()
        os.write(outer, found)
        os._exit(0)
    os.close(outer)
    os.close(said[1])
    ready, _, _ = select.select([inner], [], [], float(sys.argv[1]))
    answer = b""
    if ready:
        while chunk := os.read(inner, 65536):
            answer += chunk
    else:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    os.set_blocking(said[0], False)
    try:
        words = os.read(said[0], 4096).decode("utf-8", "replace")
    except OSError:
        words = ""
    os.close(inner)
    os.close(said[0])
    found = json.loads(answer) if answer else (
        {"died": os.waitstatus_to_exitcode(status)} if ready else {"hangs": True}
    )
    sys.__stdout__.write(json.dumps({"module": module, "said": words, **found}) + "\n")
    sys.__stdout__.flush()
"""


def probe_imports(modules: Sequence[str], seconds: float = SECONDS) -> dict[str, Any]:
    """What importing each of ``modules`` (or .py files) does, in a process of its own."""
    if not modules:
        return {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, str(seconds), *modules],
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        errors.seek(0)
        if done.returncode:
            raise RuntimeError(f"the probe of imports died: {errors.read()[-500:]}")
    found = (json.loads(line) for line in done.stdout.splitlines())
    return {one["module"]: one for one in found}


def import_problems(
    module: str, found: Mapping[str, Any], seconds: float = SECONDS, light: bool = True
) -> list[str]:
    """What of it hurts every start of aisbench. A file that a suite names need not be
    ``light``."""
    if "hangs" in found:
        return [f"importing {module} takes more than {seconds:g} s: every command would wait"]
    if "died" in found:
        return [
            f"importing {module} ends the process (code {found['died']}): nothing may be run at "
            "import, and nobody's process ended"
        ]
    if "error" in found:
        return [f"importing {module} raises {found['error']}"]
    problems = [
        f"importing {module} changes {name} for everyone: do it where your code runs, and undo it"
        for name in found["changed"]
    ]
    problems += [f"{said}: nothing ends a process but its user" for said in found["hooks"]]
    if words := found["said"].strip():
        problems.append(f"importing {module} prints {words.splitlines()[0][:60]!r}")
    return problems + heavy(module, found["brought"]) if light else problems


def heavy(module: str, brought: Mapping[str, str]) -> list[str]:
    """What came with the import that a list of plugins does not need."""
    own = {module.partition(".")[0], "aisbench"}
    return [
        f"importing {module} brings in {top}"
        + (f" (asked for in {place})" if place else "")
        + ': name the code as a "module:attribute" target, and import it there'
        for top, place in brought.items()
        # Packages compiled by mypyc come with a helper module of a hashed name.
        if top not in own and top not in sys.stdlib_module_names and not top.endswith("__mypyc")
    ]


def check_light(module: str) -> list[str]:
    """Import ``module`` in a fresh process; name what came with it and what it changed."""
    return import_problems(module, probe_imports([module])[module])
