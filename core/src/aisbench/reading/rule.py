"""How a suite says that a model's reasoning is marked."""

from __future__ import annotations

from attrs import frozen

from aisbench.settings.fields import setting

KNOWN = "known"
"""Stands for the marks of all known families."""


@frozen
class Reasoning:
    """How reasoning is recognised where the server does not send it separately."""

    start: str = setting(
        default=KNOWN,
        help='opening mark in the text; "known": those of all known families (<think>, [THINK], '
        "harmony's channels and more); empty: none",
        example="<plan>",
    )
    end: str = setting(
        default=KNOWN,
        help='closing mark in the text; "known": as for start; empty: none',
        example="</plan>",
    )
    implied: bool = setting(
        default=False,
        help="the prompt already opened the reasoning: text without the closing tag is unfinished",
    )
