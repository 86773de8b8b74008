"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisbench.api import Answer, open_dataset
from aisbench_plugin_clue.spans import score

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MORE = SHARED / "data2"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not MORE.is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


@pytest.mark.parametrize(
    ("name", "folder", "rows", "first"),
    [
        ("fewclue-bustm", "fewclue/bustm", 1329, "B"),
        ("fewclue-chid", "fewclue/chid", 637, "B"),
        ("fewclue-cluewsc", "fewclue/cluewsc", 909, "A"),
        ("fewclue-csl", "fewclue/csl", 359, "B"),
        ("fewclue-eprstmt", "fewclue/eprstmt", 457, "B"),
        ("fewclue-tnews", "fewclue/tnews", 1572, "N"),
        ("ocnli", "clue/OCNLI", 306, "A"),
        ("cmnli", "clue/cmnli/cmnli_public", 462, "C"),
        ("afqmc", "clue/AFQMC", 784, "A"),
        ("c3", "clue/C3", 287, "C"),
    ],
)
def test_every_row_loads(name: str, folder: str, rows: int, first: str) -> None:
    samples = open_dataset(name, {"path": str(MORE / folder)}).samples()
    assert (len(samples), samples[0].target) == (rows, first)
    letters = [one.target for one in samples]
    assert max(map(letters.count, set(letters))) < 0.7 * rows


@pytest.mark.parametrize("task", ["bustm", "chid", "cluewsc", "csl", "eprstmt", "tnews"])
@pytest.mark.parametrize("split", ["dev_0", "train_0"])
def test_the_other_splits_load(task: str, split: str) -> None:
    settings = {"path": str(MORE / "fewclue" / task), "split": split}
    assert len(open_dataset(f"fewclue-{task}", settings).samples()) >= 32


def test_every_question_of_cmrc_loads() -> None:
    samples = open_dataset("cmrc", {"path": str(MORE / "clue" / "CMRC")}).samples()
    assert len(samples) == 233
    for one in samples:
        answers: list[dict[str, str]] = one.fields["answers"]  # type: ignore[assignment]
        assert (
            score(one, Answer.of(f"{answers[0]['text']}。")).measures["exact match"].value == 100
        )
        assert score(one, Answer.of("!")).value == 0.0
