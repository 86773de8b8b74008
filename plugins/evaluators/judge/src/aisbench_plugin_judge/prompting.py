"""What a judge is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from aisbench.api import Answer, DataError, Message, Prompt, Sample
from aisbench_plugin_judge.settings import JudgeSettings

FIELD = "judging"
"""The sample's field with prompts of its own: kind ("single", "pair") -> a list of
{"system", "prompt"}, for each turn."""

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@frozen
class Asked:
    """A prompt template for the answer to ``turn``."""

    turn: int
    system: str
    prompt: str


def templates(
    settings: JudgeSettings, sample: Sample, turns: int, kind: str, plain: Asked
) -> list[Asked]:
    """One for each turn that is judged: the suite's, the sample's own, or ``plain``."""
    wanted = range(turns) if settings.turns == "each" else range(turns - 1, turns)
    own = sample.fields.get(FIELD)
    listed = own.get(kind) if isinstance(own, Mapping) else None
    found = []
    for turn in wanted:
        system, prompt = plain.system, plain.prompt
        if isinstance(listed, Sequence) and turn < len(listed):
            table = listed[turn]
            assert isinstance(table, Mapping)
            system, prompt = str(table.get("system", "")), str(table["prompt"])
        found.append(Asked(turn, settings.system or system, settings.prompt or prompt))
    return found


def names_of(sample: Sample, answer: Answer, turn: int) -> dict[str, str]:
    """What templates may name: the sample's fields, the conversation, the reference."""
    found = {name: value for name, value in sample.fields.items() if isinstance(value, (str, int))}
    names = {name: str(value) for name, value in found.items()}
    for number, (prompt, response) in enumerate(
        zip(answer.prompts, answer.responses, strict=True), 1
    ):
        names[f"question_{number}"] = _question(prompt)
        names[f"answer_{number}"] = response.text
    names["question"] = names[f"question_{turn + 1}"] if turn else _first(sample, names)
    names["answer"] = names[f"answer_{turn + 1}"]
    target = sample.target
    references = list(target) if isinstance(target, (list, tuple)) else [target]
    for number, reference in enumerate(references, 1):
        if reference is not None:
            names[f"ref_answer_{number}"] = str(reference)
    if references and references[min(turn, len(references) - 1)] is not None:
        names["reference"] = str(references[min(turn, len(references) - 1)])
    return names


def _first(sample: Sample, names: Mapping[str, str]) -> str:
    """The question as the data set has it: a prompt may hold examples and instructions too."""
    own = sample.fields.get("question")
    return own if isinstance(own, str) and own else names["question_1"]


def _question(prompt: Prompt) -> str:
    if prompt.messages is None:
        return prompt.text or ""
    return next((one.text for one in reversed(prompt.messages) if one.role == "user"), "")


def make(asked: Asked, names: Mapping[str, str], sample: Sample) -> Prompt:
    """The judge's prompt. Raises DataError for a name that is not there."""

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in names:
            raise DataError(
                f"the judge's prompt names {{{name}}}, which sample {sample.id} does not have",
                hint=f"it has: {', '.join(sorted(names))}",
            )
        return names[name]

    messages = [Message(role="user", content=_PLACE.sub(put, asked.prompt))]
    if asked.system:
        messages.insert(0, Message(role="system", content=_PLACE.sub(put, asked.system)))
    return Prompt(messages=tuple(messages))
