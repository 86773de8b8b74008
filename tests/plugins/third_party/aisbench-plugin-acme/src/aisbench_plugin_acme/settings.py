"""What a suite may set."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import setting


@frozen
class AcmeSettings:
    """Keys of the protocol."""

    department: str = setting(default="research", help="who is billed for the question")
