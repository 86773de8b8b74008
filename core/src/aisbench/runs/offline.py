"""For commands that only look, and runs of a lock: a hub is what this machine has of it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

SWITCHES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
"""What huggingface_hub, transformers and datasets obey: the local cache is all there is.
https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables"""


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Take names of the hub from the local cache alone."""
    before = {name: os.environ.get(name) for name in SWITCHES}
    os.environ.update(dict.fromkeys(SWITCHES, "1"))
    # They are read once, when the library is imported.
    constants = sys.modules.get("huggingface_hub.constants")
    switch = getattr(constants, "HF_HUB_OFFLINE", None)
    if constants is not None:
        constants.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if constants is not None:
            constants.HF_HUB_OFFLINE = switch  # type: ignore[attr-defined]
