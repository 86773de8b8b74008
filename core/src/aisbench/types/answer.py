"""What a model answered to one sample: all that scores are made from."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from aisbench.types.prompt import Prompt
from aisbench.types.response import FinishReason, Response, Thinking, TokenLogprob
from aisbench.types.score import Verdict
from aisbench.types.timing import Timing
from aisbench.types.tools import ToolCall


@frozen(kw_only=True)
class Step:
    """One request of a sample and its response; ``timing`` None: it is not known."""

    prompt: Prompt
    response: Response
    timing: Timing | None = None


@frozen(kw_only=True)
class Transcript:
    """The conversation about one sample: turns in order, prompts beside responses.

    ``timings`` are those of the requests, in the same order; empty where none is known. Long
    prompts of stored answers are read from the run when they are looked at.
    """

    prompts: Sequence[Prompt]
    responses: tuple[Response, ...]
    timings: tuple[Timing | None, ...] = ()

    @property
    def response(self) -> Response:
        """The last response, which is the only one of a single-turn sample."""
        return self.responses[-1]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The turns, or the choices of a prompt that has several."""
        timings = self.timings or (None,) * len(self.responses)
        return tuple(
            Step(prompt=prompt, response=response, timing=timing)
            for prompt, response, timing in zip(self.prompts, self.responses, timings, strict=True)
        )


@frozen(kw_only=True)
class Answer(Transcript):
    """The answer to one sample, as evaluators get it.

    It is a transcript with names for what is most often asked of it. What later versions of the
    contract add has a default: construct it by keywords, or with :meth:`of` and
    :meth:`of_response`.
    """

    @classmethod
    def of(cls, text: str, *, prompt: Prompt | str = "") -> Answer:
        """A complete answer of one turn, for tests and for scoring texts from elsewhere."""
        return cls.of_response(Response(text=text, finish_reason=FinishReason.STOP), prompt=prompt)

    @classmethod
    def of_response(cls, response: Response, *, prompt: Prompt | str = "") -> Answer:
        """An answer of one turn."""
        asked = Prompt(text=prompt) if isinstance(prompt, str) else prompt
        return cls(prompts=(asked,), responses=(response,))

    @property
    def transcript(self) -> Transcript:
        """The whole conversation."""
        return self

    @property
    def text(self) -> str:
        """The text of the last response, without reasoning and after postprocessors."""
        return self.responses[-1].text

    @property
    def reasoning(self) -> str | None:
        """The reasoning of the last response."""
        return self.responses[-1].reasoning

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of the last response, in the order in which the model made them."""
        return self.responses[-1].tool_calls

    @property
    def logprobs(self) -> tuple[TokenLogprob, ...]:
        """The tokens of the last response with their log-probabilities, where these were asked
        for; else none."""
        return self.responses[-1].tokens

    @property
    def timing(self) -> Timing | None:
        """When the last response came; None: it is not known. Instants of different sessions of a
        run cannot be compared."""
        return self.timings[-1] if self.timings else None

    @property
    def outcome(self) -> Verdict | None:
        """How it ended, where that is core's to say: failed, refused, filtered, unfinished, or
        truncated (cut at max_tokens); None: it ended by itself.

        Evaluators are asked about answers that are truncated or None. One that they do not find
        right counts as truncated.
        """
        if (ended := ending(self.responses)) is not None:
            return ended[0]
        cut = self.responses[-1].finish_reason is FinishReason.LENGTH
        return Verdict.TRUNCATED if cut else None


def ending(responses: Sequence[Response]) -> tuple[Verdict, str] | None:
    """How a conversation ended, with the reason, where no evaluator is asked about it: a request
    failed, the answer was withheld or declined, or the thinking never ended; else None. One failed
    or refused turn decides a whole conversation.
    """
    for response in responses:
        if response.fault is not None:
            return Verdict.FAILED, response.fault.message
    for response in responses:
        if response.refusal is not None or response.finish_reason is FinishReason.REFUSAL:
            words = f": {response.refusal}" if response.refusal else ""
            return Verdict.REFUSED, f"the model declined{words}"
        if response.finish_reason is FinishReason.CONTENT_FILTER:
            what = "the rest of the answer" if response.text.strip() else "the answer"
            return Verdict.FILTERED, f"the server's content filter withheld {what}"
    last = responses[-1]
    if last.thinking is Thinking.UNFINISHED:
        cut = last.finish_reason is FinishReason.LENGTH
        return (
            Verdict.UNFINISHED,
            "cut at max_tokens while thinking" if cut else "ended while thinking",
        )
    return None
