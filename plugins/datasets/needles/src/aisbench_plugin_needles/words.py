"""Words, numbers and names that needles are made of, as RULER makes them."""

from __future__ import annotations

import uuid
from functools import lru_cache

from aisbench_plugin_needles.draws import Draws


@lru_cache(maxsize=1)
def nouns_adjectives_verbs() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The lists of the package wonderwords, which RULER takes its words from."""
    from importlib import resources

    folder = resources.files("wonderwords") / "assets"

    def read(name: str) -> tuple[str, ...]:
        text = (folder / name).read_text(encoding="utf-8")
        return tuple(line.rstrip() for line in text.splitlines())

    return read("nounlist.txt"), read("adjectivelist.txt"), read("verblist.txt")


def number(draws: Draws) -> str:
    """Seven digits."""
    return str(draws.between(10**6, 10**7 - 1))


def word(draws: Draws) -> str:
    """An adjective and a noun: "quick-fox"."""
    nouns, adjectives, _ = nouns_adjectives_verbs()
    return f"{draws.choice(adjectives)}-{draws.choice(nouns)}"


def identifier(draws: Draws) -> str:
    """A UUID of version 4."""
    return str(uuid.UUID(int=draws.bits(128), version=4))


KINDS = {"numbers": number, "words": word, "uuids": identifier}
