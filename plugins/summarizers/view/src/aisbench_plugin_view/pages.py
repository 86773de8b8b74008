"""The page's own files for an export: modules as one script, which a page from a file may load."""

from __future__ import annotations

import re
from importlib import resources

ORDER = (
    "dom", "text", "charts", "source", "keys", "answer", "browse", "runs", "run", "samples",
    "compare", "live", "main",
)  # fmt: skip
"""The modules, each behind those that it imports from."""
_IMPORT = re.compile(r"^import \{[^}]*\} from \"\./\w+\.js\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async )?(function|const|let) )", re.MULTILINE)


def script() -> str:
    """All modules as one function's body. They share no name at their top level but what they
    import, so nothing needs to be renamed; browsers load no modules from files."""
    folder = resources.files("aisbench_plugin_view") / "static"
    parts = []
    for name in ORDER:
        text = (folder / f"{name}.js").read_text(encoding="utf-8")
        text = _EXPORT.sub("", _IMPORT.sub("", text))
        parts.append(f"// {name}.js\n{text}")
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def page() -> str:
    """The page, with that script."""
    folder = resources.files("aisbench_plugin_view") / "static"
    text = (folder / "index.html").read_text(encoding="utf-8")
    return text.replace('<html lang="en">', '<html lang="en" data-files="1">').replace(
        '<script type="module" src="main.js"></script>', '<script defer src="view.js"></script>'
    )


def style() -> str:
    """The page's style sheet."""
    folder = resources.files("aisbench_plugin_view") / "static"
    return (folder / "view.css").read_text(encoding="utf-8")
