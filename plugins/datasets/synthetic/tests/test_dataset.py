"""Rows: exact lengths, shared beginnings, and what is refused before the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import AisbenchError, DataError, Sample, TextTokenizer
from aisbench.settings.convert import structure
from aisbench.settings.problems import Problems
from aisbench.tokens.exact_text import LazyRows
from aisbench_plugin_synthetic.dataset import Synthetic
from aisbench_plugin_synthetic.lengths import Lengths
from aisbench_plugin_synthetic.natural import NaturalSettings
from aisbench_plugin_synthetic.settings import Prefix, SyntheticSettings

Make = Callable[..., Synthetic]


def text(sample: Sample) -> str:
    return str(sample.fields["prompt"])


def ids(sample: Sample) -> Any:
    return sample.fields["token_ids"]


def test_each_prompt_has_its_length(synthetic: Make, tokenizer: TextTokenizer) -> None:
    lengths = Lengths(method="uniform", min=1, max=300)
    samples = synthetic(rows=200, input=lengths, output=7).samples()
    wanted = [sample.fields["input_length"] for sample in samples]
    assert tokenizer.counts([text(sample) for sample in samples]) == wanted
    assert [len(ids(sample)) for sample in samples] == wanted
    assert len(set(wanted)) > 50
    assert samples[0].id == "row-0"
    assert samples[0].generation == {"max_tokens": 7, "ignore_eos": True}
    assert samples[0].arrival_ns is None


def test_lengths_bind_only_where_asked(synthetic: Make) -> None:
    (sample,) = synthetic(rows=1, output=9, ignore_eos=False).samples()
    assert sample.generation == {"max_tokens": 9}


def test_shared_prefixes(synthetic: Make, tokenizer: TextTokenizer) -> None:
    made = synthetic(rows=100, input=64, prefix=Prefix(tokens=40, groups=3, hit_rate=0.6))
    samples = made.samples()
    groups = Counter(sample.fields["prefix_group"] for sample in samples)
    assert groups == {None: 40, 0: 20, 1: 20, 2: 20}
    for of in (lambda one: text(one).split(), ids):
        beginnings: dict[Any, set[Any]] = {}
        for sample in samples:
            group = sample.fields["prefix_group"]
            beginnings.setdefault(group, set()).add(tuple(of(sample)[:40]))
        assert [len(beginnings[group]) for group in (0, 1, 2)] == [1, 1, 1]
        assert len(beginnings[None]) == 40
        assert len({tuple(of(sample)[:52]) for sample in samples}) == 100
    assert set(tokenizer.counts([text(sample) for sample in samples])) == {64}
    assert {len(ids(sample)) for sample in samples} == {64}


def test_other_rows_share_nothing(synthetic: Make) -> None:
    samples = synthetic(rows=2000, input=16).samples()
    assert len({tuple(text(sample).split()[:6]) for sample in samples}) == 2000
    assert len({tuple(ids(sample)[:6]) for sample in samples}) == 2000


def test_the_chat_template_is_counted(synthetic: Make, tokenizer: TextTokenizer) -> None:
    (sample,) = synthetic(rows=1, input=50, template_tokens=12).samples()
    assert tokenizer.count(text(sample)) == 38
    assert len(ids(sample)) == 50


def test_the_seed_decides(synthetic: Make) -> None:
    lengths = Lengths(method="normal", mean=50, stddev=10)
    first, again = (list(synthetic(rows=20, input=lengths).samples()) for _ in range(2))
    other = synthetic(rows=20, input=lengths, seed=1).samples()
    assert first == again
    assert [one.generation for one in first] == [one.generation for one in other]
    assert not {text(one) for one in first} & {text(one) for one in other}
    assert [len(ids(one)) for one in first] != [len(ids(one)) for one in other]


def test_many_rows_are_made_when_asked_for(synthetic: Make, tokenizer: TextTokenizer) -> None:
    samples = synthetic(rows=250_000, input=512).samples()
    assert isinstance(samples, LazyRows)
    assert len(samples) == 250_000
    last = samples[-1]
    assert last.id == "row-249999"
    assert tokenizer.count(text(last)) == 512
    assert samples[-1] == last


def test_words_need_no_tokenizer(synthetic: Make) -> None:
    made = synthetic(tokenizer="", unit="words", rows=3, input=25, prefix=Prefix(tokens=5))
    samples = made.samples()
    assert [len(text(sample).split()) for sample in samples] == [25, 25, 25]
    assert "token_ids" not in samples[0].fields
    assert list(made.variants()) == ["chat", "text"]
    assert made.files() == []


def test_ids_can_be_left_out(synthetic: Make) -> None:
    made = synthetic(rows=1, token_ids=False)
    assert "token_ids" not in made.samples()[0].fields
    assert list(made.variants()) == ["chat", "text"]
    assert list(synthetic().variants()) == ["chat", "text", "tokens"]


def test_variants_say_what_the_text_is(synthetic: Make) -> None:
    made = synthetic(text=NaturalSettings(kinds={"prose": 1, "code": 2})).variants()
    assert made["chat"].source == "natural language, code, as one user message"
    assert made["text"].source == "natural language, code"


def test_no_tokenizer_is_told_with_the_ways_out(synthetic: Make) -> None:
    with pytest.raises(DataError, match="no tokenizer is named"):
        synthetic(tokenizer="").files()
    with pytest.raises(DataError, match="no tokenizer is named") as caught:
        synthetic(tokenizer="").samples()
    assert "tokenizer.json" in caught.value.hint
    assert 'unit = "words"' in caught.value.hint


def test_a_tokenizer_that_is_not_there(synthetic: Make, tmp_path: Path) -> None:
    made = synthetic(tokenizer=str(tmp_path / "tokenizer.json"))
    assert made.variants()
    with pytest.raises(AisbenchError, match="does not exist"):
        made.samples()
    (tmp_path / "tokenizer.json").write_bytes(b"\xff{")
    with pytest.raises(AisbenchError, match="cannot be loaded"):
        made.samples()


def test_the_tokenizer_is_part_of_the_data(synthetic: Make) -> None:
    (file,) = synthetic().files()
    assert synthetic(tokenizer=str(file.parent)).files() == [file]
    assert synthetic(tokenizer="someone/model").files() == []


@pytest.mark.parametrize(
    "settings",
    [
        {"input": 40, "prefix": Prefix(tokens=40)},
        {"input": Lengths(method="uniform", min=8, max=400), "prefix": Prefix(tokens=40)},
        {"input": 50, "prefix": Prefix(tokens=40), "template_tokens": 10},
        {"input": 10, "template_tokens": 10},
    ],
)
def test_what_does_not_fit(synthetic: Make, settings: Any) -> None:
    with pytest.raises(DataError, match="input can be") as caught:
        synthetic(**settings).samples()
    assert "input.min" in caught.value.hint


def test_there_are_no_examples(synthetic: Make) -> None:
    with pytest.raises(DataError, match="no few-shot examples"):
        synthetic().examples()


def refusal(**table: Any) -> str:
    with pytest.raises(Problems) as caught:
        structure(SyntheticSettings, table, Path())
    (problem,) = caught.value.problems
    return f"{'.'.join(map(str, problem.path))} {problem.message}"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"rows": 0}, "rows must be 1 or more"),
        ({"input": 0}, "input must be between 1 and"),
        ({"output": -5}, "output must be between 1 and"),
        ({"input": "long"}, "input must be an integer or must be a table, got 'long'"),
        ({"input": {"method": "gaussian"}}, "input.method must be one of 'fixed', 'uniform'"),
        ({"input": {"value": 5}}, "input.method is missing"),
        ({"input": {"method": "fixed"}}, 'input must have value with method "fixed"'),
        ({"input": {"method": "normal", "mean": 5, "var": 2}}, "input.var is not a key here"),
        ({"prefix": {"tokens": 5, "hit_rate": 1.5}}, "prefix.hit_rate must be between 0 and 1"),
        ({"unit": "letters"}, "unit must be one of 'tokens', 'words'"),
        ({"seed": -1}, "seed must be 0 or more"),
    ],
)
def test_settings_are_refused_with_their_key(table: Any, said: str) -> None:
    assert refusal(**table).startswith(said)
