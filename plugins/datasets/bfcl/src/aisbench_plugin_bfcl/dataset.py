"""The data set ``bfcl``."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import DataError, Prompt, Response, Sample, Variant, load_variants
from aisbench_plugin_bfcl.categories import ALL, SELECTIONS
from aisbench_plugin_bfcl.conversation import walk
from aisbench_plugin_bfcl.library import library
from aisbench_plugin_bfcl.settings import BfclSettings


class Bfcl:
    """The rows that come with bfcl-eval."""

    def __init__(self, settings: BfclSettings) -> None:
        chosen = {name for one in settings.categories for name in SELECTIONS.get(one, (one,))}
        self._categories = [name for name in ALL if name in chosen]

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_bfcl")

    def files(self) -> Sequence[Path]:
        folder = library().folder
        found = [folder / f"BFCL_v4_{name}.json" for name in self._categories]
        answers = [folder / "possible_answer" / file.name for file in found]
        return [*found, *(file for file in answers if file.is_file())]

    def samples(self) -> Sequence[Sample]:
        return [sample for name in self._categories for sample in _samples(name)]

    def examples(self) -> Sequence[Sample]:
        raise DataError("bfcl has no few-shot examples", hint="set shots = 0")

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        """One answer, or in the multi-turn categories a conversation with simulated services."""
        entry: Any = sample.fields["entry"]
        if first.messages is None or not sample.part.startswith("multi_turn"):
            yield first
            return
        yield from walk(entry, first)


def _samples(category: str) -> list[Sample]:
    shared = library()
    entries = shared.entries(category)
    # The order of both files is the same; some ids of the answers are spelt otherwise.
    answers = [one["ground_truth"] for one in shared.answers(category)]
    if answers and len(answers) != len(entries):
        raise DataError(f"bfcl: {category} has {len(entries)} rows, and {len(answers)} answers")
    found = []
    for place, entry in enumerate(entries):
        first = entry["question"][0]
        asked = [one["content"] for one in first if one["role"] == "user"]
        found.append(
            Sample(
                id=entry["id"],
                fields={"question": str(asked[-1]) if asked else "", "entry": entry},
                target=answers[place] if answers else None,
                part=category,
            )
        )
    return found
