"""The contract's version, and whether a plugin that was written for another one can be used.

A version is MAJOR.MINOR. What a new minor version adds breaks no plugin, so one that was written
for an older minor version of the same major version is used as it is.
"""

from __future__ import annotations

import re

API_VERSION = "1.3"
"""The contract's version. A plugin module states the one that it was written for, as
``AISBENCH_API = "1.3"``; the number 1 of older plugins means "1.0"."""

_VERSION = re.compile(r"([1-9][0-9]{0,3})(?:\.(0|[1-9][0-9]{0,3}))?\Z")


class WrongVersion(ValueError):
    """A plugin cannot be used. ``upgrade`` is the side that is too old: "aisbench", "plugin",
    or "" where the plugin states no version that can be understood."""

    def __init__(self, reason: str, upgrade: str) -> None:
        super().__init__(reason)
        self.upgrade = upgrade


def api_version(stated: object) -> tuple[int, int]:
    """The version that ``AISBENCH_API`` states. Raises WrongVersion for what states none.

    A number with a point is refused: 1.1 and 1.10 are one number, and two versions.
    """
    if isinstance(stated, int) and not isinstance(stated, bool):
        stated = str(stated)
    found = _VERSION.match(stated) if isinstance(stated, str) else None
    if found is None:
        what = "states no AISBENCH_API" if stated is None else f"states AISBENCH_API = {stated!r}"
        raise WrongVersion(f'{what}; write AISBENCH_API = "{API_VERSION}"', "")
    return int(found[1]), int(found[2] or 0)


def check_version(stated: object, ours: str = API_VERSION) -> None:
    """Raises WrongVersion for a plugin that this contract cannot serve."""
    major, minor = api_version(stated)
    our_major, our_minor = api_version(ours)
    if major == our_major and minor <= our_minor:
        return
    raise WrongVersion(
        f"is written for version {major}.{minor} of the plugin API; this aisbench has {ours}",
        "aisbench" if (major, minor) > (our_major, our_minor) else "plugin",
    )
