"""Groups of a suite's data sets, with a figure together."""

from __future__ import annotations

from attrs import frozen

from aisbench.types.figure import Figure


@frozen(kw_only=True)
class GroupMember:
    """What a group is made of: a data set, a part of one (``set/part``), or another group.

    ``figure`` is None where it is not there, and counted from its floor where it has one.
    """

    name: str
    figure: Figure | None


@frozen(kw_only=True)
class GroupResult:
    """A group of one model.

    ``present`` of its ``total`` data sets and parts have a figure, those of groups in it counted
    one by one; ``missing`` names the others, and those that are there in part alone. ``figure`` is
    None for a section without a mean, and where nothing is there.
    """

    name: str
    title: str
    model: str
    figure: Figure | None
    members: tuple[GroupMember, ...]
    present: int
    total: int
    missing: tuple[str, ...] = ()
    load: str = ""
    """The load under which the answers were given; empty in an accuracy run."""

    @property
    def complete(self) -> bool:
        """Whether the figure is of all that the group names."""
        return not self.missing

    @property
    def share(self) -> str:
        """``3 of 6``, where something is missing."""
        return "" if self.complete else f"{self.present} of {self.total}"
