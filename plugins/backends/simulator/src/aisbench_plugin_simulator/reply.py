"""What the simulated model says to one request, in tokens."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from aisbench_plugin_simulator.answer_book import AnswerBook
from aisbench_plugin_simulator.chance import bits, draw
from aisbench_plugin_simulator.constrained import (
    CallText,
    constrained_text,
    known_calls,
    made_calls,
)
from aisbench_plugin_simulator.constraint import ConstraintKind
from aisbench_plugin_simulator.correctness import is_right
from aisbench_plugin_simulator.filler import filler
from aisbench_plugin_simulator.logprobs import score_text
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.phrasing import phrase, wrong_answer
from aisbench_plugin_simulator.reasoning import ReasoningMode, inline
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import split_tokens


@frozen
class CallMade:
    """A function that is called; ``arguments`` are the tokens of their JSON."""

    name: str
    arguments: Sequence[str]


@frozen(kw_only=True)
class SimulatedReply:
    """The tokens of ``reasoning`` (only where it has its own field) and of ``content``.

    ``tokens`` is what the usage says; a stop string that is cut off was generated and counts.
    ``verdict`` is "right", "wrong" or, when the question is not in the book, "unknown".
    """

    reasoning: Sequence[str] = ()
    content: Sequence[str] = ()
    tokens: int = 0
    finish: str = "stop"
    stop_reason: str | None = None
    verdict: str = "unknown"
    calls: tuple[CallMade, ...] = ()
    """The functions that are called; ``content`` are their arguments, one call behind the
    other."""
    scores: Sequence[float] = ()
    """Log-probabilities of the text that was given, where they were asked for."""
    cached: int | None = None
    """Prompt tokens that were in the cache, where the usage is to tell them."""

    @property
    def call(self) -> str:
        """The name of the first function that is called; empty where none is."""
        return self.calls[0].name if self.calls else ""

    def call_at(self, tokens: int) -> int:
        """The number of the call to which the last of the first ``tokens`` tokens belongs."""
        end = len(self.reasoning)
        for number, call in enumerate(self.calls):
            end += len(call.arguments)
            if tokens <= end:
                return number
        return len(self.calls) - 1


def compose(
    settings: SimulatorSettings, book: AnswerBook | None, asked: ParsedRequest, digest: str
) -> SimulatedReply:
    """The answer to ``asked``; ``digest`` is the hash of the request's body. Raises Refusal where
    an answer of the form that is asked for cannot be made."""
    scored = asked.logprobs is not None or asked.prompt_logprobs
    scores = score_text(settings, book, asked.scored) if scored else ()
    said = _answer(settings, book, asked, digest)
    if not asked.max_tokens:
        return SimulatedReply(finish="length", verdict=said.verdict, scores=scores)
    reasoning, text = _thought(settings, asked, said.text, digest)
    parts = [split_tokens(call.arguments) for call in said.calls] or [split_tokens(text)]
    missing = asked.min_tokens - len(reasoning) - sum(map(len, parts))
    if missing > 0:
        parts[-1] += _padding(missing, asked, said, bits(settings.seed, "more", digest))
    content = parts[0] if len(parts) == 1 else [token for part in parts for token in part]
    return _ended(asked, said, scores, reasoning, content, parts)


def _ended(
    asked: ParsedRequest,
    said: _WholeText,
    scores: Sequence[float],
    reasoning: list[str],
    content: list[str],
    parts: Sequence[Sequence[str]],
) -> SimulatedReply:
    """The reply as far as its limit and its stop strings let it come; ``parts`` are the calls'
    arguments in ``content``."""
    finish = "length" if len(reasoning) + len(content) >= asked.max_tokens else "stop"
    reasoning = reasoning[: asked.max_tokens]
    content = content[: asked.max_tokens - len(reasoning)]
    tokens = len(reasoning) + len(content)
    stop = None
    if asked.stop and (found := _first_stop("".join(content), asked.stop)):
        at, stop = found
        end = at + len(stop)
        tokens = len(reasoning) + len(_until(content, end))
        content = _until(content, end if asked.keep_stop else at)
        finish = "stop"
    if said.calls and finish == "stop" and not asked.tools.named:
        finish = "tool_calls"
    return SimulatedReply(
        reasoning=reasoning,
        content=content,
        tokens=tokens,
        finish=finish,
        stop_reason=stop,
        verdict=said.verdict,
        calls=_calls(said.calls, parts, content) if said.calls else (),
        scores=scores,
    )


@frozen
class _WholeText:
    """A whole answer as text, or as the calls that it makes."""

    text: str
    verdict: str
    calls: Sequence[CallText] = ()


def _calls(
    calls: Sequence[CallText], parts: Sequence[Sequence[str]], content: Sequence[str]
) -> tuple[CallMade, ...]:
    """The calls as far as ``content``, which may be cut, has something of them."""
    found, at = [], 0
    for call, part in zip(calls, parts, strict=True):
        taken = content[at : at + len(part)]
        at += len(part)
        if taken:
            found.append(CallMade(call.name, taken))
    return tuple(found)


_BLANK = " " * 4


def _padding(missing: int, asked: ParsedRequest, said: _WholeText, chance: int) -> list[str]:
    """More tokens where the answer is shorter than it must be: blanks behind JSON, which stays
    JSON; nothing behind what an expression or a list of choices has ended."""
    if said.calls or (asked.constraint and asked.constraint.kind is ConstraintKind.JSON):
        return [_BLANK] * missing
    return [] if asked.constraint else filler(missing, chance)


def _thought(
    settings: SimulatorSettings, asked: ParsedRequest, text: str, digest: str
) -> tuple[list[str], str]:
    """The tokens of reasoning that have a field of their own, and the text; where the endpoint
    or the mode has no such field, reasoning stands within the text."""
    mode = settings.reasoning
    if mode is ReasoningMode.NONE:
        return [], text
    if draw(settings.seed, "reason", digest) >= settings.reasoning_share:
        return [], text
    length = settings.reasoning_tokens.pick(draw(settings.seed, "think", digest))
    reasoning = filler(length, bits(settings.seed, "think", digest))
    # The completions API has no field for it: servers leave the tags in the text.
    if not asked.chat or mode.field is None:
        return [], inline(mode, "".join(reasoning).strip(), text)
    return reasoning, text


def _answer(
    settings: SimulatorSettings, book: AnswerBook | None, asked: ParsedRequest, digest: str
) -> _WholeText:
    seed = settings.seed
    known = book.find(asked.question) if book is not None else None
    if known is None:
        return _unknown(settings, asked, digest)
    varied = asked.seed if settings.vary else None
    about: tuple[object, ...] = (seed, known.question, varied)
    right = is_right(seed, known.question, settings.accuracy, varied)
    verdict = "right" if right else "wrong"
    if asked.tools.functions:
        calling = _calling(settings, asked, known.answer if right else "", verdict, digest)
        if calling is not None:
            return calling
    answer = known.answer if right else wrong_answer(known.answer, bits("wrong", *about))
    if asked.constraint is not None:
        chance = bits("constrained", *about)
        text, fits = constrained_text(asked.constraint, answer, chance)
        return _WholeText(text, verdict if fits else "unknown")
    return _WholeText(answer if settings.bare else phrase(answer, *about), verdict)


def _calling(
    settings: SimulatorSettings, asked: ParsedRequest, answer: str, verdict: str, digest: str
) -> _WholeText | None:
    """The calls that the known ``answer`` is, or that must be made; None for none."""
    tools = asked.tools
    calls = known_calls(answer, tools)
    if calls and asked.after_tool and not tools.must:
        # The calls were made, and their result is there: the model speaks of it.
        return _WholeText(_words(settings, digest), verdict)
    if calls:
        return _WholeText("", verdict, calls)
    if not tools.must:
        return None
    # What must be called instead of the answer is nobody's to judge.
    said = "unknown" if verdict == "right" else verdict
    return _WholeText("", said, made_calls(settings, tools, digest))


def _unknown(settings: SimulatorSettings, asked: ParsedRequest, digest: str) -> _WholeText:
    seed, tools = settings.seed, asked.tools
    if tools.functions and (
        tools.must or (not asked.after_tool and draw(seed, "tool", digest) < settings.tool_share)
    ):
        return _WholeText("", "unknown", made_calls(settings, tools, digest))
    if asked.constraint is not None:
        chance = bits(seed, "constrained", digest)
        return _WholeText(constrained_text(asked.constraint, None, chance)[0], "unknown")
    return _WholeText(_words(settings, digest), "unknown")


def _words(settings: SimulatorSettings, digest: str) -> str:
    """A text that says nothing, of the length that is set."""
    length = settings.output_tokens.pick(draw(settings.seed, "length", digest))
    return "".join(filler(length, bits(settings.seed, "words", digest))).lstrip()


def _first_stop(text: str, stops: Sequence[str]) -> tuple[int, str] | None:
    found = [(text.index(stop), stop) for stop in stops if stop and stop in text]
    return min(found, key=lambda item: item[0] + len(item[1])) if found else None


def _until(tokens: Sequence[str], end: int) -> list[str]:
    taken: list[str] = []
    for token in tokens:
        if end <= 0:
            break
        taken.append(token[:end])
        end -= len(token)
    return taken
