"""What a suite may set about any declared data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from aisbench.settings.fields import at_least, setting


@frozen
class OptionOrderSettings:
    """The order of options, instead of the data set's own."""

    shuffle: bool | None = setting(
        default=None, help="draw the order for each row, from its id and the seed", example=True
    )
    permute: int | None = setting(
        default=None,
        check=at_least(1),
        help="ask each row in so many orders of its options, to see whether the place of the "
        "right one matters",
        example=4,
    )
    seed: int = setting(default=0, check=at_least(0), help="of the drawing")


@frozen
class DeclaredSettings:
    """Where the rows come from, and which of them are asked."""

    path: Path | None = setting(
        default=None,
        help="folder of the files, or one of them that is to be read alone; default: where "
        "`datasets fetch` puts them, and of a data set that is a file of your own, the folder of "
        "that file",
        example="data/mmlu",
    )
    files: Mapping[str, str | tuple[str, ...]] = setting(
        factory=dict,
        help="split -> file, for files that are called otherwise than the data set's own, such as "
        "those of a hub; * and {part} stand in them",
        example={"test": "main/test-*.parquet"},
    )
    split: str = setting(
        default="", help="the rows to ask, instead of the usual split", example="val"
    )
    parts: tuple[str, ...] = setting(
        default=(),
        help="parts or groups of parts to ask; * and ? match; empty: all",
        example=["stem", "high_school_*"],
    )
    option_order: OptionOrderSettings = setting(
        factory=OptionOrderSettings, help="the order of options"
    )
    own_generation: bool = setting(
        default=True,
        help="use the sampling settings that the data set has for each part or row, such as its "
        "max_tokens; false: the suite's alone",
    )
