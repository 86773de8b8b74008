"""Prompts cut in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest
import tokenizers

from aisbench.conversation.cutting import cut
from aisbench.types.prompt import Message, Prompt


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tokenizer whose tokens are words."""
    model = tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    file: Path = tmp_path_factory.mktemp("words") / "tokenizer.json"
    tokenizer.save(str(file))
    return str(file)


TEXT = "eins  zwei drei\nvier fünf 六 sieben acht"


@pytest.mark.parametrize(
    ("most", "left"),
    [
        (8, TEXT),
        (7, "eins  zwei dreiacht"[:-4] + "六 sieben acht"),
        (4, "eins  zweisieben acht"),
        (2, "einsacht"),
    ],
)
def test_the_first_and_last_tokens_stay_as_they_are(most: int, left: str, words: str) -> None:
    assert cut(Prompt(text=TEXT), most, words).text == left


def test_the_longest_message_is_cut(words: str) -> None:
    messages = (
        Message(role="system", content="be brief"),
        Message(role="user", content=TEXT),
        Message(role="assistant", content="yes"),
    )
    found = cut(Prompt(messages=messages), 7, words).messages
    assert found is not None
    assert [one.text for one in found] == ["be brief", "eins  zweisieben acht", "yes"]
    assert cut(Prompt(messages=messages), 11, words).messages == messages
    assert cut(Prompt(messages=messages), 3, words).messages[1].text == ""  # type: ignore[index]


def test_token_ids_are_cut_without_a_tokenizer() -> None:
    assert cut(Prompt(tokens=(1, 2, 3, 4, 5)), 4, "").tokens == (1, 2, 4, 5)
    assert cut(Prompt(tokens=(1, 2, 3)), 3, "").tokens == (1, 2, 3)
    assert cut(Prompt(tokens=(1, 2, 3)), 1, "").tokens == ()


def test_short_texts_need_no_tokenizer() -> None:
    assert cut(Prompt(text="short"), 5, "no such").text == "short"


@pytest.mark.parametrize("most", range(2, 24))
def test_what_is_left_is_never_longer(most: int, tmp_path: Path) -> None:
    """Three tokens make one of these characters, and a cut may fall between them."""
    signs = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    model = tokenizers.models.BPE({sign: n for n, sign in enumerate(sorted(signs))}, [])
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    file = tmp_path / "tokenizer.json"
    tokenizer.save(str(file))
    found = cut(Prompt(text="a长文本在中间被截断b"), most, str(file)).text
    assert found is not None
    assert most - 6 < len(tokenizer.encode(found).ids) <= most
    assert (found[0], found[-1]) == ("a", "b")
