"""What a suite may set, and must: who judges."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import JsonObject, at_least, not_empty, setting


@frozen(kw_only=True)
class GraderSettings:
    """Keys of both graders; their prompts are the authors'."""

    judge: str = setting(
        help="name of the model of the suite that judges", example="critic", check=not_empty
    )
    judgements: int = setting(
        default=1, check=at_least(1), help="times that each question is put to it"
    )
    generation: JsonObject = setting(
        factory=lambda: {"temperature": 0.0, "max_tokens": 4096},
        help="sampling settings of judgements; those of the judge's own model win",
        example={"temperature": 0, "max_tokens": 512},
    )
