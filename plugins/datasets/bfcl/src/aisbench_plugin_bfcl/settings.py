"""What a suite may set."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import not_empty, setting
from aisbench_plugin_bfcl.categories import ALL, SELECTIONS


def _known(value: tuple[str, ...]) -> str | None:
    unknown = [name for name in value if name not in SELECTIONS and name not in ALL]
    if not unknown:
        return not_empty(value)
    return f"must be of {', '.join([*SELECTIONS, *ALL])}"


@frozen
class BfclSettings:
    """Which rows."""

    categories: tuple[str, ...] = setting(
        default=("default",),
        check=_known,
        help="categories, or default, non_live, live, multi_turn, memory, all_scoring, ...",
        example=["live", "multi_turn"],
    )
