"""Ways to fail, and which requests fail."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from aisbench_plugin_simulator.chance import draw

KINDS = {
    "reset": "TCP reset after half of the events (without stream: before the answer)",
    "reset-before": "TCP reset before any byte of the answer",
    "hang": "the request is accepted and never answered",
    "malformed": "one event of the stream is cut JSON (without stream: the whole body is)",
    "slow-headers": "the whole answer comes slow_headers_ms later",
    "error-in-stream": 'status 200, half of the events, then {"error": ...}',
    "empty": "a complete answer without text",
    "truncate": "the answer ends in the middle, without finish_reason and [DONE]",
}
"""The failures that are not a status code."""


@frozen
class Failure:
    """One kind of failure and the ``share`` (0..1) of the requests that get it.

    ``kind`` is a status code (400 to 599) or one of :data:`KINDS`. A ``sticky`` failure is
    decided by the request's body alone: the same request always fails. Any other is decided
    anew for each attempt.
    """

    kind: str
    share: float
    sticky: bool = False

    @property
    def status(self) -> int | None:
        """The status code, when this failure is one."""
        return int(self.kind) if self.kind.isdigit() else None

    @classmethod
    def parse(cls, text: str) -> Failure:
        """Read ``"500:0.05"``, ``"hang:0.01"`` or ``"500:0.05:sticky"``. Raises ValueError."""
        kind, _, rest = text.partition(":")
        share, _, flag = rest.partition(":")
        if kind not in KINDS and not (kind.isdigit() and 400 <= int(kind) <= 599):
            raise ValueError(
                f'"{kind}" is not a kind of failure; there are 400 to 599, {", ".join(KINDS)}'
            )
        if flag not in ("", "sticky"):
            raise ValueError(f'"{flag}" is not known; the third part can only be "sticky"')
        try:
            failure = cls(kind, float(share), flag == "sticky")
        except ValueError:
            raise ValueError(f'"{text}" has no share; write "{kind}:0.05"') from None
        if not 0 <= failure.share <= 1:
            raise ValueError(f'the share in "{text}" must be between 0 and 1')
        return failure

    def __str__(self) -> str:
        return f"{self.kind}:{self.share:g}" + (":sticky" if self.sticky else "")


def choose(failures: Sequence[Failure], seed: int, body: str, attempt: int) -> Failure | None:
    """The failure of one request, or None.

    ``body`` is the hash of the request's body and ``attempt`` counts the requests with this
    body from 0. Sticky failures are drawn first; the others get their share of the rest.
    """
    if not failures:
        return None
    sticky = _pick([f for f in failures if f.sticky], draw(seed, "sticky", body))
    if sticky is not None:
        return sticky
    return _pick([f for f in failures if not f.sticky], draw(seed, "fail", body, attempt))


def _pick(failures: Sequence[Failure], chance: float) -> Failure | None:
    total = 0.0
    for failure in failures:
        total += failure.share
        if chance < total:
            return failure
    return None
