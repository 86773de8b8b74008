"""The published file, where this checkout has it beside it."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aisbench.api import Answer, Sample, Verdict, open_dataset
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.settings import PythonTestsSettings
from aisbench_testkit.programs import FORGERIES, PRESENTATIONS, forged

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FOLDER = SHARED / "data" / "humaneval"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="no HumanEval file; set AISBENCH_SHARED to the folder of data"
    ),
]


def test_it_is_the_pinned_file() -> None:
    from aisbench.plugins.discovery import discover
    from aisbench.plugins.targets import downloads_of
    from aisbench.types.offer import DatasetOffer

    (pinned,) = downloads_of(discover().find(DatasetOffer, "humaneval")[1])
    content = (FOLDER / pinned.filename).read_bytes()
    assert hashlib.sha256(content).hexdigest() == pinned.sha256


@pytest.fixture(scope="module")
def samples() -> Sequence[Sample]:
    return open_dataset("humaneval", {"path": str(FOLDER)}).samples()


def failed(samples: Sequence[Sample], answers: Sequence[str]) -> list[str]:
    """The samples whose answers are not right."""
    evaluator = PythonTests(PythonTestsSettings(run_code=True))

    def verdict(sample: Sample, answer: str) -> Verdict:
        return evaluator.score(sample, Answer.of(answer)).verdict

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(verdict, samples, answers))
    return [s.id for s, v in zip(samples, verdicts, strict=True) if v is not Verdict.RIGHT]


def shown(sample: Sample, form: str) -> str:
    """The canonical solution as an answer."""
    names = ("prompt", "canonical_solution", "entry_point")
    return PRESENTATIONS[form](*(str(sample.fields[name]) for name in names))


def test_the_canonical_solutions_pass(samples: Sequence[Sample]) -> None:
    """All 164, each in another form than the one before."""
    assert len(samples) == 164
    forms = itertools.cycle(PRESENTATIONS)
    assert failed(samples, [shown(sample, next(forms)) for sample in samples]) == []


@pytest.mark.slow
@pytest.mark.parametrize("form", PRESENTATIONS)
def test_the_canonical_solutions_pass_in_all_forms(samples: Sequence[Sample], form: str) -> None:
    assert failed(samples, [shown(sample, form) for sample in samples]) == []


@pytest.mark.slow
def test_forged_passes(samples: Sequence[Sample]) -> None:
    """No forgery passes any problem; each tries eight of them."""
    some = samples[::20]
    for how, code in FORGERIES.items():
        answers = [forged(code, str(sample.fields["entry_point"]).strip()) for sample in some]
        assert failed(some, answers) == [sample.id for sample in some], how


@pytest.mark.skipif(not (SHARED / "data2").is_dir(), reason="no files of HumanEval-X")
@pytest.mark.parametrize(
    ("name", "settings", "rows"),
    [
        ("humaneval-plus-inputs", {"path": "data2/humanevalplus"}, 164),
        ("humaneval-x", {"path": "data2/humanevalx", "parts": ["python", "cpp"]}, 328),
        ("humaneval-x", {"path": "data2/humanevalx", "parts": ["java", "js"]}, 328),
    ],
)
def test_every_row_loads(name: str, settings: dict[str, object], rows: int) -> None:
    path = str(SHARED / str(settings["path"]))
    assert len(open_dataset(name, {**settings, "path": path}).samples()) == rows
