"""The reference of a row is not in the prompt that asks for it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence

import attrs

from aisbench.api import Dataset, JsonValue, Prompt, Sample, Variant
from aisbench.plugins.catalog import Catalog
from aisbench_testkit.checks.snapshots import prompts_of

MARK = "conformance-reference"

_NAMED = re.compile(
    r"(answer|target|gold|label|solution|correct|reference|rationale|explanation)", re.IGNORECASE
)


def check_hidden(
    dataset: Dataset, samples: Sequence[Sample], catalog: Catalog, limit: int = 200
) -> list[str]:
    """A row whose reference is another word has the same prompt under every variant.

    The reference is replaced, and each field that holds it, one at a time; the options of a
    question are left alone, so that a right option that is shown among others is no fault.
    """
    asked = [one for one in samples[:limit] if one.target is not None]
    if not asked:
        return []
    told = answering_fields(asked)
    problems = []
    for name, variant in dataset.variants().items():
        for what, changed in _changes(asked[0], told):
            prompt = _prompt(variant, dataset, changed, catalog)
            if prompt is not None and MARK in prompt.words:
                problems.append(
                    f"the variant {name!r} shows {what} in the question itself (row "
                    f"{asked[0].id!r}): the model is told what it is asked for"
                )
                break
    return problems


def _prompt(variant: Variant, dataset: Dataset, sample: Sample, catalog: Catalog) -> Prompt | None:
    # A template may refuse a reference of another form; then it is no way to learn of it.
    with contextlib.suppress(Exception):
        return prompts_of(variant, dataset, [sample], catalog)[0]
    return None


def _changes(sample: Sample, told: Sequence[str]) -> Iterator[tuple[str, Sample]]:
    yield "the target", attrs.evolve(sample, target=_marked(sample.target))
    for name in told:
        fields = {**sample.fields, name: MARK}
        yield f"the field {name!r}, which holds the answer,", attrs.evolve(sample, fields=fields)


def _marked(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [MARK]
    if isinstance(value, dict):
        return {key: _marked(one) for key, one in value.items()}
    return MARK


def answering_fields(samples: Sequence[Sample]) -> list[str]:
    """Fields that hold the reference: by what they are called, or because they are equal to it in
    every row of several."""
    several = len(samples) >= 3 and len({repr(one.target) for one in samples}) > 1
    names = set.intersection(*(set(one.fields) for one in samples))
    return sorted(
        name
        for name in names
        if (_NAMED.match(name) and all(_tells(one, name) for one in samples))
        or (several and all(_plain(one.fields[name]) == _target(one) for one in samples))
    )


def _target(sample: Sample) -> str:
    found = sample.target
    return _plain(found[0] if isinstance(found, list) and found else found)


def _plain(value: JsonValue) -> str:
    return str(value).strip().casefold()


def _tells(sample: Sample, name: str) -> bool:
    """Whether the field is the reference, or ends with it as worked solutions do."""
    value, target = sample.fields[name], _target(sample)
    if not isinstance(value, (str, int, float)) or not target:
        return False
    text = _plain(value)
    if name in ("target", "target_text"):
        return True
    return text == target or text.split()[-1:] == [target] or f"boxed{{{target}}}" in text
