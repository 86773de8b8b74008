"""The conformance kit, on a task whose rows are made."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import pytest

from aisbench.api import Sample
from aisbench_testkit.conformance import (
    DatasetConformance,
    EvaluatorConformance,
    PackagingConformance,
)

WITHOUT = "lm-eval is not installed: python3 dev.py install --test"
needs_lm_eval = [
    pytest.mark.not_quick,
    pytest.mark.skipif(find_spec("lm_eval") is None, reason=WITHOUT),
    pytest.mark.filterwarnings("ignore"),  # what lm-eval and `datasets` warn of is theirs
]


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-lm-eval"


class TestLmEval(DatasetConformance):
    pytestmark = needs_lm_eval
    offer = "lm-eval"
    settings: ClassVar[Mapping[str, Any]] = {"task": "./data/sums.yaml"}
    snapshots = "snapshots"


class TestEvaluator(EvaluatorConformance):
    pytestmark = needs_lm_eval
    offer = "lm-eval"
    sample = Sample(
        id="sums/0",
        target="1",
        fields={
            "question": "How much is 0 + 1? ",
            "doc": {"first": 0, "second": 1},
            "contexts": ["How much is 0 + 1? "],
            "requests": [{"type": "generate_until", "idx": 0, "repeats": 1, "context": 0}],
            "lm_eval": {
                "task": "sums",
                "doc_id": 0,
                "wanted": {
                    "tasks": [str(Path(__file__).parent / "data" / "sums.yaml")],
                    "include_path": [],
                    "metadata": {},
                },
                "kept": {"features": ["first", "second"]},
            },
        },
    )
