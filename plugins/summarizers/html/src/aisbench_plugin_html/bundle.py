"""The drawing library, as its own package brings it."""

from __future__ import annotations

import contextlib
import os
from importlib import metadata
from pathlib import Path

PACKAGE = "vl-convert-python"
SNIPPET = "window.vegaEmbed = vegaEmbed;"
"""What our script needs of it."""


def bundle() -> str:
    """Vega, Vega-Lite and vega-embed as one script without any address in it to fetch from.

    Putting it together takes a second or two, so it is kept in the user's cache, by the version of
    the package; where nothing can be kept there, it is made each time.
    """
    kept = _cache() / f"vega-{metadata.version(PACKAGE)}.js"
    with contextlib.suppress(OSError):
        if text := kept.read_text("utf-8"):
            return text
    import vl_convert

    text = vl_convert.javascript_bundle(SNIPPET)
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"{kept.name}.{os.getpid()}")
        part.write_text(text, "utf-8")
        part.replace(kept)
    return text


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "aisbench"
