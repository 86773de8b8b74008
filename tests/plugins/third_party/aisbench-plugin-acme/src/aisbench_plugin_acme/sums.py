"""The data set ``acme-sums``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aisbench.api import Sample, Variant

_FILE = Path(__file__).parent / "sums.txt"


class AcmeSums:
    """Two numbers a line."""

    def variants(self) -> Mapping[str, Variant]:
        plain = Variant(
            template="text",
            source="ACME's own wording",
            prompt={
                "question": "What is {a} + {b}?\nAnswer:",
                "example": "What is {a} + {b}?\nAnswer: {sum}",
            },
        )
        shown = Variant(template="text", source=plain.source, prompt=plain.prompt, shots=1)
        return {"0-shot": plain, "1-shot": shown}

    def files(self) -> Sequence[Path]:
        return [_FILE]

    def samples(self) -> Sequence[Sample]:
        return self._rows()[1:]

    def examples(self) -> Sequence[Sample]:
        return self._rows()[:1]

    def _rows(self) -> list[Sample]:
        rows = []
        for line in _FILE.read_text(encoding="utf-8").splitlines():
            a, b = map(int, line.split())
            fields = {"a": a, "b": b, "sum": a + b}
            rows.append(Sample(id=f"{a}+{b}", fields=fields, target=str(a + b)))
        return rows
