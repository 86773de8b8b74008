"""Text of exact lengths, with tokenizers of every family."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from aisbench.base.errors import AisbenchError
from aisbench.tokens.exact_text import ExactText, LazyRows, PlainWords, make_rows
from aisbench.tokens.tokenizer import TextTokenizer, load_tokenizer
from aisbench.types.sample import Sample

_PARTS = [first + second for first in "bdfgklmnprst" for second in "aeiou"]


def corpus() -> list[str]:
    source = random.Random(1)
    words = ["".join(source.choices(_PARTS, k=source.randint(1, 3))) for _ in range(400)]
    return [" ".join(source.choices(words, k=12)) + "." for _ in range(1500)]


def byte_level() -> Any:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(corpus(), trainer)
    return made


def metaspace() -> Any:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=600, special_tokens=["<s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator(corpus(), trainer)
    return made


def word_piece() -> Any:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=800, special_tokens=["[UNK]", "[CLS]"], show_progress=False
    )
    made.train_from_iterator(corpus(), trainer)
    return made


def sentence_piece() -> Any:
    """As Llama 2 is converted: no pre-tokenizer, spaces are a letter of the vocabulary."""
    made = _trained_with_spaces()
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return made


def _trained_with_spaces() -> Any:
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<s>"], show_progress=False)
    trained.train_from_iterator(corpus(), trainer)
    return _without_pre_tokenizer(trained)


def _without_pre_tokenizer(trained: Any) -> Any:
    document = json.loads(trained.to_str())
    document["pre_tokenizer"] = None
    return Tokenizer.from_str(json.dumps(document))


def across_words() -> Any:
    """Tokens that hold several words: what one word costs depends on its neighbours."""
    made = Tokenizer(models.BPE())
    made.decoder = decoders.Fuse()
    trainer = trainers.BpeTrainer(vocab_size=700, show_progress=False)
    made.train_from_iterator(corpus(), trainer)
    assert any(" " in token.strip() for token in made.get_vocab())
    return made


def characters() -> Any:
    vocabulary = {letter: number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz .")}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.decoder = decoders.Fuse()
    return made


EXACT: Sequence[Callable[[], Any]] = (byte_level, metaspace, word_piece, sentence_piece)
CORRECTED: Sequence[Callable[[], Any]] = (across_words, characters)


@pytest.fixture(scope="module")
def made() -> Callable[[Callable[[], Any]], TextTokenizer]:
    known: dict[Any, TextTokenizer] = {}

    def get(family: Callable[[], Any]) -> TextTokenizer:
        if family not in known:
            known[family] = TextTokenizer(family(), family.__name__)
        return known[family]

    return get


@pytest.mark.parametrize("family", [*EXACT, *CORRECTED])
def test_every_length_is_exact(family: Any, made: Any) -> None:
    tokenizer = made(family)
    filler = ExactText(tokenizer, seed=3)
    for count in (*range(1, 40), 127, 512, 2000):
        text = filler.text(f"row/{count}", count)
        assert tokenizer.count(text) == count
        assert text == text.strip()


@pytest.mark.parametrize("family", EXACT)
def test_whole_words_need_no_encoding(family: Any, made: Any) -> None:
    filler = ExactText(made(family))
    assert filler.exact_by_words
    assert len(filler.pool) >= 32
    assert len(filler.text("a", 300).split()) == 300


@pytest.mark.parametrize("family", CORRECTED)
def test_what_drifts_is_known(family: Any, made: Any) -> None:
    assert not ExactText(made(family)).exact_by_words


@pytest.mark.parametrize("family", [*EXACT, *CORRECTED])
def test_chains_are_exact_and_share_their_beginning(family: Any, made: Any) -> None:
    tokenizer = made(family)
    filler = ExactText(tokenizer)
    lead = filler.text("block/1", 40)
    one = filler.chain([("block/1", 40), ("row/1", 25)])
    two = filler.chain([("block/1", 40), ("row/2", 60)])
    assert tokenizer.count(one) == 65
    assert tokenizer.count(two) == 100
    assert one.startswith(lead)
    assert two.startswith(lead)
    assert one[len(lead) :][:20] != two[len(lead) :][:20]
    assert filler.chain([("block/1", 0), ("row/1", 25)]) == filler.text("row/1", 25)
    assert filler.chain([]) == ""


@pytest.mark.parametrize("family", [*EXACT, *CORRECTED])
def test_any_text_can_be_the_prefix(family: Any, made: Any) -> None:
    tokenizer = made(family)
    filler = ExactText(tokenizer)
    prefix = "bade foko, 12 {x}\n\nmi"
    have = tokenizer.count(prefix)
    for more in (1, 2, 3, 10, 100):
        text = filler.text("key", have + more, prefix)
        assert text.startswith(prefix)
        assert tokenizer.count(text) == have + more
    assert filler.text("key", have, prefix) == prefix
    with pytest.raises(AisbenchError, match=f"cannot begin with a prefix of {have} tokens"):
        filler.text("key", have - 1, prefix)


def test_texts_of_other_keys_and_seeds_are_others(made: Any) -> None:
    filler = ExactText(made(byte_level))
    texts = {filler.text(str(key), 12) for key in range(3000)}
    assert len(texts) == 3000
    assert ExactText(made(byte_level), seed=1).text("0", 12) not in texts


def test_a_shorter_text_is_the_beginning_of_a_longer_one(made: Any) -> None:
    filler = ExactText(made(byte_level))
    assert filler.text("a", 500).startswith(filler.text("a", 200) + " ")


def test_another_process_makes_the_same(made: Any, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    byte_level().save(str(path))
    code = (
        "import sys\n"
        "from aisbench.tokens.exact_text import ExactText\n"
        "from aisbench.tokens.tokenizer import load_tokenizer\n"
        "filler = ExactText(load_tokenizer(sys.argv[1]), 7)\n"
        "print(filler.text('k', 30), filler.token_chain([('k', 5)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    filler = ExactText(load_tokenizer(str(path)), 7)
    assert done.stdout == f"{filler.text('k', 30)} {filler.token_chain([('k', 5)])}\n"


def test_the_words_of_a_key_never_change() -> None:
    """Written down, so that a change of the words is noticed: it changes every workload."""
    assert PlainWords(0).text("row/0", 6) == PLAIN
    assert PlainWords(1).text("row/0", 6) != PLAIN


PLAIN = "person until hand another around in"


def test_ids_are_drawn_from_all_that_are_not_special(made: Any) -> None:
    tokenizer = made(byte_level)
    filler = ExactText(tokenizer)
    ids = filler.token_chain([("a", 20_000)])
    assert len(ids) == 20_000
    assert set(ids) == set(range(tokenizer.size)) - tokenizer.special
    assert filler.token_chain([("a", 20), ("b", 5)])[:20] == ids[:20]


def test_no_length_where_none_is_possible() -> None:
    """A tokenizer that makes two tokens of each character has no odd length."""
    inner = characters()

    class Twice(TextTokenizer):
        def encode(self, text: str) -> list[int]:
            return [one for one in super().encode(text) for _ in range(2)]

        def counts(self, texts: Sequence[str]) -> list[int]:
            return [len(self.encode(text)) for text in texts]

    filler = ExactText(Twice(inner, "twice"))
    assert filler.count(filler.text("a", 8)) == 8
    with pytest.raises(AisbenchError, match="no text of exactly 9 tokens was found") as caught:
        filler.text("a", 9)
    assert "'twice': it stays at 8" in caught.value.message
    assert caught.value.hint


def test_plain_words() -> None:
    words = PlainWords(0)
    text = words.text("a", 50)
    assert len(text.split()) == 50
    assert words.text("b", 9, "one two").startswith("one two ")
    assert len(words.text("b", 9, "one two").split()) == 9
    assert words.chain([("p", 3), ("a", 4)]).startswith(words.text("p", 3))
    with pytest.raises(AisbenchError, match="cannot begin with 2 words"):
        words.text("b", 1, "one two")


def test_odd_keys_are_keys(made: Any) -> None:
    filler = ExactText(made(byte_level))
    assert filler.text("\ud800 ü {x}", 4) != filler.text("", 4)


def row(number: int) -> Sample:
    return Sample(id=f"row-{number}")


def test_few_rows_are_kept_and_many_are_made_when_asked_for() -> None:
    assert make_rows(3, row, tokens=10) == [row(0), row(1), row(2)]
    many = make_rows(5, row, tokens=10**9)
    assert isinstance(many, LazyRows)
    assert [one.id for one in many] == [f"row-{number}" for number in range(5)]
    assert len(many) == 5
    assert many[-1] == row(4)
    assert list(many[1:4]) == [row(1), row(2), row(3)]
    assert list(many[1:4][::-1]) == [row(3), row(2), row(1)]
    with pytest.raises(IndexError):
        many[5]
