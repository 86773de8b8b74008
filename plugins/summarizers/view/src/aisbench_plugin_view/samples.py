"""One answer as the page gets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisbench import AnsweredSample
from aisbench.answers import read_span
from aisbench.api import Media, Message, Prompt, Response
from aisbench_plugin_view.numbers import plain

Json = dict[str, Any]
LONGEST = 400_000
"""Characters of one text that a page shows; the journal has all of it."""


def sample_document(one: AnsweredSample) -> Json:
    """Everything of an answer: what was asked, what came back, what it is worth."""
    return {
        "id": one.sample.id,
        "repeat": one.repeat,
        "part": one.sample.part,
        "target": plain(one.sample.target),
        "turns": [
            {
                "prompt": _prompt(prompt),
                "response": _response(response, one if last else None),
                "timing": plain(timing),
            }
            for prompt, response, timing, last in zip(
                one.prompts,
                one.responses,
                one.timings,
                [False] * (len(one.prompts) - 1) + [True],
                strict=True,
            )
        ],
        "answer": None if one.answer is None else _cut(one.answer),
        "score": None if one.score is None else plain(one.score),
        "truncated": one.truncated,
        "anomalies": plain(one.anomalies),
        "failures": plain(one.failures),
        "judgements": [
            {
                "number": judgement.number,
                "url": judgement.url,
                "turns": [
                    {"prompt": _prompt(prompt), "response": _response(response, None)}
                    for prompt, response in zip(
                        judgement.prompts, judgement.responses, strict=True
                    )
                ],
            }
            for judgement in one.judgements
        ],
        "seed": one.seed,
        "url": one.url,
    }


def media_in(one: AnsweredSample) -> Iterator[Media]:
    """What was shown, to the model and to a judge."""
    for prompt in one.prompts:
        yield from prompt.media
    for judgement in one.judgements:
        for prompt in judgement.prompts:
            yield from prompt.media


def _prompt(prompt: Prompt) -> Json:
    made: Json = {
        "messages": [_message(one) for one in prompt.messages or ()],
        "text": _cut(prompt.words) if prompt.messages is None and prompt.tokens is None else None,
        "tokens": None if prompt.tokens is None else len(prompt.tokens),
        "continuation": prompt.continuation,
        "choice": prompt.choice,
        "stop": list(prompt.stop),
        "tools": [{"name": one.name, "description": one.description} for one in prompt.tools],
    }
    return made


def _message(message: Message) -> Json:
    return {
        "role": message.role,
        "text": _cut(message.text),
        "media": [_media(one) for one in message.media],
        "calls": plain(message.tool_calls),
    }


def _media(media: Media) -> Json:
    return {"kind": media.kind, "kept": media.sha256 + media.making, "whence": media.whence}


def _response(response: Response, judged_by: AnsweredSample | None) -> Json:
    text, reasoning = response.shown, response.reasoning
    judged = None if judged_by is None else judged_by.answer
    if judged and reasoning is None and text != judged and judged in text:
        # Thinking that the server left in the text: what stands before the answer.
        before, _, after = text.rpartition(judged)
        if before.strip():
            reasoning, text = before.strip(), judged + after
    text = _cut(text)
    score = None if judged_by is None else judged_by.score
    span = read_span(text, score.extracted) if score and score.extracted else None
    begin, end = span or (0, 0)
    return {
        "text": text,
        "parts": [text[:begin], text[begin:end], text[end:]] if span else [text],
        "reasoning": None if reasoning is None else _cut(reasoning),
        "refusal": response.refusal,
        "finish": None if response.finish_reason is None else response.finish_reason.value,
        "usage": plain(response.usage),
        "calls": plain(response.tool_calls),
        "fault": plain(response.fault),
        "model": response.model,
        "scored": None
        if response.scored is None
        else {"total": response.scored.total, "greedy": response.scored.greedy},
    }


def _cut(text: str) -> str:
    """A text for the page; half a surrogate pair is no text that can be sent."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n[… {len(text) - LONGEST:,} …]\n{text[-half:]}"
