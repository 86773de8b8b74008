"""Published outputs of models with the verdicts of bfcl-eval, where this checkout has them."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.api import Answer, Prompt, Response, Sample, Tool, ToolCall, open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[6] / "shared")
FOLDER = SHARED / "data2"
# The first versions' names of categories.
PARTS = {"simple": "simple_python", "multiple_function": "multiple", "relevance": "irrelevance",
         "parallel_function": "parallel", "parallel_multiple_function": "parallel_multiple",
         "java": "simple_java", "javascript": "simple_javascript"}  # fmt: skip
ASKED = (Prompt(messages=()), Prompt(messages=(), tools=(Tool(name="f"),)))
"""Without tools, and with any."""


@frozen
class Published:
    """A row, what a model made of it, and whether bfcl-eval took it for right."""

    file: str
    sample: Sample
    result: Any
    valid: bool

    def transcript(self, *, native: bool) -> Answer:
        """The answer as tool calls, or written as text."""
        if self.sample.part.startswith("multi_turn"):
            return _turns(self.result, native=native)
        calls = _calls(self.result)
        if calls is None:
            response = Response(text=str(self.result))
        elif native:
            response = _native(calls)
        else:
            response = _written(calls, _dotted(self.sample))
        return Answer(prompts=(ASKED[native],), responses=(response,))


def rows() -> Iterator[Published]:
    """Every row of every file; none where there are no files."""
    folders = [FOLDER / "bfcl_outputs", FOLDER / "bfcl_v4_outputs"]
    for file in sorted(one for folder in folders for one in folder.rglob("*.jsonl*")):
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == ".gz" else content
        name = file.name.partition(".")[0]
        for line in content.splitlines():
            yield _row(f"{file.parts[-2]}/{name}", PARTS.get(name, name), json.loads(line))


def _row(file: str, part: str, row: dict[str, Any]) -> Published:
    functions = row.get("function")
    answer = row["possible_answer"]
    if isinstance(answer, dict):
        answer = _listed(answer["ground_truth"])
    entry = {**row, "function": functions if isinstance(functions, list) else [functions]}
    known = _known(part, row["id"])
    if part.startswith("multi_turn"):
        functions = {
            key: known.fields["entry"].get(key) for key in ("function", "missed_function")
        }
        entry |= functions
    if part.startswith("parallel"):
        answer = known.target  # the first versions' form of these is no longer read
    sample = Sample(id=row["id"], fields={"entry": entry}, target=answer, part=part)
    result = row["result"]
    if isinstance(result, str):  # xLAM's own form
        with contextlib.suppress(ValueError, KeyError, TypeError):
            result = [{one["name"]: one["arguments"]} for one in json.loads(result)["tool_calls"]]
    return Published(file, sample, result, bool(row["valid"]))


def _listed(answers: Any) -> list[Any]:
    """The first versions name a call without a list around it."""
    return [{name: one} for name, one in answers.items()] if isinstance(answers, dict) else answers


@cache
def _all(part: str) -> dict[str, Any]:
    found = open_dataset("bfcl", {"categories": [part]}).samples()
    return {one.id.rpartition("_")[2]: one for one in found}


def _known(part: str, name: str) -> Any:
    """The row of bfcl-eval's data that has its number."""
    return _all(part).get(name.rpartition("_")[2])


def _calls(result: Any) -> list[tuple[str, dict[str, Any]]] | None:
    if not isinstance(result, list) or not all(isinstance(one, dict) for one in result):
        return None
    pairs = [pair for one in result for pair in one.items()]
    return [(name, json.loads(got) if isinstance(got, str) else got) for name, got in pairs]


def _native(calls: list[tuple[str, dict[str, Any]]]) -> Response:
    made = [
        ToolCall(name=name.replace(".", "_"), arguments=json.dumps(arguments))
        for name, arguments in calls
    ]
    return Response(tool_calls=tuple(made))


def _dotted(sample: Sample) -> dict[str, str]:
    """Names as they are asked for, by those that tools have."""
    entry: Any = sample.fields["entry"]
    names = [one["name"] for one in entry["function"]]
    return {name.replace(".", "_"): name for name in names}


def _written(calls: list[tuple[str, dict[str, Any]]], names: dict[str, str]) -> Response:
    each = []
    for name, arguments in calls:
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        each.append(f"{names.get(name, name)}({given})")
    return Response(text=f"[{', '.join(each)}]")


def _turns(result: list[Any], *, native: bool) -> Answer:
    responses = []
    for turn in result:
        for step in turn:
            calls = _calls(step)
            if calls:
                responses.append(_native(calls) if native else _written(calls, {}))
        responses.append(Response(text="Done."))
    return Answer(prompts=(ASKED[native],), responses=tuple(responses))
