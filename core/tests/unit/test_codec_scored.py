"""Log-probabilities at the end of a text, and what is scored of a text alone."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.codec import Renderer, Unfit, scored_tail
from aisbench.types.prompt import Prompt

NONE = [None] * 3


def test_the_tail() -> None:
    found = scored_tail(["ab", "c", "d"], [None, -1.0, -2.0], NONE, 2)
    assert found is not None
    assert (found.logprobs, found.tokens) == ((-1.0, -2.0), ("c", "d"))
    assert scored_tail(["ab", "c"], [None, -1.0], NONE, 3) is None
    assert scored_tail(["ab", "c"], [None, -1.0], NONE, 9) is None


def test_a_text_alone_is_scored_but_for_its_first_token() -> None:
    found = scored_tail(["ab", "c"], [None, -1.0], NONE, 3, alone=True)
    assert found is not None
    assert (found.logprobs, found.tokens) == ((-1.0,), ("c",))
    assert scored_tail(["abc"], [None], NONE, 3, alone=True) is None
    begun = scored_tail(["<s>", "ab", "c"], [None, -3.0, -1.0], NONE, 3, alone=True)
    assert begun is not None
    assert begun.logprobs == (-3.0, -1.0)


class Letters:
    """A tokenizer of single letters, with or without a token at the beginning."""

    def __init__(self, special: bool) -> None:
        self.special = special

    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        return ([1] if self.special and add_special_tokens else []) + [ord(one) for one in text]


@pytest.mark.parametrize(("special", "scored"), [(True, 1), (False, 1)])
def test_rendering_a_text_alone(special: bool, scored: int) -> None:
    renderer = Renderer(Letters(special), None, None, {})
    rendered = renderer.render(Prompt(text="", continuation="abc"))
    assert rendered.scored == scored
    assert len(rendered.ids) == 3 + special


def test_one_token_alone_has_no_log_probability() -> None:
    renderer: Any = Renderer(Letters(False), None, None, {})
    with pytest.raises(Unfit):
        renderer.render(Prompt(text="", continuation="a"))
