"""Words for verdicts and finish reasons."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Wording
from aisbench_plugin_html.charts.accuracy import VERDICTS


def verdict_word(verdict: str, words: Wording) -> str:
    """The word for a verdict."""
    return {
        "right": words.text("right"),
        "wrong": words.text("wrong"),
        "unparsed": words.text("unparsed"),
        "truncated": words.text("truncated"),
        "unfinished": words.text("unfinished"),
        "filtered": words.text("filtered"),
        "refused": words.text("refused"),
        "graded": words.text("graded"),
        "unjudged": words.text("unjudged"),
        "failed": words.text("failed"),
        "odd": words.text("right, but odd"),
    }.get(verdict, verdict)


def colours_of(verdicts: Iterable[str], words: Wording) -> dict[str, str]:
    """The colours of those that occur, by word, in the order in which they are stacked."""
    found = set(verdicts)
    return {verdict_word(one, words): f"@{one}" for one in VERDICTS if one in found}
