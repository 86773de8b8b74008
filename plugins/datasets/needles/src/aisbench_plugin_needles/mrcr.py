"""OpenAI's MRCR: a long talk with several answers to one request, of which one is wanted again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from attrs import frozen

from aisbench.api import (
    Answer,
    DataError,
    Sample,
    Score,
    Variant,
    Verdict,
    at_least,
    load_variants,
    setting,
)
from aisbench.data import folder_of, read_table

_LONGEST = 4
"""Times the reference: what an answer has beyond that is not compared character by character."""


SOURCE = "hub: openai/mrcr"
_COLUMNS = ("prompt", "answer", "random_string_to_prepend")


def _needles(numbers: Sequence[int]) -> str | None:
    if not numbers or not set(numbers) <= {2, 4, 8} or len(set(numbers)) < len(numbers):
        return "must name some of 2, 4 and 8, each once"
    return None


@frozen
class MrcrSettings:
    """Which talks."""

    path: Path | None = setting(
        default=None,
        help="the folder of 2needle/, 4needle/ and 8needle/, as on the hub",
        example="data/mrcr",
    )
    needles: tuple[int, ...] = setting(
        default=(2, 4, 8), check=_needles, help="talks with so many like answers", example=[2]
    )
    longest: int | None = setting(
        default=None,
        check=at_least(1),
        unit="characters",
        help="leave out talks with more (the column n_chars); a token has four to five",
        example=500_000,
    )


class Mrcr:
    """The rows of openai/mrcr, a part for each number of needles."""

    def __init__(self, settings: MrcrSettings) -> None:
        self._settings = settings
        self._folder = folder_of("mrcr", settings.path)

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_needles", "_mrcr-variants.toml")

    def files(self) -> Sequence[Path]:
        """Those of the parts that are asked. Raises DataError where a part has none."""
        return [file for count in self._settings.needles for file in self._files(count)]

    def samples(self) -> Sequence[Sample]:
        """Raises DataError for a column that is missing, or where all talks are too long."""
        found = [one for count in self._settings.needles for one in self._part(count)]
        if not found:
            raise DataError(
                f"mrcr: no talk has {self._settings.longest} characters or fewer",
                hint="raise longest",
            )
        return found

    def examples(self) -> Sequence[Sample]:
        raise DataError("mrcr: there are no few-shot examples", hint="set shots = 0")

    def _files(self, count: int) -> Sequence[Path]:
        name = f"{count}needle"
        for pattern in (
            f"{name}/*.parquet",
            f"{name}.parquet",
            f"{name}/*.jsonl",
            f"{name}.jsonl",
        ):
            if found := sorted(self._folder.glob(pattern)):
                return found
        raise DataError(
            f"mrcr: {self._folder} holds neither {name}/*.parquet nor {name}.parquet or .jsonl",
            hint=f"name the folder of the files as path; they are at {SOURCE}; to ask only what "
            "is there, name it as needles",
        )

    def _part(self, count: int) -> Iterator[Sample]:
        """File by file, so that only the talks that are kept are in memory together."""
        number = 0
        for file in self._files(count):
            for row in read_table(file, hint=f"get it again: {SOURCE}"):
                number += 1
                cells = row.cells
                missing = [name for name in _COLUMNS if not isinstance(cells.get(name), str)]
                if missing:
                    raise DataError(f"{row.place}: no {missing[0]!r}", hint=SOURCE)
                length = cells.get("n_chars") or len(str(cells["prompt"]))
                if self._settings.longest is not None and int(length) > self._settings.longest:
                    continue
                yield Sample(
                    id=f"{count}needle-{number}",
                    part=f"{count}needle",
                    fields={
                        "prompt": cells["prompt"],
                        "random_string_to_prepend": cells["random_string_to_prepend"],
                        "n_chars": int(length),
                    },
                    target=cells["answer"],
                    place=row.place,
                )


class MrcrRatio:
    """See :func:`grade`."""

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference."""
        if not isinstance(sample.target, str) or not sample.target:
            raise DataError(
                f"sample {sample.id} has no text to compare with: its target is {sample.target!r}",
                hint="the target is the text that is wanted again",
            )

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError as :meth:`check`."""
        self.check(sample)
        return grade(sample, answer)


def grade(sample: Sample, answer: Answer) -> Score:
    """``SequenceMatcher(None, response, answer).ratio()`` without the random text that both must
    begin with; 0 for an answer that does not: openai/mrcr's README.

    The ratio of an answer much longer than the reference is at most twice the reference's share
    of both; it is found of the answer's beginning, so that a runaway answer takes no minutes.
    """
    mark = str(sample.fields.get("random_string_to_prepend") or "")
    reference, said = str(sample.target), answer.text
    if not said.strip():
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
    if not said.startswith(mark):
        return Score(
            value=0.0,
            verdict=Verdict.WRONG,
            reason=f"the answer does not begin with {mark!r}",
            extracted=said[:200],
        )
    said, reference = said.removeprefix(mark), reference.removeprefix(mark)
    value = _ratio(said, reference)
    verdict = Verdict.RIGHT if value == 1.0 else Verdict.GRADED
    return Score(value=value, verdict=verdict, extracted=said[:200])


def _ratio(said: str, reference: str) -> float:
    """As difflib has it; of what is beyond some times the reference's length only the length
    counts."""
    kept = said[: _LONGEST * len(reference) + 1000]
    matcher = SequenceMatcher(None, kept, reference)
    matched = sum(block.size for block in matcher.get_matching_blocks())
    both = len(said) + len(reference)
    return 2 * matched / both if both else 1.0
