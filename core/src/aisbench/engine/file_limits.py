"""The system's limit on open connections, known before the first request."""

from __future__ import annotations

import resource

from aisbench.base.errors import AisbenchError

RESERVE = 64
"""Files that a run needs in addition to connections: journals, logs, libraries, the loop."""


def allow_connections(count: int) -> None:
    """Raise the soft limit on open files as far as ``count`` connections need.

    Raises AisbenchError when the hard limit is below that; nothing has been sent then.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + RESERVE
    if soft == resource.RLIM_INFINITY or needed <= soft:
        return
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise AisbenchError(
            f"{count} requests in flight need {needed} open files, and this system allows a "
            f"process {hard}",
            hint=f"lower models.*.concurrency to {max(1, hard - RESERVE)} in all, or raise the "
            "hard limit (ulimit -Hn)",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
