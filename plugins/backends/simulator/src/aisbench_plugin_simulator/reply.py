"""What the simulated model says to one request, in tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence

from attrs import frozen

from aisbench_plugin_simulator.answer_book import AnswerBook
from aisbench_plugin_simulator.chance import bits, draw
from aisbench_plugin_simulator.correctness import is_right
from aisbench_plugin_simulator.filler import filler
from aisbench_plugin_simulator.logprobs import score_text
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.phrasing import phrase, wrong_answer
from aisbench_plugin_simulator.reasoning import ReasoningMode, inline
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import split_tokens


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
    call: str = ""
    """The function that is called; ``content`` are its arguments."""
    scores: Sequence[float] = ()
    """Log-probabilities of the text that was given, where they were asked for."""
    cached: int | None = None
    """Prompt tokens that were in the cache, where the usage is to tell them."""


def compose(
    settings: SimulatorSettings, book: AnswerBook | None, asked: ParsedRequest, digest: str
) -> SimulatedReply:
    """The answer to ``asked``; ``digest`` is the hash of the request's body."""
    text, verdict = _answer(settings, book, asked, digest)
    call, text = _call(book, asked, text, verdict)
    scored = asked.logprobs is not None or asked.prompt_logprobs
    scores = score_text(settings, book, asked.scored) if scored else ()
    if not asked.max_tokens:
        return SimulatedReply(finish="length", verdict=verdict, scores=scores)
    reasoning, text = _thought(settings, asked, text, digest)
    content = split_tokens(text)
    missing = asked.min_tokens - len(reasoning) - len(content)
    if missing > 0:
        content += filler(missing, bits(settings.seed, "more", digest))
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
    if call and finish == "stop" and not asked.tool_named:
        finish = "tool_calls"
    return SimulatedReply(
        reasoning=reasoning,
        content=content,
        tokens=tokens,
        finish=finish,
        stop_reason=stop,
        verdict=verdict,
        call=call,
        scores=scores,
    )


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


def _call(
    book: AnswerBook | None, asked: ParsedRequest, text: str, verdict: str
) -> tuple[str, str]:
    """The function to call and its arguments; "" and the text where none is called.

    The known answer to a question may be a call: ``{"name": ..., "arguments": {...}}``, which is
    made where the model answers correctly.
    """
    if not asked.tools:
        return "", text
    known = book.find(asked.question) if book is not None else None
    if known is not None and verdict == "right":
        try:
            value = json.loads(known.answer)
        except ValueError:
            value = None
        if isinstance(value, dict) and value.get("name") in asked.tools:
            return value["name"], json.dumps(value.get("arguments", {}), ensure_ascii=False)
    return (asked.tool, "{}") if asked.tool else ("", text)


def _answer(
    settings: SimulatorSettings, book: AnswerBook | None, asked: ParsedRequest, digest: str
) -> tuple[str, str]:
    seed = settings.seed
    known = book.find(asked.question) if book is not None else None
    if known is None:
        length = settings.output_tokens.pick(draw(seed, "length", digest))
        return "".join(filler(length, bits(seed, "words", digest))).lstrip(), "unknown"
    varied = asked.seed if settings.vary else None
    about: tuple[object, ...] = (seed, known.question, varied)
    if is_right(seed, known.question, settings.accuracy, varied):
        return phrase(known.answer, *about), "right"
    return phrase(wrong_answer(known.answer, bits("wrong", *about)), *about), "wrong"


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
