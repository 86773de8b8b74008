"""Leaving out few-shot examples that hold a question of the data set, whose answer they would
show."""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.config.plan import Component, Task
from aisbench.contract.prompts import Retriever, Template
from aisbench.media.contents import may_hold_media
from aisbench.media.store import MediaStore
from aisbench.types.json import JsonValue
from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample

log = logging.getLogger(__name__)

_BEGIN = " \"'“”‘’«»「」『』"
_END = _BEGIN + ".,;:?…。，、；："
"""What is ignored at the ends of a line, after NFKC has unified full and half width. Signs,
brackets and factorials count (-5, 5! and 5 differ); an exclamation mark after a letter does
not."""
_LABEL = re.compile(r"^\(?[a-z][.):、]\s*")


@frozen(kw_only=True)
class ExamplePool:
    """The examples of a split that may be shown, and the number of those that may not."""

    examples: Sequence[Sample]
    left_out: int


def unasked(
    task: Task, samples: Sequence[Sample], pool: Sequence[Sample], media: MediaStore
) -> ExamplePool:
    """The examples of ``pool`` whose question is not among those of ``samples``: all rows of the
    split that is asked, so that the examples do not depend on ``limit``.

    A question is what the task's template shows of a sample, with its options. Ignored are case,
    blanks and line ends, punctuation and quotation marks at the ends of lines, full and half
    width, the order of options, and whatever the template does not show, such as ids.
    """
    identities = {one for sample in samples for one in _identities(task, sample, media)}
    kept = [one for one in pool if identities.isdisjoint(_identities(task, one, media))]
    left_out = len(pool) - len(kept)
    if left_out:
        log.warning(
            "datasets.%s: %d of %d few-shot examples are left out: they hold questions that are "
            "asked", task.dataset.name, left_out, len(pool),
        )  # fmt: skip
    return ExamplePool(examples=kept, left_out=left_out)


def check_pool(
    task: Task, pool: Sequence[Sample], left_out: int, sample: Sample, seed: int
) -> None:
    """Raises DataError when ``pool`` cannot give the examples that ``sample`` is to show."""
    assert task.retriever is not None
    where = f"datasets.{task.dataset.name}"
    because = f"; {left_out} hold a question that is asked, and are left out" if left_out else ""
    part = f" of part {sample.part!r}" if sample.part and any(one.part for one in pool) else ""
    if len(pool) < task.shots:
        raise DataError(
            f"{where}: {task.shots} few-shot examples are asked for, and the pool{part} holds "
            f"{len(pool)}{because}",
            hint="lower `shots`, or check the file that the examples come from",
        )
    retriever: Retriever = task.retriever.instance
    try:
        retriever.pick(sample, pool, task.shots, seed)
    except DataError as error:
        raise DataError(f"{where}: {error.message}{because}", hint=error.hint) from error


def _identities(task: Task, sample: Sample, media: MediaStore) -> Iterator[object]:
    """Forms of a sample's question. Two samples that ask the same share one of them."""
    prompt = _alone(task.template, sample)
    if prompt is None:
        yield repr(sorted(sample.fields.items()))
        return
    if prompt.tokens is not None:
        yield prompt.tokens
        return
    shown, files = _shown(_with_checksums(prompt, media))
    choices = (text for one in prompt.choices for text in (one.continuation, one.context or ""))
    options = tuple(sorted(map(_plain, (*choices, prompt.continuation or ""))))
    yield " ".join(shown.split()), files, options
    lines = sorted(filter(None, (_LABEL.sub("", _line(line)) for line in shown.split("\n"))))
    yield tuple(lines), files, options


def _alone(template: Component, sample: Sample) -> Prompt | None:
    """The prompt without examples. Its fields are normalised before the template adds its own
    words to them."""
    renderer: Template = template.instance
    fields = {name: _normal(value) for name, value in sample.fields.items()}
    # Part, title and system message are not part of the question.
    fields.update((name, "") for name in ("part", "title", "system") if name in fields)
    for one in (attrs.evolve(sample, fields=fields), sample):
        try:
            return renderer.render(one, ())
        except Exception:  # noqa: BLE001 - a template may need its fields unchanged
            continue
    return None


def _shown(prompt: Prompt) -> tuple[str, tuple[str, ...]]:
    """The text of the question, in plain form, and its files."""
    if prompt.messages is None:
        return _plain(prompt.text or ""), ()
    asking = [one for one in prompt.messages if one.role == "user"][-1:]
    files = tuple(
        part.media.sha256 or repr(part.media)
        for one in asking
        if not isinstance(one.content, str)
        for part in one.content
        if part.media is not None
    )
    return _plain("\n".join(one.text for one in asking)), files


def _with_checksums(prompt: Prompt, media: MediaStore) -> Prompt:
    """Pictures are the same where their contents are."""
    if not may_hold_media(prompt):
        return prompt
    try:
        return media.prepared(prompt, math.inf, "")
    except DataError:
        return prompt  # whoever asks it is told


def _normal(value: JsonValue) -> Any:
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_normal(one) for one in value]
    return value


def _plain(text: str) -> str:
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return "\n".join(map(_line, folded.split("\n")))


def _line(line: str) -> str:
    line = " ".join(line.split()).lstrip(_BEGIN).rstrip(_END)
    while line.endswith("!") and line[-2:-1].isalpha():
        line = line[:-1].rstrip(_END)
    return line
