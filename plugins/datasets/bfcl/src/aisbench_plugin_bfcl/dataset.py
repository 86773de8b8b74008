"""The data set ``bfcl``."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import (
    DataError,
    Prompt,
    Response,
    Sample,
    Transcript,
    Variant,
    load_variants,
)
from aisbench_plugin_bfcl.categories import ALL, MEMORY, MULTI_TURN, SELECTIONS
from aisbench_plugin_bfcl.conversation import walk
from aisbench_plugin_bfcl.formats import part_of
from aisbench_plugin_bfcl.library import library
from aisbench_plugin_bfcl.memory import converse, recall
from aisbench_plugin_bfcl.services import Services
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
        names = [f"BFCL_v4_{_file_of(name)}.json" for name in self._categories]
        found = [folder / name for name in dict.fromkeys(names)]
        answers = [folder / "possible_answer" / file.name for file in found]
        if any(name in MEMORY for name in self._categories):
            found += sorted((folder / "memory_prereq_conversation").glob("*.json"))
        return [*found, *(file for file in answers if file.is_file())]

    def samples(self) -> Sequence[Sample]:
        return [sample for name in self._categories for sample in _samples(name)]

    def examples(self) -> Sequence[Sample]:
        raise DataError("bfcl has no few-shot examples", hint="set shots = 0")

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        """One answer, or in the multi-turn categories a conversation with simulated services."""
        entry: Any = sample.fields["entry"]
        if sample.part in MEMORY:
            yield from converse(entry, first, recall(entry, (), ()))
        elif sample.part in MULTI_TURN and first.messages is not None:
            yield from walk(entry, first, Services(entry))
        else:
            yield first

    def follow(
        self, sample: Sample, first: Prompt, before: Sequence[Transcript]
    ) -> Generator[Prompt, Response, None]:
        """A conversation that finds in its memory what earlier ones left there."""
        entry: Any = sample.fields["entry"]
        yield from converse(entry, first, recall(entry, sample.after, before))


def _file_of(category: str) -> str:
    return "memory" if category in MEMORY else category


def _samples(category: str) -> list[Sample]:
    shared = library()
    entries = shared.entries(category)
    if category in MEMORY:
        for kind in {kind for entry in entries for kind in entry["involved_classes"]}:
            shared.load_memory(kind)
    earlier = [entry for entry in entries if "_prereq_" in entry["id"]]
    asked = [entry for entry in entries if "_prereq_" not in entry["id"]]
    # The order of both files is the same; some ids of the answers are spelt otherwise.
    answers = [one["ground_truth"] for one in shared.answers(category)]
    if answers and len(answers) != len(asked):
        raise DataError(f"bfcl: {category} has {len(asked)} rows, and {len(answers)} answers")
    found = [_sample(entry, category, None, scored=False) for entry in earlier]
    for place, entry in enumerate(asked):
        found.append(_sample(entry, category, answers[place] if answers else None))
    return found


def _sample(entry: dict[str, Any], category: str, answer: Any, *, scored: bool = True) -> Sample:
    first = entry["question"][0]
    asked = [one["content"] for one in first if one["role"] == "user"]
    return Sample(
        id=entry["id"],
        fields={"question": str(asked[-1]) if asked else "", "entry": entry},
        target=answer,
        part=part_of(category, entry["id"]),
        after=tuple(entry.get("depends_on", ())),
        scored=scored,
    )
