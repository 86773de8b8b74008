"""Text of sentences: exact lengths, kinds, languages, and a file of the user's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.api import DataError, TextTokenizer
from aisbench_plugin_synthetic.dataset import Synthetic
from aisbench_plugin_synthetic.lengths import Lengths
from aisbench_plugin_synthetic.natural import KINDS, LABELS, NaturalSettings
from aisbench_plugin_synthetic.prefixes import Prefix

Make = Callable[..., Synthetic]
ALL = {"prose": 40.0, "code": 20.0, "maths": 20.0, "lists": 10.0, "repetition": 10.0}


def test_every_kind_and_language_has_its_length(synthetic: Make, tokenizer: TextTokenizer) -> None:
    text = NaturalSettings(kinds=ALL, languages=("en", "zh", "es", "de", "fr"))
    lengths = Lengths(method="uniform", min=1, max=400)
    samples = synthetic(rows=150, input=lengths, text=text).samples()
    texts = [str(one.fields["prompt"]) for one in samples]
    assert tokenizer.counts(texts) == [one.fields["input_length"] for one in samples]
    assert all(one == one.strip() for one in texts)
    kinds = Counter(one.labels["prompt kind"] for one in samples)
    assert {name: kinds[LABELS[name]] for name in ALL} == pytest.approx(
        {name: 1.5 * share for name, share in ALL.items()}, abs=2
    )
    assert Counter(one.labels["language"] for one in samples) == dict.fromkeys(
        ("en", "zh", "es", "de", "fr"), 30
    )
    long = {
        (one.labels["prompt kind"], one.labels["language"]): str(one.fields["prompt"])
        for one in samples
        if int(str(one.fields["input_length"])) > 250
    }
    assert "。" in long["natural language", "zh"]
    assert "def " in "".join(said for (kind, _), said in long.items() if kind == "code")


def test_repetition_repeats(synthetic: Make) -> None:
    (sample,) = synthetic(
        rows=1, input=900, text=NaturalSettings(kinds={"repetition": 1})
    ).samples()
    lines = [one for one in str(sample.fields["prompt"]).splitlines()[2:-1] if one]
    assert len(set(lines)) * 2 < len(lines)


def test_shared_beginnings_are_text_too(synthetic: Make, tokenizer: TextTokenizer) -> None:
    made = synthetic(
        rows=12,
        input=200,
        text=NaturalSettings(kinds={"prose": 1.0, "code": 1.0}),
        prefix=Prefix(tokens=100, groups=2),
    )
    samples = made.samples()
    assert set(tokenizer.counts([str(one.fields["prompt"]) for one in samples])) == {200}
    beginnings = {
        (one.labels["group"], tuple(tokenizer.encode(str(one.fields["prompt"]))[:96]))
        for one in samples
    }
    assert len(beginnings) == 2
    again = [one.fields["prompt"] for one in synthetic(
        rows=12, input=200, text=NaturalSettings(kinds={"prose": 1.0, "code": 1.0}),
        prefix=Prefix(tokens=100, groups=2)).samples()]  # fmt: skip
    assert again == [one.fields["prompt"] for one in samples]


def test_a_file_of_ones_own(synthetic: Make, tokenizer: TextTokenizer, tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("\n\n".join(f"Paragraph {n} of my own words." for n in range(20)), "utf-8")
    text = NaturalSettings(kinds={"file": 1.0}, file=file)
    made = synthetic(rows=5, input=90, text=text)
    assert file in made.files()
    for sample in made.samples():
        assert "of my own words." in str(sample.fields["prompt"])
        assert tokenizer.count(str(sample.fields["prompt"])) == 90
        assert sample.labels == {"prompt kind": "own text"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"text": NaturalSettings(kinds={"file": 1.0})}, "text.file names none"),
        ({"text": NaturalSettings(), "unit": "words"}, 'unit is "words"'),
        ({"text": NaturalSettings(kinds={"file": 1.0}, file=Path("no.txt"))}, "no.txt"),
    ],
)
def test_refuses(synthetic: Make, settings: dict[str, object], says: str) -> None:
    with pytest.raises(DataError, match=says):
        synthetic(rows=2, input=50, **settings).samples()


def test_all_kinds_have_a_label() -> None:
    assert set(LABELS) == set(KINDS)
