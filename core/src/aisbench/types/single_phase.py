"""Whether a load was of one phase alone, as it was to be."""

from __future__ import annotations

from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class SinglePhase:
    """A load of prefill or of decode alone (``load.only``), and whether it was. Tokens are those
    of the measured requests that were answered; None where nothing tells them. (1.3)"""

    only: Literal["prefill", "decode"]
    holds: bool | None
    """None where the server does not tell what its cache held."""
    why: str
    """In one sentence."""
    requests: int
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    """Of the prompts, from the server's cache: by its usage, else by its counters."""
    computed_tokens: int | None = None
    """Of the prompts, computed by the server while the load ran: by its counters where it
    publishes them, else what was not cached."""
    output_tokens: int | None = None
