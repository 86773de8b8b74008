"""The tokens of a task: as the server counted them, else as the model's tokenizer does."""

from __future__ import annotations

from attrs import define, field

from aisbench.base.errors import AisbenchError
from aisbench.config.plan import Plan
from aisbench.tokens.tokenizer import TextTokenizer, load_tokenizer
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response

BATCH = 500
"""Texts counted at once: the library spreads them over the cores."""


def check_tokenizers(plan: Plan) -> None:
    """Load the tokenizers that are named, so that a wrong name is known before a run.

    Raises AisbenchError.
    """
    for model in plan.models:
        if model.common.tokenizer:
            load_tokenizer(model.common.tokenizer, f"models.{model.name}.tokenizer")


@define
class TokenTally:
    """``tokenizer`` is the suite's; without one, what the server leaves out stays unknown."""

    tokenizer: str
    _totals: dict[str, int | None] = field(
        factory=lambda: {"prompt_tokens": None, "completion_tokens": None}
    )
    _waiting: dict[str, list[str]] = field(
        factory=lambda: {"prompt_tokens": [], "completion_tokens": []}
    )
    problem: str = ""
    """Why a total is unknown, where the tokenizer could not be loaded."""
    _counted: int = 0
    _unknown: set[str] = field(factory=set)
    _loaded: TextTokenizer | None = None

    def add(self, prompt: Prompt, response: Response) -> None:
        """Count one request."""
        usage = response.usage
        for name, known in (
            ("prompt_tokens", usage.prompt_tokens),
            ("completion_tokens", usage.completion_tokens),
        ):
            if known is not None:
                self._totals[name] = (self._totals[name] or 0) + known
            elif name == "completion_tokens" and not response.generated:
                continue  # there are none to count
            elif self.tokenizer and response.fault is None:
                self._keep(name, prompt, response)

    def result(self) -> dict[str, int | None]:
        """Totals; ``counted_here`` is how many numbers in them are the tokenizer's, 0 when the
        server counted all."""
        for name in self._waiting:
            self._count(name)
        return {
            **self._totals,
            **dict.fromkeys(self._unknown),
            "counted_here": self._counted,
        }

    def _keep(self, name: str, prompt: Prompt, response: Response) -> None:
        if name == "completion_tokens":
            text = (response.reasoning or "") + response.text + (response.refusal or "")
        elif prompt.tokens is not None:
            self._totals[name] = (self._totals[name] or 0) + len(prompt.tokens)
            self._counted += 1
            return
        else:
            text = prompt.words + (prompt.continuation or "")
        waiting = self._waiting[name]
        waiting.append(text)
        if len(waiting) >= BATCH:
            self._count(name)

    def _count(self, name: str) -> None:
        waiting = self._waiting[name]
        if not waiting:
            return
        if not self._load():
            self._unknown.add(name)
            waiting.clear()
            return
        assert self._loaded is not None
        self._totals[name] = (self._totals[name] or 0) + sum(self._loaded.counts(waiting))
        self._counted += len(waiting)
        waiting.clear()

    def _load(self) -> bool:
        """Whether the tokenizer is there. A run checks that before it begins; where stored answers
        are scored, on another machine perhaps, the totals are unknown without it."""
        if self._loaded is None and not self.problem:
            try:
                self._loaded = load_tokenizer(self.tokenizer, "models.*.tokenizer")
            except AisbenchError as error:
                self.problem = f"tokens that the server did not count are unknown: {error.message}"
        return self._loaded is not None
