"""What a suite may set of ``needlebench``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import PathOrName, at_least, setting

Language = Literal["en", "zh"]
TaskName = Literal["single", "retrieval", "reasoning", "atc"]
ATC = (2, 4, 8, 16, 32, 64, 128, 256, 512)


def _depths(depths: Sequence[int]) -> str | None:
    if not depths or list(depths) != sorted(set(depths)) or depths[0] < 0 or depths[-1] > 100:
        return "must rise from 0 or more to 100 percent or less"
    return None


def _lengths(lengths: Sequence[int]) -> str | None:
    if not lengths or min(lengths) < 256 or len(set(lengths)) < len(lengths):
        return "must hold lengths of 256 tokens and more, each once"
    return None


def _some(names: Sequence[str]) -> str | None:
    return None if names and len(set(names)) == len(names) else "must name one or more, each once"


def _atc(numbers: Sequence[int]) -> str | None:
    if not numbers or min(numbers) < 1 or len(set(numbers)) < len(numbers):
        return "must hold numbers of 1 and more, each once"
    return None


@frozen
class NeedleBenchSettings:
    """Which tasks, how long, how deep, how many."""

    tokenizer: PathOrName = setting(
        default=PathOrName(),
        help="the model's tokenizer: a folder with tokenizer.json, that file, or a hub name",
        example="./models/qwen",
    )
    lengths: tuple[int, ...] = setting(
        default=(1000, 2000, 3000, 4000),
        check=_lengths,
        unit="tokens",
        help="lengths of prompts with room for the answer; default: the 4k version's",
        example=[8000, 16000, 32000],
    )
    depths: tuple[int, ...] = setting(
        default=tuple(range(0, 101, 10)),
        check=_depths,
        help="how deep needles lie, in percent of the haystack",
        example=[0, 50, 100],
    )
    languages: tuple[Language, ...] = setting(
        default=("en", "zh"),
        check=_some,
        help="languages of haystacks and needles",
        example=["en"],
    )
    tasks: tuple[TaskName, ...] = setting(
        default=("single", "retrieval", "reasoning"),
        check=_some,
        help="one needle; one at each depth; two to five of a chain; atc: a chain and no haystack",
        example=["single"],
    )
    atc_needles: tuple[int, ...] = setting(
        default=ATC, check=_atc, help="how many relations atc's chains have", example=[2, 4, 8]
    )
    rows: int = setting(
        default=10,
        check=at_least(1),
        help="rows of each task, length and depth; of atc of each question",
    )
    path: Path | None = setting(
        default=None,
        help="the folder of NeedleBench's files; without it names, needles and haystacks are made",
        example="data/needlebench",
    )
    buffer: int = setting(
        default=200,
        check=at_least(0),
        unit="tokens",
        help="room for the answer and the chat template, inside the length",
    )
    seed: int = setting(default=0, check=at_least(0), help="all that is random depends on it")
