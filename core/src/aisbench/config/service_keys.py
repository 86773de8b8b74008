"""Groups of keys of models behind a server: time-outs, retries, limits, TLS."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from aisbench.settings.fields import above, at_least, setting


@frozen
class Timeouts:
    """When to give a request up."""

    connect: float = setting(default=10.0, unit="s", check=above(0), help="to connect")
    first_token: float = setting(
        default=300.0,
        unit="s",
        check=above(0),
        help="from sending to the first token; without streaming, `total` alone counts",
    )
    total: float = setting(
        default=1800.0, unit="s", check=above(0), help="from connecting to the answer's end"
    )


@frozen
class AnswerLimits:
    """How much a server may send in answer to one request; a larger answer fails the request."""

    body: float = setting(
        default=128.0, unit="MB", check=above(0), help="of a whole answer, a stream's included"
    )
    event: float = setting(default=64.0, unit="MB", check=above(0), help="of one event")
    head: float = setting(
        default=1.0, unit="MB", check=above(0), help="of the headers, all of them together"
    )


@frozen
class Retry:
    """How often to try again, and when."""

    attempts: int = setting(default=3, check=at_least(1), help="attempts in all")
    backoff: float = setting(
        default=0.5,
        unit="s",
        check=at_least(0),
        help="wait before the second attempt; doubles for each further one, with jitter",
    )
    backoff_max: float = setting(
        default=60.0, unit="s", check=at_least(0), help="the longest wait, Retry-After included"
    )


@frozen
class Tls:
    """How https servers are verified."""

    ca: Path | None = setting(
        default=None, help="PEM file of further authorities to trust", example="company-ca.pem"
    )
    verify: bool = setting(default=True, help="false: accept any certificate (unsafe)")
