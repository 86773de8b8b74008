"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped]

from aisbench.api import Answer, Sample, open_dataset
from aisbench_plugin_text.rouge import RougeEvaluator, RougeSettings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


@pytest.mark.parametrize(
    ("name", "settings", "rows", "first"),
    [
        ("lcsts", {"path": "data2/lcsts"}, 200, None),
        ("csl-summary", {"path": "data/csl"}, 200, "双官能团活性艳蓝的应用性能"),
        ("dialogsum", {"path": "data/dialogsum"}, 150, None),
        ("flores", {"path": "data/flores_first100", "parts": ["deu_Latn", "zho_Hans"]}, 200, None),
        ("flores-to-english", {"path": "data/flores_first100", "parts": ["fra_Latn"]}, 100, None),
    ],
)
def test_every_row_loads(
    name: str, settings: dict[str, Any], rows: int, first: str | None
) -> None:
    path = str(SHARED / settings["path"])
    samples = open_dataset(name, settings | {"path": path}).samples()
    assert len(samples) == rows
    assert all(one.target for one in samples)
    assert len({str(one.target) for one in samples}) > 0.9 * rows
    assert first is None or samples[0].target == first


def test_directions_are_mirrored() -> None:
    """The text of one direction is the reference of the other."""
    settings = {"path": str(SHARED / "data" / "flores_first100"), "parts": ["fra_Latn"]}
    into, back = (open_dataset(n, settings).samples() for n in ("flores", "flores-to-english"))
    assert [one.target for one in into] == [one.fields["source"] for one in back]
    assert [one.fields["source"] for one in into] == [one.target for one in back]


@pytest.mark.parametrize("stem", [False, True])
def test_rouge_of_a_system_for_xsum(stem: bool) -> None:
    """Some of ConvS2S's 11,334 outputs, as rouge-score has them; the figures of all are in
    benchmarks/parity."""
    folder = SHARED / "data2" / "xsum_outputs"
    gold, said = (
        gzip.decompress((folder / f"{name}.txt.gz").read_bytes()).decode().splitlines()[::100]
        for name in ("gold-test-sentences", "convs2s-test-output")
    )
    evaluator = RougeEvaluator(RougeSettings(stem=stem))
    theirs = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=stem)
    for one, other in zip(gold, said, strict=True):
        score = evaluator.score(Sample(id="s", target=one), Answer.of(other))
        for kind, found in theirs.score(one, other).items():
            assert score.measures[kind].value == pytest.approx(100 * found.fmeasure)
