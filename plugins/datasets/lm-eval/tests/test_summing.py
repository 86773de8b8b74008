"""What becomes of answers that failed, of repeats, and of what is not allowed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from aisbench.api import (
    Answer,
    DataError,
    Figure,
    PathOrName,
    Sample,
    Score,
    ScoreGroup,
    Verdict,
)
from aisbench_plugin_lm_eval.dataset import LmEvalDataset
from aisbench_plugin_lm_eval.evaluator import LmEvalEvaluator
from aisbench_plugin_lm_eval.settings import LmEvalSettings

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(find_spec("lm_eval") is None, reason="lm-eval is not installed"),
    pytest.mark.filterwarnings("ignore"),
]
DATA = Path(__file__).parent / "data"
FAILED = Score(value=0.0, verdict=Verdict.FAILED)


@pytest.fixture(scope="module")
def sums() -> LmEvalDataset:
    return LmEvalDataset(LmEvalSettings(task=PathOrName(DATA / "sums.yaml")))


@pytest.fixture(scope="module")
def scores(sums: LmEvalDataset) -> list[tuple[Sample, Score, Score]]:
    """Of each sample one of a right answer, and one of a wrong."""
    evaluator = LmEvalEvaluator()
    return [
        (
            one,
            evaluator.score(one, Answer.of(str(one.target))),
            evaluator.score(one, Answer.of("many")),
        )
        for one in sums.samples()
    ]


def figure(sums: LmEvalDataset, samples: list[Sample], rows: list[tuple[Score, ...]]) -> Figure:
    groups = [
        ScoreGroup(sample_id=sample.id, scores=row)
        for sample, row in zip(samples, rows, strict=True)
    ]
    (found,) = sums.figures(samples, groups)
    return found


def test_the_answer_of_a_document_is_right_or_wrong(
    scores: list[tuple[Sample, Score, Score]],
) -> None:
    for _, right, wrong in scores:
        assert (right.value, right.verdict) == (1.0, Verdict.RIGHT)
        assert (wrong.value, wrong.verdict, wrong.extracted) == (0.0, Verdict.WRONG, "many")


def test_failed_answers_count_as_wrong_and_open_bounds(
    sums: LmEvalDataset, scores: list[tuple[Sample, Score, Score]]
) -> None:
    samples = [sample for sample, _, _ in scores]
    rows = [(right,) for _, right, _ in scores[:3]] + [(wrong,) for *_, wrong in scores[3:5]]
    found = figure(sums, samples, [*rows, (FAILED,)])
    assert (found.name, found.n, found.value) == ("exact_match,none", 6, 0.5)
    assert (found.bound_low, found.bound_high) == (0.5, 4 / 6)
    assert found.low is not None
    assert found.low < 0.5
    assert figure(sums, samples, [(right,) for _, right, _ in scores]).bound_high is None


def test_of_repeats_the_mean_is_told(
    sums: LmEvalDataset, scores: list[tuple[Sample, Score, Score]]
) -> None:
    samples = [sample for sample, _, _ in scores]
    rows = [(right, wrong, right if at else FAILED) for at, (_, right, wrong) in enumerate(scores)]
    found = figure(sums, samples, rows)
    assert found.value == pytest.approx((1 + 0 + 5 / 6) / 3)
    assert (found.n, found.method) == (6, "wilson, clustered; mean of 3 repeats")
    assert found.bound_high == pytest.approx(2 / 3)


def test_a_sampling_setting_by_a_name_that_is_nearly_right() -> None:
    settings = LmEvalSettings(
        task=PathOrName(DATA / "sums.yaml"), gen_kwargs={"max_gen_tokens": 9, "min_p": 0.1}
    )
    with pytest.raises(DataError, match="max_gen_tokens: lm-eval calls it max_gen_toks"):
        LmEvalDataset(settings).samples()


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("sums.rows", "sums.rowz", "has no function 'rowz'", ""),
        ("test_split: test", "test_split: tset", "KeyError: 'tset'", "its YAML names a split"),
        ("until: [", "until: [[", "not YAML", ""),
    ],
)
def test_mistakes_of_a_task_file(
    old: str, new: str, message: str, hint: str, tmp_path: Path
) -> None:
    """No hub has anything to do with them."""
    text = (DATA / "sums.yaml").read_text()
    assert old in text
    (tmp_path / "sums.yaml").write_text(text.replace(old, new))
    (tmp_path / "sums.py").write_text((DATA / "sums.py").read_text())
    with pytest.raises(DataError, match=message) as caught:
        LmEvalDataset(LmEvalSettings(task=PathOrName(tmp_path / "sums.yaml"))).samples()
    assert caught.value.hint.startswith(hint)
    assert "hub" not in caught.value.hint


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (DATA / "risky.yaml", "task risky: to score it, lm-eval runs programs"),
        (DATA / "nothing.yaml", "there is no task file"),
    ],
)
def test_what_is_not_allowed_or_not_there(task: Path, message: str) -> None:
    with pytest.raises(DataError, match=message):
        LmEvalDataset(LmEvalSettings(task=PathOrName(task))).samples()
