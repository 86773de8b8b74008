"""Names, needles and haystacks of our own, where NeedleBench's files are not named.

They are in the form of its files: any figure made of them is for comparing one's own models, not
for comparing with published ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

import tomli

from aisbench_plugin_needles.draws import Draws

_PARAGRAPHS = 400


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Language -> kind -> words."""
    file = resources.files("aisbench_plugin_needles") / "_made-words.toml"
    found = tomli.loads(file.read_text(encoding="utf-8"))
    return {
        language: {kind: text.split() for kind, text in kinds.items()}
        for language, kinds in found.items()
    }


def names(language: str) -> Sequence[str]:
    """Some thousands of persons, no two alike."""
    first, last = _words()[language]["first"], _words()[language]["last"]
    if language == "zh":
        return [f"{one}{two}{three}" for one in first for two in last for three in last[::4]]
    return [f"{one} {two}" for one in first for two in last]


def needles(language: str) -> Sequence[Mapping[str, str]]:
    """Some hundreds, in the columns of NeedleBench's needles.jsonl."""
    places, things = _words()[language]["places"], _words()[language]["things"]
    between = " " if language == "en" else ""
    return [
        _needle(language, place, places[(number + step + 1) % len(places)] + between + thing)
        for number, place in enumerate(places)
        for step, thing in enumerate(things)
    ]


def _needle(language: str, place: str, thing: str) -> Mapping[str, str]:
    if language == "zh":
        return {
            "needle": f"隐藏在{place}岛的传说中的宝物是{thing}。",
            "arg1": f"{place}岛",
            "arg2": thing,
            "retrieval_question": f"隐藏在{place}岛的传说中的宝物是什么？请按照"
            f"'隐藏在{place}岛的传说中的宝物是______。'的格式回答。",
        }
    return {
        "needle": f"Hidden on {place} Island is the legendary {thing}.",
        "arg1": f"{place} Island",
        "arg2": thing,
        "retrieval_question": f"What legendary item is hidden on {place} Island? Please answer "
        f"in the format 'The legendary item hidden on {place} Island is ______.'",
    }


def documents(language: str, seed: int) -> Sequence[str]:
    """Paragraphs that say nothing of islands or relatives."""
    draws = Draws(seed, "haystack", language)
    blank, stop, end = (" ", ".", " ") if language == "en" else ("", "。", "")
    vocabulary = _words()[language]["words"]
    found = []
    for _ in range(_PARAGRAPHS):
        sentences = []
        for _ in range(8):
            words = [draws.choice(vocabulary) for _ in range(draws.between(6, 16))]
            text = blank.join(words) + stop
            sentences.append(text[0].upper() + text[1:])
        found.append(end.join(sentences) + "\n")
    return found
