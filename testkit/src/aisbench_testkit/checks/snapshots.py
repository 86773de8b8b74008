"""The prompts of a data set's variants, kept beside its tests exactly as they are sent.

Made anew with AISBENCH_UPDATE_SNAPSHOTS=1; the diff then shows what models are asked instead.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aisbench.api import (
    Capability,
    Dataset,
    Prompt,
    RetrieverOffer,
    Sample,
    Template,
    TemplateOffer,
    Variant,
)
from aisbench.declared.dataset import DeclaredDataset
from aisbench.plugins.catalog import Catalog
from aisbench_testkit.checks.making import make

UPDATE = "AISBENCH_UPDATE_SNAPSHOTS"


def pool_for(sample: Sample, pool: Sequence[Sample]) -> list[Sample]:
    """The examples that core would let a retriever choose from: those of the sample's part."""
    return [one for one in pool if not one.part or one.part == sample.part]


def prompts_of(
    variant: Variant, dataset: Dataset, samples: Sequence[Sample], catalog: Catalog
) -> list[Prompt]:
    """What a variant makes of samples."""
    template = _template(variant, dataset, catalog)
    pool: Sequence[Sample] = ()
    retriever: Any = None
    if variant.shots:
        pool = dataset.examples()
        retriever = make(catalog.find(RetrieverOffer, variant.retriever)[1], variant.retrieval)
    made = []
    for sample in samples:
        shots = (
            retriever.pick(sample, pool_for(sample, pool), variant.shots, 0) if retriever else ()
        )
        made.append(template.render(sample, shots))
    return made


def _template(variant: Variant, dataset: Dataset, catalog: Catalog) -> Template:
    """The template of a variant, or the function that a declared one names in its place."""
    offer, listed = catalog.find(TemplateOffer, variant.template)
    if isinstance(dataset, DeclaredDataset):
        name = next(name for name, one in dataset.variants().items() if one == variant)
        own = dataset.own_template(name, chat=offer.form is Capability.CHAT)
        if own is not None:
            return own
    template: Template = make(listed, variant.prompt)
    return template


def show(prompt: Prompt) -> str:
    """A prompt as text, with its ends visible."""
    if prompt.messages is not None:
        body = "\n\n".join(f"[{turn.role}]\n{turn.text}" for turn in prompt.messages)
    elif prompt.tokens is not None:
        body = f"tokens: {list(prompt.tokens)}"
    elif prompt.texts is not None:
        query = () if prompt.query is None else (f"query: {prompt.query}|end|",)
        body = "\n".join((*query, *(f"text: {one}|end|" for one in prompt.texts)))
    else:
        body = f"{prompt.text}|end of prompt|"
    lines = [body, ""]
    lines += [f"tool: {tool.name}" for tool in prompt.tools]
    for choice in prompt.choices:
        context = "" if choice.context is None else f"{choice.context!r} + "
        lines.append(f"choice: {context}{choice.continuation!r}")
    if prompt.unconditional:
        lines.append(f"unconditional: {prompt.unconditional!r}")
    return "\n".join([*lines, f"stop: {list(prompt.stop)!r}", ""])


def check_snapshots(dataset: Dataset, catalog: Catalog, folder: Path) -> list[str]:
    """The prompt of the first row under each variant is as the file of its name says."""
    problems = []
    variants = dataset.variants()
    sample = dataset.samples()[0]
    update = bool(os.environ.get(UPDATE))
    for name, variant in variants.items():
        (prompt,) = prompts_of(variant, dataset, [sample], catalog)
        file = folder / f"{name}.txt"
        if update:
            folder.mkdir(exist_ok=True, parents=True)
            file.write_text(show(prompt), encoding="utf-8")
        if not file.is_file():
            problems.append(f"the variant {name!r} has no {file}: set {UPDATE}=1 and look at it")
        elif file.read_text(encoding="utf-8") != show(prompt):
            problems.append(f"the prompt of {name!r} is not as in {file}:\n{show(prompt)}")
        if name.startswith("0-shot"):
            problems += _examples_in(prompt, dataset, name)
    left = {file.stem for file in folder.glob("*.txt")} - set(variants)
    return problems + [f"{folder / name}.txt is of no variant" for name in sorted(left)]


def _examples_in(prompt: Prompt, dataset: Dataset, name: str) -> list[str]:
    if prompt.messages is not None and any(one.role == "assistant" for one in prompt.messages):
        return [f"the variant {name!r} is called 0-shot and shows an answer"]
    return []
