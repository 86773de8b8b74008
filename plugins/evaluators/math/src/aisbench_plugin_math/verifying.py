"""Reading and comparing with math-verify (https://github.com/huggingface/Math-Verify)."""

from __future__ import annotations

import logging
import threading
from typing import Any

from aisbench_plugin_math.boxes import last_box

LONGEST = 20_000
"""Characters of an answer's end that are read: what is stated stands there."""


class Verifier:
    """Keeps the configuration; imports math-verify, which takes a second, when it is made."""

    def __init__(self, digits: int, seconds: float) -> None:
        import math_verify  # type: ignore[import-untyped]

        # It logs a warning for each answer it cannot read; that is an outcome here.
        logging.getLogger("math_verify").setLevel(logging.CRITICAL)
        self._library = math_verify
        self._digits = digits
        self._seconds = max(1, round(seconds))
        latex = math_verify.LatexExtractionConfig(boxed_match_priority=0)
        self._anywhere = [latex, math_verify.ExprExtractionConfig()]
        self._latex = [latex]

    def reference(self, text: str) -> list[Any]:
        """What a reference means; [] when it cannot be read."""
        found = self._parse(f"${text}$", self._anywhere)
        return found or self._parse(text, self._anywhere)

    def answer(self, text: str, *, boxed: bool) -> list[Any]:
        """What an answer means, from its last box, formula or number; [] when it has none."""
        inside = last_box(text)
        if inside is not None:
            # The box alone: reading the rest takes long and adds nothing.
            return self._parse(f"$\\boxed{{{inside}}}$", self._latex)
        return [] if boxed else self._parse(text[-LONGEST:], self._anywhere)

    def equal(self, reference: list[Any], answer: list[Any]) -> bool:
        """Whether both mean the same."""
        return bool(
            self._library.verify(
                reference, answer, float_rounding=self._digits, timeout_seconds=self._timeout()
            )
        )

    def _parse(self, text: str, configuration: list[Any]) -> list[Any]:
        found: list[Any] = self._library.parse(
            text, extraction_config=configuration, parsing_timeout=self._timeout()
        )
        return found

    def _timeout(self) -> int | None:
        # Its clock is a signal, which the main thread alone can be sent.
        main = threading.current_thread() is threading.main_thread()
        return self._seconds if main else None
