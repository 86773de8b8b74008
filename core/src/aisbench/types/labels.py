"""Labels: by which of its kinds a request is told apart from others in the figures of a load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def checked_labels(given: Any) -> Mapping[str, str]:
    """``given``, if it is a mapping of names to words; a converter of attrs fields.

    Raises ValueError.
    """
    if not given:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError(f"labels are a mapping of names to words, not {given!r:.80}")
    for name, value in given.items():
        if not (isinstance(name, str) and name and isinstance(value, str) and value):
            raise ValueError(
                f"labels are a mapping of names to words, neither of them empty; this is neither: "
                f"{name!r:.40}: {value!r:.40}"
            )
    return given
