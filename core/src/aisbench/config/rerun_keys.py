"""The keys of a suite that asks rows of another run again."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from aisbench.settings.fields import setting


@frozen
class RerunSection:
    """[rerun]: what `aisbench rerun` writes into the suite of the run that it makes."""

    of: Path = setting(
        help="the run whose rows are asked again, and whose scores are shown beside the new ones",
        example="outputs/nightly/20261120_153000",
    )
    chosen: str = setting(
        default="", help="how these rows were chosen, in words", example="outcome wrong, unparsed"
    )
