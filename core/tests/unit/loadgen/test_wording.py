"""Other words of the same length: salted prompts, and those of a warm-up."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.loadgen.wording import PromptChanger, changer
from aisbench.tokens.exact_text import PLAIN_WORDS
from aisbench.tokens.tokenizer import TextTokenizer
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt

WORDS = st.lists(
    st.one_of(st.sampled_from(PLAIN_WORDS), st.text("abcXYZ.,!-\u00e9\u4f60", min_size=1)),
    min_size=1,
    max_size=40,
)
CHINESE = (
    "今天天气很好我们一起去公园散步吧然后再去图书馆看书晚上回家吃饭明天还要上班请问您想去哪里呢"
)


def pieces(texts: list[str]) -> TextTokenizer:
    """A byte-level BPE as GPT-2's are, trained on ``texts``."""
    import tokenizers

    inner = tokenizers.Tokenizer(tokenizers.models.BPE())
    inner.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=3000,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    return TextTokenizer(inner, "trained")


@pytest.fixture(scope="module")
def bpe() -> TextTokenizer:
    source = random.Random(1)
    texts = [" ".join(source.choices(PLAIN_WORDS, k=300)) for _ in range(60)]
    return pieces(texts)


def chat(*texts: str) -> Prompt:
    return Prompt(messages=tuple(Message(role="user", content=one) for one in texts))


def said(prompt: Prompt) -> str:
    if prompt.messages is None:
        return prompt.text or ""
    return "\n".join(one.text for one in prompt.messages)


@given(WORDS, st.integers(0, 9))
def test_as_many_words_as_before(words: list[str], number: int) -> None:
    prompt = Prompt(text=" ".join(words))
    salted, kept = PromptChanger().salted(prompt, random.Random(number))
    if kept:
        assert len(said(salted)) <= len(said(prompt)) + 8 * 10
    if len(words) > 4:
        assert kept
        assert len((salted.text or "").split(" ")) == len(words)
        assert (salted.text or "").split(" ")[5:] == words[5:]
    other = PromptChanger().shuffled(prompt, random.Random(number))
    assert len((other.text or "").split(" ")) <= len(words) + 3
    if max(map(len, words)) < 24:
        assert len((other.text or "").split(" ")) == len(words)


@given(WORDS, WORDS, st.integers(0, 99))
def test_never_more_tokens_where_they_can_be_counted(
    bpe: TextTokenizer, first: list[str], second: list[str], number: int
) -> None:
    prompt = chat(" ".join(first), " ".join(second))
    count = sum(bpe.count(one.text) for one in prompt.messages or ())
    wording = PromptChanger(bpe)
    salted, kept = wording.salted(prompt, random.Random(number))
    shuffled = wording.shuffled(prompt, random.Random(number))
    for made, promised in ((salted, kept), (shuffled, True)):
        now = sum(bpe.count(one.text) for one in made.messages or ())
        assert now <= count or not promised
        assert [one.role for one in made.messages or ()] == ["user", "user"]


@pytest.mark.parametrize("length", [8, 24, 500])
def test_synthetic_prompts_keep_every_token_without_a_tokenizer(
    bpe: TextTokenizer, length: int
) -> None:
    source = random.Random(length)
    words = [one for one in PLAIN_WORDS if bpe.count(" " + one) == 1]
    assert len(words) > 300
    prompt = Prompt(text=" ".join(source.choices(words, k=length)))
    count = bpe.count(said(prompt))
    for number in range(20):
        shuffled = PromptChanger().shuffled(prompt, random.Random(number))
        assert bpe.count(said(shuffled)) == count
        exact, kept = PromptChanger(bpe).salted(prompt, random.Random(number))
        assert kept
        assert bpe.count(said(exact)) == count


def test_salted_prompts_differ_from_their_second_word_on() -> None:
    prompt = chat("Be brief", "How far is it to the moon and back")
    salt = changer(lambda one, source: PromptChanger().salted(one, source)[0], "a")
    found = {said(salt(prompt, repeat)) for repeat in range(1000)}
    assert len(found) == 1000
    assert all(one.endswith("to the moon and back") for one in found)
    assert said(salt(prompt, 1)) == said(salt(prompt, 1))


@pytest.mark.parametrize("prompt", [Prompt(text=CHINESE), chat(CHINESE)])
def test_scripts_without_blanks_give_characters_for_the_words(
    bpe: TextTokenizer, prompt: Prompt
) -> None:
    for made in (
        PromptChanger().salted(prompt, random.Random(1))[0],
        PromptChanger().shuffled(prompt, random.Random(1)),
        PromptChanger(bpe).salted(prompt, random.Random(1))[0],
    ):
        assert made != prompt
        assert said(made)[-20:] == CHINESE[-20:]
    exact, kept = PromptChanger(bpe).salted(prompt, random.Random(1))
    assert kept
    assert bpe.count(said(exact)) <= bpe.count(CHINESE)


def test_a_prompt_too_short_for_a_salt_says_so() -> None:
    salted, kept = PromptChanger().salted(Prompt(text="Hi"), random.Random(1))
    assert not kept
    assert (salted.text or "").endswith("] Hi")


def test_ids_stay_ids_of_the_prompt() -> None:
    prompt = Prompt(tokens=tuple(range(100, 160)))
    salted, kept = PromptChanger().salted(prompt, random.Random(1))
    assert kept
    assert len(salted.tokens or ()) == 60
    assert set(salted.tokens or ()) <= set(prompt.tokens or ())
    assert (salted.tokens or ())[8:] == (prompt.tokens or ())[8:]
    other = PromptChanger().shuffled(prompt, random.Random(1))
    assert sorted(other.tokens or ()) == sorted(prompt.tokens or ())
    assert other.tokens != prompt.tokens


def test_pictures_stay_where_they_are() -> None:
    picture: Any = ContentPart(media=Media(kind="image", url="https://example.org/a.png"))
    parts = (picture, ContentPart(text="what is to be seen on this one"))
    prompt = Prompt(messages=(Message(role="user", content=parts),))
    for made in (
        PromptChanger().salted(prompt, random.Random(1))[0],
        PromptChanger().shuffled(prompt, random.Random(1)),
    ):
        content = (made.messages or ())[0].content
        assert content[0] == picture
        assert content[1] != parts[1]
        assert len(content) == 2
    alone = Prompt(messages=(Message(role="user", content=(picture,)),))
    made, kept = PromptChanger().salted(alone, random.Random(1))
    assert not kept
    assert (made.messages or ())[0].content[1] == picture
    assert PromptChanger().shuffled(alone, random.Random(1)) == alone
