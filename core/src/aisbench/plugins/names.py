"""What the names of plugins in a suite mean."""

from __future__ import annotations


def names_file(name: str) -> bool:
    """Whether a name in a suite is the path of a file: the names of offers begin with a letter or
    a digit, and none of a data set ends in .toml."""
    return name.lower().endswith((".toml", ".py")) or name.startswith((".", "/", "~", "\\"))
