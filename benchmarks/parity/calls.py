"""BFCL beside bfcl-eval: verdicts, and the figures of its leaderboard."""

from __future__ import annotations

import random
import sys
from typing import Any

from reference import ROOT, reference
from report import Report

from aisbench.api import (
    Answer,
    ReducerOffer,
    Response,
    Score,
    ScoreGroup,
    ToolCall,
    Verdict,
    open_dataset,
)


def bfcl() -> bool:
    sys.path.insert(0, str(ROOT / "plugins" / "datasets" / "bfcl" / "tests" / "support"))
    from bfcl_gold import SINGLE, gold, native

    from aisbench_plugin_bfcl.evaluator import FunctionCalls
    from aisbench_plugin_bfcl.templates import FunctionsTextTemplate, ToolsTemplate

    draw = random.Random(4)
    evaluator = FunctionCalls()
    rows, ours = [], []
    for category in SINGLE:
        samples = list(open_dataset("bfcl", {"categories": [category]}).samples())
        for sample in draw.sample(samples, min(40, len(samples))):
            calls = gold(sample, optional=draw.random() < 0.5) if sample.target else []
            calls = _mistaken(draw, calls)
            written = draw.random() < 0.5
            row: dict[str, Any] = {"id": sample.id, "category": category, "native": not written}
            if written:
                row["text"] = _as_text(draw, calls)
                prompt = FunctionsTextTemplate().render(sample, ())
                response = Response(text=row["text"])
            else:
                response = native(calls)
                if draw.random() < 0.05 and response.tool_calls:
                    cut = response.tool_calls[0].arguments[:-1]
                    response = Response(
                        tool_calls=(ToolCall(name=response.tool_calls[0].name, arguments=cut),)
                    )
                row["calls"] = [
                    {"name": one.name, "arguments": one.arguments} for one in response.tool_calls
                ]
                prompt = ToolsTemplate().render(sample, ())
            rows.append(row)
            answer = Answer(prompts=(prompt,), responses=(response,))
            ours.append(evaluator.score(sample, answer))
    theirs = reference("bfcl", "bfcl_scores.py", rows)
    report = Report("bfcl", "bfcl-eval 2026.3.23's decoding and checkers")
    for row, score, other in zip(rows, ours, theirs, strict=True):
        said = row.get("text", row.get("calls"))
        report.add(
            score.value == 1, other["right"],
            f"{row['id']}: {said!r} (ours {score.reason}; theirs {other['why']})",
        )  # fmt: skip
    right = sum(score.value == 1 for score in ours)
    print(f"bfcl: {right} of the {len(ours)} are right")
    return report.end() & _leaderboard()


def _leaderboard() -> bool:
    """The figures that the leaderboard makes of its categories' accuracies."""
    from aisbench.plugins.discovery import discover
    from aisbench.stages.part_figures import figures_of
    from aisbench_plugin_bfcl.categories import DEFAULT, GROUPS, MEMORY
    from aisbench_testkit.checks.making import make

    draw = random.Random(6)
    catalog = discover()
    accuracy = make(catalog.find(ReducerOffer, "accuracy")[1])
    rows = []
    for number in range(40):
        categories = (*DEFAULT, *MEMORY) if number % 2 else DEFAULT
        counts = {name: draw.randrange(10, 60) for name in categories}
        rights = {name: draw.randrange(count + 1) for name, count in counts.items()}
        rows.append({name: (rights[name], count) for name, count in counts.items()})
    given = [{name: (right / n, n) for name, (right, n) in row.items()} for row in rows]
    theirs = reference("bfcl", "bfcl_leaderboard.py", given)
    report = Report("bfcl", "bfcl-eval 2026.3.23's leaderboard, to two decimals, of 40 tables")
    for row, other in zip(rows, theirs, strict=True):
        scores = [
            ScoreGroup(
                sample_id=f"{name}-{place}",
                scores=(Score(value=float(place < right), verdict=Verdict.RIGHT),),
                part=name,
            )
            for name, (right, count) in row.items()
            for place in range(count)
        ]
        found = {one.part: one.value for one in figures_of(accuracy, scores, GROUPS)}
        # What was not asked counts 0 there: 40 of 100 for agentic, 20 of them for web search.
        overall = 0.6 * found["overall without agentic"]
        if "memory" in found:
            overall = 0.8 * found["overall without web search"]
            found["Memory Acc"] = found["memory"]
        found |= {
            "Overall Acc": overall,
            "Non-Live AST Acc": found["non-live"],
            "Non-Live Simple AST": found["simple"],
            "Live Acc": found["live"],
            "Multi Turn Acc": found["multi-turn"],
            "Irrelevance Detection": found["hallucination"],
        }
        for name in set(found) & set(other):
            same = abs(found[name] - other[name]) < 0.00501
            report.add(other[name] if same else found[name], other[name], f"{name} of {row}")
    return report.end()


def _mistaken(draw: random.Random, calls: list[tuple[str, dict[str, Any]]]) -> Any:
    """Half of the time as they are, else with a mistake that models make."""
    calls = [(name, dict(arguments)) for name, arguments in calls]
    kind = draw.choice(["", "", "", "value", "missing", "extra", "name", "twice", "none", "type"])
    if not calls:
        return [("some_function", {"x": 1})] if kind in ("name", "extra") else []
    name, arguments = calls[0]
    key = draw.choice(list(arguments)) if arguments else ""
    if kind == "value" and key:
        arguments[key] = "something else"
    elif kind == "missing" and key:
        del arguments[key]
    elif kind == "extra":
        arguments["not_a_parameter"] = 1
    elif kind == "name":
        calls[0] = (f"{name}_2", arguments)
    elif kind == "twice":
        calls.append(calls[0])
    elif kind == "none":
        return []
    elif kind == "type" and key:
        arguments[key] = [arguments[key]]
    return calls


def _as_text(draw: random.Random, calls: list[tuple[str, dict[str, Any]]]) -> str:
    if not calls:
        return draw.choice(["None of the functions fits.", "[]", ""])
    texts = [
        f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
        for name, arguments in calls
    ]
    form = draw.choice(["[{}]", "[{}]", "{}", "```\n[{}]\n```", "Here: [{}]"])
    return form.format(", ".join(texts))
