"""The data set ``lm-eval``."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from aisbench.api import DataError, Figure, Prompt, Response, Sample, ScoreGroup, Variant
from aisbench_plugin_lm_eval.harness import WantedTasks
from aisbench_plugin_lm_eval.settings import LmEvalSettings


class LmEvalDataset:
    """lm-eval's tasks: it makes documents and requests, aisbench asks, and it sums up."""

    def __init__(self, settings: LmEvalSettings) -> None:
        self._settings = settings
        self._wanted = WantedTasks(
            tasks=settings.tasks,
            include_path=tuple(map(str, settings.include_path)),
            metadata=settings.metadata,
        )

    def variants(self) -> Mapping[str, Variant]:
        """One: whether prompts are texts or messages changes the requests themselves."""
        source = "lm-eval's own task files"
        if self._settings.apply_chat_template:
            return {"chat": Variant(template="chat", prompt={"user": "{question}"}, source=source)}
        return {"text": Variant(template="text", prompt={"question": "{question}"}, source=source)}

    def files(self) -> Sequence[Path]:
        """The task files that the suite names; lm-eval reads data by itself."""
        return [path for path in map(Path, self._settings.tasks) if path.is_file()]

    def samples(self) -> Sequence[Sample]:
        from aisbench_plugin_lm_eval.asked import samples_of
        from aisbench_plugin_lm_eval.loading import load

        built = load(self._wanted, self._settings)
        alone = len(built.tasks) == 1
        return [
            sample
            for name, task in built.tasks.items()
            for sample in samples_of(name, task, self._wanted, self._settings, alone=alone)
        ]

    def examples(self) -> Sequence[Sample]:
        raise DataError(
            "lm-eval puts its examples into prompts itself",
            hint="set num_fewshot instead of shots",
        )

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        """All requests of one document; none depends on an answer."""
        from aisbench_plugin_lm_eval.asked import prompts_of

        yield from prompts_of(sample)

    def figures(self, samples: Sequence[Sample], groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """lm-eval's own numbers, see :mod:`aisbench_plugin_lm_eval.summing`."""
        from aisbench_plugin_lm_eval.summing import figures_of

        return figures_of(self._wanted, samples, groups, self._settings.bootstrap_iters)
