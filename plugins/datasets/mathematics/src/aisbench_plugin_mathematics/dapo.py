"""DAPO-Math-17k, whose file holds each problem a hundred times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import read_table

_ASKED = re.compile(
    r"\ASolve the following math problem step by step\. The last line of your response should be "
    r"of the form Answer: \$Answer \(without quotes\) where \$Answer is the answer to the problem"
    r"\.\n\n(.*)\n\nRemember to put your answer on its own line after \"Answer:\"\.\Z",
    re.DOTALL,
)


def once(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """Each problem once, with ``prompt`` (the file's own), ``problem`` (what it asks), ``answer``,
    and ``times``: how often the file has it."""
    times: dict[tuple[str, str], int] = {}
    for prompt, answer in _pairs(file):
        times[prompt, answer] = times.get((prompt, answer), 0) + 1
    for number, ((prompt, answer), count) in enumerate(times.items(), 1):
        asked = _ASKED.match(prompt)
        yield {
            "id": str(number),
            "prompt": prompt,
            "problem": asked[1] if asked else prompt,
            "answer": answer,
            "times": count,
        }


def _pairs(file: Path) -> Iterable[tuple[str, str]]:
    if file.suffix == ".parquet":
        return _parquet_pairs(file)
    return [_pair(row.cells, row.place) for row in read_table(file)]


def _pair(cells: Mapping[str, Any], place: str) -> tuple[str, str]:
    try:
        messages = cells["prompt"]
        said = messages if isinstance(messages, str) else messages[-1]["content"]
        return _known(said, cells["reward_model"]["ground_truth"], place)
    except (KeyError, IndexError, TypeError) as error:
        raise _lacking(place) from error


def _known(said: Any, answer: Any, place: str) -> tuple[str, str]:
    if not isinstance(said, str) or not isinstance(answer, (str, int, float)):
        raise _lacking(place)
    return said, str(answer)


def _lacking(place: str) -> DataError:
    return DataError(
        f"{place} has no prompt with content, or no reward_model.ground_truth",
        hint="the file must be DAPO-Math-17k's",
    )


def _parquet_pairs(file: Path) -> Iterator[tuple[str, str]]:
    """Piece by piece: all 1.8 million rows at once would take gigabytes."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        table, number = pq.ParquetFile(file), 0
        for batch in table.iter_batches(columns=["prompt", "reward_model"]):
            last = pc.list_element(batch.column("prompt"), 0)
            said = pc.struct_field(last, "content").to_pylist()
            answers = pc.struct_field(batch.column("reward_model"), "ground_truth").to_pylist()
            for prompt, answer in zip(said, answers, strict=True):
                number += 1
                yield _known(prompt, answer, f"{file}: row {number}")
    except (pa.ArrowException, KeyError) as error:
        raise DataError(
            f"{file}: {error}",
            hint="the file must be DAPO-Math-17k's, with prompt and reward_model",
        ) from error
