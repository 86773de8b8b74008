"""RULER's rows: what its definitions say of them, exact lengths, the same rows everywhere."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, PathOrName, Sample, load_tokenizer
from aisbench_plugin_needles.haystacks import Essay
from aisbench_plugin_needles.ruler import TASKS, Ruler, RulerSettings
from aisbench_plugin_needles.ruler_tasks import NOISE

DATA = Path(__file__).parent / "data"
TOKENIZER = load_tokenizer(str(DATA / "tokenizer.json"))


def rows(*tasks: str, **settings: Any) -> list[Sample]:
    keys: dict[str, Any] = {"lengths": (3000,), "rows": 2, "path": DATA / "ruler", **settings}
    made = RulerSettings(
        tokenizer=PathOrName(str(DATA / "tokenizer.json")), tasks=tasks or TASKS, **keys
    )
    return list(Ruler(made).samples())


def text(sample: Sample) -> str:
    return str(sample.fields["prompt"])


def targets(sample: Sample) -> list[str]:
    assert isinstance(sample.target, list)
    return [str(one) for one in sample.target]


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    """The second row of each task."""
    return {one.part: one for one in rows()}


def test_lengths_are_filled_and_never_passed() -> None:
    """With the answer's room, to what one more unit of haystack would take."""
    for sample in rows():
        answer = sample.generation["max_tokens"]
        assert isinstance(answer, int)
        length = TOKENIZER.count(text(sample)) + answer
        assert length <= 3000
        # One line of UUIDs, or one document, has some 100 tokens.
        assert length > 2880, sample.id
    (long,) = rows("niah_single_1", lengths=(20000,), rows=1, template_tokens=50)
    assert 20000 * 0.997 < TOKENIZER.count(text(long)) + 128 + 50 <= 20000


@pytest.mark.parametrize(
    ("task", "count", "answer"),
    [
        ("niah_single_1", 1, r"\d{7}"),
        ("niah_single_2", 1, r"\d{7}"),
        (
            "niah_single_3",
            1,
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ("niah_multikey_1", 1, r"\d{7}"),
        ("niah_multikey_2", 1, r"\d{7}"),
        ("niah_multikey_3", 1, r"[0-9a-f-]{36}"),
        ("niah_multivalue", 4, r"\d{7}"),
        ("niah_multiquery", 4, r"\d{7}"),
    ],
)
def test_needles(samples: dict[str, Sample], task: str, count: int, answer: str) -> None:
    sample = samples[task]
    found = targets(sample)
    assert len(found) == count
    kind = "uuids" if task in ("niah_single_3", "niah_multikey_3") else "numbers"
    needle = re.compile(rf"One of the special magic {kind} for (\S+) is: (\S+)\.")
    hidden = needle.findall(text(sample))
    asked = text(sample).rpartition("What ")[2]
    for one in found:
        assert re.fullmatch(answer, one)
        ((key, _),) = [pair for pair in hidden if pair[1] == one]
        assert key in asked
    if task.startswith("niah_multikey_") and task != "niah_multikey_1":
        assert len(hidden) > 20
    else:
        assert len(hidden) == (4 if task not in ("niah_single_1", "niah_single_2", "niah_single_3")
                               else 1)  # fmt: skip
    # One value is asked in the singular.
    if count == 1:
        assert f"A special magic {kind[:-1]} is hidden within the following text." in text(sample)
        assert asked.startswith(f"is the special magic {kind[:-1]} for ")
        assert asked.endswith("mentioned in the provided text is")
    else:
        assert asked.startswith(f"are all the special magic {kind} for ")
        assert asked.endswith("mentioned in the provided text are")


def test_noise_and_depth(samples: dict[str, Sample]) -> None:
    sample = samples["niah_single_1"]
    lines = text(sample).splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.startswith("One of the")]
    assert {line for line in lines[1:-1] if not line.startswith("One of")} == {NOISE}
    assert sample.fields["depth"] == pytest.approx(100 * (place - 1) / (len(lines) - 3), abs=2)


def test_variables(samples: dict[str, Sample]) -> None:
    """Five names in a chain, behind a solved example with three-letter names."""
    example, _, asked = text(samples["vt"]).partition("\n\nMemorize")
    names = targets(samples["vt"])
    (value,) = set(re.findall(r"VAR [A-Z]{5} = (\d{5})", asked))
    chain = re.findall(r"VAR ([A-Z]{5}) = VAR ([A-Z]{5}) $", asked, re.MULTILINE)
    assert chain == list(zip(names[1:], names[:-1], strict=True))
    assert asked.endswith(f"5 variables are assigned the value {value}, they are: ")
    solved = example.rstrip("\n").rpartition("they are: ")[2].split()
    assert len(solved) == 5
    assert {len(one) for one in solved} == {3}


def test_common_words(samples: dict[str, Sample]) -> None:
    """Below 4,096 tokens ten words six times and the others once."""
    asked = text(samples["cwe"]).rpartition("Memorize the ones")[2]
    words = re.findall(r"\d+\. (\S+(?: [a-z]\S*)*)(?= \d+\.|\nQuestion)", asked)
    counts = Counter(words)
    assert sorted(one for one, count in counts.items() if count == 6) == sorted(
        targets(samples["cwe"])
    )
    assert set(counts.values()) == {1, 6}


def test_frequent_words(samples: dict[str, Sample]) -> None:
    """Frequencies fall with the square of the rank; the first is noise."""
    coded = text(samples["fwe"]).partition("coded words. ")[2].partition("\nQuestion")[0]
    (noise, most), *others = Counter(coded.split()).most_common()
    assert noise == "..."
    assert [word for word, _ in others[:3]] == targets(samples["fwe"])
    total = len(coded.split())
    assert most / total == pytest.approx(6 / math.pi**2, rel=0.05)


def test_questions() -> None:
    """The documents that answer it are there, numbered from one, none twice while there are
    others."""
    found = {one.part: one for one in rows("qa_1", "qa_2", lengths=(1300,))}
    for task in ("qa_1", "qa_2"):
        documents = re.findall(r"Document (\d+):\n([^\n]+(?:\n[^\n]+)?)", text(found[task]))
        assert [int(number) for number, _ in documents] == list(range(1, len(documents) + 1))
        assert len({body for _, body in documents}) == len(documents)
        assert found[task].fields["rule"] == "any"
        assert len(documents) > 4
    assert targets(found["qa_1"]) == ["a name", "a good name"]
    assert sum(f"Title {place % 12}\n" in text(found["qa_2"]) for place in range(3, 13)) == 10


def test_rows_never_change() -> None:
    """Written down: other rows would be another benchmark. They depend on the seed alone."""
    tasks = ("niah_multikey_3", "vt", "fwe", "qa_1")  # without words of another package
    first, again = rows(*tasks), rows(*tasks)
    assert first == again
    digest = hashlib.sha256("\0".join(text(one) for one in first).encode()).hexdigest()
    assert digest[:16] == DIGEST
    other = rows("niah_single_1", "vt", seed=7)
    assert not {text(one) for one in other} & {text(one) for one in first}


DIGEST = "bdd70575667cbdca"


def test_essays_are_repeated_and_cut_by_words() -> None:
    essay = Essay('He said "no." Then he left. Mr. Fox, 3.5 m tall, stayed! So? "Yes."')
    sentences = essay.pieces(essay.words)
    assert [one.strip() for one in sentences] == [
        'He said "no."', "Then he left.", "Mr. Fox, 3.5 m tall, stayed!", "So?", '"Yes."',
    ]  # fmt: skip
    assert "".join(essay.pieces(5)).split() == ["He", "said", '"no."', "Then", "he"]
    assert len("".join(essay.pieces(3 * essay.words + 2)).split()) == 3 * essay.words + 2


@pytest.mark.parametrize(
    ("tasks", "settings", "said"),
    [
        (("vt",), {"lengths": (300,)}, "vt of length 300 does not fit into 270 tokens"),
        (("qa_1",), {"rows": 5}, "qa_1 has 4 questions, and rows asks for 5"),
        (
            ("vt", "niah_single_2"),
            {"path": DATA / "none"},
            "niah_single_2 need PaulGrahamEssays.json",
        ),
    ],
)
def test_what_cannot_be_made(tasks: tuple[str, ...], settings: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        rows(*tasks, **settings)


def test_a_tokenizer_must_be_named() -> None:
    with pytest.raises(DataError, match="no tokenizer is named"):
        Ruler(RulerSettings()).samples()
