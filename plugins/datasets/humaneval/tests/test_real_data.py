"""The published file, where this checkout has it beside it."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aisbench.api import Prompt, Response, Sample, Transcript, Verdict, open_dataset
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.settings import PythonTestsSettings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FOLDER = SHARED / "data" / "humaneval"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no HumanEval file; set AISBENCH_SHARED to the folder of data"
)


def test_it_is_the_pinned_file() -> None:
    from aisbench.plugins import discover, downloads_of
    from aisbench.types.offer import DatasetOffer

    (pinned,) = downloads_of(discover().find(DatasetOffer, "humaneval")[1])
    content = (FOLDER / pinned.filename).read_bytes()
    assert hashlib.sha256(content).hexdigest() == pinned.sha256


@pytest.mark.parametrize("form", ["continued", "whole"])
def test_the_canonical_solutions_pass(form: str) -> None:
    """All 164, as continuations of the prompt and as whole functions in a block."""
    evaluator = PythonTests(PythonTestsSettings(run_code=True))
    samples = open_dataset("humaneval", {"path": str(FOLDER)}).samples()
    assert len(samples) == 164

    def one(sample: Sample) -> Verdict:
        answer = str(sample.fields["canonical_solution"])
        if form == "whole":
            answer = f"Here:\n```python\n{sample.fields['prompt']}{answer}```\nDone."
        transcript = Transcript(prompts=(Prompt(text="?"),), responses=(Response(text=answer),))
        return evaluator.score(sample, transcript).verdict

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(one, samples))
    assert [s.id for s, v in zip(samples, verdicts, strict=True) if v is not Verdict.RIGHT] == []
