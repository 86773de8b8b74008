"""Each differing answer has one cause, and each differing figure its formula."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import foreign_results as made
import numpy as np
import pytest

from aisbench_plugin_compare.foreign.answers import ForeignAnswer, ForeignTask, canonical
from aisbench_plugin_compare.foreign.cause import CauseReport
from aisbench_plugin_compare.foreign.causes import sort_causes
from aisbench_plugin_compare.foreign.load_causes import sort_load_causes
from aisbench_plugin_compare.foreign.matching import matched
from aisbench_plugin_compare.foreign.reading import read_foreign
from aisbench_plugin_compare.sides.side import Load, Quantity, ToldFigure

BASE: dict[str, Any] = {
    "prompt": "Question: how many?",
    "question": "how many?",
    "text": "The answer is 7",
    "extracted": "7",
    "target": "7",
    "value": 1.0,
}


def report(
    left: dict[str, Any],
    right: dict[str, Any],
    settings: Sequence[dict[str, str]] = ({}, {}),
) -> CauseReport:
    """Of one sample, which differs from BASE on either side."""
    tasks = [
        ForeignTask(
            model="m",
            dataset="d",
            answers=[ForeignAnswer(id="0", **{**BASE, **changes})],
            facts={"settings": given},
        ).task()
        for changes, given in zip((left, right), settings, strict=True)
    ]
    return sort_causes(*tasks, [(0, 0)])


def test_samples_that_agree_have_no_cause() -> None:
    found = report({}, {"text": "It is 7"})
    assert (found.compared, found.differing, found.causes) == (1, 0, ())


@pytest.mark.parametrize(
    ("right", "cause", "detail"),
    [
        (
            {"prompt": "Question: how many?\nThink.", "text": "8", "extracted": "8", "value": 0.0},
            "prompt",
            'after the question the right one has "Think." besides',
        ),
        ({"text": "It is 8", "extracted": "8", "value": 0.0}, "sampling", "free variation"),
        (
            {"text": "The answer", "extracted": None, "value": 0.0},
            "truncation",
            "",
        ),
        (
            {"text": "x", "extracted": None, "value": 0.0, "finish_reason": "length"},
            "truncation",
            "",
        ),
        ({"extracted": None, "value": 0.0, "outcome": "unparsed"}, "extraction", "on the right"),
        ({"extracted": "71", "value": 0.0}, "extraction", ""),
        ({"extracted": "7.0", "value": 0.0}, "grading", ""),
        ({"extracted": "$7", "target": "8", "value": 0.0}, "grading", "another reference"),
        ({"outcome": "failed", "value": None, "text": ""}, "failure", ""),
        ({"prompt": "", "text": "8", "extracted": "8", "value": 0.0}, "unknown", ""),
        ({"text": "", "extracted": None, "value": 0.0}, "truncation", ""),
    ],
)
def test_one_cause(right: dict[str, Any], cause: str, detail: str) -> None:
    found = report({}, right)
    (one,) = found.causes
    assert (one.name, one.count, list(one.ids)) == (cause, 1, ["0"])
    assert found.differing == 1
    assert one.example is not None
    assert detail in " ".join(one.details)
    mirrored = report(right, {}).causes
    assert mirrored[0].name == cause


def test_settings_that_differ_are_named_under_one_name() -> None:
    other = {"text": "8", "extracted": "8", "value": 0.0}
    found = report(
        {}, other, ({"generation.max_tokens": "512", "generation.temperature": "0.0"},
                    {"max_gen_toks": "256", "do_sample": "False", "until": "x"})
    )  # fmt: skip
    assert found.causes[0].details == ("settings differ: max_tokens 512 | 256",)


def test_another_model_is_no_free_variation() -> None:
    tasks = [
        ForeignTask(
            model=name,
            dataset="d",
            answers=[ForeignAnswer(id="0", **{**BASE, "text": name, "extracted": name,
                                              "value": value})],
            facts={"model": {"model": name}},
        ).task()
        for name, value in (("one", 1.0), ("two", 0.0))
    ]  # fmt: skip
    (cause,) = sort_causes(*tasks, [(0, 0)]).causes
    assert cause.details == ("other models were asked: model one | two",)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1,000", "1000.0"), ("(B)", "b"), ("**7**", "7"), ("$14.", "14"), ("a  b", "A b")],
)
def test_extracted_answers_that_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)
    assert canonical(one) != canonical(f"{other}1")


def test_prompts_of_one_template_are_counted_together() -> None:
    questions = [f"How many are {number} and 1, all in all?" for number in range(5)]
    left = [
        ForeignAnswer(id=str(at), question=one, prompt=f"Q: {one}", text="a", value=1.0)
        for at, one in enumerate(questions)
    ]
    right = [
        ForeignAnswer(id=str(at), prompt=f"Think.\n\nQ: {one}", text="b", value=0.0)
        for at, one in enumerate(questions)
    ]
    tasks = [
        ForeignTask(model="m", dataset="d", answers=answers).task() for answers in (left, right)
    ]
    (one,) = sort_causes(*tasks, [(at, at) for at in range(5)]).causes
    assert one.details == ('5 times: before the question the right one has "Think." besides',)


def test_real_layouts_are_sorted(tmp_path: Path) -> None:
    ours = read_foreign(made.lm_eval(tmp_path / "a"), "a")
    theirs = read_foreign(made.ais_bench(tmp_path / "b"), "b")
    assert ours is not None and theirs is not None
    left, right = matched(ours.tasks[0], theirs.tasks[0])
    found = sort_causes(left, right, [(0, 0), (1, 1), (2, 2)])
    assert found.differing == 0  # unparsed and failed are both 0


# -- aggregation


def sums(values: Sequence[float | None], told: float, **more: Any) -> ForeignTask:
    """A task whose figure is ``told``; None: the request failed."""
    parts = more.pop("parts", [""] * len(values))
    repeats = more.pop("repeats", 1)
    answers = [
        ForeignAnswer(
            id=str(at // repeats), repeat=at % repeats, value=value, part=part, text="a",
            outcome="failed" if value is None else None,
        )
        for at, (value, part) in enumerate(zip(values, parts, strict=True))
    ]  # fmt: skip
    figure = ToldFigure(name="accuracy", value=told, measure="accuracy")
    return ForeignTask(model="m", dataset="d", answers=answers, figures=[figure])


@pytest.mark.parametrize(
    ("told", "more", "said"),
    [
        (2 / 3, {}, "the mean without failed samples"),
        (0.75, {"parts": ["a", "b", "b", "b"]}, "not the mean of its samples"),
        (2 / 3, {"parts": ["a", "b", "b", "b"]}, "the mean of the means of its parts"),
        (100 * 2 / 3, {}, "the mean without failed samples"),
        (1.0, {"repeats": 2}, "with any right answer (pass@k)"),
        (0.123, {}, "by no known formula"),
    ],
)
def test_the_formula_of_a_figure(told: float, more: dict[str, Any], said: str) -> None:
    values = [1.0, 1.0, 0.0, None]
    if "parts" in more:
        values = [1.0, 0.0, 0.0, 1.0]
        told = told if told != 2 / 3 else (1 + 1 / 3) / 2
    if "repeats" in more:
        values = [1.0, 0.0, 0.0, 1.0]
    left = sums(values, float(np.mean([one or 0 for one in values])), **dict(more)).task()
    right = sums(values, told, **dict(more)).task()
    found = sort_causes(left, right, [(at, at) for at in range(4)])
    assert found.differing == 0
    (one,) = found.causes
    assert one.name == "aggregation"
    assert said in one.details[0]
    assert "all samples agree" in one.sentence


def test_figures_that_agree_have_no_formula() -> None:
    task = sums([1.0, 0.0], 0.5).task()
    assert sort_causes(task, task, [(0, 0), (1, 1)]).causes == ()


# -- loads


def load(tool: str, **changes: Any) -> Load:
    rng = np.random.default_rng(1)
    tokens = np.full(50, 16.0)
    ttft = rng.uniform(50, 60, 50)
    e2el = ttft + 10 * (tokens - 1)
    held = {"ttft": ttft, "e2el": e2el, "output_tokens": tokens, "tpot": np.full(50, 10.0)}
    held.update(changes.pop("held", {}))
    return Load(
        model="m",
        dataset="d",
        label="x",
        quantities=[Quantity(name=name, unit="ms", values=one) for name, one in held.items()],
        facts={"client": {"tool": tool}, "load": changes.pop("plan", {})},
        **changes,
    )


def words_of(left: Load, right: Load) -> dict[str, str]:
    return {one.name: " | ".join(one.details) for one in sort_load_causes(left, right).causes}


def test_equal_loads_have_no_cause() -> None:
    assert words_of(load("aisbench"), load("aisbench")) == {}


def test_a_tpot_over_all_tokens_is_found_by_its_numbers() -> None:
    mean = float(np.mean((150.0) / 16))
    theirs = load("stranger", figures=[ToldFigure(name="tpot.mean", value=mean)])
    assert "its TPOT is (e2el - ttft) / tokens" in words_of(load("aisbench"), theirs)["definition"]


def test_gaps_of_chunks() -> None:
    theirs = load("aiperf", held={"itl": np.full(50 * 7, 20.0)})
    found = words_of(load("aisbench"), theirs)["definition"]
    assert "7.0 gaps a request, whose answers have 16.0 tokens: of chunks" in found


def test_a_ttft_that_counts_the_wait() -> None:
    ours = load("aisbench", held={"ttft": np.full(50, 50.0), "ttft_scheduled": np.full(50, 500.0)})
    theirs = load("stranger", held={"ttft": np.full(50, 480.0)})
    assert "it counts the wait of the client" in words_of(ours, theirs)["definition"]


def test_schedule_and_tokens() -> None:
    ours = load("aisbench", plan={"concurrency": "8", "warm_up": "2"}, counts={"total": 50})
    theirs = load(
        "vllm bench",
        plan={"max_concurrency": "16", "request_rate": "inf"},
        counts={"total": 100},
        held={"output_tokens": np.full(50, 20.0)},
    )
    found = words_of(ours, theirs)
    assert "concurrency: 8 | 16" in found["schedule"]
    assert "requests: 50 | 100" in found["schedule"]
    assert "warm-up: 2 | not told" in found["definition"]
    assert "OutputTokens: 16.0 | 20.0 tokens a request" in found["token counts"]


def test_as_plain_data() -> None:
    found = report({}, {"extracted": None, "value": 0.0}).json()
    assert found["causes"][0]["name"] == "extraction"
    assert found["differing"] == 1
