"""What every judge has in common."""

from __future__ import annotations

import re

from aisbench.api import JsonObject
from aisbench_plugin_judge.settings import JudgeSettings


class Judge:
    """Core's side of a judged evaluator."""

    def __init__(self, settings: JudgeSettings, pattern: str) -> None:
        self._common = settings
        self._pattern = re.compile(pattern, re.IGNORECASE)

    @property
    def judge(self) -> str:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._common.judge

    @property
    def against(self) -> str:
        """Nobody, but for comparisons."""
        return ""

    @property
    def judgements(self) -> int:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._common.judgements

    @property
    def generation(self) -> JsonObject:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._common.generation
