"""What is bound to fail, found before anything is sent: prompts that a backend refuses, and models
that cannot be opened."""

from __future__ import annotations

import logging
import string
from collections.abc import Iterable, Iterator, Mapping

from aisbench.base.errors import AisbenchError, DataError
from aisbench.config.plan import Plan, Task
from aisbench.contract.service_backends import DoubtingBackend
from aisbench.conversation.asking import Asker
from aisbench.conversation.prepare import Rows
from aisbench.engine.local import described_backend
from aisbench.media.store import MediaStore
from aisbench.media.values import is_media, kind_of, media_of
from aisbench.types.json import JsonValue
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.sample import Sample

log = logging.getLogger(__name__)

NAMED = 10
"""Samples whose files cannot be sent that a message names."""
_BEFORE_A_BLANK = frozenset(string.ascii_letters + string.digits + ":;,.?!)")
"""Characters behind which a word needs a blank."""


def check_prompts(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises DataError when the first prompt of a task carries a setting that its backend
    refuses, or a file of any first prompt is missing or unfit."""
    for task in plan.tasks:
        _warn_of_names(task)
        chosen = rows[task.dataset.name]
        asker = Asker(task, chosen, "", plan.suite.suite.seed, keyed=False)
        prompt = asker.first().next_prompt
        assert prompt is not None
        _warn_of_glue(task.label, prompt)
        refused = task.model.backend.refused({**task.generation, **prompt.generation})
        for key in sorted(refused.keys() & prompt.generation.keys()):
            raise DataError(
                f"{task.label}: the data set's prompts ask for generation.{key}, which "
                f"{task.model.offer.name} refuses",
                hint=refused[key],
            )
        _check_media(
            asker,
            chosen.samples,
            always=bool(prompt.media),
            media=chosen.media if task.dataset.offer.dialogue else None,
        )


def _check_media(
    asker: Asker, samples: Iterable[Sample], *, always: bool, media: MediaStore | None
) -> None:
    """Raises DataError for files that cannot be sent: all of them are named, up to a few. Where
    there is a store of ``media``, later turns may show what a sample's fields hold: that is
    checked, and kept, before the first request, too."""
    wrong: dict[str, DataError] = {}
    count = 0
    for sample in samples:
        if not (always or _holds_media(sample)) or sample.after:
            continue
        begun = asker.begun(sample)
        if begun.broken is not None:
            continue
        try:
            begun.request()
            if media is not None and (later := _contents_of(sample)) is not None:
                media.prepared(later, begun.media_limit, f"sample {sample.id}")
        except DataError as error:
            count += 1
            if len(wrong) < NAMED:
                wrong.setdefault(error.message, error)
    if not wrong:
        return
    first, *others = wrong.values()
    if count == 1:
        raise first
    more = f"\n  and {count - len(wrong)} more" if count > len(wrong) else ""
    lines = "".join(f"\n  {one.message}" for one in (first, *others))
    raise DataError(f"{count} samples cannot be asked:{lines}{more}", hint=first.hint) from first


def _contents_of(sample: Sample) -> Prompt | None:
    """What the fields of a sample hold to see and to hear, as if one prompt showed all of it."""
    found = [one for value in sample.fields.values() for one in _inside(value)]
    parts = tuple(ContentPart(media=media_of(one)) for one in found)
    return Prompt(messages=(Message(role="user", content=parts),)) if parts else None


def _inside(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _inside(one)
    elif type(value) is not str and is_media(value) and kind_of(value):
        yield value


def _holds_media(sample: Sample) -> bool:
    return any(type(value) is not str and is_media(value) for value in sample.fields.values())


def _warn_of_names(task: Task) -> None:
    """Warn of settings that the model's server probably does not know."""
    backend = task.model.backend
    if not isinstance(backend, DoubtingBackend):
        return
    for name, meant in backend.doubted(task.generation).items():
        where = task.generation_origin.get(name, "")
        log.warning(
            "%s: no server of this kind is known to have generation.%s (%s): %s It is sent "
            "unchanged",
            task.label, name, where, meant if meant.endswith("?") else f"{meant}.",
        )  # fmt: skip


def _warn_of_glue(label: str, prompt: Prompt) -> None:
    """Warn of words that run together where an option continues a text."""
    text, more = prompt.text or "", prompt.continuation or ""
    if text and more and text[-1] in _BEFORE_A_BLANK and more[0].isascii() and more[0].isalnum():
        log.warning(
            "%s: there is no blank between prompt and options: they are scored as %r; set "
            'prompt.before = " ", or begin the options with a blank, if that is not meant',
            label,
            text[-12:] + more[:12],
        )


def check_models(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises AisbenchError, naming the model, for one in this process that cannot be opened or
    asked, as far as that shows without its weights."""
    for model in plan.models:
        described = described_backend(model.weights) if model.local else None
        if described is None:
            continue
        prompts = []
        for task in plan.tasks:
            if task.model is model:
                chosen = rows[task.dataset.name]
                asker = Asker(task, chosen, "", plan.suite.suite.seed, keyed=False)
                prompt = asker.first().next_prompt
                prompts += [prompt] if prompt is not None else []
        try:
            described.check(prompts)
        except AisbenchError as error:
            raise AisbenchError(f"models.{model.name}: {error.message}", hint=error.hint) from None
