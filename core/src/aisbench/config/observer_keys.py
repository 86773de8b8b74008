"""The keys of core that stand beside those of every observer."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.settings.fields import above, setting


@frozen(kw_only=True)
class ObserverSettings:
    """Keys of every observer."""

    progress: Literal["never", "answers", "always"] = setting(
        default="answers",
        help="when it is told how far the run is, if it wants to hear it: while answers are "
        "collected; always: also while a load runs, which takes CPU time from the load",
    )
    patience: float = setting(
        default=30.0,
        unit="s",
        check=above(0),
        help="how long the end of a run waits for what it has not sent yet",
    )
