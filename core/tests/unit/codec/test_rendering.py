"""Special tokens come once; prompts of nothing and models without a template are told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.base.errors import AisbenchError
from aisbench.codec import Renderer, Unfit
from aisbench.types.prompt import Message, Prompt


class Words:
    """A token for each letter; texts begin with ``<s>`` (1), or two tokens, or nothing."""

    def __init__(self, leading: tuple[int, ...] = (1,), ending: tuple[int, ...] = ()) -> None:
        self.leading, self.ending = list(leading), list(ending)
        self.bos_token_id = leading[0] if leading else None
        self.eos_token_id = 2
        self.chat_template: str | None = "{{ x }}"

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        marks = {"<s>": "\x01", "</s>": "\x02", "<g>": "\x03"}
        for word, letter in marks.items():
            text = text.replace(word, letter)
        own = [ord(one) for one in text]
        return [*self.leading, *own, *self.ending] if add_special_tokens else own

    def apply_chat_template(self, turns: list[dict[str, Any]], **_: Any) -> str:
        return "<s>" + "".join(turn["content"] for turn in turns)


def renderer(words: Words, template: str | None = None) -> Renderer:
    return Renderer(tokenizer=words, processor=None, template=template, arguments={})


@pytest.mark.parametrize("leading", [(1,), (3, 1), ()])
@pytest.mark.parametrize("ending", [(), (2,)])
@given(st.text(st.sampled_from("ab "), max_size=8), st.integers(0, 3))
def test_a_text_has_its_beginning_once(
    leading: tuple[int, ...], ending: tuple[int, ...], text: str, times: int
) -> None:
    """However often it is written there; and a tokenizer's own ending stays."""
    words = Words(leading, ending)
    written = "".join({1: "<s>", 3: "<g>"}[one] for one in leading)
    own = [ord(one) for one in text]
    prompt = Prompt(text=written * times + text)
    wanted = [*list(leading) * max(times, 1), *own, *ending]
    if not wanted:
        with pytest.raises(Unfit, match="the prompt is empty"):
            renderer(words).render(prompt)
        return
    assert renderer(words).render(prompt).ids == wanted


def test_a_choice_behind_a_text_with_its_beginning() -> None:
    made = renderer(Words())
    assert made.render(Prompt(text="<s>ab", continuation=" c")) == made.render(
        Prompt(text="ab", continuation=" c")
    )


def test_a_chat_has_what_its_template_writes() -> None:
    chat = Prompt(messages=(Message(role="user", content="ab"),))
    assert renderer(Words()).render(chat).ids == [1, 97, 98]


def test_a_whole_text_is_foretold_from_its_first_token() -> None:
    for words, begin in ((Words(), 1), (Words(()), 2)):
        found = renderer(words).render(Prompt(text="", continuation="ab", rolling=True))
        assert (found.ids, found.scored) == ([begin, 97, 98], 1)
    # What the text has is not put before it.
    found = renderer(Words()).render(Prompt(text="", continuation="<s>ab", rolling=True))
    assert (found.ids, found.scored) == ([1, 97, 98], 1)
    # A choice without a prompt is scored as servers do it: without its first token.
    found = renderer(Words(())).render(Prompt(text="", continuation="ab"))
    assert (found.ids, found.scored) == ([97, 98], 1)
    with pytest.raises(Unfit, match="no token that could be scored"):
        renderer(Words()).render(Prompt(text="", continuation="<s>", rolling=True))


def test_prompts_of_nothing() -> None:
    for prompt in (Prompt(text=""), Prompt(tokens=())):
        with pytest.raises(Unfit, match="the prompt is empty"):
            renderer(Words(())).render(prompt)


def test_a_continuation_of_nothing() -> None:
    class Deaf(Words):
        def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
            return super().encode(text.replace("~", ""), add_special_tokens)

    with pytest.raises(Unfit, match="adds no token"):
        renderer(Deaf()).render(Prompt(text="ab", continuation="~"))


def test_chats_without_a_template() -> None:
    words = Words()
    chat = Prompt(messages=(Message(role="user", content="ab"),))
    renderer(words).check(chat)
    words.chat_template = None
    renderer(words, "{{ own }}").check(chat)
    renderer(words).check(Prompt(text="ab"))
    with pytest.raises(AisbenchError, match="no chat template") as caught:
        renderer(words).check(chat)
    assert "`chat_template`" in caught.value.hint
    # A tokenizer of another library writes chats by other means.
    del words.chat_template
    renderer(words).check(chat)


class Pairs(Words):
    """One token for the letters "bc"."""

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return super().encode(text.replace("bc", "\x07"), add_special_tokens)


@pytest.mark.parametrize(
    ("context", "continuation", "border", "before", "rest"),
    [
        ("ab", "cd", "shared", [1, 97], [7, 100]),
        # As many as the context has; what melted into one token with it is not scored.
        ("ab", "cde", "counted", [1, 97, 98], [100, 101]),
        ("ab ", "cd", "counted", [1, 97, 98], [32, 99, 100]),
        ("ab", "cd", "apart", [1, 97, 98], [99, 100]),
        ("", "ab", "apart", [1], [97, 98]),
        ("", "<s>a", "apart", [1], [97]),
        ("</s>", "ab", "apart", [1, 2], [97, 98]),
    ],
)
def test_whose_tokens_those_at_the_border_are(
    context: str, continuation: str, border: Any, before: list[int], rest: list[int]
) -> None:
    prompt = Prompt(text=context, continuation=continuation, border=border)
    found = renderer(Pairs()).render(prompt)
    assert (found.ids[: found.scored], found.ids[found.scored :]) == (before, rest)


def test_a_whole_text_as_lm_eval_encodes_it() -> None:
    """With what its tokenizer puts before any text, behind the token that begins one."""
    prompt = Prompt(text="", continuation="ab", rolling=True, border="apart")
    assert renderer(Words()).render(prompt).ids == [1, 1, 97, 98]
    assert renderer(Words(())).render(prompt).ids == [2, 97, 98]


def test_a_border_with_nothing_behind_or_before_it() -> None:
    with pytest.raises(Unfit, match="adds no token"):
        renderer(Pairs()).render(Prompt(text="ab", continuation="c", border="counted"))
    with pytest.raises(Unfit, match="before the continuation has no token"):
        renderer(Words(())).render(Prompt(text=" ", continuation="c", border="counted"))
