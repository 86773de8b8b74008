"""Packages with one fault each: what is installed, imported and offered."""

from __future__ import annotations

from trial_site import Fault

_API = "AISBENCH_API = 1"
_STALE = """{"about": "", "format": 1, "declared": {}, "plugins": {"PACKAGE.plugin": {
    "api": "1.0", "hooks": ["aisbench_evaluators"], "files": {"plugin.py": "1-00000000"},
    "offers": []
}}}"""


def _light(what: str, by: str, old: str, new: str, words: str = "") -> Fault:
    return Fault(kind="evaluator", what=what, by=by, light=((old, new),), words=words)


def _import(what: str, line: str, words: str) -> Fault:
    return _light(what, "import of", _API, f"{_API}\n{line}", words)


def _settings(what: str, text: str, words: str) -> Fault:
    return Fault(
        kind="postprocessor",
        what=what,
        by="offer and settings",
        words=words,
        code=(
            (
                "class Made:",
                "import attrs\nfrom aisbench.api import setting, above\n\n\n@attrs.frozen\n"
                f"class Settings:\n    {text}\n\n\nclass Made:\n"
                "    def __init__(self, settings):\n"
                "        self.settings = settings\n",
            ),
        ),
        offer=(("target=", 'settings="PACKAGE.code:Settings", target='),),
    )


PACKAGES = [
    _import("a heavy import", "import pytest", "brings in"),
    _import("it prints at import", 'print("welcome")', "prints"),
    _import("sys.exit at import", "import sys\nsys.exit(3)", "SystemExit"),
    _import("os._exit at import", "import os\nos._exit(3)", "ends the process"),
    _import("an endless import", "while True:\n    pass", "takes more than"),
    _import("an import that fails", "import no_such_module_at_all", "no_such_module_at_all"),
    _import("a signal handler at import", "import signal\nsignal.signal(signal.SIGUSR1, print)",
            "signal"),
    _import("the root logger set up at import", "import logging\nlogging.basicConfig()", "logger"),
    _import("the environment changed at import", "import os\nos.environ['TZ'] = 'UTC'", "environ"),
    _import("the folder changed at import", "import os\nos.chdir('/')", "folder"),
    _import("sys.path changed at import",
            "import sys\nsys.path.insert(0, '/nowhere')", "sys.path"),
    _light("sys.exit in a hook", "import of", "    return [", "    import sys\n    sys.exit(2)\n"
           "    return [", "SystemExit"),
    _light("a hook that never ends", "import of", "    return [",
           "    while True:\n        pass\n    return [", "takes more than"),
    _light("no AISBENCH_API", "loading", _API, "", ""),
    _light("an API of the future", "loading", _API, "AISBENCH_API = 99", "99"),
    _light("a hook that does not exist", "loading", "def aisbench_evaluators",
           "def aisbench_evaluatorz", "aisbench_evaluatorz"),
    _light("a hook that offers nothing", "loading", "    return [", "    return []\n    [",
           "offers nothing"),
    _light("a hook that raises", "loading", "    return [", "    1 / 0\n    return [",
           "ZeroDivisionError"),
    _light("a hook that returns None", "loading", "    return [",
           "    return None\n    [", "None"),
    Fault(kind="evaluator", what="core's private modules", by="imports of", words="aisbench.store",
          code=(("from aisbench.api", "import aisbench.store.journal\nfrom aisbench.api"),)),
    Fault(kind="evaluator", what="another plugin's modules", by="imports of",
          words="aisbench_plugin_numeric",
          code=(("from aisbench.api", "import aisbench_plugin_numeric\nfrom aisbench.api"),)),
    Fault(kind="evaluator", what="a target that is not there", by="offer and settings",
          offer=((".code:Made", ".code:Maid"),), words="Maid"),
    Fault(kind="evaluator", what="a target's module that is not there", by="offer and settings",
          offer=((".code:Made", ".cod:Made"),), words="cod"),
    Fault(kind="evaluator", what="a name in capitals", by="", words="",
          offer=(('name="NAME"', 'name="NAME_Exact"'),)),
    Fault(kind="evaluator", what="a summary of one word", by="offer and settings", words="summary",
          offer=(("The last word is the answer.", "Eval"),)),
    Fault(kind="evaluator", what="no dependency on aisbench", by="metadata", words="depend",
          metadata=(("Requires-Dist: aisbench\n", ""),)),
    Fault(kind="evaluator", what="no Python version", by="metadata", words="requires-python",
          metadata=(("Requires-Python: >=3.10\n", ""),)),
    Fault(kind="evaluator", what="no summary of the distribution", by="metadata", words="summary",
          metadata=(("Summary: A trial.\n", ""),)),
    Fault(kind="evaluator", what="an entry point of another name", by="names", words="call it",
          metadata=(("NAME = PACKAGE", "other-NAME = PACKAGE"),)),
    Fault(kind="evaluator", what="an entry point to an attribute", by="entry points",
          words="module alone", metadata=((".plugin\n", ".plugin:main\n"),)),
    Fault(kind="evaluator", what="a stale manifest", by="manifest", words="other than the code",
          beside={"aisbench-offers.json": _STALE}),
    _settings("a field not made by setting()", "plain: int = 3", "not made by"),
    _settings("a setting without help", 'n: int = setting(default=3, help="")', "no help"),
    _settings("a default against its own check",
              'n: int = setting(default=-3, help="A number.", check=above(0))', "own default"),
    _settings("a type that no TOML has", 'n: set = setting(factory=set, help="Names.")',
              "no suite can hold"),
]  # fmt: skip
