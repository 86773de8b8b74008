"""What `aisbench plugins try` shows: what is tried, and what became of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from aisbench.base.errors import AisbenchError, ExitCode, PluginError
from aisbench.base.visible import tell
from aisbench.cli import options
from aisbench.config.open_offer import open_component
from aisbench.config.source import override, parse_set, source_of_tables
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.files import files_behind, plugin_of_file, set_of_file, with_plugin_file
from aisbench.plugins.names import names_file
from aisbench.runs.simulated import HOLE, WORDINGS, SimulatedAnswer
from aisbench.runs.trying import ROWS, TRYABLE, Note, TriedSample, TryOut, Wish, try_out
from aisbench.types.json import JsonObject
from aisbench.types.offer import BackendOffer, DatasetOffer, PostprocessorOffer
from aisbench.types.sample import Sample

INSTEAD = {
    "reducer": "aisbench plugins check tries it; a run of any data set shows its figures",
    "load-shape": "aisbench run SUITE --dry-run shows the load that it makes",
    "summarizer": "aisbench report RUN shows what it makes of a run",
    "observer": "aisbench plugins check tries it; a suite with [observers.NAME] uses it",
    "sampler": "aisbench plugins check tries it; a suite with [devices.NAME] uses it",
    "tuner": "aisbench plugins check tries it; a suite with [tune] uses it",
    "command": "call it: aisbench NAME --help",
}
"""What to do with kinds that make nothing of a row."""


def show_tried(args: argparse.Namespace, note: Note) -> int:
    """Try what the arguments name, and show it. ``note`` is told of files that decide it.

    Raises AisbenchError."""
    from aisbench.runs.offline import offline

    catalog, found = _found(args)
    note(file for one in (*found, *catalog.listed) for file in files_behind(one))
    with offline():
        shown: list[JsonObject] = []
        for listed in found:
            if _is_text_alone(listed, args):
                shown += _processed(listed, args)
                continue
            made = try_out(_wish(args, listed), catalog, note)
            if args.json:
                shown += [_as_json(made, one) for one in made.samples]
            else:
                for line in _lines(made):
                    tell(line)
    if args.json:
        print(json.dumps(shown, indent=2, ensure_ascii=False, default=str))
    return ExitCode.OK


def _found(args: argparse.Namespace) -> tuple[Catalog, list[Listed]]:
    """Everything that is to be tried. Raises PluginError."""
    catalog = options.catalog_of(args)
    if not names_file(args.what):
        return catalog, [_by_name(args, catalog)]
    path = Path(args.what).expanduser()
    if path.suffix.lower() != ".py":
        return catalog, [set_of_file(path)]
    catalog = with_plugin_file(catalog, path)
    offered = plugin_of_file(path)
    wanted = [one for one in offered if args.kind in (None, one.offer.kind)]
    sets = [one for one in wanted if isinstance(one.offer, DatasetOffer)]
    if sets and args.dataset is None:
        return catalog, sets
    tryable = [one for one in wanted if isinstance(one.offer, TRYABLE) and one not in sets]
    if not tryable:
        kinds = sorted({one.offer.kind for one in offered})
        raise PluginError(
            f"{path}: offers nothing that can be tried so, only: {', '.join(kinds)}",
            hint="; ".join(INSTEAD[one] for one in kinds if one in INSTEAD),
        )
    return catalog, tryable


def _by_name(args: argparse.Namespace, catalog: Catalog) -> Listed:
    dist, _, short = args.what.rpartition("/")
    found = [one for one in catalog.named(short) if not dist or one.dist == dist]
    found = [one for one in found if args.kind in (None, one.offer.kind)]
    if not found:
        # Says what is installed, and what was probably meant.
        return catalog.find(DatasetOffer, args.what)[1]
    tryable = [one for one in found if isinstance(one.offer, TRYABLE)]
    if len(tryable) > 1 and args.kind is None:
        # With other rows than its own it is the component that is meant.
        is_set = args.dataset is None
        meant = [one for one in tryable if isinstance(one.offer, DatasetOffer) is is_set]
        tryable = meant or tryable
    if not tryable:
        kind = found[0].offer.kind
        raise PluginError(
            f"{args.what} makes nothing of a row: its kind is {kind}", hint=INSTEAD[kind]
        )
    if len(tryable) > 1:
        names = [f"{one.dist}/{one.offer.name} --kind {one.offer.kind}" for one in tryable]
        raise PluginError(f"{args.what} is several things", hint=f"write {' or '.join(names)}")
    return tryable[0]


def _wish(args: argparse.Namespace, listed: Listed) -> Wish:
    is_set = isinstance(listed.offer, DatasetOffer)
    is_backend = isinstance(listed.offer, BackendOffer)
    dataset = args.dataset or ROWS
    if is_set:
        file = args.what if names_file(args.what) and listed.file is not None else ""
        is_toml = file.lower().endswith(".toml")
        dataset = file if is_toml else f"{listed.dist}/{listed.offer.name}"
    return Wish(
        dataset=dataset,
        component=None if is_set or is_backend else listed,
        rows=args.rows,
        variant=args.variant,
        path=args.path,
        backend=f"{listed.dist}/{listed.offer.name}" if is_backend else args.backend,
        settings=[parse_set(one) for one in args.set],
        answers=args.answer,
    )


def _is_text_alone(listed: Listed, args: argparse.Namespace) -> bool:
    """Post-processors need no rows."""
    return isinstance(listed.offer, PostprocessorOffer) and args.dataset is None


def _processed(listed: Listed, args: argparse.Namespace) -> Iterator[JsonObject]:
    settings = override(source_of_tables({}, "--set"), [parse_set(one) for one in args.set])
    component = open_component(listed, settings.tables)
    for text in args.answer or [one.replace(HOLE, "42") for one in WORDINGS]:
        try:
            made = component.process(text, Sample(id="try", fields={}))
        except AisbenchError:
            raise
        except Exception as error:
            raise PluginError(
                f"{listed.offer.name} of {listed.dist} raises {type(error).__name__}: {error}"
            ) from error
        if not args.json:
            tell(f"{text!r} -> {'nothing: it is unparsed' if made is None else repr(made)}")
        yield {"text": text, "processed": made}


def _lines(found: TryOut) -> Iterator[str]:
    task = found.task
    offer = task.dataset.offer
    names = dict.fromkeys(one.evaluator.listed.offer.name for one in task.scorings)
    scored = f"evaluator {', '.join(names)}" if names else "no evaluator"
    yield f"{offer.name}: {offer.summary}"
    yield (
        f"  variant {task.variant_name} (template {task.template.listed.offer.name}, "
        f"{task.shots} shots), {scored}; request of {task.model.offer.name}; no model is asked"
    )
    for number, tried in enumerate(found.samples, 1):
        place = f"  ({tried.sample.place})" if tried.sample.place else ""
        yield f"\n== row {number} of {len(found.samples)}: {tried.sample.id}{place}"
        yield from _row(found, tried)


def _row(found: TryOut, tried: TriedSample) -> Iterator[str]:
    from aisbench.cli.request_text import prompt_text, request_lines
    from aisbench.media.contents import with_contents

    yield f"   reference: {_reference(tried.sample)}"
    for number, request in enumerate(tried.requests, 1):
        many = f" {number} of {len(tried.requests)}" if len(tried.requests) > 1 else ""
        if number == 1 or request.prompt.words != tried.requests[number - 2].prompt.words:
            yield f"   prompt{many}:"
            yield from (f"     | {line}" for line in prompt_text(request.prompt).splitlines())
        if request.prompt.continuation is not None:
            yield f"   continuation{many}: {request.prompt.continuation!r}"
    if tried.requests:
        yield "   request:" if len(tried.requests) == 1 else "   first request:"
        lines = request_lines(found.task.model, with_contents(tried.requests[0]))
        yield from (f"     {line}" for line in lines)
    for answer in tried.answers:
        yield from _answer(answer)
    for question in tried.questions:
        yield "   the judge would be asked:"
        yield from (f"     | {line}" for line in prompt_text(question).splitlines())
    if found.task.evaluator is None:
        yield "   nothing is scored: the data set has no evaluator (--set evaluator=NAME)"


def _reference(sample: Sample) -> str:
    if sample.target is None:
        return "none"
    return sample.target if isinstance(sample.target, str) else json.dumps(sample.target)


def _answer(one: SimulatedAnswer) -> Iterator[str]:
    kind = {"given": "answer (given)", "any": "answer (simulated)"}
    what = kind.get(one.what, f"{one.what} answer (simulated)")
    first, *more = one.text.split("\n")
    yield f"   {what}: {first}"
    yield from (f"     {line}" for line in more)
    if one.failure:
        yield f"     not scored: {one.failure}"
    elif one.score is None:
        yield "     scored by another model, the judge"
    else:
        score = one.score
        read = "nothing" if score.extracted is None else repr(score.extracted)
        yield f"     read: {read}; score {score.value:g} ({score.verdict.value})"
        for name, reading in score.readings.items():
            yield f"       by the rule {name}: {reading.extracted!r}, {reading.value:g}"
        if score.reason:
            yield f"       {score.reason}"
        if not one.as_meant and one.what == "right":
            yield (
                "     NOTE: no wording of the reference was found right; score one of your own "
                "with --answer TEXT"
            )
        elif not one.as_meant and one.what == "wrong":
            yield "     NOTE: another answer than the reference was found right"


def _as_json(found: TryOut, tried: TriedSample) -> JsonObject:
    from aisbench.cli.request_text import prompt_text, request_lines
    from aisbench.media.contents import with_contents

    return {
        "dataset": found.task.dataset.offer.name,
        "variant": found.task.variant_name,
        "id": tried.sample.id,
        "part": tried.sample.part,
        "reference": tried.sample.target,
        "requests": [
            {
                "prompt": prompt_text(one.prompt),
                "continuation": one.prompt.continuation,
                "request": "\n".join(request_lines(found.task.model, with_contents(one))),
            }
            for one in tried.requests
        ],
        "answers": [
            {
                "meant": one.what,
                "text": one.text,
                "read": one.score.extracted if one.score else None,
                "score": one.score.value if one.score else None,
                "verdict": one.score.verdict.value if one.score else None,
                "reason": one.score.reason if one.score else None,
                "failure": one.failure or None,
                "as_meant": one.as_meant if one.what in ("right", "wrong") else None,
            }
            for one in tried.answers
        ],
        "judge": [prompt_text(one) for one in tried.questions],
    }
