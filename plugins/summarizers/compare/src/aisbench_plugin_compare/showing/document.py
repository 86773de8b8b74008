"""A comparison as JSON: everything that was found, in a form with a version."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from aisbench_plugin_compare.comparing.comparison import (
    ComparedLoad,
    ComparedTask,
    SideComparison,
)
from aisbench_plugin_compare.comparing.difference import Difference
from aisbench_plugin_compare.comparing.fairness import Differing
from aisbench_plugin_compare.comparing.flips import Flip
from aisbench_plugin_compare.comparing.label_figures import ComparedLabel
from aisbench_plugin_compare.gates.deciding import Decision
from aisbench_plugin_compare.sides.side import ComparedSide, SideAnswer

VERSION = 1
"""Of the document: raised when a reader must know the difference. Keys may be added at any
time."""


def document(
    comparisons: Sequence[SideComparison], decisions: Sequence[Decision]
) -> dict[str, Any]:
    """The whole document, ready for JSON; what is unknown is null."""
    return {
        "schema": "aisbench-compare",
        "version": VERSION,
        "comparisons": [_comparison(one) for one in comparisons],
        "gates": [_decision(one) for one in decisions],
        "passed": not any(one.failed for one in decisions),
    }


def _comparison(one: SideComparison) -> dict[str, Any]:
    return {
        "left": _side(one.left),
        "right": _side(one.right),
        "seed": one.seed,
        "same_run": one.same_run,
        "left_only": list(one.left_only),
        "right_only": list(one.right_only),
        "datasets": [_task(task) for task in one.tasks],
        "groups": [difference_json(found) for found in one.groups],
        "loads": [_load(load) for load in one.loads],
    }


def _side(one: ComparedSide) -> dict[str, Any]:
    return {
        "label": one.label,
        "source": one.source,
        "tool": one.tool,
        "when": one.when or None,
        "notes": list(one.notes),
    }


def _task(one: ComparedTask) -> dict[str, Any]:
    pairs, fairness = one.pairs, one.fairness
    return {
        "name": one.name,
        "left": {"model": one.left.model, "dataset": one.left.dataset, "load": one.left.load},
        "right": {"model": one.right.model, "dataset": one.right.dataset, "load": one.right.load},
        "fairness": {
            "verdict": fairness.weight,
            "deciding": list(fairness.deciding),
            "unknown": list(fairness.unknown),
            "prompts": attrs.asdict(fairness.prompts),
            "differing": [_differing(found) for found in fairness.found],
        },
        "pairs": {
            "by": pairs.kind,
            "questions": pairs.questions,
            "samples": len(pairs.samples),
            "left_only": list(pairs.left_only),
            "right_only": list(pairs.right_only),
            "changed": list(pairs.changed),
            "doubled": pairs.doubled,
        },
        "outcomes": {"left": dict(one.left_outcomes), "right": dict(one.right_outcomes)},
        "figures": [difference_json(found) for found in one.figures],
        "parts": [difference_json(found) for found in one.parts],
        "flips": {
            "gained": len(one.flips.gained),
            "lost": len(one.flips.lost),
            "same": one.flips.same,
        },
        "causes": None if one.causes is None else one.causes.json(),
    }


def _load(one: ComparedLoad) -> dict[str, Any]:
    return {
        "name": one.name,
        "left": [load.name for load in one.left],
        "right": [load.name for load in one.right],
        "basis": "loads" if one.replicated else "requests",
        "differing": [_differing(found) for found in one.found],
        "doubts": [doubt for load in (*one.left, *one.right) for doubt in load.doubts],
        "figures": [difference_json(found) for found in one.figures],
        "labels": [_label(found) for found in one.labels],
        "causes": None if one.causes is None else one.causes.json(),
    }


def _label(one: ComparedLabel) -> dict[str, Any]:
    return {
        "name": one.name,
        "others": one.others,
        "left_only": list(one.left_only),
        "right_only": list(one.right_only),
        "figures": [difference_json(found) for found in one.figures],
    }


def _differing(one: Differing) -> dict[str, Any]:
    return attrs.asdict(one)


def difference_json(one: Difference) -> dict[str, Any]:
    """A figure's difference; infinite ends are null."""
    found = {name: _finite(value) for name, value in attrs.asdict(one).items()}
    return {
        **found,
        "change": one.change,
        "relative": one.relative,
        "difference_unit": one.difference_unit,
    }


def _decision(one: Decision) -> dict[str, Any]:
    return {
        "gate": one.gate.text,
        "against": one.against,
        "figure": one.difference.name,
        "change": one.change,
        "low": _finite(one.low),
        "high": _finite(one.high),
        "limit": one.limit,
        "unit": one.unit,
        "failed": one.failed,
        "straddles": one.straddles,
    }


def flip_json(dataset: str, against: str, way: str, one: Flip) -> Mapping[str, Any]:
    """A line of the file of flips."""
    return {
        "dataset": dataset,
        "against": against,
        "way": way,
        "id": one.id,
        "part": one.part,
        "repeat": one.repeat,
        "left": _answer(one.left_outcome, one.left_value, one.left),
        "right": _answer(one.right_outcome, one.right_value, one.right),
    }


def _answer(outcome: str, value: float | None, answer: SideAnswer) -> Mapping[str, Any]:
    return {"outcome": outcome, "value": value, **attrs.asdict(answer)}


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
