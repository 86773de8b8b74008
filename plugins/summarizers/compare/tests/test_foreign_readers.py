"""What other tools leave behind, as sides: found by content, whole or a named error."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import foreign_results as made
import numpy as np
import pytest

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.matching import matched
from aisbench_plugin_compare.foreign.reading import read_foreign, read_foreign_run, unknown_kind
from aisbench_plugin_compare.sides import keys
from aisbench_plugin_compare.sides.side import ComparedSide, Load

Make = Callable[[Path], Path]


def read(path: Path) -> ComparedSide:
    side = read_foreign(path, "theirs")
    assert side is not None
    return side


@pytest.mark.parametrize(("tool", "make"), made.ACCURACY.items())
def test_answers_of_each_tool(tmp_path: Path, tool: str, make: Make) -> None:
    side = read(make(tmp_path))
    assert side.tool == tool
    (task,) = side.tasks
    assert (task.model, len(task.rows)) == (made.MODEL, 3)
    assert task.dataset == "sums"
    outcomes = [row.outcome for row in sorted(task.rows, key=lambda row: row.id)]
    assert outcomes[0] == "right"
    assert outcomes[1] == "wrong"
    assert outcomes[2] in ("unparsed", "failed", "truncated")
    answers = dict(task.answers.read([row.place for row in task.rows]))
    first = answers[next(row.place for row in task.rows if row.id == "0")]
    assert made.QUESTIONS[0] in first.prompt
    assert (first.text, first.extracted, first.target) == (made.TEXTS[0], "7", "7")
    assert task.measures[0].name == "accuracy"
    assert float(np.mean(task.measures[0].values)) == pytest.approx(1 / 3)
    told = next(one for one in task.figures if one.measure == "accuracy")
    assert told.value == pytest.approx(1 / 3, abs=1e-4)


def test_what_only_one_tool_tells(tmp_path: Path) -> None:
    lm = read(made.lm_eval(tmp_path / "lm")).tasks[0]
    assert [one.name for one in lm.measures] == ["accuracy", "accuracy (strict)"]
    assert lm.rows[0].keys["question"] == keys.words(made.QUESTIONS[0])
    assert "with the filter flexible-extract" in lm.notes[0]
    scope = read(made.evalscope(tmp_path / "es")).tasks[0]
    last = dict(scope.answers.read([2]))[2]
    assert (last.finish_reason, last.completion_tokens) == ("length", 20)
    ais = read(made.ais_bench(tmp_path / "ais")).tasks[0]
    assert ais.rows[2].outcome == "failed"
    assert dict(ais.answers.read([2]))[2].reason == "refused"


@pytest.mark.parametrize(("tool", "make"), made.LOADS.items())
def test_loads_of_each_tool(tmp_path: Path, tool: str, make: Make) -> None:
    side = read(make(tmp_path))
    assert side.tool == tool
    (load,) = side.loads
    assert load.model == made.MODEL
    assert load.counts == {"success": 3, "total": 3, "failed": 0, **cancelled(load)}
    means = {one.name: float(np.mean(one.values)) for one in load.quantities}
    assert means["ttft"] == pytest.approx(110)
    assert means["e2el"] == pytest.approx(150)
    assert means["tpot"] == pytest.approx(10)
    if "itl" in means:
        assert means["itl"] == pytest.approx(10)
    told = {one.name: one.value for one in load.figures}
    assert told["request_throughput"] == pytest.approx(7.5)
    assert told["ttft.mean"] == pytest.approx(110)


def cancelled(load: Load) -> dict[str, int]:
    return {"cancelled": 0} if "cancelled" in load.counts else {}


def test_guidellm_calls_the_whole_latency_tpot(tmp_path: Path) -> None:
    load = read(made.guidellm(tmp_path)).loads[0]
    means = {one.name: float(np.mean(one.values)) for one in load.quantities}
    assert means["normalised_latency"] == pytest.approx(30)
    told = {one.name for one in load.figures}
    assert {"e2el.p0.1", "e2el.p50", "e2el.p99.9"} <= told


def test_warm_up_of_aiperf_is_left_out_and_told(tmp_path: Path) -> None:
    load = read(made.aiperf(tmp_path)).loads[0]
    assert load.facts["load"]["warm-up requests"] == "1, left out"
    assert all(len(one.values) in (3, 12) for one in load.quantities)


def test_figures_without_requests_say_so(tmp_path: Path) -> None:
    file = made.vllm(tmp_path) / "vllm.json"
    found = json.loads(file.read_text())
    for name in ("ttfts", "itls", "output_lens", "input_lens", "errors", "latencies"):
        del found[name]
    file.write_text(json.dumps(found))
    load = read(file).loads[0]
    assert not load.quantities
    assert "--save-detailed" in load.doubts[0]


def test_several_results_of_vllm_in_one_file(tmp_path: Path) -> None:
    file = made.vllm(tmp_path) / "vllm.json"
    one = json.dumps(json.loads(file.read_text()))
    file.write_text(f"{one}\n{one}")
    assert len(read(file).loads) == 2


def test_a_file_alone_is_read_with_what_belongs_to_it(tmp_path: Path) -> None:
    made.ais_bench(tmp_path)
    side = read(tmp_path / "predictions" / made.MODEL / "sums.jsonl")
    assert Counter(row.outcome for row in side.tasks[0].rows)["failed"] == 1


def test_questions_are_found_within_prompts(tmp_path: Path) -> None:
    ours = read(made.lm_eval(tmp_path / "lm")).tasks[0]
    theirs = read(made.ais_bench(tmp_path / "ais")).tasks[0]
    _, keyed = matched(ours, theirs)
    assert keyed.rows[0].keys["question"] == ours.rows[0].keys["question"]
    again, _ = matched(keyed, ours)
    assert again is keyed


def test_of_several_questions_in_a_prompt_the_last_is_meant(tmp_path: Path) -> None:
    ours = read(made.lm_eval(tmp_path / "lm")).tasks[0]
    examples = [f"{made.QUESTIONS[2]} 15\n\n{question}" for question in made.QUESTIONS]
    theirs = read(made.opencompass(tmp_path / "oc", examples)).tasks[0]
    _, keyed = matched(ours, theirs)
    assert [row.keys["question"] for row in keyed.rows] == [
        row.keys["question"] for row in ours.rows
    ]


def test_details_of_repeats_that_were_grouped_across_questions(tmp_path: Path) -> None:
    """AISBench 3.1 puts the verdicts of two questions into one group."""
    made.ais_bench(tmp_path)
    file = tmp_path / "predictions" / made.MODEL / "sums.jsonl"
    (tmp_path / "predictions" / made.MODEL / "sums_failed.jsonl").unlink()
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    made.lines(file, rows + rows)
    details = [
        {"pred": ["7", "1180"], "answer": ["7", "180"], "correct": [True, False]},
        {"pred": ["7", "1180"], "answer": ["7", "180"], "correct": [True, False]},
    ]
    results = {"accuracy (2 runs average)": 50.0, "pass@2": 100.0, "details": details}
    made.whole(tmp_path / "results" / made.MODEL / "sums.json", results)
    task = read(tmp_path).tasks[0]
    assert [(row.id, row.repeat, row.value) for row in task.rows] == [
        ("0", 0, 1.0),
        ("0", 1, 1.0),
        ("1", 0, 0.0),
        ("1", 1, 0.0),
    ]
    assert "different questions" in task.notes[0]


def test_choices_of_lm_eval_keep_their_likelihoods(tmp_path: Path) -> None:
    """Also in the layout of 0.4.0, which has no filter and no list of metrics."""
    row = {
        "doc_id": 0,
        "doc": {"question": "2 + 2?", "choices": ["3", "4"]},
        "target": 1,
        "arguments": [["2 + 2?", " 3"], ["2 + 2?", " 4"]],
        "resps": [[["-5.5", "False"]], [[-0.25, True]]],
        "filtered_resps": [["-5.5", "False"], [-0.25, True]],
        "acc": 1.0,
        "acc_norm": 0.0,
    }
    made.lines(tmp_path / "samples_sums.jsonl", [row])
    run = read_foreign_run(tmp_path)
    assert run is not None
    (one,) = run.tasks[0].answers
    assert (one.logprobs, one.extracted, one.text, one.value) == ([-5.5, -0.25], "1", " 4", 1.0)
    assert one.measures == {"acc_norm": 0.0}
    assert run.tasks[0].dataset == "sums"


def test_perplexities_of_opencompass(tmp_path: Path) -> None:
    row = {
        "label: A": {"testing input": "2 + 2? 3", "prompt": "2 + 2? 3", "PPL": 9.5},
        "label: B": {"testing input": "2 + 2? 4", "prompt": "2 + 2? 4", "PPL": 1.5},
        "prediction": "B",
        "gold": "B",
    }
    made.whole(tmp_path / "predictions" / "m" / "sums.json", {"0": row})
    (task,) = read(tmp_path).tasks
    answer = dict(task.answers.read([0]))[0]
    assert (answer.extracted, answer.target, task.rows[0].outcome) == ("B", "B", "unjudged")
    assert "nothing says which answers were right" in task.notes[0]


# -- what is not read


def test_a_file_of_no_known_kind_names_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"a": 1}')
    assert read_foreign(tmp_path, "x") is None
    error = unknown_kind(tmp_path)
    assert "neither a run of aisbench" in error.message
    for name in ("lm-eval", "evalscope", "OpenCompass", "vllm bench", "guidellm", "aiperf"):
        assert name in (error.hint or "")
    assert "no such file" in unknown_kind(tmp_path / "missing").message


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickles_are_refused(tmp_path: Path, protocol: int) -> None:
    (tmp_path / "results.pkl").write_bytes(pickle.dumps({"a": 1}, protocol=protocol))
    assert read_foreign(tmp_path, "x") is None
    assert "is a pickle" in unknown_kind(tmp_path).message


def test_a_pickle_in_the_place_of_results_is_refused(tmp_path: Path) -> None:
    made.ais_bench(tmp_path)
    file = tmp_path / "results" / made.MODEL / "sums.json"
    file.write_bytes(pickle.dumps({"accuracy": 100.0}))
    with pytest.raises(DataError, match="pickle"):
        read_foreign(tmp_path, "x")


def test_instants_that_are_a_pickle_are_damage(tmp_path: Path) -> None:
    import sqlite3

    made.ais_bench_load(tmp_path)
    file = tmp_path / "performances" / made.MODEL / "db_data" / "0a1b2c3d.db"
    store = sqlite3.connect(file)
    store.execute("UPDATE numpy_store SET arr_blob = ?", (pickle.dumps([1.0]),))
    store.commit()
    store.close()
    with pytest.raises(DataError, match="damaged"):
        read_foreign(tmp_path, "x")


def test_results_of_two_tools_in_one_folder(tmp_path: Path) -> None:
    made.lm_eval(tmp_path / "a")
    made.evalscope(tmp_path / "b")
    with pytest.raises(DataError, match="several tools: lm-eval, evalscope"):
        read_foreign(tmp_path, "x")


def test_two_runs_in_one_folder(tmp_path: Path) -> None:
    made.opencompass(tmp_path / "1")
    made.opencompass(tmp_path / "2")
    with pytest.raises(DataError, match="holds 2 results of made-up-model on sums"):
        read_foreign(tmp_path, "x")
