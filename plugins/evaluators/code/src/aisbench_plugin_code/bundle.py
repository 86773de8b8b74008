"""The files of ``inside``, as a sandbox gets them."""

from __future__ import annotations

import importlib.util
import marshal
from pathlib import Path

_FOLDER = Path(__file__).with_name("inside")
START = "import sys; sys.path.insert(0, '/sandbox'); from inside.{name} import main; main()"


def bundle(*, compiled: bool) -> dict[str, bytes]:
    """By path. ``compiled``: for this very Python, which saves compiling them for each program."""
    files = {}
    for path in sorted(_FOLDER.glob("*.py")):
        content = path.read_bytes()
        name = f"inside/{path.name}"
        if compiled:
            code = compile(content, name, "exec", dont_inherit=True)
            # The header of a compiled file that has no source to be compared with.
            content = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)
            name += "c"
        files[name] = content
    return files
