"""What a tracker keeps of a run, to go on with it in a later session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

FILE = "tracked.json"


def kept(folder: Path) -> dict[str, str]:
    """What :func:`keep` wrote into the observer's folder; empty where that is nothing that can be
    read."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def keep(folder: Path, values: Mapping[str, str]) -> None:
    """Keep ids and addresses; never a secret."""
    fresh = folder / f"{FILE}.fresh"
    fresh.write_text(json.dumps(dict(values), indent=2) + "\n", encoding="utf-8")
    fresh.replace(folder / FILE)
