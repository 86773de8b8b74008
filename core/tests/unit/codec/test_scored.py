"""Where a continuation begins among tokens, and what is scored of a text alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aisbench.codec import Renderer, Uncut, Unfit, Wanted, begin_of
from aisbench.types.prompt import Prompt


def wanted(context: str | None, continuation: str, **more: Any) -> Wanted:
    return Wanted(context=context, continuation=continuation, **more)


@pytest.mark.parametrize(
    ("context", "continuation", "texts", "begin"),
    [
        ("abc", "d", ["ab", "c", "d"], 2),
        ("ab", "cd", ["ab", "c", "d"], 1),
        ("The sky is ", "blue.", ["The", " sky", " is", " blue", "."], 3),
        # A token across the border belongs to the continuation.
        ("a b", "cd", ["a", " bc", "d"], 1),
        ("x", "😀", ["x", "", "", "", "😀"], 1),
        ("x ", "😀", ["x", "", " 😀"], 1),
        ("x", "世界", ["x", "", "世", "", "", "界"], 1),
        ("世", "界", ["", "世", "", "界"], 2),
        (None, "Grüße", ["<s>", "\n", "Gr", "", "ü", "ß", "e"], 2),
        # Composed by the tokenizer.
        ("x", " e\u0301", ["x", " ", "", "é"], 1),
        ("", "abc", ["ab", "c"], 1),
        ("  ", "abc", ["  ab", "c"], 1),
        ("", "abc", ["<s>", "ab", "c"], 1),
        ("", "abc", ["[gMASK]", "<sop>", "ab", "c"], 2),
        # No border is looked for: fragments do no harm.
        ("", "a😀", ["a", "\ufffd", "\ufffd"], 1),
    ],
)
def test_texts_that_tell(
    context: str | None, continuation: str, texts: list[str], begin: int
) -> None:
    assert begin_of(wanted(context, continuation), texts) == begin


@pytest.mark.parametrize(
    ("context", "continuation", "texts", "said"),
    [
        ("x", "😀", ["x", "\ufffd", "\ufffd", "\ufffd"], "spans several tokens"),
        ("x", "\ufffd", ["x", "\ufffd"], "spans several tokens"),
        # The decoded end of one character and the next one.
        ("x", "При", ["x", "", "\ufffdр", "и"], "spans several tokens"),
        # Too many fragments: one of them is something else.
        ("x", "ü", ["x", "", "", "ü"], "without text"),
        ("x", "a", ["x", "", "a"], "without text"),
        ("x", "a", ["x", "a", ""], "without text"),
        # Tokenizers that leave out blanks.
        ("x", " a", ["x", "a"], "not part of the continuation"),
        (None, "foo", ["bar"], "not part of the continuation"),
        (None, "foo", ["foo"], "none is before it"),
        ("x", "ab", ["b"], "do not spell"),
        ("x", "ab", [None, None], "do not spell"),
        (None, " a", ["x", " a"], "begins or ends with a blank"),
        (None, "a\n", ["x", "a\n"], "begins or ends with a blank"),
        ("a", "b", ["ab"], "none is before it"),
        ("", "abc", ["abc"], "adds no token"),
    ],
)
def test_texts_that_do_not_tell(
    context: str | None, continuation: str, texts: list[str | None], said: str
) -> None:
    with pytest.raises(Uncut, match=said):
        begin_of(wanted(context, continuation), texts)


@pytest.mark.parametrize(
    ("before", "ids", "begin"),
    [
        ((1, 2), [1, 2, 3], 2),
        # The context's last token melts into the next.
        ((1, 2), [1, 9, 3], 1),
        ((1, 2, 3), [1, 23, 4], 1),
        # The first id is not told; all others agree.
        ((1, 2), [None, 2, 3], 2),
    ],
)
def test_ids_tell_whatever_the_texts_are(
    before: tuple[int, ...], ids: list[int | None], begin: int
) -> None:
    texts = ["\ufffd"] * len(ids)
    assert begin_of(wanted("x", "y", before=before), texts, ids) == begin


@pytest.mark.parametrize(
    ("before", "ids", "said"),
    [
        ((1, 2), [1, 2], "adds no token"),
        ((1, 2, 3), [1, 2], "adds no token"),
        ((1,), [12, 3], "none is before it"),
        # The first id is not told, and could be another: the texts must tell.
        ((1,), [None, 3], "spans several"),
        ((1, 2), [None, 9, 3], "spans several"),
        ((1, 2), [1, None, 3], "spans several"),
    ],
)
def test_ids_that_leave_nothing(before: tuple[int, ...], ids: list[int | None], said: str) -> None:
    with pytest.raises(Uncut, match=said):
        begin_of(wanted("x", "y", before=before), ["\ufffd"] * len(ids), ids)


def test_blanks_of_a_chat_stay_with_it() -> None:
    ids = [1, 2, 3]
    assert begin_of(wanted("x ", "y", before=(1, 2), chat=True), ["x", " ", "y"], ids) == 2
    assert wanted("x ", "y", chat=True).tail == "y"
    assert wanted("x ", "y").tail == " y"


def test_what_a_template_made_of_the_last_turn_must_be_the_continuation() -> None:
    exact = wanted(None, " 😀", before=(1, 2), exact=True)
    assert begin_of(exact, ["<u>", "\n", "", " 😀"], [1, 2, 3, 4]) == 2
    with pytest.raises(Uncut, match="changes the last message"):
        begin_of(exact, ["<u>", "\n", "", "😀"], [1, 2, 5, 4])
    with pytest.raises(Uncut, match="changes the last message"):
        begin_of(exact, ["<u>", "\n", "<think>", " ", "😀"], [1, 2, 8, 9, 4])
    with pytest.raises(Uncut, match="writes something else there"):
        begin_of(exact, ["<u>", "\n\n", " 😀"], [1, 7, 4])


def decoded(tokens: list[bytes]) -> list[str]:
    """As vLLM 0.32 shows them: a token that ends inside a character has no text, and the one that
    completes it has all of it (``_correct_decoded_token`` of its log-probabilities)."""
    found, pending = [], b""
    for token in tokens:
        text = token.decode("utf-8", "replace")
        whole = (pending + token).decode("utf-8", "replace")
        if not text.endswith("\ufffd"):
            # Decoded alone: the end of a character before it is a replacement.
            found.append(text)
            pending = b""
        elif whole.endswith("\ufffd"):
            found.append("")
            pending += token
        else:
            found.append(whole)
            pending = b""
    return found


TEXT = st.text(st.sampled_from("ab \n.üßé世界自由😀🇩👨\u200dमन\u0301"), min_size=1, max_size=8)


@given(TEXT, TEXT, st.randoms(use_true_random=False))
def test_texts_tell_the_truth_or_nothing(context: str, continuation: str, chance: Any) -> None:
    """Whatever bytes a tokenizer joins: the first token that holds a byte of the continuation, or
    of blanks before it, or an error."""
    data = (context + continuation).encode()
    tokens, at = [], 0
    while at < len(data):
        size = chance.choice((1, 1, 2, 3, 4, 5))
        tokens.append(data[at : at + size])
        at += size
    bare = context.rstrip()
    assume(bare)
    border, truth, end = len(bare.encode()), 0, len(tokens[0])
    while end <= border:
        truth += 1
        end += len(tokens[truth])
    try:
        found = begin_of(wanted(context, continuation), decoded(tokens))
    except Uncut:
        return
    assert found == truth


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


@pytest.mark.parametrize(
    "told",
    [
        {"texts": ["a", " bc", "d"]},
        {"texts": ["a", " bc", "d"], "ids": [1, 2, 3], "before": (1, 9)},
    ],
)
def test_a_token_across_a_border_that_must_be_between(told: dict[str, Any]) -> None:
    before = told.get("before")
    plain = wanted("a b", "cd", before=before)
    assert begin_of(plain, told["texts"], told.get("ids")) == 1
    strict = wanted("a b", "cd", before=before, between=True)
    with pytest.raises(Uncut, match="reaches across the border"):
        begin_of(strict, told["texts"], told.get("ids"))
    assert begin_of(wanted("ab", "cd", between=True), ["ab", "c", "d"]) == 1


def test_a_place_that_is_known() -> None:
    sent = wanted("a b", "cd", place=2)
    assert begin_of(sent, ["a", " b", "d"]) == 2
    with pytest.raises(Uncut, match="other tokens than those that it was sent"):
        begin_of(sent, ["a", " b"])
