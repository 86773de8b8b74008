"""COMET through the library's interface: what it is given, and what becomes of its numbers."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from aisbench.api import AisbenchError, Answer, DataError, PathOrName, Sample, Verdict
from aisbench_plugin_text.comet import CometEvaluator, CometSettings

ROW = Sample(id="s", fields={"source": "Guten Tag."}, target=["Good day.", "Hello."])


class Model:
    """Rates a translation by the reference's length; keeps what it was given."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, dict[str, Any]]] = []

    def predict(self, rows: Any, **more: Any) -> Any:
        self.calls.append((rows, more))
        return SimpleNamespace(scores=[len(row["ref"]) / 8 for row in rows])


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """What stands for unbabel-comet, which brings torch."""
    made = Model()

    def download(name: str) -> str:
        if name == "nobody/none":
            raise KeyError(name)
        return f"/models/{name}"

    def load(path: str) -> Model:
        assert path == "/models/Unbabel/wmt22-comet-da"
        return made

    library = SimpleNamespace(download_model=download, load_from_checkpoint=load)
    monkeypatch.setitem(sys.modules, "comet", library)
    return made


def test_the_best_reference_counts(model: Model) -> None:
    evaluator = CometEvaluator(CometSettings())
    score = evaluator.score(ROW, Answer.of(" Good day! "))
    assert score.value == 1.0
    assert score.verdict is Verdict.GRADED
    assert score.measures["COMET"].value == 9 / 8
    ((rows, more),) = model.calls
    assert rows[0] == {"src": "Guten Tag.", "mt": "Good day!", "ref": "Good day."}
    assert rows[1]["ref"] == "Hello."
    assert more == {"batch_size": 2, "gpus": 0, "progress_bar": False}
    assert evaluator.score(ROW, Answer.of(" ")).verdict is Verdict.UNPARSED


def test_what_cannot_be_rated_is_told(model: Model) -> None:
    with pytest.raises(DataError, match="no text in the field 'text'") as caught:
        CometEvaluator(CometSettings(source="text")).check(ROW)
    assert "source" in caught.value.hint
    lost = CometEvaluator(CometSettings(model=PathOrName("nobody/none")))
    with pytest.raises(AisbenchError, match="'nobody/none' cannot be loaded: KeyError"):
        lost.score(ROW, Answer.of("Hello."))


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "comet", None)
    with pytest.raises(AisbenchError, match="unbabel-comet, which is not installed") as caught:
        CometEvaluator(CometSettings())
    assert "pip install unbabel-comet" in caught.value.hint
