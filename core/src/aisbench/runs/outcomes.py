"""Every answer of a task in short: for counts and distributions of many answers.

Rows are read as plain JSON, and of texts no more is kept than their length: hundreds of thousands
take seconds, where :meth:`RunResult.samples` makes objects of all that they hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from aisbench.runs.samples import Answer, journal_of, rows_with_places
from aisbench.store.run import RunFolder, understanding


@frozen(kw_only=True)
class AnswerOutcome:
    """What became of one answer.

    Token counts are the server's, summed over the turns; None where it reported none. Times are
    ns: ``first_token_ns`` from the sending of the last request to its first token, ``total_ns``
    from the sending of the first request to the end of the last.
    """

    model: str
    dataset: str
    load: str
    sample: str
    repeat: int
    turns: int
    part: str = ""
    verdict: str | None = None
    """None before the run has been evaluated."""
    value: float | None = None
    """The score, 0..1."""
    extracted: str | None = None
    readings: Mapping[str, float] = field(factory=dict)
    """The value that each further reading gave, such as strict and lenient, by its name."""
    truncated: bool = False
    anomalies: tuple[str, ...] = ()
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    characters: int = 0
    """Of the text of all turns, reasoning inside of it included."""
    first_token_ns: int | None = None
    total_ns: int | None = None
    fault: str | None = None
    """The kind of what broke the request."""
    turns_at: tuple[int, ...] = ()
    """The bytes at which its rows begin, for :meth:`RunResult.answer_of`."""
    sample_at: int = 0
    score_at: int | None = None


def read_outcomes(
    run: RunFolder, model: str, dataset: str, load: str = ""
) -> Iterator[AnswerOutcome]:
    """The answers of one task, in the order in which they were asked first.

    Raises DamageError for a row that is not what a run writes.
    """
    journal = journal_of(run, model, dataset, load)
    samples: dict[str, tuple[int, str]] = {}
    with understanding(run.samples(dataset)):
        for place, row in rows_with_places(run.samples(dataset)):
            samples[row["id"]] = place, row.get("part", "")
    scores = _scores(run.scores(model, dataset, load))
    with understanding(journal):
        for (sample, repeat), turns in _turns(journal, numbered=bool(load)).items():
            place, part = samples[sample]
            yield AnswerOutcome(
                model=model, dataset=dataset, load=load, sample=sample, repeat=repeat,
                turns=len(turns), part=part, sample_at=place, **_of_turns(turns),
                **scores.get((sample, repeat), {}),
            )  # fmt: skip


def _scores(path: Path) -> dict[Answer, dict[str, Any]]:
    found: dict[Answer, dict[str, Any]] = {}
    with understanding(path):
        for place, row in rows_with_places(path):
            score = row["score"]
            found[row["sample"], row["repeat"]] = {
                "score_at": place,
                "verdict": score["verdict"],
                "value": score["value"],
                "extracted": score.get("extracted"),
                "readings": {
                    name: one["value"] for name, one in score.get("readings", {}).items()
                },
                "truncated": row.get("truncated", False),
                "anomalies": tuple(dict.fromkeys(one["kind"] for one in row.get("anomalies", ()))),
            }
    return found


def _turns(journal: Path, *, numbered: bool) -> dict[Answer, list[dict[str, Any]]]:
    """The facts of each answer's turns: of several tries at one the good one, else the last.

    ``numbered``: those of a load get the numbers that its scores have, as ``samples()`` does it.
    """
    found: dict[Answer, dict[int, dict[str, Any]]] = {}
    for place, row in rows_with_places(journal):
        turns = found.setdefault((row["sample"], row["repeat"]), {})
        held = turns.get(row["turn"])
        if held is None or held["fault"] is not None:
            turns[row["turn"]] = _facts(place, row)
    if numbered:
        counts: Counter[str] = Counter()
        renumbered = {}
        for name, repeat in sorted(found):
            renumbered[name, counts[name]] = found[name, repeat]
            counts[name] += 1
        found = renumbered
    return {key: [turns[at] for at in sorted(turns)] for key, turns in found.items()}


def _facts(place: int, row: Mapping[str, Any]) -> dict[str, Any]:
    response, timing = row["response"], row["timing"]
    fault = response.get("fault")
    return {
        "at": place,
        "usage": response.get("usage", {}),
        "finish": response.get("finish_reason"),
        "characters": len(response.get("text", "")) + len(response.get("reasoning") or ""),
        "fault": None if fault is None else fault["kind"],
        "began": timing.get("sent", timing["dispatched"]),
        "first": timing.get("first_token"),
        "done": timing.get("done"),
    }


def _of_turns(turns: list[dict[str, Any]]) -> dict[str, Any]:
    first, last = turns[0], turns[-1]
    broken = next((one for one in turns if one["fault"] is not None), last)
    return {
        "turns_at": tuple(one["at"] for one in turns),
        "finish_reason": last["finish"],
        "characters": sum(one["characters"] for one in turns),
        "fault": broken["fault"],
        "first_token_ns": _between(last["began"], last["first"]),
        "total_ns": _between(first["began"], last["done"]),
        **{
            name: _total([one["usage"].get(name) for one in turns])
            for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens")
        },
    }


def _between(begin: int | None, end: int | None) -> int | None:
    return None if begin is None or end is None else end - begin


def _total(counts: list[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if len(known) == len(counts) else None
