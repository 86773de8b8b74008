"""Prompt variants from a TOML file inside a plugin package."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

import tomli

from aisbench.types.variant import Variant


def load_variants(package: str, filename: str = "variants.toml") -> Mapping[str, Variant]:
    """Read ``[NAME]`` tables of Variant's keys; the first table is the default variant."""
    text = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    return {name: Variant(**table) for name, table in tomli.loads(text).items()}
