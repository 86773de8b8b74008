"""Answers in a file, as a model that is asked by the ids of rows or by their prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from aisbench.base.errors import DataError
from aisbench.given.answer_file import (
    AnswerKey,
    GivenAnswer,
    GivenAnswers,
    prompt_key,
    read_answer_file,
)
from aisbench.settings.fields import setting
from aisbench.store.environment import checksum
from aisbench.types.json import JsonObject
from aisbench.types.local import ModelDescription
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response

AnswerFiles = dict[tuple[Path, tuple[tuple[str, str], ...]], dict[str, GivenAnswers]]
"""What was read, by file and the names of its columns, so that a file of many models is read
once."""


@frozen(kw_only=True)
class GivenSettings:
    """Keys of a model whose answers are there already."""

    file: Path = setting(
        help="the answers: rows of JSON lines, CSV, JSON or Parquet with id (or row, prompt) and "
        "text (or calls, turns, logprobs)",
        example="answers.jsonl",
    )
    model: str = setting(
        default="",
        help="whose answers: those of rows with this `model`; empty: rows that name none",
        example="gpt-4o",
    )
    fields: Mapping[str, str] = setting(
        factory=dict,
        help="columns, or paths in them, of keys that the file calls otherwise",
        example={"id": "task_id", "text": "outputs[0]"},
    )


class GivenBackend:
    """A local backend that looks answers up."""

    def __init__(self, settings: GivenSettings) -> None:
        self._settings = settings
        self._answers: GivenAnswers | None = None
        self.placed: dict[str, AnswerKey] = {}
        """Which answers samples have whose ids the file writes otherwise; by sample. Whoever
        knows the data set may fill it."""

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {}

    def files(self) -> Sequence[Path]:
        return [self._settings.file]

    def check(self, prompts: Sequence[Prompt]) -> None:
        self.read()

    def read(self, held: AnswerFiles | None = None) -> GivenAnswers:
        """The answers. ``held`` are files that other models have read, and those that this one
        does. Raises DataError."""
        if self._answers is None:
            file, fields = self._settings.file, self._settings.fields
            key = (file, tuple(sorted(fields.items())))
            models = None if held is None else held.get(key)
            if models is None:
                models = read_answer_file(file, fields)
                if held is not None:
                    held[key] = models
            name = self._settings.model
            if name not in models:
                names = ", ".join(repr(one) for one in models)
                raise DataError(
                    f"{self._settings.file}: there are no answers of {name!r}",
                    hint=f"there are those of: {names}",
                )
            self._answers = models[name]
        return self._answers

    def open(self) -> str:
        self.read()
        return self._settings.model or self._settings.file.stem

    def describe(self) -> ModelDescription:
        file = self._settings.file
        return ModelDescription(fingerprint={file.name: checksum(file)})

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        answers = self.read()
        for place, request in enumerate(requests):
            yield place, self._response(answers, request)

    def close(self) -> None:
        self._answers = None

    def _response(self, answers: GivenAnswers, request: Request) -> Response:
        given = self._given(answers, request)
        if given is None:
            return self._fault("has no answer to it")
        prompt, turns, place = request.prompt, given.turns, request.turn
        if prompt.continuation is not None:
            turns = given.unconditional if prompt.unconditional else given.choices
            place = prompt.choice or 0
        if place >= len(turns):
            return self._fault(_lacking(given, prompt))
        return _as_tools(turns[place], prompt)

    def _given(self, answers: GivenAnswers, request: Request) -> GivenAnswer | None:
        name = request.sample_id
        found = answers.held.get(self.placed.get(name, ("id", name)))
        keys = prompt_keys(request.prompt) if found is None else ()
        for key in keys:
            if (found := answers.held.get(("prompt", key))) is not None:
                break
        return None if found is None else found.get(request.repeat)

    def _fault(self, what: str) -> Response:
        message = f"{self._settings.file.name} {what}"
        return Response(fault=Fault(kind=FaultKind.LOCAL, message=message, deterministic=True))


def _as_tools(response: Response, prompt: Prompt) -> Response:
    """With calls of the prompt's tools: ``math.factorial`` is a call of the tool
    ``math_factorial``, as names of tools have no dots and files of answers often have the
    functions' own names."""
    tools = {tool.name for tool in prompt.tools}
    if all(call.name in tools for call in response.tool_calls):
        return response
    calls = [
        evolve(call, name=name) if (name := _tool_name(call.name)) in tools else call
        for call in response.tool_calls
    ]
    return evolve(response, tool_calls=tuple(calls))


def _tool_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]


def _lacking(given: GivenAnswer, prompt: Prompt) -> str:
    if prompt.continuation is None:
        return f"has only {len(given.turns)} turns of it"
    if prompt.unconditional:
        return "has no `unconditional` log-probability of this choice"
    return f"has `logprobs` of only {len(given.choices)} choices of it"


def prompt_keys(prompt: Prompt) -> Iterator[str]:
    """By which a prompt may be named: as a whole, and by its last message."""
    if prompt.text is not None:
        yield prompt_key(prompt.text)
    elif prompt.messages:
        texts = [{"role": one.role, "content": _text(one)} for one in prompt.messages]
        yield prompt_key(texts)
        yield prompt_key(texts[-1]["content"])


def _text(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return "".join(_words(part) for part in message.content)


def _words(part: ContentPart) -> str:
    return part.text or ""
