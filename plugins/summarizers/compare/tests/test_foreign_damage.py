"""A reader never takes a damaged file as a smaller result: it raises an error that names it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import foreign_results as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.api import AisbenchError, DataError
from aisbench_plugin_compare.foreign.reading import read_foreign, unknown_kind
from aisbench_plugin_compare.sides.side import ComparedSide

MAKERS: tuple[Callable[[Path], Path], ...] = (*made.ACCURACY.values(), *made.LOADS.values())


def size(side: ComparedSide) -> tuple[int, int]:
    """How many answers and values a side has."""
    return (
        sum(len(one.rows) for one in side.tasks),
        sum(len(quantity.values) for one in side.loads for quantity in one.quantities),
    )


def seen(path: Path) -> ComparedSide:
    """Raises AisbenchError, as the command does."""
    side = read_foreign(path, "x")
    if side is None:
        raise unknown_kind(path)
    return side


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(MAKERS), st.integers(0, 10), st.floats(0, 1), st.booleans())
def test_a_cut_file_is_an_error(
    make: Callable[[Path], Path], number: int, place: float, binary: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = make(Path(folder))
        whole = size(seen(root))
        files = sorted(path for path in root.rglob("*.json*") if path.is_file())
        file = files[number % len(files)]
        data = file.read_bytes()
        kept = data[: int(place * len(data))]
        file.write_bytes(kept + b"\xff\x00" if binary else kept)
        try:
            found = seen(root)
        except AisbenchError as error:
            assert file.name in error.message or _beside(root, error)
            return
        if not data[len(kept) :].strip() and not binary:
            assert size(found) == whole
            return
        # A line that is whole may be missing at the end: then its sample is a failed one.
        assert size(found) == whole


def _beside(root: Path, error: AisbenchError) -> bool:
    """Whether the error names another file of the same results, which tells of the damage."""
    return (
        any(path.name in error.message for path in root.rglob("*")) or str(root) in error.message
    )


@pytest.mark.parametrize(
    ("make", "file", "said"),
    [
        (made.lm_eval, "samples_sums", "no row of the filter"),
        (made.evalscope, "reviews", "counts 3 samples, and the reviews hold 2"),
        (made.aiperf, "profile_export.jsonl", "holds 2 measured requests"),
        (made.ais_bench_load, "sums_details", "holds 2 requests"),
    ],
)
def test_a_missing_line_is_told(
    tmp_path: Path, make: Callable[[Path], Path], file: str, said: str
) -> None:
    root = make(tmp_path)
    path = next(one for one in root.rglob("*.jsonl") if file in str(one.relative_to(root)))
    path.write_text("".join(f"{line}\n" for line in path.read_text().splitlines()[:-1]))
    with pytest.raises(DataError, match=said):
        seen(root)


def test_an_answer_that_is_missing_counts_as_failed(tmp_path: Path) -> None:
    """AISBench's rows have numbers: the gap is a sample, without an answer."""
    made.ais_bench(tmp_path)
    place = tmp_path / "predictions" / made.MODEL
    path = place / "sums.jsonl"
    path.write_text("".join(f"{line}\n" for line in path.read_text().splitlines()[:1]))
    task = seen(tmp_path).tasks[0]
    assert [row.outcome for row in task.rows].count("failed") == 2
    assert len(task.rows) == 3


def test_verdicts_on_other_answers_are_told(tmp_path: Path) -> None:
    made.opencompass(tmp_path)
    path = tmp_path / "results" / made.MODEL / "sums.json"
    found = json.loads(path.read_text())
    found["details"].pop()
    path.write_text(json.dumps(found))
    with pytest.raises(DataError, match="verdicts on 2 answers, and the predictions hold 3"):
        seen(tmp_path)


def test_a_missing_piece_is_told(tmp_path: Path) -> None:
    made.opencompass(tmp_path)
    place = tmp_path / "predictions" / made.MODEL
    made.whole(place / "sums_3.json", {"0": {"origin_prompt": "a", "prediction": "b"}})
    with pytest.raises(DataError, match=r"sums_2\.json: this piece is missing"):
        seen(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("errors", ["", ""], "columns of different lengths"),
        ("completed", 2, "2 completed and 0 failed requests are not 3"),
        ("ttfts", ["a", 1, 2], "ttfts must hold numbers"),
        ("completed", "3", "completed must be a whole number"),
    ],
)
def test_what_does_not_fit_together_in_vllm(
    tmp_path: Path, key: str, value: object, said: str
) -> None:
    file = made.vllm(tmp_path) / "vllm.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    with pytest.raises(DataError, match=said):
        seen(file)


ODD = {
    "reviews": {"index": 1, "sample_score": 3},
    "review index": {"index": "1", "sample_score": {"score": {"value": {}}}},
    "predictions": {"index": 1, "model_output": 3},
    "row below 0": {"uuid": "a", "success": True, "prediction": "x", "id": -1},
    "row of text": {"uuid": "a", "success": True, "prediction": "x", "id": "5"},
    "row far away": {"uuid": "a", "success": True, "prediction": "x", "id": 900_000_000},
    "no row": {"uuid": "a", "success": True, "prediction": "x"},
    "pieces": {"0": {"prediction": "x"}, "2": {"prediction": "x"}},
    "piece": {"0": {"prediction": "x"}, "1": 3},
    "samples": {"doc_id": 0, "target": 1, "resps": [], "filtered_resps": []},
    "arguments": {"doc_id": 0, "target": 1, "resps": [], "filtered_resps": [], "arguments": 3},
    "vllm": {"completed": 3, "total_input_tokens": 4, "request_throughput": 1, "ttfts": 3},
    "guidellm": {"benchmarks": [{"metrics": 3, "config": 1}]},
    "aiperf": {"request_latency": {"unit": "parsec", "avg": 3}},
    "aiperf requests": {"metadata": 3, "metrics": {}},
    "instants": {"uuid": "a", "success": True, "time_points": 3, "db_name": "x.db"},
    "kept": {"schema": "x", "tool": "x", "source": "x", "tasks": 3},
}
"""Rows that are of a tool by their keys, and by nothing else."""


@pytest.mark.parametrize("row", ODD.values(), ids=ODD)
@pytest.mark.parametrize("named", [True, False])
def test_a_row_of_other_values_is_an_error_or_told(
    tmp_path: Path, row: object, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made.lines(Path("odd.jsonl"), [row])
    try:
        side = seen(Path("odd.jsonl") if named else tmp_path)
    except AisbenchError as error:
        assert str(error.message)
        return
    # Instants whose store is not here are no damage, but told.
    assert "are not here" in side.loads[0].doubts[0]
