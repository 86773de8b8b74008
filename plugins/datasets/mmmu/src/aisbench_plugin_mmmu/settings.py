"""What a suite may set."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import setting


@frozen
class OpenSettings:
    """Which words of an answer are compared."""

    open_rule: Literal["stated", "authors", "aisbench"] = setting(
        default="stated",
        help='stated: what is marked as the answer (a box, a label, "the answer is"), and where '
        'nothing is, as the authors; authors: the end of each line behind words such as "is", '
        "or the whole answer, and every number in it; aisbench: what follows ANSWER:, or the "
        "whole answer, if it is the reference and nothing else",
    )
