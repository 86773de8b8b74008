"""What a lock holds of its suite: all of it that says what is asked, and how it is scored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from aisbench.config.source import Source

FREE_SUITE = ("name", "output", "plugins", "models_at_once", "abort_after", "max_failed")
FREE_MODEL = (
    "url", "concurrency", "server", "api_key", "headers", "wait_for_server", "timeout", "retry",
    "tls", "proxy", "path", "tokenizer",
)  # fmt: skip
"""Where a model is and how it is reached. Weights and tokenizers are held by their checksums."""
FREE_DATASET = ("path",)
"""Held by the checksums of its files."""
FREE_SECTIONS = ("plugins", "servers", "summarizers", "observers", "lock")
"""Plugins are held by version and checksum; what is shown is no part of what is asked."""


def suite_checksum(tables: Mapping[str, Any]) -> str:
    """The checksum of what a suite asks, sha256 in hex; order and layout of keys are no matter."""
    plain = json.dumps(_asked(tables), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def suite_problems(source: Source, checksum: str) -> Iterator[str]:
    """What makes the suite another one than that of the lock: flags, or else its file."""
    if suite_checksum(source.tables) == checksum:
        return
    flags = [
        flag
        for path, flag in source.origins.items()
        if not _free(tuple(map(str, path)), _of_loads(source.tables))
    ]
    for flag in dict.fromkeys(flags):
        yield f"{source.name}: lock.suite: {flag} changes what is asked"
    if not flags:
        yield f"{source.name}: lock.suite: the suite in it was changed after it was locked"


def _asked(tables: Mapping[str, Any]) -> dict[str, Any]:
    loads = _of_loads(tables)
    return {
        section: _held(table, (section,), loads)
        for section, table in tables.items()
        if not _free((section,), loads)
    }


def _held(table: Any, path: tuple[str, ...], loads: bool) -> Any:
    if not isinstance(table, Mapping) or len(path) > 2:
        return table
    return {
        key: _held(one, (*path, key), loads)
        for key, one in table.items()
        if not _free((*path, key), loads)
    }


def _free(path: tuple[str, ...], loads: bool) -> bool:
    if path[0] in FREE_SECTIONS:
        return True
    if path[0] == "suite" and len(path) > 1:
        return path[1] in FREE_SUITE
    if len(path) < 3:
        return False
    if path[0] == "datasets":
        return path[2] in FREE_DATASET
    # A load has the concurrency of its model, where it names none.
    return (
        path[0] == "models" and path[2] in FREE_MODEL and not (loads and path[2] == "concurrency")
    )


def _of_loads(tables: Mapping[str, Any]) -> bool:
    suite = tables.get("suite")
    mode = suite.get("mode") if isinstance(suite, Mapping) else None
    return mode in ("performance", "both")
