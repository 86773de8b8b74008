"""Data sets: the same rows every time, and prompts that can be made of every row."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from aisbench.api import (
    DataError,
    Dataset,
    DatasetOffer,
    DialogueDataset,
    FollowingDataset,
    Prompt,
    Response,
    RetrieverOffer,
    Sample,
    TemplateOffer,
    Transcript,
    Variant,
)
from aisbench.base.errors import PluginError
from aisbench.plugins.catalog import Catalog
from aisbench_testkit.checks.prompting import form_problem
from aisbench_testkit.checks.snapshots import prompts_of
from aisbench_testkit.checks.trial import NotChecked, trial
from aisbench_testkit.checks.unchanged import unchanged

_SHOTS = re.compile(r"(\d+)-shot")


def check_variants(dataset: Dataset, catalog: Catalog, *, published: bool = True) -> list[str]:
    """Each names a template and a retriever that are installed; of a ``published`` set also where
    its prompt comes from."""
    problems: list[str] = []
    variants: Mapping[str, Variant] = {}
    with trial(problems, "variants()"):
        variants = dataset.variants()
        if not variants:
            problems.append("variants() is empty: a data set needs one way to put it to a model")
    for name, variant in variants.items():
        if published and not variant.source.strip():
            problems.append(f"the variant {name!r} does not say its source")
        if variant.shots < 0:
            problems.append(f"the variant {name!r} has {variant.shots} shots")
        if (match := _SHOTS.match(name)) and int(match[1]) != variant.shots:
            problems.append(f"the variant {name!r} has shots = {variant.shots}")
        for offer, used in (
            (TemplateOffer, variant.template),
            (RetrieverOffer, variant.retriever),
        ):
            try:
                catalog.find(offer, used)
            except PluginError:
                problems.append(
                    f"the variant {name!r} uses the {offer.kind} {used!r}, which is not installed"
                )
    return problems


def needs_data(dataset: Dataset) -> None:
    """Raises NotChecked when the data files are not here."""
    try:
        dataset.files()
    except DataError as error:
        raise NotChecked(f"needs data: {error.message}", give="--set path=FOLDER") from None


def check_files(dataset: Dataset) -> list[str]:
    """The files that go into the run's checksums exist."""
    problems: list[str] = []
    with trial(problems, "files()"):
        for file in dataset.files():
            if not Path(file).is_file():
                problems.append(f"files() names {file!s}, which is not a file")
    return problems


def check_samples(make_dataset: Callable[[], Dataset]) -> list[str]:
    """Rows with unique ids that are the same in every load, and can be stored."""
    problems: list[str] = []
    with trial(problems, "samples()"):
        first, again = list(make_dataset().samples()), list(make_dataset().samples())
        if not first:
            problems.append("samples() is empty")
        problems += _check_rows(first, "samples()")
        if [one.id for one in first] != [one.id for one in again]:
            problems.append("samples() gives other ids on a second load: stored answers get lost")
        elif first != again:
            problems.append("samples() gives other rows on a second load")
    return problems


def _check_rows(rows: Sequence[Sample], what: str) -> list[str]:
    problems = []
    for name, count in Counter(one.id for one in rows).items():
        if count > 1:
            problems.append(f"{what} has {count} rows with the id {name!r}")
        if not name:
            problems.append(f"{what} has a row with an empty id")
    before: set[str] = set()
    for one in rows:
        problems += [
            f"the row {one.id!r} of {what} comes after {name!r}, which does not stand before it"
            for name in one.after
            if name not in before
        ]
        before.add(one.id)
        try:
            json.dumps([dict(one.fields), one.target], allow_nan=False)
        except (TypeError, ValueError) as error:
            problems.append(f"the row {one.id!r} of {what} cannot be stored as JSON: {error}")
    return problems[:10]


def check_examples(dataset: Dataset, wanted: int) -> list[str]:
    """The pool of few-shot examples is apart from the questions."""
    if not wanted:
        raise NotChecked("no variant shows examples")
    problems: list[str] = []
    with trial(problems, f"examples(), which a variant takes {wanted} of,"):
        pool = list(dataset.examples())
        parts = Counter(one.part for one in pool)
        if len(pool) < wanted:
            problems.append(f"a variant takes {wanted} examples, and the pool holds {len(pool)}")
        problems += [
            f"a variant takes {wanted} examples, and the pool holds {count} of the part {part!r}"
            for part, count in parts.items()
            if part and count < wanted
        ][:1]
        problems += _check_rows(pool, "examples()")
        asked = {_content(one) for one in dataset.samples()}
        problems += [
            f"the example {one.id!r} is also a question of samples()"
            for one in pool
            if _content(one) in asked
        ][:10]
    return problems


def _content(sample: Sample) -> str:
    return json.dumps(dict(sample.fields), sort_keys=True, default=str)


def shots(dataset: Dataset) -> int:
    """The most examples that a variant shows."""
    return max((variant.shots for variant in dataset.variants().values()), default=0)


def check_render(dataset: Dataset, catalog: Catalog, limit: int = 2000) -> list[str]:
    """Every variant makes a prompt of every row (of the first ``limit``)."""
    problems: list[str] = []
    samples: Sequence[Sample] = ()
    with trial(problems, "samples()"):
        samples = list(dataset.samples())[:limit]
    for name, variant in dataset.variants().items():
        with trial(problems, f"the variant {name!r}"):
            problems += _check_variant(name, variant, dataset, samples, catalog)
    return problems


def _check_variant(
    name: str, variant: Variant, dataset: Dataset, samples: Sequence[Sample], catalog: Catalog
) -> list[str]:
    offer, _ = catalog.find(TemplateOffer, variant.template)
    problems: list[str] = []
    with unchanged(problems, f"render() of the variant {name!r}", samples):
        prompts = prompts_of(variant, dataset, samples, catalog)
    if problems:
        return problems
    for prompt in prompts:
        if problem := form_problem(prompt, offer.form):
            return [f"the variant {name!r}: {problem}"]
    if prompts_of(variant, dataset, samples, catalog) != prompts:
        return [f"the variant {name!r} makes other prompts of the same rows"]
    if len(samples) > 1 and len(set(prompts)) == 1:
        return [f"the variant {name!r} makes the same prompt of every row: no field is named"]
    return []


def check_dialogue(
    dataset: DialogueDataset, offer: DatasetOffer, catalog: Catalog, turns: int = 20
) -> list[str]:
    """The same responses lead to the same prompts: a resumed run plays stored turns again. Each
    conversation begins with the prompt that a variant's own template makes of its sample."""
    if not offer.dialogue:
        raise NotChecked("no conversation")
    needs_data(dataset)
    problems: list[str] = []
    for name, variant in dataset.variants().items():
        with trial(problems, f"play() under the variant {name!r}"):
            played: dict[str, Transcript] = {}
            samples = _some(list(dataset.samples()))
            firsts = prompts_of(variant, dataset, samples, catalog)
            with unchanged(problems, "play()", samples):
                for sample, first in zip(samples, firsts, strict=True):
                    once = _play(dataset, sample, first, turns, played)
                    if once != _play(dataset, sample, first, turns, played):
                        problems.append(
                            f"play() of {sample.id!r} gives other prompts the second time"
                        )
                    problems += _odd_turns(once, sample, turns)
                    played[sample.id] = once
    return list(dict.fromkeys(problems))


def _odd_turns(played: Transcript, sample: Sample, turns: int) -> list[str]:
    """What is wrong with the prompts of a conversation themselves."""
    if not played.prompts:
        return [f"play() of {sample.id!r} asks nothing"]
    if not all(isinstance(one, Prompt) for one in played.prompts):
        return [f"play() of {sample.id!r} yields something that is no Prompt"]
    if len(played.prompts) >= turns and len(set(played.prompts)) == 1:
        return [f"play() of {sample.id!r} asks the same for {turns} turns and does not end"]
    return []


def _some(rows: Sequence[Sample], count: int = 20) -> Sequence[Sample]:
    """The first ones, and a few that build on others with all that they build on."""
    wanted = {one.id for one in rows[:count]}
    wanted |= {one.id for one in [one for one in rows if one.after][-3:]}
    for one in reversed(rows):
        if one.id in wanted:
            wanted.update(one.after)
    return [one for one in rows if one.id in wanted]


def _plain(
    turns: Generator[Prompt, Response, None] | AsyncGenerator[Prompt, Response],
) -> Generator[Prompt, Response, None]:
    """An asynchronous play as a plain one, with an event loop of its own."""
    return _driven(turns) if isinstance(turns, AsyncGenerator) else turns


def _driven(turns: AsyncGenerator[Prompt, Response]) -> Generator[Prompt, Response, None]:
    loop = asyncio.new_event_loop()
    told: Any = None
    try:
        while True:
            try:
                prompt = loop.run_until_complete(turns.asend(told))
            except StopAsyncIteration:
                return
            told = yield prompt
    finally:
        loop.run_until_complete(turns.aclose())
        loop.close()


def _play(
    dataset: DialogueDataset,
    sample: Sample,
    first: Prompt,
    turns: int,
    told: Mapping[str, Transcript],
) -> Transcript:
    prompts, responses = [], []
    if sample.after:
        before = [told[name] for name in sample.after]
        play = _plain(cast("FollowingDataset", dataset).follow(sample, first, before))
    else:
        play = _plain(dataset.play(sample, first))
    try:
        prompts.append(next(play))
        while len(prompts) < turns:
            responses.append(Response(text=f"answer {len(prompts)}"))
            prompts.append(play.send(responses[-1]))
    except StopIteration:
        pass
    play.close()
    return Transcript(prompts=tuple(prompts), responses=tuple(responses[: len(prompts)]))
