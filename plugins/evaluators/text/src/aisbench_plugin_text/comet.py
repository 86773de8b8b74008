"""The evaluator ``comet``: a model that rates translations, in the user's own installation."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.api import (
    AisbenchError,
    Answer,
    DataError,
    Measure,
    PathOrName,
    Sample,
    Score,
    Verdict,
    at_least,
    not_empty,
    setting,
)
from aisbench_plugin_text.references import references


@frozen
class CometSettings:
    """Which model rates, and where the source text stands."""

    model: PathOrName = setting(
        default=PathOrName("Unbabel/wmt22-comet-da"),
        help="a checkpoint (.ckpt), or the name of one on the hub, fetched once",
        example="./models/wmt22-comet-da/checkpoints/model.ckpt",
    )
    source: str = setting(
        default="source",
        help="the field of the sample that holds the text that was translated",
        check=not_empty,
        example="sentence_eng_Latn",
    )
    gpus: int = setting(default=0, check=at_least(0), help="GPUs that the model runs on; 0: CPU")


class CometEvaluator:
    """COMET of each translation (R. Rei et al. 2020, arXiv:2009.09025; 2022, WMT): about 0..1;
    the figure of a set is the mean, as the authors' system score is.

    The package unbabel-comet is not among this package's dependencies: it brings torch, and pins
    old versions of others. Raises AisbenchError when it is not installed.
    """

    def __init__(self, settings: CometSettings) -> None:
        self._settings = settings
        try:
            import comet  # type: ignore[import-not-found]
        except ImportError as error:
            raise AisbenchError(
                "comet: its models run in the package unbabel-comet, which is not installed "
                f"(no module {error.name!r})",
                hint="pip install unbabel-comet, in this environment; or evaluate the run on a "
                "machine that has it: aisbench evaluate RUN. Without it: chrf, bleu",
            ) from error
        self._comet: Any = comet

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference or no source text."""
        references(sample)
        self._source(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """The best over the references. Raises DataError as :meth:`check`, and AisbenchError when
        the model cannot be loaded."""
        text = answer.text.strip()
        wanted = references(sample)
        if not text:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        rows = [{"src": self._source(sample), "mt": text, "ref": one} for one in wanted]
        rated = self._model.predict(
            rows, batch_size=len(rows), gpus=self._settings.gpus, progress_bar=False
        )
        value = max(map(float, rated.scores))
        return Score(
            # Regression has no bounds; the measure is the model's own number.
            value=min(1.0, max(0.0, value)),
            verdict=Verdict.GRADED,
            extracted=text,
            measures={"COMET": Measure(value=value)},
        )

    def _source(self, sample: Sample) -> str:
        found = sample.fields.get(self._settings.source)
        if not isinstance(found, str) or not found.strip():
            raise DataError(
                f"sample {sample.id} has no text in the field {self._settings.source!r}, which "
                "COMET compares the translation with",
                hint=f"set source to one of: {', '.join(sorted(sample.fields))}",
            )
        return found

    @cached_property
    def _model(self) -> Any:
        name = self._settings.model
        try:
            path = Path(name).expanduser()
            file = str(path) if path.is_file() else self._comet.download_model(str(name))
            return self._comet.load_from_checkpoint(file)
        except Exception as error:
            # Loading raises whatever torch, the hub or pickle raise.
            raise AisbenchError(
                f"comet: the model {str(name)!r} cannot be loaded: "
                f"{type(error).__name__}: {error}",
                hint="name a checkpoint that is here, or fetch it where there is a connection: "
                f"comet-score --model {name} --help",
            ) from error
