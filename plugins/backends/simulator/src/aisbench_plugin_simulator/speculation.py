"""Speculative decoding: a draft model proposes tokens, and the model accepts a beginning of them.

Each step of decoding proposes ``draft_tokens`` tokens. A token is accepted with the probability
of its place, provided that those before it were; the model adds one of its own. A step takes as
long as without drafts, and its tokens arrive together.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from aisbench_plugin_simulator.chance import draw

KINDS = ("natural language", "code", "maths", "repetition")
"""What a prompt may be; the words of the label ``prompt kind``."""

_CODE = re.compile(
    r"^\s*(?:def |class |import |return |for \w+ in |if .*:$|#include|function )|[{};]$",
    re.MULTILINE,
)
_MATHS = re.compile(
    r"\d\s*[-+*/=^<>]\s*\d|\\frac|\\sum|\b(?:solve|equation|calculate)\b", re.IGNORECASE
)
_SEEN = 2000
"""Characters that are looked at."""


@frozen
class Acceptance:
    """``KIND=0.9,0.8`` or ``0.7,0.5``: the chance that a draft's token is accepted when those
    before it were, by place; the last number holds for all further places. ``kind`` is empty for
    all kinds that have none of their own."""

    kind: str
    chances: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> Acceptance:
        """Raises ValueError."""
        kind, equals, numbers = text.rpartition("=")
        kind = kind.strip()
        if equals and kind not in KINDS:
            raise ValueError(f'"{kind}" is no kind of prompt; there are {", ".join(KINDS)}')
        try:
            chances = tuple(float(one) for one in numbers.split(","))
        except ValueError:
            raise ValueError(
                f'"{text}" is neither chances such as 0.8,0.6 nor KIND=CHANCES such as code=0.9'
            ) from None
        if not all(0 <= one <= 1 for one in chances):
            raise ValueError(f'"{text}": a chance is between 0 and 1')
        return cls(kind, chances)

    def of(self, place: int) -> float:
        """The chance of the place, from 0."""
        return self.chances[min(place, len(self.chances) - 1)]

    def __str__(self) -> str:
        numbers = ",".join(f"{one:g}" for one in self.chances)
        return f"{self.kind}={numbers}" if self.kind else numbers


def kind_of(text: str) -> str:
    """What a prompt is, by its looks: lines of it stand there again and again, it has lines of a
    program, or sums and equations; else natural language."""
    text = text[-_SEEN:]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) >= 6 and len(set(lines)) * 2 <= len(lines):
        return "repetition"
    if len(_CODE.findall(text)) >= 2:
        return "code"
    if len(_MATHS.findall(text)) >= 2:
        return "maths"
    return "natural language"


@frozen(kw_only=True)
class Steps:
    """One answer's steps of decoding. ``ends`` are the tokens made by the end of each, the first
    being the prompt's own step, with one token; ``accepted`` is how many of each draft were."""

    kind: str
    ends: tuple[int, ...]
    accepted: tuple[int, ...]


def steps(
    tokens: int, drafts: int, chances: Sequence[Acceptance], kind: str, about: tuple[object, ...]
) -> Steps:
    """The steps that make ``tokens`` tokens; ``about`` decides what is accepted."""
    mine = next((one for one in chances if one.kind == kind), None)
    mine = mine or next((one for one in chances if not one.kind), Acceptance("", (0.0,)))
    ends, accepted, made = [1], [], 1
    while made < tokens:
        count = 0
        while count < drafts and draw(*about, "draft", len(ends), count) < mine.of(count):
            count += 1
        accepted.append(count)
        made += 1 + count
        ends.append(min(made, tokens))
    return Steps(kind=kind, ends=tuple(ends), accepted=tuple(accepted))


@frozen
class SpeculationCounts:
    """What was proposed and accepted, since the start or the last reset."""

    _kinds: defaultdict[str, Counter[str]] = field(factory=lambda: defaultdict(Counter))

    def add(self, made: Steps, drafts: int) -> None:
        """Count one answer."""
        mine = self._kinds[made.kind]
        mine["drafts"] += len(made.accepted)
        mine["draft_tokens"] += drafts * len(made.accepted)
        for count in made.accepted:
            mine["accepted_tokens"] += count
            for place in range(count):
                mine[f"position {place}"] += 1

    def reset(self) -> None:
        """Forget all."""
        self._kinds.clear()

    def stats(self) -> dict[str, Any]:
        """The truth by kind of prompt, as JSON values."""
        return {kind: dict(counts) for kind, counts in sorted(self._kinds.items())}

    def lines(self, labels: str, drafts: int) -> list[str]:
        """vLLM's metrics of it, in Prometheus's text format."""
        total: Counter[str] = Counter()
        for counts in self._kinds.values():
            total.update(counts)
        lines = []
        for name, key, said in _FAMILIES:
            lines += [
                f"# HELP {name} {said}",
                f"# TYPE {name} counter",
                f"{name}_total{{{labels}}} {total[key]}.0",
            ]
        name = "vllm:spec_decode_num_accepted_tokens_per_pos"
        lines += [f"# HELP {name} Accepted tokens per draft position.", f"# TYPE {name} counter"]
        lines += [
            f'{name}_total{{{labels},position="{place}"}} {total[f"position {place}"]}.0'
            for place in range(drafts)
        ]
        return lines


_FAMILIES: Sequence[tuple[str, str, str]] = (
    ("vllm:spec_decode_num_drafts", "drafts", "Drafts."),
    ("vllm:spec_decode_num_draft_tokens", "draft_tokens", "Tokens of drafts."),
    ("vllm:spec_decode_num_accepted_tokens", "accepted_tokens", "Accepted tokens of drafts."),
)
