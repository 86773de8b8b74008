"""BFCL's verdicts on whole categories of real outputs: two models with v4's checkers of their day,
two with those of August 2024."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from report import DATA, Report

from aisbench.api import Answer, Prompt, Response, Sample, ToolCall, open_dataset

OLD_CATEGORIES = {
    "simple": "simple_python", "java": "simple_java", "javascript": "simple_javascript",
    "multiple_function": "multiple", "parallel_function": "parallel",
    "parallel_multiple_function": "parallel_multiple", "relevance": "irrelevance",
}  # fmt: skip
"""August 2024's names of categories, and v4's."""


def bfcl_v4() -> bool:
    """The samples are the installed bfcl-eval's own, found by their ids."""
    from aisbench_plugin_bfcl.evaluator import FunctionCalls
    from aisbench_plugin_bfcl.templates import ToolsTemplate

    evaluator, template = FunctionCalls(), ToolsTemplate()
    good = True
    for model in sorted((DATA.parent / "data2" / "bfcl_v4_outputs").iterdir()):
        report = Report(f"bfcl v4 of {model.name}", "bfcl-eval's checkers of that day")
        for file in sorted(model.glob("*/*.jsonl*")):
            category = file.name.partition(".")[0]
            samples = {
                one.id: one for one in open_dataset("bfcl", {"categories": [category]}).samples()
            }
            right = 0
            for row in _rows(file):
                sample = samples.get(row["id"])
                if sample is None:
                    report.add(None, row["valid"], f"{row['id']} is not in the installed version")
                    continue
                prompt = template.render(sample, ())
                score = evaluator.score(sample, _answer(prompt, row["result"]))
                right += score.value == 1
                report.add(
                    score.value == 1, row["valid"], f"{row['id']}: {row['result']} {score.reason}"
                )
            print(f"  {category}: {right} right, {sum(one['valid'] for one in _rows(file))} there")
        good &= report.end()
    return good


def bfcl_2024() -> bool:
    """The rows have questions and references of their own, as those of v4 are corrected."""
    from aisbench_plugin_bfcl.evaluator import FunctionCalls
    from aisbench_plugin_bfcl.templates import ToolsTemplate

    evaluator, template = FunctionCalls(), ToolsTemplate()
    good = True
    for model in sorted((DATA.parent / "data2" / "bfcl_outputs").iterdir()):
        report = Report(f"bfcl of August 2024, {model.name}", "the checkers of that day")
        for file in sorted(model.glob("*.jsonl.gz")):
            right = 0
            for row in _rows(file):
                sample = _old_sample(row, OLD_CATEGORIES[file.name.partition(".")[0]])
                score = evaluator.score(
                    sample, _answer(template.render(sample, ()), _old_result(row["result"]))
                )
                right += score.value == 1
                what = f"{row['id']}: {row['result']} {score.reason}; theirs {row.get('error')}"
                report.add(score.value == 1, row["valid"], what)
            there = sum(one["valid"] for one in _rows(file))
            print(f"  {file.name.partition('.')[0]}: {right} right, {there} there")
        good &= report.end()
    return good


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    opened: Any = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _answer(prompt: Prompt, result: Any) -> Answer:
    """A result as bfcl-eval stores it: calls or texts, or turns of steps of those. A turn ends
    with a step without a call, which is not always stored."""
    turns = isinstance(result, list) and any(isinstance(one, list) for one in result)
    steps = [step for turn in result for step in _steps(turn)] if turns else [result]
    return Answer(
        prompts=(prompt,) * len(steps), responses=tuple(_response(step) for step in steps)
    )


def _steps(turn: list[Any]) -> list[Any]:
    return turn if turn and not _calls(turn[-1]) else [*turn, ""]


def _calls(said: Any) -> bool:
    return isinstance(said, list) and bool(said) and all(isinstance(one, dict) for one in said)


def _response(said: Any) -> Response:
    if not _calls(said):
        return Response(text=said if isinstance(said, str) else " ".join(map(str, said)))
    calls = [
        ToolCall(
            name=name.replace(".", "_"),
            arguments=given if isinstance(given, str) else json.dumps(given),
        )
        for one in said
        for name, given in one.items()
    ]
    return Response(tool_calls=tuple(calls))


def _old_sample(row: Mapping[str, Any], category: str) -> Sample:
    functions = row["function"]
    entry = {
        "id": row["id"],
        "question": [[{"role": "user", "content": row["question"]}]],
        "function": functions if isinstance(functions, list) else [functions],
    }
    target = None
    if row["possible_answer"] is not None:
        truth = row["possible_answer"]["ground_truth"]
        names = {one["name"] for one in entry["function"]}
        target = [{_called(name, names): given} for name, given in truth.items()]
    return Sample(
        id=row["id"], fields={"question": row["question"], "entry": entry}, target=target,
        part=category,
    )  # fmt: skip


def _called(name: str, names: set[str]) -> str:
    """``spotify.play_2``, or ``spotify.play 2``, is the second call of ``spotify.play``."""
    return name if name in names else re.sub(r"[_ ]\d+\Z", "", name)


def _old_result(result: Any) -> Any:
    """xLAM writes its calls as a JSON text, which its handler reads."""
    if not isinstance(result, str):
        return result
    try:
        said = json.loads(result)
    except ValueError:
        return result
    calls = said.get("tool_calls", []) if isinstance(said, dict) else said
    if not isinstance(calls, list) or not all(isinstance(one, dict) for one in calls):
        return result
    return [{one["name"]: one.get("arguments", {})} for one in calls if "name" in one]


ALL: dict[str, Callable[[], bool]] = {"bfcl-v4": bfcl_v4, "bfcl-2024": bfcl_2024}
