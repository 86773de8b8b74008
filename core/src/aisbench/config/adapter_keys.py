"""The keys of a suite that say which LoRA adapter answers which row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.settings.fields import setting

ADAPTER_ID = "adapter_id"
"""The setting of a request that names its adapter, whatever a protocol calls it."""

BASE = ""
"""In a mix: the model itself."""


def _shares(value: Mapping[str, float]) -> str | None:
    for name, share in value.items():
        if share < 0:
            return f"shares are numbers from 0 on, and that of {name!r} is {share:g}"
    return None if not value or sum(value.values()) > 0 else "all shares are 0"


@frozen(kw_only=True)
class AdapterMix:
    """Which adapter answers which row: by ``share``, ``field`` or ``map``, one of them."""

    share: Mapping[str, float] = setting(
        factory=dict,
        check=_shares,
        help='adapters and their shares of the requests, in any unit; "" is the model itself. '
        "Drawn with the suite's seed, for each row by itself",
        example={"sql": 3, "chat": 1, "": 1},
    )
    field: str = setting(
        default="",
        help="the field (column) of the rows, or a path into one, that names each row's adapter",
        example="task",
    )
    map: Path | Mapping[str, str] = setting(
        factory=dict,
        help="adapters by the rows' ids, or by their places from 0, as a JSON file or as a table "
        "(AISBench's lora_data_map_file)",
        example="lora_map.json",
    )
    rest: str | None = setting(
        default=None,
        help='the adapter of rows that field or map name none for; "" is the model itself; '
        "absent: such a row is an error",
        example="",
    )
    unlisted: bool = setting(
        default=False,
        help="true: do not demand that the server lists the adapters; for servers that load them "
        "when they are asked for",
    )

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are known before the rows are read, without the model itself."""
        found = {*self.share, *(self.map.values() if isinstance(self.map, Mapping) else ())}
        return tuple(sorted({*found, *([self.rest] if self.rest else ())} - {BASE}))


@frozen(kw_only=True)
class PlannedAdapters:
    """``one`` adapter for all rows, or a ``mix``; neither: the model itself."""

    one: str = ""
    mix: AdapterMix | None = None
    where: str = ""
    """The key of the suite."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"names the row {twice!r} more than once")
    return found


def read_map(path: Path) -> dict[str, str]:
    """The adapters by row of a JSON file. Raises OSError, ValueError with a sentence."""
    content = path.read_bytes()
    try:
        found: Any = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"is not JSON: {error}") from None
    if not isinstance(found, dict) or not found:
        raise ValueError('must hold an object {"ROW": "ADAPTER", ...}')
    for row, name in found.items():
        if name is not None and not isinstance(name, str):
            raise ValueError(f"the adapter of row {row!r} is {name!r:.40}, and no string")
    return {row: name or BASE for row, name in found.items()}
