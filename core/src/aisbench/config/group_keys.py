"""The keys of groups of data sets, in a suite and in files of ready-made groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from aisbench.settings.fields import at_least, between, not_empty, setting


def _one_line(value: str) -> str | None:
    return None if value.isprintable() else "must be one line of text"


@frozen
class MemberTable:
    """A member of a group that needs more than its name."""

    of: str = setting(help="a data set, one of its parts (set/part), or a group", example="gsm8k")
    figure: str = setting(default="", help="which of its figures; empty: the group's `figure`")
    floor: float = setting(
        default=0.0,
        check=between(0, 99.999),
        unit="%",
        help="what guessing gives: it is counted as 0, and what lies above it up to 100",
        example=25.0,
    )


@frozen
class SuiteGroupTable:
    """[groups.NAME]: data sets that have a figure together, or a section of the table."""

    title: str = setting(default="", check=_one_line, help="how reports call it; empty: its name")
    members: tuple[str | MemberTable, ...] = setting(
        check=not_empty,
        help="data sets of the suite, parts of them (set/part), other groups",
        example=["mmlu", "ceval/stem"],
    )
    mean: Literal["members", "samples", "harmonic", "none"] = setting(
        default="members",
        help="what counts alike: every member, or every sample; harmonic: the members' harmonic "
        "mean; none: a section of the table without a figure",
    )
    weights: tuple[float, ...] = setting(default=(), help="of the members, where they differ")
    plus: float = setting(
        default=0.0,
        check=at_least(0),
        help="added to each member's figure, in its unit, before a harmonic mean is taken",
    )
    figure: str = setting(
        default="", help="which figure of the members; empty: the first of each", example="pass@5"
    )
    optional: bool = setting(
        default=False, help="members may be absent from the suite: reports say how many are there"
    )


@frozen
class GroupFile:
    """A file of ready-made groups."""

    summary: str = setting(help="one line", check=not_empty)
    source: str = setting(help="whose groups they are", check=not_empty)
    groups: Mapping[str, SuiteGroupTable] = setting(help="[groups.NAME]", check=not_empty)
